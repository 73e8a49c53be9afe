"""The shipped files on real images through the whole pipeline: PyTorch, ONNX Runtime, our engine.

    python -m models.train.release.verify --data ../shared/breakhis --models models \
        --cli target/release/histoscope

Everything reads the files that ship. PyTorch evaluates the weights in the f32 file layer by layer;
ONNX Runtime runs both graphs; the command line, where there is one, runs both in our engine from
the image's bytes. Compared are P(malignant) of the images. Prints the table; run.py keeps it.
"""

import argparse
import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional

from ..data.pictures import LABELS, Picture, cut_patches, find_pictures, read_rgb
from ..evaluate.metrics import softmax
from ..network.folded import Conv, Network, Residual
from ..network.runtime import session
from .files import MANIFEST

IMAGES = 40
TORCH = "PyTorch, f32"
NO_SCREEN = "--no-screen"  # patches that the screen refuses would not vote


def torch_logits(network: Network, patches: np.ndarray) -> np.ndarray:
    """f32 [n, 2]: the folded network evaluated by PyTorch, independent of the ONNX graphs."""
    pixels = torch.from_numpy(patches).permute(0, 3, 1, 2).float()
    values = {"input": (pixels - 127) / 128}
    with torch.inference_mode():
        for layer in [*network.layers, network.head]:
            if isinstance(layer, Residual):
                values[layer.name] = values[layer.left] + values[layer.right]
                continue
            result = functional.conv2d(
                values[layer.source],
                torch.from_numpy(layer.weight),
                torch.from_numpy(layer.bias),
                layer.stride,
                layer.padding,
                groups=layer.groups,
            )
            values[layer.name] = functional.relu6(result) if layer.relu6 else result
    return values[network.head.name].mean((2, 3)).numpy()


def read_network(model: onnx.ModelProto) -> Network:
    """The inverse of export_f32: layers and weights of the f32 file."""
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
    clipped = {n.input[0]: n.output[0] for n in model.graph.node if n.op_type == "Clip"}
    layers: list[Conv | Residual] = []
    for node in model.graph.node:
        if node.op_type == "Add":
            layers.append(Residual(node.output[0], *node.input))
        elif node.op_type == "Conv":
            attributes = {a.name: list(a.ints) if a.ints else a.i for a in node.attribute}
            source, weight, bias = node.input
            layers.append(
                Conv(
                    clipped.get(node.output[0], node.output[0]),
                    source,
                    constants[weight].copy(),  # PyTorch wants memory that it may write to
                    constants[bias].copy(),
                    attributes["strides"][0],
                    attributes["pads"][0],
                    attributes["group"],
                    relu6=node.output[0] in clipped,
                )
            )
    cam = next(value for value in model.graph.output if value.name == "cam")
    return Network(layers[:-1], layers[-1], cam.type.tensor_type.shape.dim[1].dim_value)


def image_probabilities(
    logits: Callable[[np.ndarray], np.ndarray], images: Sequence[np.ndarray], temperature: float
) -> np.ndarray:
    """P(malignant) of each image. `images`: patches uint8 [n, 224, 224, 3] of each."""
    return np.array([softmax(logits(p) / temperature)[:, 1].mean() for p in images])


def our_engine(cli: Path, model: Path, pictures: Sequence[Picture]) -> np.ndarray:
    """P(malignant) of each picture by the command line, from the picture's file."""
    told = subprocess.run([cli, "predict", "--help"], capture_output=True, text=True, check=True)
    options = ["--json", "--model", model]
    if NO_SCREEN in told.stdout:
        options.append(NO_SCREEN)
    paths = [picture.path for picture in pictures]
    run = subprocess.run([cli, "predict", *options, *paths], capture_output=True, check=True)
    reports = json.loads(run.stdout)["individual_results"]
    found = {report["filename"]: report["probabilities"][LABELS[1]] for report in reports}
    return np.array([found[path.name] for path in paths])


def difference(name: str, against: str, found: dict[str, np.ndarray]) -> dict:
    """One row of the table: two ways to the same images' probabilities."""
    gap = np.abs(found[name] - found[against])
    return {
        "name": name,
        "against": against,
        "label_agreement": float(((found[name] >= 0.5) == (found[against] >= 0.5)).mean()),
        "mean_probability_difference": float(gap.mean()),
        "largest_probability_difference": float(gap.max()),
    }


def engines(pictures: Sequence[Picture], folder: Path, cli: Path | None) -> dict:
    """The table of metrics.json, over IMAGES pictures that are spread evenly over the list.

    `folder`: of the manifest and both ONNX files. `cli`: our command line; left out where None.
    """
    places = np.linspace(0, len(pictures) - 1, min(IMAGES, len(pictures))).astype(int)
    chosen = [pictures[place] for place in places]
    images = [cut_patches(read_rgb(picture.path)) for picture in chosen]
    manifest = json.loads((folder / MANIFEST).read_text())
    temperature = manifest["calibration"]["temperature"]
    paths = {name: folder / v["file"] for name, v in manifest["variants"].items()}
    models = {name: onnx.load(path) for name, path in paths.items()}

    def by_runtime(variant: str, exact: bool) -> np.ndarray:
        runner = session(models[variant], exact)
        return image_probabilities(
            lambda patches: runner.run(["logits"], {"image": patches})[0], images, temperature
        )

    network = read_network(models["f32"])
    found = {
        TORCH: image_probabilities(lambda p: torch_logits(network, p), images, temperature),
        "ONNX Runtime, f32": by_runtime("f32", exact=False),
        "ONNX Runtime, int8": by_runtime("int8", exact=False),
        "ONNX Runtime, int8 as written": by_runtime("int8", exact=True),
    }
    pairs = [("ONNX Runtime, f32", TORCH), ("ONNX Runtime, int8", TORCH)]
    pairs.append(("ONNX Runtime, int8", "ONNX Runtime, int8 as written"))
    if cli:
        for variant, path in paths.items():
            found[f"Histoscope, {variant}"] = our_engine(cli, path, chosen)
        pairs += [("Histoscope, f32", TORCH), ("Histoscope, int8", TORCH)]
        pairs.append(("Histoscope, f32", "ONNX Runtime, f32"))
        pairs.append(("Histoscope, int8", "ONNX Runtime, int8 as written"))
    return {
        "images": len(images),
        "patches": sum(len(patches) for patches in images),
        "pairs": [difference(*pair, found) for pair in pairs],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--cli", type=Path, help="our engine: target/release/histoscope")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    table = engines(find_pictures(arguments.data), arguments.models, arguments.cli)
    print(f"{table['images']} images, {table['patches']} patches; P(malignant) of an image")
    for row in table["pairs"]:
        print(
            f"{row['name']:20} against {row['against']:30} "
            f"labels {row['label_agreement']:.1%}, difference mean "
            f"{row['mean_probability_difference']:.2g}, "
            f"largest {row['largest_probability_difference']:.2g}"
        )


if __name__ == "__main__":
    main()

"""python -m models.export MODEL --images FOLDER --labels benign,malignant --out FOLDER

From a trained network (PyTorch or float ONNX) to NAME.int8.onnx, NAME.f32.onnx and NAME.json, which
the page and the command line read, with a comparison of both: docs/export.md.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

from . import patches, verify
from .calibrate import METHODS
from .convert import convert
from .errors import ExportError
from .manifest import Labels, manifest
from .simplify import Normalisation, Simple, simplify

IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CALIBRATION_PATCHES = 64
CHECKED_IMAGES = 12
MOST_IMAGES = 200
# Beyond it the person is told that the int8 file is another classifier than theirs.
FAR = 0.05
# Share of the multiplications in int8 layers below which there is little to win.
LITTLE = 0.5
REMEDY = "Give more images of your own, try --bits 8 or another --range, or use the float file."
MUCH_ROUNDING = f"what sums round to moves an image by more than {verify.ENGINES_AGREE}. {REMEDY}"


def main() -> int:
    arguments = _arguments()
    try:
        _export(arguments)
    except ExportError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m models.export", description=__doc__.split("\n\n")[1]
    )
    add = parser.add_argument
    add("model", type=Path, help="weights (.pt, .pth, .safetensors), TorchScript, or float .onnx")
    add("--arch", help="of weights alone: torchvision:NAME or timm:NAME")
    add("--trust-pickle", action="store_true", help="unpickle a whole module; it may run code")
    add("--images", type=Path, required=True, help="folder of your own fields, to calibrate on")
    add("--labels", required=True, help="names in the order of the scores, with commas between")
    add("--malignant", default="", help="labels that count as malignant (malignant)")
    add("--side", type=int, default=224, help="pixels of a patch's side (224)")
    add("--mean", type=_three, default=IMAGENET.mean, help="R,G,B of 0 to 1 (ImageNet's)")
    add("--std", type=_three, default=IMAGENET.std, help="R,G,B of 0 to 1 (ImageNet's)")
    add(
        "--um-per-pixel",
        type=_span,
        help="scale it has learned at: 0.25, or 0.25,0.5",
    )
    add("--probabilities", action="store_true", help="the network ends in a softmax or sigmoid")
    add("--range", choices=METHODS, default="error", help="what is kept of activations")
    add("--bits", type=int, choices=(7, 8), default=7, help="of activations: 7 is faster (7)")
    add("--threads", type=int, default=1, help="for ONNX Runtime (1)")
    add("--cli", type=Path, help="the program histoscope, to check with it as well")
    add("--name", help="of the files and in reports (the model's file name)")
    add("--version", default="1", help="in reports (1)")
    add("--out", type=Path, required=True, help="folder for the files")
    return parser.parse_args()


def _three(text: str) -> tuple[float, ...]:
    values = tuple(float(value) for value in text.split(","))
    if len(values) != 3:
        raise argparse.ArgumentTypeError("three numbers with commas between")
    return values


def _span(text: str) -> tuple[float, float]:
    values = [float(value) for value in text.split(",")]
    if len(values) > 2 or not 0 < values[0] <= values[-1]:
        raise argparse.ArgumentTypeError("one scale, or the least and the greatest")
    return values[0], values[-1]


def _export(arguments: argparse.Namespace) -> None:
    names = arguments.labels.split(",")
    labels = Labels.parse(names, [name for name in arguments.malignant.split(",") if name])
    normalisation = Normalisation(arguments.mean, arguments.std)
    learned, kept = patches.held_out(patches.chosen(patches.find(arguments.images), MOST_IMAGES))
    tell = _clock()

    original = _float_network(arguments, len(names))
    tell("float network read")
    simple = simplify(original, arguments.side, normalisation)
    tell("folded; reads " + ("raw pixels" if simple.pixels else "normalised pixels"))
    stack = np.concatenate([patches.cut(path, arguments.side).patches for path in learned])
    stack = stack[patches.sample_evenly(len(stack), CALIBRATION_PATCHES)]
    tell(f"calibrating on {len(stack)} patches of {len(learned)} images")
    asked = (not arguments.probabilities, arguments.threads)
    # Before anything is written.
    scores = verify.probabilities(original, normalisation(stack[:1]), *asked)
    _check_labels(scores.shape[1], names)
    found = convert(simple, stack, arguments.range, arguments.bits, arguments.threads)
    tell(f"{found.layers} int8 layers, {found.fused_share:.1%} of the multiplications")
    if found.fused_share < LITTLE:
        tell("warning: most of this network stays in floats: its float file is probably faster.")
    files = _write(arguments, labels, simple, found.model)

    report: dict = {
        "layers": found.layers,
        "fused_share": found.fused_share,
        "bytes": {variant: path.stat().st_size for variant, path in files.items()},
    }
    for side, paths in (("calibrated", learned), ("held_out", kept)):
        pictures = [patches.cut(p, arguments.side) for p in patches.chosen(paths, CHECKED_IMAGES)]
        seen = np.concatenate([picture.patches for picture in pictures])
        wanted = verify.probabilities(original, normalisation(seen), *asked)
        int8 = verify.probabilities(found.model, simple.fed(seen), *asked)
        report[side] = verify.compared(pictures, wanted, int8)
        tell(f"{side}: {_sentence(report[side])}")
    if arguments.cli is not None:
        malignant = verify.by_image(pictures, labels.of_malignant(int8)[:, None])[:, 0]
        said = verify.on_the_command_line(arguments.cli, files["int8"], pictures, malignant)
        report["cli"] = said
        tell(
            f"histoscope: within {said['greatest']:.4f} of ONNX Runtime, "
            f"{said['ms_per_patch']:.0f} ms a patch"
        )
        if said["greatest"] > verify.ENGINES_AGREE:
            tell(f"warning: {MUCH_ROUNDING}")
    print(json.dumps(report, indent=1))
    if report["held_out"]["images"]["greatest"] > FAR:
        tell(f"warning: an image differs by more than {FAR}. {REMEDY}")


def _clock() -> Callable[[str], None]:
    """Prints a sentence with the seconds that have passed."""
    started = time.monotonic()
    return lambda text: print(f"{time.monotonic() - started:6.1f} s  {text}", file=sys.stderr)


def _write(
    arguments: argparse.Namespace, labels: Labels, simple: Simple, int8: onnx.ModelProto
) -> dict[str, Path]:
    """Both files and their manifest."""
    name = arguments.name or arguments.model.stem
    arguments.out.mkdir(parents=True, exist_ok=True)
    files = {variant: arguments.out / f"{name}.{variant}.onnx" for variant in ("int8", "f32")}
    onnx.save(int8, files["int8"])
    onnx.save(simple.model, files["f32"])
    described = manifest(
        name,
        arguments.version,
        labels,
        arguments.side,
        None if simple.pixels else simple.normalisation,
        not arguments.probabilities,
        arguments.um_per_pixel,
        files,
    )
    (arguments.out / f"{name}.json").write_text(json.dumps(described, indent=2) + "\n")
    return files


def _check_labels(scores: int, names: list[str]) -> None:
    if max(scores, 2) != len(names):  # one score speaks for the second of two labels
        raise ExportError(
            "labels_count",
            f"The network has {scores} scores and there are {len(names)} labels.",
            "Give as many --labels, in the order of the scores.",
        )


def _float_network(arguments: argparse.Namespace, classes: int) -> onnx.ModelProto:
    if arguments.model.suffix == ".onnx":
        try:
            return onnx.load(arguments.model)
        except Exception as error:  # protobuf's own, and the file system's
            raise ExportError(
                "file_unreadable",
                f"{arguments.model} is no ONNX file: {error}.",
                "Check its name; weights beside it have to lie where the exporter wrote them.",
            ) from error
    try:
        from .load import load
        from .to_onnx import to_onnx
    except ModuleNotFoundError as error:
        raise ExportError(
            "torch_missing",
            f"{error.name} is not installed, which {arguments.model.name} needs.",
            "pip install -r models/export/requirements.txt",
        ) from error
    module = load(arguments.model, arguments.arch, classes, arguments.trust_pickle)
    return to_onnx(module, arguments.side)


def _sentence(agreement: dict) -> str:
    images = agreement["images"]
    return (
        f"of {images['count']} images the probability differs by {images['greatest']:.4f} at most "
        f"({agreement['patches']['greatest']:.4f} of a patch), {images['same_label']:.0%} have the "
        "same label"
    )


if __name__ == "__main__":
    sys.exit(main())

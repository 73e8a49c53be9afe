"""Writes small networks in the forms that today's exporters, optimisers and quantisers give them.

    python generate.py FOLDER [NETWORK ...]

Each has its manifest beside it; EXPECTED.tsv has what ONNX Runtime says of patch.png, a drawn field: the probability of
the second of two classes. The weights are random, the statistics of normalisation are not those of a fresh network.
tests/it/field_models.rs compares them with HISTOSCOPE_NETWORKS=FOLDER. It takes some minutes on two cores; run by hand.
"""

import logging
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import timm
import torch
import torchvision
from drawn import SIDE, add_row, patch, scaled, second_class, write_manifest
from onnxruntime import quantization
from PIL import Image

NETWORKS: dict[str, Callable[[], torch.nn.Module]] = {
    "convnext": lambda: timm.create_model("test_convnext", num_classes=2),
    "densenet": lambda: torchvision.models.DenseNet(8, (2, 2, 2, 2), 16, num_classes=2),
    "efficientnet": lambda: timm.create_model("test_efficientnet", num_classes=2),
    "mobilenet-v2": lambda: torchvision.models.mobilenet_v2(num_classes=2, width_mult=0.35),
    "mobilenet-v3": lambda: timm.create_model("mobilenetv3_small_050", num_classes=2),
    "regnet": lambda: timm.create_model("test_byobnet", num_classes=2),
    "resnet": lambda: timm.create_model("test_resnet", num_classes=2),
    "shufflenet": lambda: torchvision.models.shufflenet_v2_x0_5(num_classes=2),
    "swin": lambda: torchvision.models.SwinTransformer(
        [4, 4], 24, [2, 2], [2, 4], [7, 7], num_classes=2
    ),
    "vit": lambda: torchvision.models.VisionTransformer(SIDE, 16, 2, 3, 48, 96, num_classes=2),
}

# Forms by name: what the network is exported with, or the form that another program changes, and how.
EXPORTS = {
    **{f"torchscript-{opset}": (False, opset) for opset in (9, 10, 11, 12, 13, 15, 17, 20)},
    **{f"dynamo-{opset}": (True, opset) for opset in (18, 20, 21, 22, 23)},
}
ORIGIN = "torchscript-17"


def made(name: str) -> torch.nn.Module:
    """The network with weights and statistics that are the same each time."""
    torch.manual_seed(1)
    network = NETWORKS[name]()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    # A fresh ViT has a last layer of zeros, which says the same of everything.
    with torch.no_grad():
        for parameter in network.parameters():
            if not parameter.any():
                parameter.normal_(0, 0.1)
    return network.eval()


def export(network: torch.nn.Module, path: Path, dynamo: bool, opset: int) -> None:
    dtype = next(network.parameters()).dtype
    example = torch.zeros(1, 3, SIDE, SIDE, dtype=dtype)
    shapes = (
        {"dynamic_shapes": ({0: torch.export.Dim("batch")},), "external_data": False}
        if dynamo
        else {"dynamic_axes": {"input": {0: "batch"}, "output": {0: "batch"}}}
    )
    torch.onnx.export(
        network,
        (example,),
        str(path),
        dynamo=dynamo,
        opset_version=opset,
        input_names=["input"],
        output_names=["output"],
        verbose=False,
        **shapes,
    )


def optimised(level: ort.GraphOptimizationLevel) -> Callable[[Path, Path], None]:
    """By ONNX Runtime, which writes what it would run."""

    def write(source: Path, path: Path) -> None:
        options = ort.SessionOptions()
        options.optimized_model_filepath = str(path)
        options.graph_optimization_level = level
        ort.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])

    return write


def with_half_weights(source: Path, path: Path) -> None:
    from onnxconverter_common import float16

    onnx.save(float16.convert_float_to_float16(onnx.load(source), keep_io_types=True), path)


def in_halves(source: Path, path: Path) -> None:
    """Half precision from end to end, the input and the scores too."""
    from onnxconverter_common import float16

    onnx.save(float16.convert_float_to_float16(onnx.load(source)), path)


def with_brain_weights(source: Path, path: Path) -> None:
    """Weights in bfloat16, each with a Cast behind it."""
    model = onnx.load(source)
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            bits = onnx.numpy_helper.to_array(tensor).view(np.uint32)
            # To the nearest, ties to even.
            upper = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
            tensor.data_type = onnx.TensorProto.BFLOAT16
            tensor.ClearField("float_data")
            tensor.raw_data = upper.tobytes()
            name = tensor.name
            tensor.name = f"{name}/brain"
            to = onnx.TensorProto.FLOAT
            casts.append(onnx.helper.make_node("Cast", [tensor.name], [name], to=to))
    for place, cast in enumerate(casts):
        model.graph.node.insert(place, cast)
    onnx.save(model, path)


def simplified(source: Path, path: Path) -> None:
    import onnxsim

    onnx.save(onnxsim.simplify(onnx.load(source))[0], path)


def slimmed(source: Path, path: Path) -> None:
    import onnxslim

    onnxslim.slim(str(source), str(path))


class OnePatch(quantization.CalibrationDataReader):
    def __init__(self) -> None:
        self.left = [scaled(patch())]

    def get_next(self) -> dict[str, np.ndarray] | None:
        return {"input": self.left.pop()} if self.left else None


def quantised(
    activations: str, weights: str, form: str, per_channel: bool
) -> Callable[[Path, Path], None]:
    """By ONNX Runtime; types are "u8" and "s8", forms "QDQ" and "QOperator". Signed ones are symmetric."""
    types = {"u8": quantization.QuantType.QUInt8, "s8": quantization.QuantType.QInt8}

    def write(source: Path, path: Path) -> None:
        quantization.quantize_static(
            source,
            path,
            OnePatch(),
            quant_format=quantization.QuantFormat[form],
            activation_type=types[activations],
            weight_type=types[weights],
            per_channel=per_channel,
            extra_options={"ActivationSymmetric": activations == "s8"},
        )

    return write


def dynamically_quantised(source: Path, path: Path) -> None:
    quantization.quantize_dynamic(source, path, weight_type=quantization.QuantType.QInt8)


LEVELS = ort.GraphOptimizationLevel
CHANGES: dict[str, tuple[str, Callable[[Path, Path], None]]] = {
    "onnxsim": (ORIGIN, simplified),
    "onnxslim": ("dynamo-18", slimmed),
    "ort-basic": (ORIGIN, optimised(LEVELS.ORT_ENABLE_BASIC)),
    "ort-extended": (ORIGIN, optimised(LEVELS.ORT_ENABLE_EXTENDED)),
    "ort-all": (ORIGIN, optimised(LEVELS.ORT_ENABLE_ALL)),
    "halves": (ORIGIN, in_halves),
    "half-weights": (ORIGIN, with_half_weights),
    "brain-weights": (ORIGIN, with_brain_weights),
    "qdq-u8s8": (ORIGIN, quantised("u8", "s8", "QDQ", per_channel=True)),
    "qdq-u8u8": (ORIGIN, quantised("u8", "u8", "QDQ", per_channel=False)),
    "qdq-s8s8": (ORIGIN, quantised("s8", "s8", "QDQ", per_channel=True)),
    "qoperator": (ORIGIN, quantised("u8", "s8", "QOperator", per_channel=False)),
    "dynamic": (ORIGIN, dynamically_quantised),
    "dynamic-ort": ("dynamic", optimised(LEVELS.ORT_ENABLE_EXTENDED)),
}
# Not run by ONNX Runtime on a processor, or with sums that saturate there: held against this form.
HELD_AGAINST = {"brain-weights": ORIGIN, "qdq-s8s8": "qdq-u8s8"}


def write(folder: Path, network: str, form: str) -> None:
    """Makes one file, unless it is there."""
    path = folder / f"{network}.{form}.onnx"
    if path.exists():
        return
    if form in EXPORTS:
        export(made(network), path, *EXPORTS[form])
    else:
        origin, change = CHANGES[form]
        change(folder / f"{network}.{origin}.onnx", path)
    write_manifest(path)


def main(folder: Path, networks: list[str]) -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(patch()).save(folder / "patch.png")
    for network in networks or NETWORKS:
        for form in [*EXPORTS, *CHANGES]:
            held = folder / f"{network}.{HELD_AGAINST.get(form, form)}.onnx"
            try:
                write(folder, network, form)
                expected = second_class(held)
            # Whatever an exporter cannot do is its own matter, and said.
            except Exception as error:  # noqa: BLE001
                (folder / f"{network}.{form}.onnx").unlink(missing_ok=True)
                print(f"{network} {form}: {str(error).splitlines()[0][:120]}", file=sys.stderr)
                continue
            add_row(folder, f"{network}.{form}.onnx", expected)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])

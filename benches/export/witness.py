"""Why Histoscope and ONNX Runtime differ on an int8 file of `python -m models.export`: two more witnesses.

    python -m benches.export.witness NAME.int8.onnx --images FOLDER --cli PROGRAM

Evaluates the file in NumPy in two ways: by the rules of integers that the engine states (docs/decisions/0001), and node
by node in double precision, as ONNX defines them. Prints the probability of the second class of each image by each
witness, and, of its first patch, how many bytes of each tensor are others in ONNX Runtime than by the rules of integers,
and how many would be if both had the same bytes in front of them. It takes networks that are fused from end to end.

Run it from the repository's root.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import numpy_helper

from models.export import patches, verify
from models.export.graph import attributes
from models.train.network.runtime import session

SHOWN_IMAGES = 6
AXES = (2, 3)


@dataclass(frozen=True)
class Steps:
    """A tensor as whole steps, and the size of one: for all, or for each channel of axis 1."""

    whole: np.ndarray  # f64, whole numbers below 2^53
    scale: np.ndarray  # f64


@dataclass(frozen=True)
class Terms:
    """A sum that is not rounded yet."""

    a: Steps
    b: Steps


@dataclass(frozen=True)
class Clipped:
    """What is quantised next, and its bounds as real numbers."""

    inner: object
    low: np.float32
    high: np.float32


def convolution(x: np.ndarray, weights: np.ndarray, facts: dict) -> np.ndarray:
    """f64 [n, out, h, w]; dense or with one filter a channel."""
    top, left, bottom, right = facts.get("pads", [0] * 4)
    down, across = facts.get("strides", [1, 1])
    padded = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))
    windows = sliding_window_view(padded, weights.shape[2:], AXES)[:, :, ::down, ::across]
    if facts.get("group", 1) == 1:
        return np.moveaxis(np.tensordot(windows, weights, ((1, 4, 5), (1, 2, 3))), 3, 1)
    return np.einsum("nchwij,cij->nchw", windows, weights[:, 0])


def by_channel(values: np.ndarray) -> np.ndarray:
    """One for all, or one for each channel, so that it fits [n, channels, h, w]."""
    return values.reshape(-1, 1, 1)


def quantised(steps: np.ndarray, zero: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(steps) + int(zero), 0, 255)


def whole(model: onnx.ModelProto, image: np.ndarray) -> dict[str, np.ndarray]:
    """Each quantised tensor, and the scores, by the rules of integers."""

    def dequantise(q, scale, zero, axis=1):
        del axis  # of weights and biases: their zero points are 0
        return Steps(q.astype(np.float64) - zero.reshape(-1)[0], np.float64(scale))

    def conv(x, weights, bias, **facts):
        sums = convolution(x.whole, weights.whole, facts) + by_channel(bias.whole)
        return Steps(sums, x.scale * weights.scale)

    def quantise(value, scale, zero):
        bounds = (0, 255)
        if isinstance(value, Clipped):
            bounds = [quantised(bound / scale, zero) for bound in (value.low, value.high)]
            value = value.inner
        if isinstance(value, Terms):
            a, b = (
                term.whole.astype(np.float32) * (np.float32(term.scale) / scale)
                for term in (value.a, value.b)
            )
            steps = a + b
        else:
            factor = np.float32(value.scale / np.float64(scale))
            steps = value.whole.astype(np.float32) * by_channel(factor)
        return np.clip(quantised(steps, zero), *bounds).astype(np.uint8)

    def mean(value, axes=AXES, keepdims=1):
        del axes, keepdims
        count = np.prod(value.whole.shape[2:])
        sums = value.whole.sum(AXES) * np.float64(np.float32(value.scale))
        return (sums / count).astype(np.float32)

    return walked(
        model,
        image,
        {
            "DequantizeLinear": dequantise,
            "Conv": conv,
            "Add": Terms,
            "Clip": Clipped,
            "QuantizeLinear": quantise,
            "ReduceMean": mean,
            "Transpose": lambda x, perm: Steps(x.whole.transpose(perm), x.scale),
        },
    )


def double(
    model: onnx.ModelProto, image: np.ndarray, given: dict[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """The same as ONNX defines each node, in double precision. Nodes behind the tensors of `given` read those."""
    rules = {
        "DequantizeLinear": lambda q, scale, zero, axis=1: (
            (q.astype(np.float64) - zero.reshape(-1)[0])
            * (scale.reshape(-1, *[1] * (q.ndim - 1)) if scale.ndim else scale).astype(np.float64)
        ),
        "Conv": lambda x, weights, bias, **facts: convolution(x, weights, facts) + by_channel(bias),
        "Add": np.add,
        "Clip": np.clip,
        "QuantizeLinear": lambda x, scale, zero: quantised(x / np.float64(scale), zero).astype(
            np.uint8
        ),
        "ReduceMean": lambda x, axes=AXES, keepdims=1: x.mean(AXES),
        "Transpose": lambda x, perm: x.transpose(perm),
    }
    return walked(model, image, rules, given)


def walked(
    model: onnx.ModelProto,
    image: np.ndarray,
    rules: dict[str, Callable],
    given: dict[str, np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """What QuantizeLinears and ReduceMeans make; those that are `given` are read as they are there."""
    values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    values[model.graph.input[0].name] = image
    made = {}
    for node in model.graph.node:
        if node.op_type not in rules:
            raise SystemExit(f"a {node.op_type} is not fused: take a network of convolutions")
        name = node.output[0]
        values[name] = rules[node.op_type](*(values[n] for n in node.input), **attributes(node))
        if node.op_type in ("QuantizeLinear", "ReduceMean"):
            made[name] = values[name]
            values[name] = (given or {}).get(name, values[name])
    return made


def in_onnx_runtime(model: onnx.ModelProto, image: np.ndarray, names: list[str]) -> dict:
    """The same tensors; every node is run as it is written."""
    shown = onnx.ModelProto()
    shown.CopyFrom(model)
    scores = [output.name for output in model.graph.output]
    for name in names:
        if name not in scores:
            kind = onnx.TensorProto.UINT8
            shown.graph.output.append(onnx.helper.make_tensor_value_info(name, kind, None))
    runner = session(shown, exact=True)
    return dict(zip(names, runner.run(names, {model.graph.input[0].name: image}), strict=True))


def probability(scores: np.ndarray) -> float:
    """Mean probability of the second class, of f [n, 2]."""
    powers = np.exp(scores.astype(np.float64) - scores.max(1, keepdims=True))
    return float((powers[:, 1] / powers.sum(1)).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--cli", type=Path, required=True, help="the program histoscope")
    arguments = parser.parse_args()
    model = onnx.load(arguments.model)
    entry, scores = model.graph.input[0], model.graph.output[0].name
    side = entry.type.tensor_type.shape.dim[1].dim_value
    found = patches.chosen(patches.find(arguments.images), SHOWN_IMAGES)
    runners = [session(model, exact) for exact in (True, False)]
    images = []
    for path in found:
        picture = patches.cut(path, side)
        stack = picture.patches
        ints = np.concatenate([whole(model, patch[None])[scores] for patch in stack])
        reals = np.concatenate([double(model, patch[None])[scores] for patch in stack])
        exact, fused = (probability(r.run([scores], {entry.name: stack})[0]) for r in runners)
        said = verify.on_the_command_line(
            arguments.cli, arguments.model, [picture], np.array([probability(ints)])
        )
        images.append(
            {
                "image": path.name,
                "integers": probability(ints),
                "histoscope_from_integers": said["greatest"],
                "double": probability(reals),
                "onnxruntime": exact,
                "onnxruntime_optimised": fused,
            }
        )
        print(json.dumps(images[-1]))
    first = patches.cut(found[0], side).patches[:1]
    ours = whole(model, first)
    theirs = in_onnx_runtime(model, first, list(ours))
    alike = double(model, first, ours)
    print("tensor, values, others in ONNX Runtime, others in double precision of the same bytes")
    for name, value in ours.items():
        if value.dtype == np.uint8:
            other, same = (int((value != each[name]).sum()) for each in (theirs, alike))
            print(f"{name} {value.size} {other} {same}")


if __name__ == "__main__":
    main()

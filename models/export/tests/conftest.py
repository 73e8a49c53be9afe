"""A small network with all that a classifier has, and drawn fields to calibrate it on."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from models.train.data.synthetic import tissue_patch

SIDE = 64
CLASSES = 2


class Written:
    """Nodes and weights of a network that is written by hand."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(3)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(value.astype(np.float32), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **facts) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **facts))
        return output

    def conv(self, source: str, name: str, shape: tuple, stride: int = 1, group: int = 1) -> str:
        fan_in = np.prod(shape[1:])
        inputs = [
            source,
            self.weight(f"{name}_w", self.random.normal(0, (2 / fan_in) ** 0.5, shape)),
            self.weight(f"{name}_b", self.random.normal(0, 0.1, shape[0])),
        ]
        pad = shape[2] // 2
        facts = {"strides": [stride] * 2, "pads": [pad] * 4, "group": group}
        return self.node("Conv", inputs, name, **facts)

    def norm(self, source: str, name: str, channels: int) -> str:
        values = {
            "scale": self.random.uniform(0.5, 1.5, channels),
            "shift": self.random.normal(0, 0.2, channels),
            "mean": self.random.normal(0, 0.2, channels),
            "variance": self.random.uniform(0.5, 2, channels),
        }
        names = [self.weight(f"{name}_{key}", value) for key, value in values.items()]
        return self.node("BatchNormalization", [source, *names], name)

    def model(self) -> onnx.ModelProto:
        image = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, SIDE, SIDE])
        scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", CLASSES])
        graph = helper.make_graph(self.nodes, "small", [image], [scores], self.weights)
        opset = [helper.make_opsetid("", 17)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8)


@pytest.fixture(scope="session")
def network() -> onnx.ModelProto:
    """Stem, pool, a block with a sum, a SiLU with squeeze-and-excitation, a linear classifier."""
    w = Written()
    stem = w.node("Relu", [w.norm(w.conv("x", "stem", (8, 3, 7, 7), 2), "stem_n", 8)], "stem_r")
    pool = w.node("MaxPool", [stem], "pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    wide = w.norm(w.conv(pool, "wide", (16, 8, 1, 1)), "wide_n", 16)
    bounds = [w.weight("zero", np.array(0)), w.weight("six", np.array(6))]
    wide = w.node("Clip", [wide, *bounds], "wide_r")
    deep = w.node("Relu", [w.conv(wide, "deep", (16, 1, 3, 3), group=16)], "deep_r")
    total = w.node("Add", [w.conv(deep, "narrow", (8, 16, 1, 1)), pool], "sum")
    last = w.conv(w.node("Relu", [total], "sum_r"), "last", (24, 8, 3, 3))
    silu = w.node("Mul", [last, w.node("Sigmoid", [last], "gate")], "silu")
    squeezed = w.node("GlobalAveragePool", [silu], "squeezed")
    excited = w.node("Sigmoid", [w.conv(squeezed, "excite", (24, 24, 1, 1))], "excited")
    scaled = w.node("Mul", [silu, excited], "scaled")
    mean = w.node("GlobalAveragePool", [w.conv(scaled, "top", (32, 24, 1, 1))], "mean")
    linear = [
        w.node("Flatten", [mean], "flat"),
        w.weight("linear_w", w.random.normal(0, 0.5, (CLASSES, 32))),
        w.weight("linear_b", w.random.normal(0, 0.1, CLASSES)),
    ]
    w.node("Gemm", linear, "scores", transB=1)
    return w.model()


@pytest.fixture(scope="session")
def fields(tmp_path_factory) -> Path:
    """Drawn fields of tissue, six by six patches at most."""
    folder = tmp_path_factory.mktemp("fields")
    for seed in range(4):
        Image.fromarray(tissue_patch(seed, 30 * seed, 0.2)).save(folder / f"field-{seed}.png")
    return folder

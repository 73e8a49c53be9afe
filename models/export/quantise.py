"""Writes a folded float graph with its islands in the QDQ form that the engine fuses.

    DequantizeLinear(x), DequantizeLinear(w), DequantizeLinear(b) -> Conv -> Clip -> QuantizeLinear

Weights s8, symmetric for each output channel; biases i32; activations of 7 bits (or 8), which the
Clip guarantees: the form and the rounding of the shipped model (models/train/quantise).
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import onnx
from onnx import helper

from ..train.network.folded import Conv
from ..train.quantise.numbers import QuantisedConv, Range, quantise_conv
from .graph import Graph, attributes
from .islands import Islands, Layer

OWN = "int8/"  # begins the names of what is written, so that none is the network's


def whole(name: str) -> str:
    """The name of the quantised form of a tensor that stays real for others."""
    return f"{OWN}{name}/whole"


def quantised(
    model: onnx.ModelProto,
    opset: int,
    islands: Islands,
    ranges: Mapping[str, Range],
    means: Mapping[str, np.ndarray],
    shifts: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> onnx.ModelProto:
    """The int8 file.

    `ranges`: of every tensor that `islands` names, and of the raw pixels. `means`: of the channels
    of what a convolution reads; what rounding its weights adds to them on average is taken off its
    bias. `shifts`: what is added to the bias of a convolution beside that, by its name.
    """
    return _Writer(Graph(model), islands, ranges, means, shifts).written(opset)


class _Writer:
    def __init__(
        self,
        graph: Graph,
        islands: Islands,
        ranges: Mapping[str, Range],
        means: Mapping[str, np.ndarray],
        shifts: Mapping[str, np.ndarray],
    ) -> None:
        self.graph, self.islands, self.means, self.shifts = graph, islands, means, shifts
        self.ranges = dict(ranges)
        self.ranges |= {name: ranges[other] for name, other in islands.alike.items()}
        self.nodes: list[onnx.NodeProto] = []

    def written(self, opset: int) -> onnx.ModelProto:
        clips = {id(layer.clip) for layer in self.islands.layers.values() if layer.clip is not None}
        for node in self.graph.nodes:
            layer = self.islands.layers.get(node.output[0])
            if layer is not None:
                self._layer(layer)
            elif id(node) not in clips:
                self.nodes.append(node)
            for name in node.output:
                if name in self.islands.entries:
                    self._whole(name, name, whole(name))
        self.graph.nodes = self.nodes
        return self.graph.finished(opset)

    def _node(self, kind: str, inputs: list[str], output: str, **facts) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **facts))
        return output

    def _whole(self, real: str, name: str, output: str, low=-np.inf, high=np.inf) -> None:
        """Clips the tensor `real` to the range of `name`, quantises it, and makes floats of it."""
        span, constant, own = self.ranges[name], self.graph.constant, f"{OWN}{name}/a"
        bounds = [
            constant(f"{own}_low", np.float32(max(low, span.low))),
            constant(f"{own}_high", np.float32(min(high, span.high))),
        ]
        unit = [
            constant(f"{own}_scale", np.float32(span.scale)),
            constant(f"{own}_zero", np.uint8(span.zero_point)),
        ]
        clipped = self._node("Clip", [real, *bounds], f"{own}_clip")
        self._node("QuantizeLinear", [clipped, *unit], f"{own}_q")
        self._node("DequantizeLinear", [f"{own}_q", *unit], output)

    def _layer(self, layer: Layer) -> None:
        node = layer.node
        inputs = [whole(n) if n in self.islands.entries else n for n in node.input]
        if node.op_type == "Conv":
            inputs = [inputs[0], *self._parameters(node)]
        if layer.is_head:
            self._node("Conv", inputs, layer.made, **attributes(node))
            return
        sums = self._node(node.op_type, inputs, f"{OWN}{layer.made}/sums", **attributes(node))
        self._whole(sums, layer.made, layer.made, layer.low, layer.high)

    def _parameters(self, conv: onnx.NodeProto) -> list[str]:
        """Names of the dequantised weights and bias of a convolution."""
        name, source = conv.output[0], conv.input[0]
        weight, bias = self.graph.value(conv, 1), self.graph.value(conv, 2)
        bias = np.zeros(len(weight), np.float32) if bias is None else bias
        scale = self.ranges[source].scale
        rounded = _rounded(name, weight, bias, scale)
        if source in self.means:
            bias = bias + _shift(weight - rounded.restored_weight(), self.means[source])
        bias = bias + self.shifts.get(name, 0)
        rounded = _rounded(name, weight, bias.astype(np.float32), scale)
        made = []
        for part, value, unit in (
            ("w", rounded.weight, rounded.weight_scale),
            ("b", rounded.bias, rounded.bias_scale),
        ):
            constants = [
                self.graph.constant(f"{OWN}{name}/{part}_q", value),
                self.graph.constant(f"{OWN}{name}/{part}_scale", unit),
                self.graph.constant(f"{OWN}{name}/{part}_zero", np.zeros(len(unit), value.dtype)),
            ]
            made.append(self._node("DequantizeLinear", constants, f"{OWN}{name}/{part}", axis=0))
        return made


def _rounded(name: str, weight: np.ndarray, bias: np.ndarray, scale: float) -> QuantisedConv:
    # Of a folded convolution only weights and bias count here.
    return quantise_conv(Conv(name, "", weight, bias, 1, 0, 1, relu6=False), scale)


def _shift(lost: np.ndarray, means: np.ndarray) -> np.ndarray:
    """What lost weights [out, in / groups, h, w] would have added, by the means of the inputs."""
    lost = lost.sum((2, 3))
    return lost[:, 0] * means if lost.shape[1] != len(means) else lost @ means

"""Writes a folded network as ONNX in the QDQ form of the int8 contract.

One island of integers:

    DequantizeLinear(x), DequantizeLinear(w), DequantizeLinear(b) -> Conv -> Clip -> QuantizeLinear

with w s8 symmetric per output channel, b i32 in units of scale(x) * scale(w), and a Clip that
keeps the quantised activation within 0..127 on every engine.
"""

import numpy as np
import onnx

from ..network.folded import Conv, Network, Residual
from ..network.onnx_graph import Graph
from .numbers import INPUT_RANGE, RELU6_RANGE, Range, quantise_conv


def export_int8(network: Network, ranges: dict[str, Range]) -> onnx.ModelProto:
    """The QDQ graph. `ranges`: calibrated range of every layer without ReLU6, by name."""
    graph = Graph()
    ranges = {"input": INPUT_RANGE, **ranges}
    ranges |= {c.name: RELU6_RANGE for c in network.convolutions() if c.relu6}

    def parameters(name: str) -> list[str]:
        scale = graph.constant(f"{name}_scale", np.float32(ranges[name].scale))
        return [scale, graph.constant(f"{name}_zero", np.uint8(ranges[name].zero_point))]

    def quantise(source: str, name: str) -> None:
        """Clip to the range, quantise, and dequantise once for all consumers."""
        clipped = graph.clip(source, ranges[name].low, ranges[name].high, f"{name}_clip")
        graph.node("QuantizeLinear", [clipped, *parameters(name)], f"{name}_q")
        graph.node("DequantizeLinear", [f"{name}_q", *parameters(name)], name)

    def convolution(conv: Conv, output: str) -> str:
        q = quantise_conv(conv, ranges[conv.source].scale)
        operands = [conv.source]
        for part, value, unit in (
            ("w", q.weight, q.weight_scale),
            ("b", q.bias, q.bias_scale),
        ):
            constants = [
                graph.constant(f"{conv.name}_{part}_q", value),
                graph.constant(f"{conv.name}_{part}_scale", unit),
                graph.constant(f"{conv.name}_{part}_zero", np.zeros(len(unit), value.dtype)),
            ]
            operands.append(
                graph.node("DequantizeLinear", constants, f"{conv.name}_{part}", axis=0)
            )
        return graph.convolution(conv, operands, output)

    pixels = graph.node("DequantizeLinear", ["image", *parameters("input")], "pixels")
    graph.node("Transpose", [pixels], "input", perm=[0, 3, 1, 2])
    for layer in network.layers:
        if isinstance(layer, Residual):
            result = graph.node("Add", [layer.left, layer.right], f"{layer.name}_sum")
        else:
            result = convolution(layer, f"{layer.name}_conv")
        quantise(result, layer.name)
    graph.outputs(convolution(network.head, "scores"))
    return graph.model("histoscope_int8", network)

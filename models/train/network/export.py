"""Writes a folded network as a float ONNX graph."""

import numpy as np
import onnx
from onnx import TensorProto

from .folded import Conv, Network, Residual
from .onnx_graph import Graph


def export_f32(network: Network) -> onnx.ModelProto:
    """The float graph; each layer's output carries the layer's name."""
    graph = Graph()
    pixels = graph.node("Cast", ["image"], "pixels", to=TensorProto.FLOAT)
    centred = graph.node("Sub", [pixels, graph.constant("mean", np.float32(127))], "centred")
    scaled = graph.node("Mul", [centred, graph.constant("gain", np.float32(1 / 128))], "scaled")
    graph.node("Transpose", [scaled], "input", perm=[0, 3, 1, 2])

    def convolution(conv: Conv, output: str) -> str:
        weight = graph.constant(f"{conv.name}_w", conv.weight.astype(np.float32))
        bias = graph.constant(f"{conv.name}_b", conv.bias.astype(np.float32))
        return graph.convolution(conv, [conv.source, weight, bias], output)

    for layer in network.layers:
        if isinstance(layer, Residual):
            graph.node("Add", [layer.left, layer.right], layer.name)
        elif layer.relu6:
            graph.clip(convolution(layer, f"{layer.name}_conv"), 0.0, 6.0, layer.name)
        else:
            convolution(layer, layer.name)
    graph.outputs(convolution(network.head, "scores"))
    return graph.model("histoscope_f32", network)

"""Writes a folded network as ONNX, in f32 and in the QDQ form of the int8 contract.

The graphs are built node by node, so that an engine can rely on their exact shape. One int8 island:

    DequantizeLinear(x), DequantizeLinear(w), DequantizeLinear(b) -> Conv -> Clip -> QuantizeLinear

with w s8 symmetric per output channel, b i32 in units of scale(x) * scale(w), and a Clip that
keeps the quantised activation within 0..127 on every engine.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .architecture import PATCH
from .network import Conv, Network, Residual
from .quantise import INPUT_RANGE, RELU6_RANGE, Range, quantise_conv

OPSET = 17
IR_VERSION = 8  # the first that holds opset 17; older runtimes refuse newer files
PRODUCER = "histoscope"


class _Graph:
    """Collects nodes and constants; the name of a node is the name of its output."""

    def __init__(self):
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.setdefault(name, numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def convolution(self, conv: Conv, inputs: list[str], output: str) -> str:
        kernel = conv.weight.shape[2]
        return self.node(
            "Conv",
            inputs,
            output,
            kernel_shape=[kernel, kernel],
            strides=[conv.stride, conv.stride],
            pads=[conv.padding] * 4,
            dilations=[1, 1],
            group=conv.groups,
        )

    def clip(self, source: str, low: float, high: float, output: str) -> str:
        bounds = [
            self.constant(f"{output}_{end}", np.float32(value))
            for end, value in (("min", low), ("max", high))
        ]
        return self.node("Clip", [source, *bounds], output)

    def outputs(self, scores: str) -> None:
        """Per-position scores [N,2,h,w] -> `cam` [N,h,w,2] and their mean `logits` [N,2]."""
        self.node("Transpose", [scores], "cam", perm=[0, 2, 3, 1])
        self.node("ReduceMean", [scores], "logits", axes=[2, 3], keepdims=0)

    def model(self, name: str, network: Network) -> onnx.ModelProto:
        size = network.map_size
        image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", PATCH, PATCH, 3])
        results = [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 2]),
            helper.make_tensor_value_info("cam", TensorProto.FLOAT, ["N", size, size, 2]),
        ]
        constants = list(self.constants.values())
        graph = helper.make_graph(self.nodes, name, [image], results, constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name=PRODUCER,
        )
        onnx.checker.check_model(model, full_check=True)
        return model


def export_f32(network: Network) -> onnx.ModelProto:
    """The float graph; each layer's output carries the layer's name."""
    graph = _Graph()
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


def export_int8(network: Network, ranges: dict[str, Range]) -> onnx.ModelProto:
    """The QDQ graph. `ranges`: calibrated range of every layer without ReLU6, by name."""
    graph = _Graph()
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

"""Writes a quantised network of our exporter as a TFLite file, for engines that read nothing else.

    python tflite.py lite0-whole.int8.onnx lite0-whole.int8.tflite

Needs `ai-edge-litert` and `onnx` (requirements.txt). Weights, biases, scales and ranges stay what
they are: activations of 0 to 127 become int8 of -128 to -1. Two things differ: a linear bottleneck
is not clipped at 127, for TFLite knows no such activation, and the classifier follows the mean, so
that its output can be quantised.

The file reads the picture turned by 180 degrees. TFLite's SAME padding of a stride of 2 puts the
odd row behind, ours puts as much before as behind: in the turned picture, with turned kernels, the
two are the same. The mean over the map knows no direction, so the logits are those of the ONNX
file, up to rounding.
"""

import sys
from pathlib import Path

import flatbuffers
import numpy as np
import onnx
from ai_edge_litert import schema_py_generated as schema
from onnx import numpy_helper

SIDE = 224
# The logits' scale, which has no counterpart.
LOGIT_SCALE = 0.02

Operator = schema.BuiltinOperator


class Writer:
    """A TFLite graph under construction; tensors are known by index."""

    def __init__(self) -> None:
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.buffers, self.codes = [schema.BufferT()], []

    def tensor(self, name, shape, kind, scale=None, zero=0, axis=0, data=None) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, list(shape), kind, 0
        if scale is not None:
            scale = np.atleast_1d(np.asarray(scale, np.float32))
            quantization = schema.QuantizationParametersT()
            quantization.scale, quantization.zeroPoint = scale, np.full(len(scale), zero, np.int64)
            quantization.quantizedDimension = axis
            tensor.quantization = quantization
        if data is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            tensor.buffer = len(self.buffers)
            self.buffers.append(buffer)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def operator(self, code, inputs, output, options_type=0, options=None) -> int:
        if code not in self.codes:
            self.codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = self.codes.index(code)
        operator.inputs, operator.outputs = inputs, [output]
        operator.builtinOptionsType, operator.builtinOptions = options_type, options
        self.graph.operators.append(operator)
        return output

    def finish(self, source: int, sink: int) -> bytes:
        self.graph.inputs, self.graph.outputs = [source], [sink]
        model = schema.ModelT()
        model.version, model.subgraphs, model.buffers = 3, [self.graph], self.buffers
        model.operatorCodes = []
        for code in self.codes:
            entry = schema.OperatorCodeT()
            entry.builtinCode = code
            entry.deprecatedBuiltinCode = min(code, 127)
            entry.version = 3 if code in (Operator.CONV_2D, Operator.DEPTHWISE_CONV_2D) else 2
            model.operatorCodes.append(entry)
        builder = flatbuffers.Builder(1 << 20)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


class Converter:
    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = model.graph
        self.makers = {name: node for node in model.graph.node for name in node.output}
        self.readers = {name: node for node in model.graph.node for name in node.input}
        self.constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.writer = Writer()
        # By the name of the float tensor: TFLite's index, scale, shape.
        self.made: dict[str, tuple[int, float, list[int]]] = {}

    def parameters(self, node) -> tuple[np.ndarray, int]:
        """Scale and zero point of a quantise or dequantise node."""
        return self.constants[node.input[1]], int(self.constants[node.input[2]].flat[0])

    def emit(self, node, shape, code, inputs, options_type, options) -> None:
        """Adds the operator in place of `node` and of the Clip and QuantizeLinear behind it."""
        quantize, relu6 = self.readers[node.output[0]], False
        if quantize.op_type == "Clip":
            bounds = [float(self.constants[name]) for name in quantize.input[1:]]
            relu6 = bounds == [0.0, 6.0]
            quantize = self.readers[quantize.output[0]]
        scale, zero = self.parameters(quantize)
        name = quantize.output[0]
        output = self.writer.tensor(name, shape, schema.TensorType.INT8, scale, zero - 128)
        if relu6:
            options.fusedActivationFunction = schema.ActivationFunctionType.RELU6
        self.writer.operator(code, inputs, output, options_type, options)
        dequantize = next(n for n in self.graph.node if name in n.input)
        self.made[dequantize.output[0]] = (output, float(scale), shape)

    def weights(self, node, depthwise: bool, scale_in: float) -> list[int]:
        """Weights and bias of a convolution, in TFLite's layout."""
        (weight, bias) = (self.makers[name] for name in node.input[1:])
        scale, _ = self.parameters(weight)
        values = self.constants[weight.input[0]]
        # OIHW to 1HWC and to OHWI, turned.
        values = values[:, :, ::-1, ::-1]
        values = values.transpose((1, 2, 3, 0) if depthwise else (0, 2, 3, 1))
        axis = 3 if depthwise else 0
        kinds = schema.TensorType
        w = self.writer.tensor(
            weight.output[0], values.shape, kinds.INT8, scale, 0, axis, values.astype(np.int8)
        )
        values = self.constants[bias.input[0]].astype(np.int32)
        b = self.writer.tensor(
            bias.output[0], values.shape, kinds.INT32, scale * scale_in, 0, 0, values
        )
        return [w, b]

    def conv(self, node) -> None:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        x, scale_in, (_, height, width, _) = self.made[node.input[0]]
        [kernel, _], [stride, _] = attributes["kernel_shape"], attributes["strides"]
        out = [-(-size // stride) for size in (height, width)]
        # SAME in the turned picture, where the odd row is before.
        need = max((out[0] - 1) * stride + kernel - height, 0)
        assert attributes["pads"][:2] == [need - need // 2] * 2, attributes
        depthwise = attributes["group"] > 1
        cout = self.constants[self.makers[node.input[1]].input[0]].shape[0]
        options = schema.DepthwiseConv2DOptionsT() if depthwise else schema.Conv2DOptionsT()
        options.padding = schema.Padding.SAME
        options.strideH = options.strideW = stride
        options.dilationHFactor = options.dilationWFactor = 1
        if depthwise:
            options.depthMultiplier = 1
        self.emit(
            node,
            [1, *out, cout],
            Operator.DEPTHWISE_CONV_2D if depthwise else Operator.CONV_2D,
            [x, *self.weights(node, depthwise, scale_in)],
            schema.BuiltinOptions.DepthwiseConv2DOptions
            if depthwise
            else schema.BuiltinOptions.Conv2DOptions,
            options,
        )

    def add(self, node) -> None:
        (a, _, shape), (b, _, _) = (self.made[name] for name in node.input)
        options = schema.AddOptionsT()
        self.emit(node, shape, Operator.ADD, [a, b], schema.BuiltinOptions.AddOptions, options)

    def head(self, node) -> int:
        x, scale_in, (_, _, _, channels) = self.made[node.input[0]]
        # Means are small: of a ReLU6 finer steps from zero on, else half steps around zero.
        zero_in = self.writer.graph.tensors[x].quantization.zeroPoint[0]
        mean_scale, mean_zero = (scale_in / 4, -128) if zero_in == -128 else (scale_in / 2, 0)
        kinds, writer = schema.TensorType, self.writer
        axes = writer.tensor("axes", [2], kinds.INT32, data=np.array([1, 2], np.int32))
        mean = writer.tensor("mean", [1, 1, 1, channels], kinds.INT8, mean_scale, mean_zero)
        keep = schema.ReducerOptionsT()
        keep.keepDims = True
        writer.operator(Operator.MEAN, [x, axes], mean, schema.BuiltinOptions.ReducerOptions, keep)
        # The bias in steps of the new accumulator.
        weight, bias = (self.makers[name] for name in node.input[1:])
        scale, _ = self.parameters(weight)
        bias_scale = self.constants[bias.input[1]]
        self.constants[bias.input[0]] = np.round(
            self.constants[bias.input[0]] * bias_scale / (scale * mean_scale)
        )
        options = schema.Conv2DOptionsT()
        options.padding, options.strideH, options.strideW = schema.Padding.SAME, 1, 1
        options.dilationHFactor = options.dilationWFactor = 1
        score = writer.tensor("scores", [1, 1, 1, 2], kinds.INT8, LOGIT_SCALE, 0)
        inputs = [mean, *self.weights(node, False, mean_scale)]
        writer.operator(
            Operator.CONV_2D, inputs, score, schema.BuiltinOptions.Conv2DOptions, options
        )
        logits = writer.tensor("logits", [1, 1, 1, 2], kinds.FLOAT32)
        return writer.operator(Operator.DEQUANTIZE, [score], logits)

    def run(self) -> bytes:
        dequantize = self.readers[self.graph.input[0].name]
        scale, zero = self.parameters(dequantize)
        shape = [1, SIDE, SIDE, 3]
        source = self.writer.tensor("image", shape, schema.TensorType.UINT8, scale, zero)
        signed = self.writer.tensor("signed", shape, schema.TensorType.INT8, scale, zero - 128)
        self.writer.operator(Operator.QUANTIZE, [source], signed)
        first = self.readers[dequantize.output[0]].output[0]
        self.made[first] = (signed, float(scale), shape)
        for node in self.graph.node:
            if node.op_type == "Add":
                self.add(node)
            elif node.op_type == "Conv" and node.output[0] == "scores":
                return self.writer.finish(source, self.head(node))
            elif node.op_type == "Conv":
                self.conv(node)
        raise ValueError("the network has no classifier")


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_bytes(Converter(onnx.load(source)).run())
    print(f"{target}: {target.stat().st_size} bytes")

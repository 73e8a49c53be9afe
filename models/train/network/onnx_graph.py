"""Builds the ONNX graphs node by node, so that an engine can rely on their exact shape."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .architecture import PATCH
from .folded import Conv, Network

OPSET = 17
IR_VERSION = 8  # the first that holds opset 17; older runtimes refuse newer files
PRODUCER = "histoscope"


class Graph:
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

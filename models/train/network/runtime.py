"""ONNX Runtime: sessions, and graphs that show their inner layers."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper


def session(model: onnx.ModelProto, exact: bool = False, threads: int = 1):
    """A session on the CPU.

    `exact`: run the nodes as they are written. With its optimisations the runtime fuses QDQ islands
    into integer kernels, whose 16-bit sums may saturate on CPUs without VNNI.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    if exact:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def with_outputs(model: onnx.ModelProto, layers: list[str], pooled: bool = False):
    """A copy of `model` whose outputs are these layers, or with `pooled` their means over h, w."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.output[:]
    for layer in layers:
        name = layer
        if pooled:
            name = f"{layer}_mean"
            node = helper.make_node("ReduceMean", [layer], [name], axes=[2, 3], keepdims=0)
            copy.graph.node.append(node)
        copy.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return copy


def logits(model: onnx.ModelProto, patches: np.ndarray, exact: bool = False) -> np.ndarray:
    """f32 [n, 2] for uint8 patches [n, 224, 224, 3]."""
    return session(model, exact).run(["logits"], {"image": patches})[0]

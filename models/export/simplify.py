"""A float graph as quantisation wants it: folded, raw pixels in, the classifier on the map.

ONNX Runtime folds constants, BatchNorms and what does nothing. Then come two changes of our own:

- The input is `uint8 [N, side, side, 3]`, and mean and deviation are part of the first
  convolution. At the border the convolution pads with one value for all channels, the mean of the
  means, where the network had each channel's own; what that changes is in the comparison.
- A linear classifier on the mean of a map becomes a 1x1 convolution whose mean is the scores. The
  scores are the same, and two classes get the map of where they come from.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from ..train.quantise.numbers import Range
from .errors import ExportError
from .graph import Graph, attributes

OWN = "folded/"  # begins the names of what is new, so that none is the network's
CHANNELS_FIRST = f"{OWN}pixels"  # the raw pixels as the first convolution reads them
INPUT_SCALE = 1 / 128
# A classifier costs more on every pixel of the map than once.
MOST_ON_THE_MAP = 16
QUANTISED = ("QuantizeLinear", "ConvInteger", "MatMulInteger", "QLinearConv")


@dataclass(frozen=True)
class Normalisation:
    """A pixel p, 0 to 255, enters the network as (p / 255 - mean) / std, channel by channel."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def __call__(self, patches: np.ndarray) -> np.ndarray:
        """uint8 [n, side, side, 3] -> f32 [n, 3, side, side]"""
        real = (patches.astype(np.float32) / 255 - np.float32(self.mean)) / np.float32(self.std)
        return np.ascontiguousarray(real.transpose(0, 3, 1, 2))


@dataclass(frozen=True)
class Simple:
    """A folded network. `pixels`: what raw pixels are in its input, None where it reads floats."""

    model: onnx.ModelProto
    opset: int
    pixels: Range | None
    normalisation: Normalisation

    def fed(self, patches: np.ndarray) -> np.ndarray:
        """What the network reads of uint8 [n, side, side, 3]."""
        return self.normalisation(patches) if self.pixels is None else patches


def simplify(model: onnx.ModelProto, side: int, normalisation: Normalisation) -> Simple:
    """`model` folded; what cannot be put into another form stays as it is."""
    folded = _folded(model)
    opset = next(o.version for o in folded.opset_import if o.domain in ("", "ai.onnx"))
    graph = Graph(folded)
    _check(graph)
    _head_on_the_map(graph, opset)
    pixels = _raw_pixels(graph, side, normalisation)
    return Simple(graph.finished(opset), opset, pixels, normalisation)


def _folded(model: onnx.ModelProto) -> onnx.ModelProto:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "folded.onnx")
        options.optimized_model_filepath = str(path)
        try:
            onnxruntime.InferenceSession(
                model.SerializeToString(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors have no common class
            raise ExportError(
                "graph_invalid",
                f"ONNX Runtime cannot run the network: {str(error).splitlines()[0]}",
                "Export it again; opset 17 is understood everywhere.",
            ) from error
        return onnx.load(path)


def _check(graph: Graph) -> None:
    """One picture in, scores out, nothing quantised yet."""
    inputs = graph.model.graph.input
    dims = [d.dim_value for d in inputs[0].type.tensor_type.shape.dim] if inputs else []
    if len(inputs) != 1 or len(dims) != 4 or dims[1] not in (0, 3):
        raise ExportError(
            "input_unlike",
            "The network has not one input [N, 3, side, side].",
            "Export the classifier alone, with channels first.",
        )
    if any(
        node.op_type in ("QuantizeLinear", "ConvInteger", "QLinearConv") for node in graph.nodes
    ):
        raise ExportError(
            "already_quantised",
            "The network is quantised already.",
            "Give the float network that it was made of.",
        )


def _head_on_the_map(graph: Graph, opset: int) -> None:
    """mean over the map -> linear layer, as linear layer on the map -> mean."""
    for gemm in [node for node in graph.nodes if node.op_type == "Gemm"]:
        between, tensor = [], gemm.input[0]
        while (node := graph.maker.get(tensor)) is not None:
            if graph.only_reader(tensor) is None:
                break
            between.append(node)
            tensor = node.input[0]
            if node.op_type not in ("Flatten", "Reshape", "Squeeze"):
                break
        weight, bias = graph.value(gemm, 1), graph.value(gemm, 2)
        facts = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0} | attributes(gemm)
        plain = (facts["alpha"], facts["beta"], facts["transA"]) == (1, 1, 0)
        if not between or weight is None or not plain or not _means(graph, between[-1]):
            continue
        weight = weight if facts["transB"] else weight.T
        classes = len(weight)
        if classes > MOST_ON_THE_MAP or (bias is not None and bias.size != classes):
            continue
        name = gemm.output[0]
        operands = [tensor, graph.constant(f"{OWN}{name}/w", weight[:, :, None, None])]
        if bias is not None:
            operands.append(graph.constant(f"{OWN}{name}/b", bias.reshape(classes)))
        scores = f"{OWN}{name}/map"
        made = [helper.make_node("Conv", operands, [scores], scores, kernel_shape=[1, 1])]
        axes = np.array([2, 3])
        if opset < 18:
            mean = helper.make_node("ReduceMean", [scores], [name], name, axes=axes, keepdims=0)
        else:
            inputs = [scores, graph.constant(f"{OWN}{name}/axes", axes)]
            mean = helper.make_node("ReduceMean", inputs, [name], name, keepdims=0)
        made.append(mean)
        if classes == 2 and name in graph.results:
            made.append(helper.make_node("Transpose", [scores], ["cam"], "cam", perm=[0, 2, 3, 1]))
            cam = helper.make_tensor_value_info("cam", TensorProto.FLOAT, ["N", "h", "w", 2])
            graph.model.graph.output.append(cam)
        place = graph.nodes.index(gemm)
        graph.nodes[place : place + 1] = made
        graph.nodes = [node for node in graph.nodes if node not in between]
        graph.index()


def _means(graph: Graph, node: onnx.NodeProto) -> bool:
    """Whether a node takes the mean over height and width."""
    if node.op_type == "GlobalAveragePool":
        return True
    axes = graph.value(node, 1)
    axes = attributes(node).get("axes") if axes is None else axes.tolist()
    return node.op_type == "ReduceMean" and list(axes or []) in ([2, 3], [-1, -2], [-2, -1])


def _raw_pixels(graph: Graph, side: int, normalisation: Normalisation) -> Range | None:
    """Puts the normalisation into the first convolution, if that alone reads the input."""
    source = graph.model.graph.input[0]
    conv = graph.only_reader(source.name)
    if conv is None or conv.op_type != "Conv" or attributes(conv).get("group", 1) != 1:
        return None
    weight = graph.value(conv, 1)
    if weight is None or weight.shape[1] != 3:
        return None
    mean, std = 255 * np.array(normalisation.mean), 255 * np.array(normalisation.std)
    zero = int(np.clip(np.rint(mean.mean()), 0, 255))
    pixels = Range(INPUT_SCALE, zero, top=255)
    per_pixel = weight / std[:, None, None]
    bias = (per_pixel * (zero - mean)[:, None, None]).sum((1, 2, 3))
    if (own := graph.value(conv, 2)) is not None:
        bias = bias + own
    name = conv.output[0]
    operands = [
        graph.constant(f"{OWN}{name}/pixels_w", (per_pixel / INPUT_SCALE).astype(np.float32)),
        graph.constant(f"{OWN}{name}/pixels_b", bias.astype(np.float32)),
    ]
    del conv.input[:]
    conv.input.extend([CHANNELS_FIRST, *operands])
    scale = graph.constant(f"{OWN}scale", np.float32(pixels.scale))
    zero_point = graph.constant(f"{OWN}zero", np.uint8(zero))
    graph.nodes[:0] = [
        helper.make_node(
            "DequantizeLinear", ["image", scale, zero_point], [f"{OWN}real"], f"{OWN}real"
        ),
        helper.make_node(
            "Transpose", [f"{OWN}real"], [CHANNELS_FIRST], CHANNELS_FIRST, perm=[0, 3, 1, 2]
        ),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", side, side, 3])
    source.CopyFrom(image)
    graph.index()
    return pixels

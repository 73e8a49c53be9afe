"""From a folded float network and patches to its int8 form."""

from dataclasses import dataclass

import numpy as np
import onnx

from . import calibrate
from .graph import Graph
from .islands import Islands, find
from .quantise import quantised
from .simplify import CHANNELS_FIRST, Simple


@dataclass(frozen=True)
class Calibrated:
    """The int8 network, and how many of its multiplications are in fused layers, 0 to 1."""

    model: onnx.ModelProto
    layers: int
    fused_share: float


def convert(
    simple: Simple, stack: np.ndarray, method: str, bits: int = 7, threads: int = 1
) -> Calibrated:
    """The int8 form of a folded network, calibrated on patches, uint8 [n, side, side, 3].

    `method`: one of calibrate.METHODS. `bits`: of activations, 7 or 8.
    """
    graph = Graph(simple.model)
    fed = simple.fed(stack)
    shapes = calibrate.shapes(simple.model, fed[:1])
    source = CHANNELS_FIRST if simple.pixels else ""
    found = find(graph, shapes, source)
    read = [layer.node.input[0] for layer in found.layers.values() if layer.node.op_type == "Conv"]
    seen, means = calibrate.observe(simple.model, found.tensors(), read, fed, threads)
    top = 2**bits - 1
    ranges = {name: calibrate.METHODS[method](values, top) for name, values in seen.items()}
    if simple.pixels is not None:
        ranges[source] = simple.pixels
    model = quantised(simple.model, simple.opset, found, ranges, means)
    if heads := _heads(graph, found):
        wanted, got = (
            calibrate.mean_scores(each, list(heads.values()), fed, threads)
            for each in (simple.model, model)
        )
        shifts = {head: wanted[scores] - got[scores] for head, scores in heads.items()}
        model = quantised(simple.model, simple.opset, found, ranges, means, shifts)
    return Calibrated(model, len(found.layers), _fused_share(graph, shapes, found))


def _heads(graph: Graph, found: Islands) -> dict[str, str]:
    """The scores that each classifier on the map makes, by the name of its convolution."""
    return {
        name: next(n.output[0] for n in graph.readers[name] if n.op_type == "ReduceMean")
        for name, layer in found.layers.items()
        if layer.is_head
    }


def _fused_share(graph: Graph, shapes: dict[str, tuple[int, ...]], found: Islands) -> float:
    """Of the multiplications with constant weights, those in int8 layers."""
    fused = total = 0
    for node in graph.nodes:
        weight = graph.value(node, 1)
        shape = shapes.get(node.output[0])
        if node.op_type not in ("Conv", "Gemm", "MatMul") or weight is None or shape is None:
            continue
        outputs = len(weight) if node.op_type == "Conv" else shape[-1]
        count = int(np.prod(shape)) * (weight.size // outputs)
        total += count
        fused += count * (node.output[0] in found.layers)
    return fused / total if total else 0.0

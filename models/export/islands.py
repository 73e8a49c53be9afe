"""Which nodes become int8 layers, and which tensors have to be whole numbers for that.

A layer is a convolution (dense, or with a filter for each channel) or a sum of two maps, with the
Relu or Clip that follows. The engine fuses it where what it reads and what it makes is quantised:
docs/decisions/0001. Everything else stays in floats between them.
"""

from dataclasses import dataclass, field

import numpy as np
import onnx

from .graph import Graph, attributes

MOST_KERNEL = 64  # rows and columns that the engine's kernels take


@dataclass(frozen=True)
class Layer:
    """A node, the bounds of the Relu or Clip after it, and the tensor that both make."""

    node: onnx.NodeProto
    made: str
    low: float = -np.inf
    high: float = np.inf
    clip: onnx.NodeProto | None = None
    # The classifier on the map: its sums are the result, and stay real.
    is_head: bool = False


@dataclass
class Islands:
    """Layers by the name of their node's output, in the order of the graph."""

    layers: dict[str, Layer] = field(default_factory=dict)
    # Tensors of other nodes that a layer reads: they are quantised for it alone.
    entries: list[str] = field(default_factory=list)
    # Tensors with the numbers of another one, by name.
    alike: dict[str, str] = field(default_factory=dict)

    def tensors(self) -> list[str]:
        """All whose range has to be known."""
        made = [layer.made for layer in self.layers.values() if not layer.is_head]
        return made + [name for name in self.entries if name not in self.alike]


def find(graph: Graph, shapes: dict[str, tuple[int, ...]], source: str) -> Islands:
    """The layers of a float graph. `source`: its raw pixels, or "" where it has none.

    `shapes`: of every tensor, for one picture.
    """
    islands = Islands()
    made: set[str] = set()
    for node in graph.nodes:
        if node.op_type == "Conv" and _is_quantisable(graph, node, shapes):
            layer = _layer(graph, node)
            islands.layers[node.output[0]] = layer
            tensor = node.input[0]
            if tensor not in made and tensor != source and tensor not in islands.entries:
                islands.entries.append(tensor)
                pool = graph.maker.get(tensor)
                if pool is not None and pool.op_type == "MaxPool" and pool.input[0] in made:
                    islands.alike[tensor] = pool.input[0]
        elif node.op_type == "Add" and _is_sum(node, shapes, made | set(islands.entries)):
            layer = _layer(graph, node)
            islands.layers[node.output[0]] = layer
        else:
            continue
        if not layer.is_head:
            made.add(layer.made)
    return islands


def _is_quantisable(graph: Graph, conv: onnx.NodeProto, shapes: dict) -> bool:
    weight, facts = graph.value(conv, 1), attributes(conv)
    if weight is None or weight.ndim != 4 or weight.dtype != np.float32:
        return False
    has_bias = len(conv.input) > 2
    group = facts.get("group", 1)
    return (
        (group == 1 or (group == len(weight) and weight.shape[1] == 1))
        and set(facts.get("dilations", [1])) == {1}
        and facts.get("auto_pad", b"NOTSET") == b"NOTSET"
        and max(weight.shape[2:]) <= MOST_KERNEL
        and (not has_bias or graph.value(conv, 2) is not None)
        # Of one pixel, as in squeeze-and-excitation, there is nothing to win.
        and np.prod(shapes.get(conv.output[0], ())[2:]) > 1
    )


def _is_sum(add: onnx.NodeProto, shapes: dict, whole: set[str]) -> bool:
    """A sum of two maps of one shape, both quantised already."""
    left, right = (shapes.get(name) for name in add.input)
    return set(add.input) <= whole and left == right and left is not None and len(left) == 4


def _layer(graph: Graph, node: onnx.NodeProto) -> Layer:
    name = node.output[0]
    readers = graph.readers[name]
    if node.op_type == "Conv" and readers and all(_ends(graph, reader) for reader in readers):
        return Layer(node, name, is_head=True)
    clip = graph.only_reader(name)
    if clip is None or clip.op_type not in ("Relu", "Clip"):
        return Layer(node, name)
    if clip.op_type == "Relu":
        return Layer(node, clip.output[0], low=0.0, clip=clip)
    bounds = [-np.inf, np.inf]
    for place in (1, 2):
        if place < len(clip.input) and clip.input[place]:
            value = graph.value(clip, place)
            if value is None:
                return Layer(node, name)
            bounds[place - 1] = float(value)
    return Layer(node, clip.output[0], *bounds, clip=clip)


def _ends(graph: Graph, node: onnx.NodeProto) -> bool:
    """Whether a node makes scores or map of a classifier on the map."""
    is_mean = node.op_type == "ReduceMean" and attributes(node).get("keepdims") == 0
    return is_mean or (node.op_type == "Transpose" and node.output[0] in graph.results)

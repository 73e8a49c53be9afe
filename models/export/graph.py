"""An ONNX graph that can be looked through and changed."""

from collections import defaultdict

import numpy as np
import onnx
from onnx import helper, numpy_helper

IR_VERSION = 8  # the first that holds opset 17; older runtimes refuse newer files
PRODUCER = "histoscope"


class Graph:
    """Nodes in order, constants by name; `index` after each change of nodes."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.nodes = list(model.graph.node)
        self.constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.index()

    def index(self) -> None:
        """Takes in what makes and what reads each tensor."""
        self.maker = {name: node for node in self.nodes for name in node.output if name}
        self.readers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in self.nodes:
            for name in node.input:
                self.readers[name].append(node)
        self.results = {result.name for result in self.model.graph.output}

    def only_reader(self, tensor: str) -> onnx.NodeProto | None:
        """The node that alone reads `tensor`, which is no result of the graph."""
        readers = self.readers[tensor]
        return readers[0] if len(readers) == 1 and tensor not in self.results else None

    def value(self, node: onnx.NodeProto, place: int) -> np.ndarray | None:
        """The constant input at that place, if there is one."""
        return self.constants.get(node.input[place]) if place < len(node.input) else None

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.setdefault(name, np.asarray(value, order="C"))
        return name

    def finished(self, opset: int) -> onnx.ModelProto:
        """The file, without constants that nothing reads and shapes of inner tensors."""
        used = {name for node in self.nodes for name in node.input}
        constants = [
            numpy_helper.from_array(value, name)
            for name, value in self.constants.items()
            if name in used
        ]
        old = self.model.graph
        graph = helper.make_graph(self.nodes, "classifier", old.input, old.output, constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", opset)],
            ir_version=IR_VERSION,
            producer_name=PRODUCER,
        )
        onnx.checker.check_model(model)
        return model


def attributes(node: onnx.NodeProto) -> dict:
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}

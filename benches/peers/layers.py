"""Writes a float network of our exporter as a list of layers, for engines that read no ONNX.

    python layers.py lite0-whole.f32.onnx lite0-whole.f32.layers

Makes NAME.json, `{ "layers": [...], "output": name }`, and NAME.bin, the float32 weights. The
picture is normalised before the first layer; tensors are NHWC, kernels `[h, w, in, out]`, or
`[h, w, channels, 1]` where each channel has its own. Where a weight lies is its place in NAME.bin,
counted in floats.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper


def main(source: str, target: str) -> None:
    graph = onnx.load(source).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)

    weights: list[np.ndarray] = []

    def put(values: np.ndarray) -> dict:
        start = sum(array.size for array in weights)
        weights.append(np.ascontiguousarray(values, np.float32))
        return {"at": start, "shape": list(values.shape)}

    layers, names = [], {}
    for node in graph.node:
        inputs = [names.get(name, name) for name in node.input]
        if node.op_type == "Conv":
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            kernel = constants[node.input[1]]
            depthwise = attributes["group"] > 1
            pads, strides = set(attributes["pads"]), set(attributes["strides"])
            assert len(pads) == len(strides) == 1 and set(attributes["dilations"]) == {1}, node.name
            follower = readers[node.output[0]][0]
            clipped = follower.op_type == "Clip"
            if clipped:
                assert [float(constants[name]) for name in follower.input[1:]] == [0.0, 6.0]
                names[follower.output[0]] = node.output[0]
            layers.append(
                {
                    "kind": "depthwise" if depthwise else "conv",
                    "input": inputs[0],
                    "output": node.output[0],
                    "kernel": put(kernel.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))),
                    "bias": put(constants[node.input[2]]),
                    "stride": strides.pop(),
                    "pad": pads.pop(),
                    "activation": "relu6" if clipped else "linear",
                }
            )
        elif node.op_type == "Add":
            layers.append({"kind": "add", "inputs": inputs, "output": node.output[0]})
        elif node.op_type == "ReduceMean":
            output = inputs[0]
    assert layers[0]["input"] == "input", "the normalised picture"

    Path(f"{target}.json").write_text(json.dumps({"layers": layers, "output": output}))
    Path(f"{target}.bin").write_bytes(b"".join(array.tobytes() for array in weights))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The deeper network for lessons, as it ships."""

import hashlib
import json

import numpy as np
import onnx
import pytest
from onnx import numpy_helper


@pytest.fixture(scope="module")
def described(models_folder) -> dict:
    return json.loads((models_folder / "histoscope-teaching.json").read_text())


@pytest.fixture(scope="module")
def content(described, models_folder) -> bytes:
    return (models_folder / described["variants"]["int8"]["file"]).read_bytes()


@pytest.fixture(scope="module")
def graph(content) -> onnx.GraphProto:
    return onnx.load_from_string(content).graph


def constants(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def test_the_file_has_the_size_and_hash_of_its_manifest_and_keeps_its_budget(described, content):
    entry = described["variants"]["int8"]
    assert len(content) == entry["bytes"] <= 3_000_000
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]


def test_its_own_head_says_nothing(described, graph):
    values = constants(graph)
    assert not values["head_w_q"].any() and not values["head_b_q"].any()
    # What says one half is open at any threshold above it.
    assert described["calibration"]["uncertain_below"] > 0.5


def test_its_levels_are_in_the_graph_with_their_channels(described, graph):
    made_by = {output: node for node in graph.node for output in node.output}
    values = constants(graph)
    for level in described["features"]["levels"]:
        assert made_by[level["tensor"]].op_type == "DequantizeLinear"
        readers = [
            values[made_by[node.input[1]].input[0]]
            for node in graph.node
            if node.op_type == "Conv" and node.input[0] == level["tensor"]
        ]
        assert {weight.shape[1] for weight in readers} == {level["channels"]}


def test_it_looks_at_the_patches_of_the_shipped_model(described, manifest):
    assert described["input"] == manifest["input"]
    ours, shipped = (one["training"]["um_per_pixel"] for one in (described, manifest))
    assert ours == shipped

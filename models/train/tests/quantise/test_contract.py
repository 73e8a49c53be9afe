"""Both int8 graphs, node by node, against the numeric contract that the engine is built on."""

import json

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper


class Reader:
    """The graph with its constants as arrays and its nodes by their output."""

    def __init__(self, model):
        self.graph = model.graph
        self.values = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        self.made_by = {output: node for node in model.graph.node for output in node.output}

    def users(self, name: str) -> list:
        return [node for node in self.graph.node if name in node.input]

    def of_kind(self, kind: str) -> list:
        return [node for node in self.graph.node if node.op_type == kind]


@pytest.fixture(scope="module", params=["histoscope-v0", "histoscope-teaching"])
def manifest(request, models_folder) -> dict:
    return json.loads((models_folder / f"{request.param}.json").read_text())


@pytest.fixture(scope="module")
def int8(manifest, models_folder) -> onnx.ModelProto:
    return onnx.load(models_folder / manifest["variants"]["int8"]["file"])


@pytest.fixture(scope="module")
def graph(int8) -> Reader:
    return Reader(int8)


def attributes(node) -> dict:
    return {a.name: list(a.ints) if a.ints else a.i for a in node.attribute}


def test_inputs_and_outputs(int8, manifest):
    def shape(value):
        return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]

    (image,) = int8.graph.input
    assert (image.name, shape(image)) == ("image", ["N", 224, 224, 3])
    assert image.type.tensor_type.elem_type == TensorProto.UINT8
    logits, cam = int8.graph.output
    assert (logits.name, shape(logits)) == ("logits", ["N", 2])
    assert (cam.name, shape(cam)) == ("cam", ["N", *manifest["outputs"]["cam_size"], 2])
    (opset,) = int8.opset_import
    assert 13 <= opset.version <= 19


def test_only_nodes_of_the_contract(graph):
    kinds = {node.op_type for node in graph.graph.node}
    assert kinds == {
        *("DequantizeLinear", "Conv", "Add", "Clip", "QuantizeLinear"),
        *("Transpose", "ReduceMean"),
    }


def test_pixels_enter_as_they_are(graph):
    (first,) = graph.users("image")
    assert first.op_type == "DequantizeLinear"
    scale, zero = (graph.values[name] for name in first.input[1:])
    assert (float(scale), int(zero), zero.dtype) == (1 / 128, 127, np.uint8)
    (turn,) = graph.users(first.output[0])
    assert (turn.op_type, attributes(turn)["perm"]) == ("Transpose", [0, 3, 1, 2])


def test_every_activation_is_provably_7_bits(graph):
    quantised = graph.of_kind("QuantizeLinear")
    assert quantised
    for node in quantised:
        scale, zero = (graph.values[name] for name in node.input[1:])
        assert zero.dtype == np.uint8 and 0 <= int(zero) <= 127
        clip = graph.made_by[node.input[0]]
        assert clip.op_type == "Clip"
        low, high = (float(graph.values[name]) for name in clip.input[1:])
        # QuantizeLinear divides in f32 and rounds half to even.
        ends = np.rint(np.float32([low, high]) / scale) + int(zero)
        assert ends.tolist() == [0, 127], node.name
        if int(zero) == 0:
            assert (low, high) == (0, 6) and float(scale) == np.float32(6 / 127)


def test_every_convolution_is_an_island(graph):
    head = graph.made_by["logits"].input[0]
    for conv in graph.of_kind("Conv"):
        source, weight, bias = (graph.made_by[name] for name in conv.input)
        if source.op_type == "Transpose":  # the stem reads the pixels
            source = graph.made_by[source.input[0]]
        assert {source.op_type, weight.op_type, bias.op_type} == {"DequantizeLinear"}
        w, w_scale, w_zero = (graph.values[name] for name in weight.input)
        b, b_scale, b_zero = (graph.values[name] for name in bias.input)
        assert (w.dtype, b.dtype) == (np.int8, np.int32)
        assert w.min() >= -127
        assert len(w_scale) == len(b_scale) == len(b) == w.shape[0]
        assert not w_zero.any() and not b_zero.any()
        assert attributes(weight)["axis"] == attributes(bias)["axis"] == 0
        assert np.array_equal(b_scale, graph.values[source.input[1]] * w_scale)
        pads = attributes(conv)["pads"]
        assert pads == [(w.shape[2] - 1) // 2] * 4
        assert attributes(conv)["group"] in (1, w.shape[0])
        if conv.output[0] == head:
            continue
        (clip,) = graph.users(conv.output[0])
        (quantise,) = graph.users(clip.output[0])
        assert (clip.op_type, quantise.op_type) == ("Clip", "QuantizeLinear")


def test_sums_fit_32_bits(graph):
    for conv in graph.of_kind("Conv"):
        weight, bias = (graph.values[graph.made_by[name].input[0]] for name in conv.input[1:])
        sums = np.abs(weight.astype(np.int64)).reshape(len(weight), -1).sum(1)
        largest = 255 if conv is graph.of_kind("Conv")[0] else 127
        assert (sums * largest + np.abs(bias.astype(np.int64))).max() < 2**31


def test_residual_sums_are_islands(graph):
    for add in graph.of_kind("Add"):
        assert {graph.made_by[name].op_type for name in add.input} == {"DequantizeLinear"}
        (clip,) = graph.users(add.output[0])
        (quantise,) = graph.users(clip.output[0])
        assert (clip.op_type, quantise.op_type) == ("Clip", "QuantizeLinear")


def test_head_is_a_1x1_convolution_and_its_mean(graph):
    mean, turn = graph.made_by["logits"], graph.made_by["cam"]
    assert (mean.op_type, turn.op_type) == ("ReduceMean", "Transpose")
    assert attributes(mean) == {"axes": [2, 3], "keepdims": 0}
    assert attributes(turn)["perm"] == [0, 2, 3, 1]
    assert mean.input[0] == turn.input[0]
    conv = graph.made_by[mean.input[0]]
    assert conv.op_type == "Conv"
    assert graph.values[graph.made_by[conv.input[1]].input[0]].shape[2:] == (1, 1)

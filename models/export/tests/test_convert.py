"""The int8 form of a small network: what it says, and that it is what the engine fuses."""

import numpy as np
import onnx
import pytest
from onnx import helper

from models.export.calibrate import METHODS, mean_scores
from models.export.convert import convert
from models.export.errors import ExportError
from models.export.graph import Graph, attributes
from models.export.patches import cut, find
from models.export.simplify import Normalisation, simplify
from models.export.verify import probabilities

from .conftest import SIDE

# One mean for all channels, so that padding is the same in pixels.
EVEN = Normalisation((127 / 255,) * 3, (0.23, 0.22, 0.24))
COLOURED = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


@pytest.fixture(scope="module")
def stack(fields) -> np.ndarray:
    return np.concatenate([cut(path, SIDE).patches for path in find(fields)])


@pytest.fixture(scope="module")
def int8(network, stack) -> Graph:
    simple = simplify(network, SIDE, EVEN)
    return Graph(convert(simple, stack, "error").model)


@pytest.mark.parametrize(("normalisation", "most"), [(EVEN, 1e-5), (COLOURED, 0.05)])
def test_folding_keeps_what_the_network_says(network, stack, normalisation, most):
    simple = simplify(network, SIDE, normalisation)
    kinds = {node.op_type for node in simple.model.graph.node}
    assert not kinds & {"BatchNormalization", "Gemm", "Flatten"}
    wanted = probabilities(network, normalisation(stack), True, 1)
    found = probabilities(simple.model, simple.fed(stack), True, 1)
    np.testing.assert_allclose(found, wanted, atol=most)


def test_the_map_has_the_scores_as_its_mean(network, stack):
    from models.train.network.runtime import session

    model = simplify(network, SIDE, EVEN).model
    scores, cam = session(model).run(["scores", "cam"], {"image": stack})
    np.testing.assert_allclose(cam.mean((1, 2)), scores, atol=1e-5)


@pytest.mark.parametrize("method", METHODS)
def test_int8_says_what_the_float_network_says(network, stack, method):
    simple = simplify(network, SIDE, EVEN)
    found = convert(simple, stack[::2], method)
    wanted = probabilities(network, EVEN(stack), True, 1)
    np.testing.assert_allclose(probabilities(found.model, stack, True, 1), wanted, atol=0.04)
    assert found.fused_share > 0.99
    # Six convolutions, the sum, and the classifier; squeeze-and-excitation is left.
    assert found.layers == 8


def test_8_bits_are_nearer_than_7(network, stack):
    simple = simplify(network, SIDE, EVEN)
    wanted = probabilities(network, EVEN(stack), True, 1)
    gaps = [
        np.abs(probabilities(convert(simple, stack, "error", bits).model, stack, True, 1) - wanted)
        for bits in (7, 8)
    ]
    assert gaps[1].mean() < 0.7 * gaps[0].mean()


def test_the_scores_keep_their_means(network, stack):
    simple = simplify(network, SIDE, EVEN)
    wanted, found = (
        mean_scores(model, ["scores"], stack, 1)["scores"]
        for model in (simple.model, convert(simple, stack, "error").model)
    )
    np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_every_layer_is_in_the_form_that_the_engine_fuses(int8):
    layers = [node for node in int8.nodes if node.op_type in ("Conv", "Add")]
    quantised = [node for node in layers if node.name != "excite"]
    assert len(quantised) == len(layers) - 1
    for node in quantised:
        assert {int8.maker[name].op_type for name in node.input[1:]} == {"DequantizeLinear"}
        source = int8.maker[node.input[0]]
        source = int8.maker[source.input[0]] if source.op_type == "Transpose" else source
        assert source.op_type == "DequantizeLinear"
        if node.output[0] == "folded/scores/map":
            continue
        clip = int8.only_reader(node.output[0])
        assert clip.op_type == "Clip"
        assert int8.only_reader(clip.output[0]).op_type == "QuantizeLinear"


def test_activations_have_7_bits(int8):
    made = [node for node in int8.nodes if node.op_type == "QuantizeLinear"]
    assert made
    for node in made:
        scale, zero = int8.value(node, 1), int(int8.value(node, 2))
        clip = int8.maker[node.input[0]]
        low, high = (np.rint(int8.value(clip, place) / scale) + zero for place in (1, 2))
        assert low >= 0 and high <= 127


def test_a_pool_keeps_the_numbers_of_its_map(int8):
    assert int8.constants["int8/pool/a_scale"] == int8.constants["int8/stem_r/a_scale"]


def test_weights_are_symmetric_by_channel(int8):
    for node in int8.nodes:
        if node.op_type == "DequantizeLinear" and node.output[0].endswith("/w"):
            weight, scale = int8.value(node, 0), int8.value(node, 1)
            assert weight.dtype == np.int8 and weight.min() >= -127
            assert scale.shape == weight.shape[:1] and attributes(node) == {"axis": 0}
            assert not int8.value(node, 2).any()


def test_a_grouped_convolution_stays_real(network, stack):
    changed = onnx.ModelProto()
    changed.CopyFrom(network)
    for node in changed.graph.node:
        if node.output[0] == "deep":
            del node.attribute[:]
            node.attribute.append(helper.make_attribute("group", 8))
            node.attribute.append(helper.make_attribute("pads", [1] * 4))
    for tensor in changed.graph.initializer:
        if tensor.name == "deep_w":
            value = np.random.default_rng(1).normal(0, 0.3, (16, 2, 3, 3)).astype(np.float32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(value, "deep_w"))
    simple = simplify(changed, SIDE, EVEN)
    found = convert(simple, stack, "error")
    assert found.layers == 7
    assert found.fused_share < 0.99
    wanted = probabilities(changed, EVEN(stack), True, 1)
    np.testing.assert_allclose(probabilities(found.model, stack, True, 1), wanted, atol=0.04)


def test_a_network_that_is_quantised_already_is_refused(network, stack):
    model = convert(simplify(network, SIDE, EVEN), stack, "extremes").model
    with pytest.raises(ExportError, match="quantised already") as caught:
        simplify_floats(model)
    assert caught.value.code == "already_quantised"


def simplify_floats(model: onnx.ModelProto) -> None:
    """As a file of another quantiser, which reads floats."""
    image = helper.make_tensor_value_info("image", onnx.TensorProto.UINT8, ["N", 3, SIDE, SIDE])
    model.graph.input[0].CopyFrom(image)
    nodes = [
        node for node in model.graph.node if node.op_type != "Transpose" or "cam" in node.output
    ]
    for node in nodes:
        for place, name in enumerate(node.input):
            node.input[place] = "folded/real" if name == "folded/pixels" else name
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    simplify(model, SIDE, EVEN)

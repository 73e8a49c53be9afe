"""Rounding of weights, biases and ranges, and what calibration chooses."""

import numpy as np
import pytest
from models.train.network.export import export_f32
from models.train.network.folded import Conv, Network, Residual
from models.train.network.runtime import session
from models.train.quantise.export import export_int8
from models.train.quantise.numbers import (
    BIAS_LIMIT,
    INPUT_RANGE,
    RELU6_RANGE,
    make_range,
    quantise_conv,
)


def pointwise(weight: list, bias: list) -> Conv:
    weight = np.array(weight, np.float32)[:, :, None, None]
    return Conv("c", "input", weight, np.array(bias, np.float32), 1, 0, 1, relu6=True)


def test_weights_are_symmetric_per_channel():
    conv = pointwise([[1.0, -2.0], [0.1, 0.05]], [0.0, 0.0])
    found = quantise_conv(conv, input_scale=0.5)
    assert found.weight.dtype == np.int8 and found.weight_scale.dtype == np.float32
    assert found.weight.reshape(2, 2).tolist() == [[64, -127], [127, 64]]
    assert np.abs(found.restored_weight() - conv.weight).max() <= found.weight_scale.max() / 2


def test_bias_is_in_units_of_both_scales():
    found = quantise_conv(pointwise([[1.27], [12.7]], [1.0, -0.5]), input_scale=0.5)
    assert found.bias.dtype == np.int32
    assert found.bias.tolist() == [200, -10]
    np.testing.assert_allclose(found.bias_scale, [0.005, 0.05], rtol=1e-6)


def test_a_dead_channel_keeps_its_bias():
    found = quantise_conv(pointwise([[1e-9], [0.0]], [-3.0, 0.0]), input_scale=1 / 128)
    assert not found.weight.any()
    np.testing.assert_allclose(found.bias * found.bias_scale, [-3.0, 0.0], rtol=1e-6)
    assert np.abs(found.bias).max() <= BIAS_LIMIT


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (-0.1, 8.0), (0.5, 2.0), (-3.0, -1.0)])
def test_ranges_hold_zero_and_both_ends(low, high):
    found = make_range(low, high)
    assert 0 <= found.zero_point <= 127
    assert found.low <= 0 <= found.high
    assert found.low <= low + found.scale and found.high >= high - found.scale


def test_fixed_ranges():
    assert (INPUT_RANGE.low, INPUT_RANGE.high) == (-127 / 128, 1.0)
    assert RELU6_RANGE.low == 0 and RELU6_RANGE.high == pytest.approx(6)


def small_network() -> Network:
    random = np.random.default_rng(5)

    def conv(name, source, outputs, inputs, kernel, stride=1, groups=1, relu6=True):
        weight = random.normal(0, 0.4, (outputs, inputs // groups, kernel, kernel))
        bias = random.normal(0, 0.2, outputs)
        return Conv(
            name,
            source,
            weight.astype(np.float32),
            bias.astype(np.float32),
            stride,
            (kernel - 1) // 2,
            groups,
            relu6,
        )

    layers = [
        conv("stem", "input", 8, 3, 3, stride=16),
        conv("wide", "stem", 16, 8, 1),
        conv("deep", "wide", 16, 16, 3, groups=16),
        conv("narrow", "deep", 8, 16, 1, relu6=False),
        Residual("sum", "stem", "narrow"),
    ]
    return Network(layers, conv("head", "sum", 2, 8, 1, relu6=False), map_size=14)


def test_exported_graphs_run_and_agree():
    network = small_network()
    ranges = {"narrow": make_range(-8, 8), "sum": make_range(-8, 14)}
    patches = np.random.default_rng(1).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    found = {}
    for name, model in (
        ("f32", export_f32(network)),
        ("int8", export_int8(network, ranges)),
    ):
        logits, cam = session(model, exact=True).run(["logits", "cam"], {"image": patches})
        assert logits.shape == (3, 2) and cam.shape == (3, 14, 14, 2)
        np.testing.assert_allclose(cam.mean((1, 2)), logits, atol=1e-5)
        found[name] = logits
    np.testing.assert_allclose(found["int8"], found["f32"], atol=0.15)


def test_costs_are_counted_from_shapes():
    network = small_network()
    per_position = 8 * 27 + 16 * 8 + 16 * 9 + 8 * 16 + 2 * 8
    assert network.macs() == 14 * 14 * per_position
    assert network.parameters() == per_position + 8 + 16 + 16 + 8 + 2

"""Ranges and biases from a few patches; skipped where PyTorch is absent."""

import numpy as np
import pytest
from models.train.data.synthetic import reference_patches
from models.train.network.export import export_f32
from models.train.network.runtime import session, with_outputs
from models.train.quantise.export import export_int8
from models.train.quantise.numbers import make_range

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.quantise.bias_correction import correct_biases  # noqa: E402 (PyTorch)
from models.train.quantise.calibrate import calibrate  # noqa: E402

from ..networks import network_and_model  # noqa: E402


def test_bias_correction_restores_the_channel_means():
    _, network = network_and_model("b2")
    patches = np.stack(reference_patches()[:6])
    ranges = calibrate(network, [patches])
    corrected = correct_biases(network, ranges, patches)

    def means(model, layer):
        runner = session(with_outputs(model, [layer], pooled=True), exact=True)
        return runner.run(None, {"image": patches})[0].mean(0)

    layer = "block2_project_conv"
    wanted = means(export_f32(network), "block2_project")
    before = np.abs(means(export_int8(network, ranges), layer) - wanted).mean()
    after = np.abs(means(export_int8(corrected, ranges), layer) - wanted).mean()
    assert after < 0.2 * before


def test_calibrated_ranges_clip_little():
    _, network = network_and_model("b2")
    patches = np.stack(reference_patches()[:6])
    for name, span in calibrate(network, [patches]).items():
        runner = session(with_outputs(export_f32(network), [name]))
        values = runner.run(None, {"image": patches})[0]
        outside = (values < span.low - span.scale) | (values > span.high + span.scale)
        assert outside.mean() < 0.01
        assert span.scale <= make_range(values.min(), values.max()).scale * 1.001

"""The mean of a student and what it started from; skipped where PyTorch is absent."""

import numpy as np
import pytest
from models.train.data.synthetic import reference_patches
from models.train.network.export import export_f32
from models.train.network.folded import Conv
from models.train.network.runtime import session

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from dataclasses import replace  # noqa: E402

from models.train.fit.recipe import Mixture  # noqa: E402 (needs PyTorch)

from ..networks import network_and_model  # noqa: E402

PATCHES = np.stack(reference_patches()[:2])


def logits(network) -> np.ndarray:
    return session(export_f32(network)).run(["logits"], {"image": PATCHES})[0]


@pytest.fixture(scope="module")
def pair():
    """A start, and a student whose blocks and head are others."""
    _, start = network_and_model("b1")
    random = np.random.default_rng(1)

    def moved(conv: Conv) -> Conv:
        step = random.normal(0, 0.02, conv.weight.shape).astype(np.float32)
        return replace(conv, weight=conv.weight + step, bias=conv.bias + np.float32(0.05))

    layers = [moved(layer) if isinstance(layer, Conv) else layer for layer in start.layers]
    return start, replace(start, layers=layers, head=moved(start.head))


def test_a_mixture_begins_at_the_start_and_ends_at_the_student(pair):
    start, student = pair
    assert np.abs(logits(start) - logits(student)).max() > 0.01
    np.testing.assert_array_equal(logits(Mixture(0, 0).of(start, student)), logits(start))
    np.testing.assert_array_equal(logits(Mixture(1, 1).of(start, student)), logits(student))


def test_heads_mix_as_their_logits_do(pair):
    start, student = pair
    same_blocks = replace(student, layers=start.layers)
    found = logits(Mixture(0, 0.25).of(start, student))
    expected = 0.75 * logits(start) + 0.25 * logits(same_blocks)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_blocks_mix_weight_by_weight_and_keep_their_shape(pair):
    start, student = pair
    mixed = Mixture(0.5, 0.25).of(start, student)
    for old, new, found in zip(start.layers, student.layers, mixed.layers, strict=True):
        if isinstance(found, Conv):
            np.testing.assert_allclose(found.weight, (old.weight + new.weight) / 2, atol=1e-6)
            assert found.weight.dtype == np.float32 and found.stride == old.stride
        else:
            assert found == old
    assert mixed.macs() == start.macs()

"""Stains of synthetic tissue: found, exchanged, invented."""

import numpy as np
from models.train.data.stains import REFERENCE, Stains, estimate, random_stains, restain


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def two_stains(stains: Stains) -> np.ndarray:
    """An image whose pixels are mixtures of exactly these stains, uint8 [90, 90, 3]."""
    amounts = random().uniform(0.05, 1, (8100, 2)) ** 2 * stains.strengths
    amounts[:800, 0], amounts[800:1600, 1] = 0.01, 0.01
    light = 256 * np.exp(-(amounts @ stains.vectors)) - 1
    return np.clip(np.rint(light), 0, 255).astype(np.uint8).reshape(90, 90, 3)


def test_stains_of_a_mixture_are_found():
    found = estimate(two_stains(REFERENCE))
    cosines = (found.vectors * REFERENCE.vectors).sum(1)
    assert (cosines > 0.98).all()
    np.testing.assert_allclose(found.strengths, REFERENCE.strengths, rtol=0.25)


def test_restaining_to_the_same_stains_changes_nothing():
    pixels = two_stains(REFERENCE)
    again = restain(pixels, REFERENCE, REFERENCE).astype(int)
    # Rounding down, and what two stains cannot express of a rounded colour.
    assert np.abs(again - pixels).max() <= 3


def test_normalising_undoes_another_laboratorys_stain():
    pixels = two_stains(REFERENCE)
    elsewhere = restain(pixels, REFERENCE, random_stains(random(5)))
    assert np.abs(elsewhere.astype(int) - pixels).mean() > 5
    back = restain(elsewhere, estimate(elsewhere), REFERENCE)
    here = restain(pixels, estimate(pixels), REFERENCE)
    assert np.abs(back.astype(int) - here).mean() < 4


def test_blank_glass_has_no_stains():
    assert estimate(np.full((300, 300, 3), 235, np.uint8)) is None


def test_random_stains_are_unit_vectors_that_absorb():
    for seed in range(20):
        stains = random_stains(random(seed))
        np.testing.assert_allclose(np.linalg.norm(stains.vectors, axis=1), 1, atol=1e-5)
        assert (stains.vectors > 0).all() and (stains.strengths > 0).all()

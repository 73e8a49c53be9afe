"""Stains, and the views of one place that students and teachers see, on synthetic tissue."""

import numpy as np
import pytest
from models.train.augment import MILD, STRONG, Strength, random_views
from models.train.stains import REFERENCE, Stains, estimate, random_stains, restain
from models.train.synthetic import tissue_patch

STILL = Strength((1, 1), colour=0, blur=0, jpeg=0, noise=0)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def image() -> np.ndarray:
    rows = [np.concatenate([tissue_patch(3 * r + c, 30, 0.2) for c in range(3)], 1) for r in (0, 1)]
    return np.concatenate(rows)


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


def test_views_show_one_place_in_one_orientation():
    pixels = image()
    stains = estimate(pixels)
    for seed in range(4):
        views = random_views(pixels, stains, STILL, random(seed))
        for view in (views.plain, views.normalised, views.perturbed):
            assert view.shape == (224, 224, 3) and view.dtype == np.uint8
        assert np.array_equal(views.plain, views.perturbed)
        wanted = restain(views.plain, stains, REFERENCE)
        assert np.array_equal(views.normalised, wanted)


@pytest.mark.parametrize("strength", [STRONG, MILD])
def test_views_depend_on_the_seed_alone(strength):
    pixels = image()
    stains = estimate(pixels)
    first, again, other = (random_views(pixels, stains, strength, random(s)) for s in (4, 4, 5))
    assert np.array_equal(first.perturbed, again.perturbed)
    assert not np.array_equal(first.plain, other.plain)


def test_without_stains_the_colours_stay():
    views = random_views(image(), None, STILL, random())
    assert np.array_equal(views.plain, views.normalised)

"""Crops: what each strength does, the views of one place, and whose pictures they come from."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from models.train.data.augment import (
    MILD,
    STRONG,
    STRONG_LAMPS,
    Strength,
    crop_plan,
    jitter_colour,
    random_crop,
    random_views,
)
from models.train.data.pictures import Picture
from models.train.data.stains import REFERENCE, estimate, restain
from models.train.data.synthetic import tissue_patch

STILL = Strength((1, 1), colour=0, blur=0, jpeg=0, noise=0)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def image() -> np.ndarray:
    rows = [np.concatenate([tissue_patch(3 * r + c, 30, 0.2) for c in range(3)], 1) for r in (0, 1)]
    return np.concatenate(rows)


@pytest.mark.parametrize("kind", ["stain", "density_shift", "balance", "lamp", "gamma"])
def test_each_colour_strength_moves_colours(kind):
    patch = tissue_patch(2, 30, 0.2)
    still = {field: 0 for field in ("stain", "density_shift", "balance", "lamp", "gamma")}
    unchanged = jitter_colour(patch, Strength(**still), random()).astype(int)
    moved = jitter_colour(patch, Strength(**{**still, kind: 0.5}), random()).astype(int)
    assert np.abs(unchanged - patch).max() <= 1
    assert np.abs(moved - patch).mean() > 2


def test_plan_balances_labels_and_tempers_patients():
    pictures = [Picture(Path(str(i)), 0, "A", "many", 100, i) for i in range(81)]
    pictures += [Picture(Path("few"), 0, "A", "few", 100, 0)]
    pictures += [Picture(Path("ill"), 1, "DC", "ill", 100, 0)]
    plan = crop_plan(pictures, 4000, random())
    shares = Counter(pictures[index].patient for index in plan)
    assert shares["ill"] == 2000
    assert shares["many"] / shares["few"] == pytest.approx(9, rel=0.25)


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


@pytest.mark.parametrize("strength", [STRONG, MILD, STRONG_LAMPS])
def test_views_depend_on_the_seed_alone(strength):
    pixels = image()
    stains = estimate(pixels)
    first, again, other = (random_views(pixels, stains, strength, random(s)) for s in (4, 4, 5))
    assert np.array_equal(first.perturbed, again.perturbed)
    assert not np.array_equal(first.plain, other.plain)


def test_without_stains_the_colours_stay():
    views = random_views(image(), None, STILL, random())
    assert np.array_equal(views.plain, views.normalised)


@pytest.mark.parametrize("strength", [STRONG, STRONG_LAMPS])
def test_a_crop_alone_is_the_perturbed_view(strength):
    pixels = image()
    stains = estimate(pixels)
    for seed in range(4):
        wanted = random_views(pixels, stains, strength, random(seed)).perturbed
        found = random_crop(pixels, stains, strength, random(seed), 224)
        np.testing.assert_array_equal(found, wanted)
    small = random_crop(pixels[:100, :120], stains, strength, random(), 128)
    assert small.shape == (128, 128, 3) and small.dtype == np.uint8

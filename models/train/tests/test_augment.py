"""Random crops: shape, determinism, what each strength does, and whose pictures they come from."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from models.train.augment import Strength, crop_plan, jitter_colour, random_crop
from models.train.data import Picture
from models.train.synthetic import tissue_patch

STILL = Strength((1, 1), stain=0, density_shift=0, balance=0, gamma=0, blur=0, jpeg=0, noise=0)


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_crops_are_patches_and_depend_on_the_seed_alone():
    image = np.tile(tissue_patch(1, 30, 0.2), (2, 3, 1))
    first, again, other = (random_crop(image, Strength(), random(seed)) for seed in (4, 4, 5))
    assert first.shape == (224, 224, 3) and first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_strength_a_crop_is_the_patch_turned():
    patch = tissue_patch(2, 30, 0.2)
    turns = [np.rot90(view, turn) for view in (patch, patch[:, ::-1]) for turn in range(4)]
    found = random_crop(patch, STILL, random(3)).astype(int)
    assert min(np.abs(found - turn).max() for turn in turns) <= 1


@pytest.mark.parametrize("kind", ["stain", "density_shift", "balance", "gamma"])
def test_each_colour_strength_moves_colours(kind):
    patch = tissue_patch(2, 30, 0.2)
    still = {field: 0 for field in ("stain", "density_shift", "balance", "gamma")}
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

"""Colour jitter: what each strength does; and whose pictures crops come from."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from models.train.augment import Strength, crop_plan, jitter_colour
from models.train.data import Picture
from models.train.synthetic import tissue_patch


def random(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


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

"""Crops of a plan, whose every part is a function of its seed; skipped where PyTorch is absent."""

import numpy as np
import pytest
from models.train.data.augment import MILD, STRONG_LAMPS
from models.train.data.pictures import parse_name
from models.train.data.synthetic import tissue_patch
from PIL import Image

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.fit import crops  # noqa: E402 (PyTorch)
from models.train.fit.crops import FROZEN, Part, join, make_crops, plan  # noqa: E402 (PyTorch)
from models.train.network.architecture import Cut  # noqa: E402

LEVELS = (Cut.parse("b6"), Cut.parse("b10"))


def test_crops_are_made_by_the_plan(tmp_path, monkeypatch):
    names = [tmp_path / f"SOB_{kind}-14-{i}-100-001.png" for i, kind in enumerate(("B_A", "M_DC"))]
    for seed, name in enumerate(names):
        Image.fromarray(tissue_patch(seed, 40, 0.2)).save(name)
    pictures = [parse_name(name) for name in names]
    part = Part(4, "strong", STRONG_LAMPS, 1)
    once, again = (make_crops(pictures, part, LEVELS) for _ in range(2))
    assert sorted(once.owner) == [0, 0, 1, 1]  # as many of each label
    assert once.maps.shape == (4, 40, FROZEN.map_size, FROZEN.map_size)
    assert {cut.name: f.shape for cut, f in once.plain.items()} == {"b6": (4, 80), "b10": (4, 112)}
    np.testing.assert_array_equal(once.maps, again.maps)
    monkeypatch.setattr(crops, "IMAGES", 1)  # read again when the other picture is done
    np.testing.assert_array_equal(make_crops(pictures, part, LEVELS).maps, once.maps)
    both = join([once, make_crops(pictures, Part(2, "mild", MILD, 2), LEVELS)])
    assert len(both.owner) == len(both.maps) == len(both.normalised[LEVELS[0]]) == 6


def test_a_plan_counts_its_crops():
    usual = plan(("b6", "b10"), STRONG_LAMPS, MILD)
    assert usual.levels == LEVELS
    assert usual.counts() == {"strong": 7500, "mild": 5000}
    assert len({part.seed for part in usual.parts}) == len(usual.parts)

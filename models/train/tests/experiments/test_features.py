"""Features of views: right, kept, and found again only for the same files and view."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="NO PYTORCH: experiments were not tested")

from models.train.data.synthetic import tissue_patch
from models.train.experiments import features
from models.train.experiments.features import LEVELS, Features
from models.train.experiments.views import LAMPS, VIEWS, seed_of
from models.train.network.architecture import WHOLE, Cut, map_name
from models.train.network.features import pooled
from models.train.network.lite0 import Lite0
from models.train.network.statistics import Backbone
from PIL import Image


@pytest.fixture
def paths(tmp_path):
    wide = np.concatenate([tissue_patch(0, 40, 0.2), tissue_patch(1, 20, 0.2)], axis=1)
    found = []
    for name, pixels in (("wide", wide), ("narrow", tissue_patch(2, 60, 0.1))):
        found.append(tmp_path / f"{name}.png")
        Image.fromarray(pixels).save(found[-1])
    return found


def test_features_are_those_of_the_patches_and_are_computed_once(paths, tmp_path, monkeypatch):
    seen = Features(tmp_path / "work").seen(paths, "plain")
    assert seen.owner.tolist() == [0, 0, 1]
    patches = np.stack(
        [tissue_patch(i, n, g) for i, n, g in ((0, 40, 0.2), (1, 20, 0.2), (2, 60, 0.1))]
    )
    whole = Lite0(WHOLE).folded(np.zeros((2, 1280), np.float32), np.zeros(2, np.float32))
    layer = map_name(Cut.parse("b7"))
    wanted = pooled(whole, [layer], [patches])[layer]
    np.testing.assert_allclose(seen.means("b7"), wanted, atol=1e-4)
    assert seen.both("b7").shape == (3, 160) and (seen.both("b7")[:, 80:] >= 0).all()

    made = []
    monkeypatch.setattr(features, "Backbone", lambda levels: made.append(1) or Backbone(levels))
    again = Features(tmp_path / "work").seen(paths, "plain")
    np.testing.assert_array_equal(again.means("b15x"), seen.means("b15x"))
    assert not made
    Image.fromarray(tissue_patch(3, 60, 0.1)).save(paths[1])
    Features(tmp_path / "work").seen(paths, "plain")
    assert made == [1]


def test_levels_are_cuts_and_planned_views_exist():
    assert all(Cut.parse(level).name == level for level in LEVELS)
    assert {view for _, views in features.PLAN for view in views} == set(VIEWS)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_a_function_of_picture_and_name(view):
    pixels = np.concatenate([tissue_patch(0, 40, 0.2), tissue_patch(1, 20, 0.2)], axis=1)
    once, again = (VIEWS[view](pixels, seed_of("a")) for _ in range(2))
    assert once.dtype == np.uint8 and min(once.shape[:2]) >= 224
    assert np.array_equal(once, again)
    assert np.array_equal(once, pixels) == (view == "plain")


@pytest.mark.parametrize("lamp", LAMPS)
def test_balancing_brings_lamps_together(lamp):
    pixels = tissue_patch(0, 40, 0.2)

    def apart(left: str, right: str) -> float:
        return np.abs(VIEWS[left](pixels, 0).astype(int) - VIEWS[right](pixels, 0)).mean()

    assert apart(f"{lamp}, pale", "pale") < 0.5 * apart(lamp, "plain")

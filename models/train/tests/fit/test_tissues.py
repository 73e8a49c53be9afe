"""Random crops of tissues, and blocks that learn to tell them apart."""

import numpy as np
import pytest
from PIL import Image

from models.train.data.synthetic import tissue_patch

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.fit import tissues  # noqa: E402 (needs PyTorch)
from models.train.fit.tissues import (  # noqa: E402 (needs PyTorch)
    CUT,
    Examples,
    Schedule,
    evenly,
    headless,
    make_examples,
    train,
)
from models.train.network.lite0 import Lite0  # noqa: E402


def test_a_class_is_drawn_by_the_root_of_its_pictures_and_a_picture_as_often_as_another():
    classes = np.repeat([0, 1, 3], [400, 100, 4])
    drawn = evenly(classes, 1000, np.random.default_rng(0))
    counts = np.bincount(classes[drawn], minlength=4)
    assert counts.tolist() == [625, 312, 0, 62]
    for label in (0, 1, 3):
        times = np.bincount(drawn, minlength=len(classes))[classes == label]
        assert times.max() - times.min() <= 1


@pytest.fixture
def pictures(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for number, path in enumerate(paths):
        Image.fromarray(tissue_patch(number, 20, 0.2)[:150, :150]).save(path)
    return paths


def test_crops_come_in_the_order_of_their_pictures_and_are_the_same_every_time(pictures):
    owner, classes = np.array([2, 0, 2]), np.array([5, 6, 7])
    first, again = (make_examples(pictures, classes, owner, seed=1) for _ in range(2))
    assert first.classes.tolist() == [5, 7, 7]
    assert first.maps.shape == (3, 40, 16, 16) and first.maps.dtype == np.float16
    assert not np.array_equal(first.maps[1], first.maps[2])
    np.testing.assert_array_equal(first.maps, again.maps)


def told_apart(classes: int, seed: int) -> Examples:
    """Maps whose classes differ in how strong some channels are."""
    random = np.random.default_rng(seed)
    labels = np.arange(24) % classes
    gain = random.uniform(0.2, 2, (classes, 40))[labels]
    maps = random.normal(0, 1, (24, 40, 16, 16)) * gain[:, :, None, None]
    return Examples(maps.astype(np.float16), labels)


def test_blocks_learn_what_they_are_shown_and_those_before_them_stay(monkeypatch):
    told: list[str] = []
    monkeypatch.setattr(tissues, "HEAD_BATCHES", 4)
    monkeypatch.setattr(tissues, "REPORT", 15)
    schedule = Schedule(steps=30, head_steps=20, crops=12, rate=1e-3, average=0.8)
    once, again = (train(told_apart(3, 0), schedule, 0, told.append) for _ in range(2))
    early, late = (float(text.split("loss ")[1]) for text in told[:2])
    assert late < early
    before = {layer.name: layer for layer in headless(Lite0(CUT)).convolutions()}
    for layer in once.layers:
        if layer.name not in before:
            continue
        same = np.array_equal(layer.weight, before[layer.name].weight)
        frozen = layer.name == "stem" or layer.name[:7] in {f"block{i}_" for i in range(5)}
        assert same == frozen, layer.name
        other = next(other for other in again.layers if other.name == layer.name)
        np.testing.assert_allclose(layer.weight, other.weight, atol=1e-5)

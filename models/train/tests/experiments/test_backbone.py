"""What a backbone says of images, and that every network of the table is made and judged."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from models.train.data.synthetic import tissue_patch

torch = pytest.importorskip("torch", reason="NO PYTORCH: experiments were not tested")

from models.train.experiments import backbone  # noqa: E402 (needs PyTorch)
from models.train.experiments.lessons import few, image_means  # noqa: E402
from models.train.fit.tissues import CUT  # noqa: E402
from models.train.network.lite0 import Lite0  # noqa: E402

from ..small_sets import draw  # noqa: E402

MODELS = Path(__file__).parents[3]


def patches(count: int) -> np.ndarray:
    return np.stack([tissue_patch(seed, 10 + 5 * seed, 0.2) for seed in range(count)])


def test_eyes_see_means_then_mean_squares():
    found = backbone.eyes(backbone.start(), ("b7", "b14"))(patches(2))
    with torch.inference_mode():
        pixels = torch.from_numpy(patches(2)).permute(0, 3, 1, 2)
        deep = Lite0(CUT)(pixels)
    assert found.shape == (2, 2 * (80 + 192))
    np.testing.assert_allclose(found[:, 80:272], deep.mean((2, 3)), atol=1e-3)
    np.testing.assert_allclose(found[:, 352:], (deep**2).mean((2, 3)), rtol=1e-2, atol=1e-3)


def test_an_image_is_the_mean_of_its_patches():
    large = np.concatenate(list(patches(2)), 1)
    images = backbone.Images.of(
        [large, patches(3)[2]], np.array([0, 1]), few(np.array([0, 1])), True
    )
    np.testing.assert_array_equal(images.patches, patches(3))
    rows = np.float32([[1, 2], [3, 4], [7, 8]])
    np.testing.assert_allclose(image_means(rows, images.owner), [[2, 3], [7, 8]])


@pytest.fixture
def arguments(tmp_path):
    return draw(tmp_path, 6, MODELS)


def test_every_network_is_made_once_and_judged(arguments, monkeypatch):
    small = [
        dataclasses.replace(schedule, steps=steps, head_steps=2, crops=4)
        for steps, schedule in enumerate(backbone.SCHEDULES, 1)
    ]
    monkeypatch.setattr(backbone, "SCHEDULES", small)
    monkeypatch.setattr(backbone, "CROPS", 8)
    told: list[str] = []
    for _ in range(2):
        material = backbone.Material(arguments, told.append)
        found = list(backbone.candidates(material))
    assert told == ["crops of tissues"]  # the second time all was there
    names = [name for name, _, _ in found]
    assert len(set(names)) == len(names) == 2 + len(small) * len(backbone.SHARES)
    assert len({key for _, key, _ in found}) == len(found)
    seen = [material.features(material.oral, key, see) for _, key, see in (*found[1:3], found[-1])]
    assert all(values.shape == (6, 2 * (80 + 112 + 192)) for values in seen)
    assert not np.allclose(seen[0], seen[1]) and not np.allclose(seen[1], seen[2])
    assert len(material.foreign.labels) == 6

"""The comparison of a patch's edge with the same tissue in the middle of another."""

import json

import numpy as np
import onnx
import pytest
from models.train.data.pictures import Picture
from models.train.evaluate import results_file
from models.train.evaluate.edges import differences, measure, square
from models.train.network.architecture import PATCH
from PIL import Image

CELLS = 14


def maps_of(scores: np.ndarray, frame: float) -> np.ndarray:
    """Maps of [2c, 2c] cells that depend on tissue alone, and `frame` on top of outermost cells."""
    half = CELLS // 2
    starts = [(0, 0), (0, CELLS), (CELLS, 0), (CELLS, CELLS), (half, half)]
    malignant = np.stack([scores[y : y + CELLS, x : x + CELLS] for y, x in starts])
    malignant[:, [0, -1], :] += frame
    malignant[:, 1:-1, [0, -1]] += frame
    return np.stack([np.zeros_like(malignant), malignant], -1)


@pytest.mark.parametrize("frame", [0.0, 1.5])
def test_only_what_the_edge_adds_is_found(frame):
    scores = np.random.default_rng(0).normal(size=(2 * CELLS, 2 * CELLS))
    found = differences(maps_of(scores, frame))
    assert found["edge"] == pytest.approx(frame)
    assert found["away"] == pytest.approx(0)


def test_the_fifth_patch_lies_in_the_middle_of_the_four():
    pixels = np.random.default_rng(0).integers(0, 256, (460, 700, 3), np.uint8)
    patches = square(pixels)
    half = PATCH // 2
    assert patches.shape == (5, PATCH, PATCH, 3)
    assert np.array_equal(patches[4][half:, half:], patches[3][:half, :half])
    assert np.array_equal(patches[4][:half, half:], patches[1][half:, :half])
    assert square(pixels[:400]) is None


def test_images_are_measured_with_the_network_but_small_ones(tmp_path, manifest, models_folder):
    random, pictures = np.random.default_rng(0), []
    for number, height in enumerate((460, 460, 400)):
        path = tmp_path / f"{number}.png"
        Image.fromarray(random.integers(0, 256, (height, 700, 3), np.uint8)).save(path)
        pictures.append(Picture(path, 0, "F", str(number), 100, number))
    model = onnx.load(models_folder / manifest["variants"]["f32"]["file"])
    found = measure(pictures, model)
    assert found["images"] == 2
    # The frame is there in noise too; away from it only the padding's far reach is left.
    assert abs(found["away"]["mean"]) < abs(found["edge"]["mean"])
    assert found["edge"]["sd"] >= 0
    assert measure(pictures[2:], model) == {}


def test_a_part_of_the_results_is_put_in_place_of_what_was_there(tmp_path):
    file = tmp_path / results_file.NAME
    file.write_text(json.dumps({"edges": {"images": 1, "old": 2}, "cuts": [0.123456]}))
    found = results_file.put(tmp_path, "edges", {"images": 3, "edge": {"mean": 1.23456}})
    assert found == {"images": 3, "edge": {"mean": 1.2346}}
    assert json.loads(file.read_text()) == {"edges": found, "cuts": [0.123456]}

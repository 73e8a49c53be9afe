"""The comparison of a patch's edge with the same tissue in the middle of another."""

import numpy as np
import pytest
from models.train.evaluate.edges import differences, square
from models.train.network.architecture import PATCH

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

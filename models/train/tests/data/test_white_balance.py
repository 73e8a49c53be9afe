"""White balance undoes a lamp, and leaves alone what needs none."""

import numpy as np
import pytest
from models.train.data.synthetic import tissue_patch
from models.train.data.white_balance import GLASS, PALE, Balance
from models.train.evaluate.perturbations import brightness, white_balance

LAMPS = {
    "dim": lambda pixels: brightness(pixels, 0.8),
    "warm": lambda pixels: white_balance(pixels, 0.03),
    "cool": lambda pixels: white_balance(pixels, -0.03),
}


@pytest.mark.parametrize("lamp", LAMPS)
@pytest.mark.parametrize("balance", [GLASS, PALE], ids=["glass", "pale"])
def test_a_lamp_is_undone(lamp, balance):
    pixels = tissue_patch(2, 40, 0.3)
    changed = LAMPS[lamp](pixels)
    before = np.abs(changed.astype(int) - pixels).mean()
    after = np.abs(balance.apply(changed).astype(int) - balance.apply(pixels)).mean()
    assert after < 0.35 * before


def test_a_balanced_picture_stays_as_it_is():
    once = GLASS.apply(tissue_patch(2, 40, 0.3))
    assert np.abs(GLASS.apply(once).astype(int) - once).max() <= 1


def test_the_end_is_the_value_that_this_share_is_darker_than():
    ramp = np.repeat(np.arange(100, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert Balance(0.9, 240).ends(ramp).tolist() == [89] * 3
    assert Balance(1.0, 240).ends(ramp).tolist() == [99] * 3


def test_a_dark_field_is_not_made_bright():
    dark = np.full((8, 8, 3), 10, np.uint8)
    assert GLASS.apply(dark).max() < 60

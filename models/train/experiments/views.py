"""The views of a picture that experiments look at: plain, recoloured, at other scales, spoilt."""

import zlib
from collections.abc import Callable

import numpy as np

from ..data.stains import REFERENCE, Stains, estimate, random_stains, restain
from ..data.white_balance import GLASS, PALE
from ..evaluate.perturbations import blur, brightness, recompress, resample, white_balance

View = Callable[[np.ndarray, int], np.ndarray]  # image uint8 [h, w, 3], seed of the image -> image


def seed_of(name: str) -> int:
    """The randomness of one picture, by its name alone."""
    return zlib.crc32(name.encode())


def recoloured(pixels: np.ndarray, target: Stains) -> np.ndarray:
    """In these stains; as it is where its own cannot be told."""
    stains = estimate(pixels)
    return restain(pixels, stains, target) if stains else pixels


def foreign(pixels: np.ndarray, seed: int) -> np.ndarray:
    """As another laboratory might stain it; another one for each picture."""
    return recoloured(pixels, random_stains(np.random.default_rng(seed)))


# What a lamp and a camera do: the cases of the goal come first.
LAMPS: dict[str, View] = {
    "dark": lambda pixels, _: brightness(pixels, 0.8),
    "warm": lambda pixels, _: white_balance(pixels, 0.1),
    "cool": lambda pixels, _: white_balance(pixels, -0.1),
}
BALANCES = {"glass": GLASS, "pale": PALE}


def _after(balance: str, change: View) -> View:
    return lambda pixels, seed: BALANCES[balance].apply(change(pixels, seed))


def _plain(pixels: np.ndarray, _seed: int) -> np.ndarray:
    return pixels


PLAIN: dict[str, View] = {
    "plain": _plain,
    "normalised": lambda pixels, _: recoloured(pixels, REFERENCE),
    "scale 0.5": lambda pixels, _: resample(pixels, 0.5),
    "scale 0.7": lambda pixels, _: resample(pixels, 0.7),
    "foreign": foreign,
    "JPEG 50": lambda pixels, _: recompress(pixels, 50),
    "blur 1": lambda pixels, _: blur(pixels, 1),
}
VIEWS: dict[str, View] = (
    PLAIN
    | LAMPS
    | {balance: _after(balance, _plain) for balance in BALANCES}
    | {f"{name}, {b}": _after(b, change) for b in BALANCES for name, change in LAMPS.items()}
)

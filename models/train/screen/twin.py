"""The screen of `src/screen.rs` again, for the evaluation: the same integers, the same results.

The thresholds are read from the Rust source (thresholds.py); what they were measured on stands
there. Tests hold both to one set of expected measures.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .thresholds import SCREEN

ASSESSABLE, BACKGROUND, BLURRED, NOT_HE = "assessable", "background", "blurred", "not_he"
UNCHECKED = "unchecked"

BLOCK, GRAIN = SCREEN.BLOCK, SCREEN.GRAIN

# Optical density of each byte, natural logarithm.
DENSITY = np.rint(-SCREEN.DENSITY_UNIT * np.log((np.arange(256) + 1) / 256)).astype(np.int64)


@dataclass(frozen=True)
class Measures:
    """All that the screen looks at; the fields are explained in `src/screen.rs`."""

    blocks: int
    steps: int
    light: int
    dark: int
    density: tuple[int, int, int]
    contrast: tuple[int, int, int]
    noise: int
    detail: tuple[int, int, int]

    @property
    def excess(self) -> int:
        red, green, blue = self.density
        return 2 * green - red - blue

    def judge(self) -> str:
        if self._is_glass():
            return BACKGROUND
        if not self._is_he():
            return NOT_HE
        return BLURRED if self._is_blurred() else ASSESSABLE

    def _is_glass(self) -> bool:
        across = round(self.blocks**0.5)
        return (
            self.steps < SCREEN.GLASS_STEP * 2 * across * (across - 1)
            and sum(self.density) < SCREEN.GLASS_DENSITY * self.blocks
            and self.excess < SCREEN.STAINED * self.blocks
        )

    def _is_he(self) -> bool:
        if (
            self.light < SCREEN.TRANSMITTED * self.blocks
            or self.dark * SCREEN.DARK_SHARE > self.blocks
            or not SCREEN.EXCESS[0] * self.blocks <= self.excess < SCREEN.EXCESS[1] * self.blocks
        ):
            return False
        red, green, blue = self.contrast
        total = red + green + blue
        if total < SCREEN.FLAT_VARIANCE * self.blocks**2:
            return self.excess >= SCREEN.STAINED * self.blocks
        return (
            SCREEN.GREEN[0] * total <= 1000 * green <= SCREEN.GREEN[1] * total
            and 1000 * (red - green) <= SCREEN.RED_OVER_GREEN * total
            and SCREEN.BROWN[1] * (8 * blue - 3 * green) <= SCREEN.BROWN[0] * total
        )

    def _is_blurred(self) -> bool:
        across = round(self.blocks**0.5)
        noise = self.noise / (self.blocks * BLOCK * BLOCK)
        sides = (2 * across, across, across // 2)
        fine, middle, coarse = (
            energy / (side * (side - 2)) for energy, side in zip(self.detail, sides, strict=True)
        )
        return (
            16.0 * (fine - 48.0 * noise) < SCREEN.FINE_TO_MIDDLE * middle
            or 16.0 * (middle - 192.0 * noise) < SCREEN.MIDDLE_TO_COARSE * coarse
        )


def _quarters(level: np.ndarray) -> tuple[np.ndarray, ...]:
    return level[::2, ::2], level[::2, 1::2], level[1::2, ::2], level[1::2, 1::2]


def _bends(level: np.ndarray) -> int:
    """Energy of second differences, across and down."""
    return sum(int((np.diff(level, 2, axis) ** 2).sum()) for axis in (0, 1))


def measure(patch: np.ndarray) -> Measures:
    """Measures of uint8 [side, side, 3] with a side of at least SCREEN.MIN_SIDE."""
    even = len(patch) // GRAIN * GRAIN
    pixels = patch[:even, :even].astype(np.int64)
    across = even // BLOCK
    area = BLOCK * BLOCK
    sums = pixels.reshape(across, BLOCK, across, BLOCK, 3).sum((1, 3))
    means = (sums + area // 2) // area
    brightest = means.max(-1)
    densities = DENSITY[means]
    totals = densities.sum(-1)
    density = densities.sum((0, 1))
    products = (densities * totals[..., None]).sum((0, 1))
    contrast = across * across * products - density * totals.sum()
    level = pixels[..., 1]
    a, b, c, d = _quarters(level)
    noise = int(((a - b - c + d) ** 2).sum())
    detail = []
    for _ in range(3):
        level = sum(_quarters(level))
        detail.append(_bends(level))
    steps = np.abs(np.diff(totals, axis=0)).sum() + np.abs(np.diff(totals, axis=1)).sum()
    return Measures(
        blocks=across * across,
        steps=int(steps),
        light=int(brightest.sum()),
        dark=int((brightest < SCREEN.DARK).sum()),
        density=tuple(density.tolist()),
        contrast=tuple(contrast.tolist()),
        noise=noise,
        detail=tuple(detail),
    )


def screen(patch: np.ndarray) -> str:
    """What a patch, uint8 [side, side, 3], is."""
    return measure(patch).judge() if len(patch) >= SCREEN.MIN_SIDE else UNCHECKED


def voters(results: Iterable[str]) -> list[int]:
    """Indices of an image's patches that are classified; none if too few can be assessed."""
    results = list(results)
    good = [i for i, result in enumerate(results) if result in (ASSESSABLE, UNCHECKED)]
    content = len(results) - results.count(BACKGROUND)
    least = max(-(-len(results) // SCREEN.VOTER_SHARE), min(SCREEN.LEAST_VOTERS, len(results)))
    enough = len(good) >= least and SCREEN.CONTENT_SHARE * len(good) >= content
    return good if enough else []

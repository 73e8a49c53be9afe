"""Generated patches with a haematoxylin-and-eosin look, for tests: no patient's tissue in them."""

import numpy as np

from ..network.architecture import PATCH
from .augment import STAINS

HAEMATOXYLIN, EOSIN = STAINS[0], STAINS[1]


def smooth_noise(random: np.random.Generator, cells: int) -> np.ndarray:
    """f64 [224, 224] in 0..1: random values on a coarse lattice, interpolated linearly."""
    lattice = random.random((cells + 1, cells + 1))
    place = np.linspace(0, cells, PATCH, endpoint=False)
    low = place.astype(int)
    part = place - low
    rows = lattice[low] * (1 - part)[:, None] + lattice[low + 1] * part[:, None]
    return rows[:, low] * (1 - part) + rows[:, low + 1] * part


def tissue_patch(seed: int, nuclei: int, gaps: float) -> np.ndarray:
    """uint8 [224, 224, 3]: eosin stroma, round haematoxylin nuclei, and a share of white gaps."""
    random = np.random.default_rng(seed)
    fibres = 0.5 * smooth_noise(random, 6) + 0.3 * smooth_noise(random, 24)
    eosin = 0.25 + 0.5 * fibres + 0.1 * smooth_noise(random, 96)
    haematoxylin = 0.05 + 0.1 * smooth_noise(random, 12)
    rows, columns = np.mgrid[0:PATCH, 0:PATCH]
    for _ in range(nuclei):
        x, y = random.uniform(0, PATCH, 2)
        long, short = np.sort(random.uniform(4, 11, 2))[::-1]
        turn = random.uniform(0, np.pi)
        along = (columns - x) * np.cos(turn) + (rows - y) * np.sin(turn)
        across = (rows - y) * np.cos(turn) - (columns - x) * np.sin(turn)
        distance = (along / long) ** 2 + (across / short) ** 2
        edge = np.clip(8 * (distance - 1), -60, 60)
        haematoxylin += random.uniform(0.5, 1.1) / (1 + np.exp(edge))
    tissue = smooth_noise(random, 5) >= gaps * 0.8
    density = tissue[..., None] * (
        haematoxylin[..., None] * HAEMATOXYLIN + eosin[..., None] * EOSIN
    )
    light = 245 * np.exp(-density) + random.normal(0, 2, density.shape)
    return np.clip(np.rint(light), 0, 255).astype(np.uint8)


def reference_patches() -> list[np.ndarray]:
    """Six tissue looks from sparse to crowded, then pure noise and blank glass."""
    looks = [(0, 0.0), (12, 0.6), (35, 0.3), (70, 0.2), (120, 0.1), (200, 0.0)]
    patches = [tissue_patch(seed, *look) for seed, look in enumerate(looks)]
    noise = np.random.default_rng(99).integers(0, 256, (PATCH, PATCH, 3), dtype=np.uint8)
    return [*patches, noise, np.full((PATCH, PATCH, 3), 245, np.uint8)]

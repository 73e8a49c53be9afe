"""Pictures from elsewhere that have to be unfamiliar; the screen turns away most of them."""

import zlib
from collections.abc import Callable, Sequence

import numpy as np

from ..data.pictures import Picture, read_rgb
from ..data.stains import estimate, random_stains, restain
from ..screen.counterexamples import SCENES, dab, grey, inverted, swapped
from ..screen.tables import seeded

SIDE = 448  # pixels of a made-up scene: four patches
SCENES_A_KIND = 5
SPOILT = {"grey copy": grey, "negative": inverted, "red and green swapped": swapped, "DAB": dab}

Example = Callable[[Sequence[Picture]], list[np.ndarray]]  # training pictures -> images


def scenes(_pictures: Sequence[Picture]) -> list[np.ndarray]:
    """Every kind of the screen's counter-examples: glass, skin, text, screens and so on."""
    return [
        SCENES[kind][0](seeded(kind, index), SIDE)
        for kind in SCENES
        for index in range(SCENES_A_KIND)
    ]


def spoilt(kind: str) -> Example:
    """Training pictures, one a patient, spoilt in this way."""
    return lambda pictures: [
        SPOILT[kind](read_rgb(picture.path), seeded(kind, index))
        for index, picture in enumerate(pictures)
    ]


def foreign(pictures: Sequence[Picture]) -> list[np.ndarray]:
    """Training pictures in the stains of made-up laboratories."""
    found = []
    for picture in pictures:
        pixels = read_rgb(picture.path)
        if stains := estimate(pixels):
            random = np.random.default_rng(zlib.crc32(picture.path.stem.encode()))
            found.append(restain(pixels, stains, random_stains(random)))
    return found


EXAMPLES: dict[str, Example] = {
    "made-up scenes (glass, skin, text, screens, ...)": scenes,
    **{f"training pictures, {kind}": spoilt(kind) for kind in SPOILT},
    "training pictures in random stains": foreign,
}

"""Pictures: decoding as the core does it, the map over a picture, and PNG.

Colours are those of the page (`www/src/view/colours.ts`): blue for benign through a pale middle to
orange for malignant; of other classes one for each, paler the less sure it is.
"""

from __future__ import annotations

import html
import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from histoscope import _core, errors

# A path, an image file's bytes, or `uint8 [height, width, 3]` (RGB) or `[height, width]` (grey).
Image: TypeAlias = "str | os.PathLike[str] | bytes | bytearray | memoryview | npt.NDArray[np.uint8]"
Pixels: TypeAlias = "npt.NDArray[np.uint8]"

# At probabilities of malignant 0, 1/4, 1/2, 3/4, 1.
_STOPS = np.array(
    [[12, 84, 158], [100, 160, 210], [244, 241, 232], [243, 158, 80], [186, 74, 0]], dtype=float
)
_PALE = _STOPS[2]
# Of other classes by their places (`www/src/study/classes.ts`); the last is that of all beyond.
_TONES = np.array(
    [
        [51, 34, 136],
        [221, 204, 119],
        [68, 170, 153],
        [204, 102, 119],
        [136, 204, 238],
        [136, 34, 85],
        [17, 119, 51],
        [238, 119, 51],
        [170, 68, 153],
        [153, 153, 51],
        [68, 119, 170],
        [187, 187, 187],
    ],
    dtype=float,
)
_HATCH = (27, 35, 48)
# Pixels from one line of a hatching to the next, and across a line.
_HATCH_EVERY, _HATCH_WIDE = 16, 2


class Paint(NamedTuple):
    """What is said of a patch: its colour and the words for it."""

    colour: tuple[int, int, int]
    said: str


class Area(NamedTuple):
    """A square patch; `paint` is `None` if it did not vote."""

    x: int
    y: int
    side: int
    paint: Paint | None


@dataclass(frozen=True)
class Picture:
    """A picture that notebooks show: `uint8 [height, width, 3]`, RGB."""

    pixels: Pixels

    def to_png(self) -> bytes:
        """The bytes of a PNG file."""
        height, width, _ = self.pixels.shape
        # Each row begins with the number of its filter: none.
        rows = np.zeros((height, 1 + 3 * width), np.uint8)
        rows[:, 1:] = self.pixels.reshape(height, 3 * width)
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        body = zlib.compress(rows.tobytes(), 6)
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            _chunk(name, data) for name, data in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a PNG file."""
        with open(path, "wb") as file:
            file.write(self.to_png())

    def _repr_png_(self) -> bytes:
        return self.to_png()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def decode(image: Image) -> Pixels:
    """`uint8 [height, width, 3]`, upright RGB, as the core decodes it; an array is checked only."""
    if isinstance(image, np.ndarray):
        return rgb(image)
    data, width, height = _core.decode(file_or_bytes(image))
    return np.frombuffer(data, np.uint8).reshape(height, width, 3)


def file_or_bytes(image: Image) -> bytes | str | os.PathLike[str]:
    """What the core reads itself; anything else than a path or bytes is refused."""
    if isinstance(image, (bytes, str, os.PathLike)):
        return image
    if isinstance(image, (bytearray, memoryview)):
        return bytes(image)
    raise errors.wrong_option(
        "image", f"a path, a file's bytes or an array of pixels, not {type(image).__name__}"
    )


def rgb(pixels: npt.NDArray[np.uint8]) -> Pixels:
    """The array, if it holds pixels; grey becomes RGB."""
    if pixels.dtype != np.uint8:
        raise errors.wrong_option("image", f"an array of uint8, not of {pixels.dtype}")
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        shape = "x".join(map(str, pixels.shape))
        raise errors.wrong_option("image", f"[height, width, 3] or [height, width], not {shape}")
    return np.ascontiguousarray(pixels)


def colour(malignant: float) -> tuple[int, int, int]:
    """The colour of a probability of malignant."""
    place = min(1.0, max(0.0, malignant)) * (len(_STOPS) - 1)
    low = min(len(_STOPS) - 2, int(place))
    # Halves are rounded up, as in a browser.
    mixed = np.floor(_STOPS[low] + (_STOPS[low + 1] - _STOPS[low]) * (place - low) + 0.5)
    red, green, blue = (int(channel) for channel in mixed)
    return red, green, blue


def of_malignant(malignant: float) -> Paint:
    """What a patch with this probability is said to be."""
    return Paint(colour(malignant), f"malignant {malignant:.1%}")


def of_class(classes: Sequence[str], shares: Sequence[float]) -> Paint:
    """What a patch with these probabilities by `classes` is said to be."""
    best = int(np.argmax(shares))
    least = 1 / len(classes)
    sure = 0.25 + 0.75 * max(0.0, shares[best] - least) / (1 - least)
    tone = _TONES[min(best, len(_TONES) - 1)]
    red, green, blue = (int(c) for c in np.floor(_PALE + (tone - _PALE) * sure + 0.5))
    return Paint((red, green, blue), f"{classes[best]} {shares[best]:.1%}")


def overlay(pixels: Pixels, areas: Sequence[Area], opacity: float) -> Picture:
    """Lays the map over a copy of the pixels."""
    if not 0 <= opacity <= 1:
        raise errors.wrong_option("opacity", f"{opacity} is not in 0..1")
    out = pixels.copy()
    for area in areas:
        # A line is left free between neighbours, so that patches stay countable.
        place = out[area.y : area.y + area.side - 1, area.x : area.x + area.side - 1]
        if area.paint is None:
            height, width, _ = place.shape
            diagonal = np.add.outer(np.arange(height), np.arange(width))
            place[diagonal % _HATCH_EVERY < _HATCH_WIDE] = _HATCH
        else:
            paint = np.array(area.paint.colour, dtype=float)
            place[:] = np.rint(place * (1 - opacity) + paint * opacity).astype(np.uint8)
    return Picture(out)


def plan_svg(width: int, height: int, areas: Sequence[Area], shown: int = 320) -> str:
    """The map alone as SVG, `shown` CSS pixels wide: for where the pixels are not at hand."""
    squares = []
    for x, y, side, paint in areas:
        fill = "none" if paint is None else "rgb({} {} {})".format(*paint.colour)
        said = "did not vote" if paint is None else html.escape(paint.said)
        squares.append(
            f'<rect x="{x}" y="{y}" width="{side - 4}" height="{side - 4}" fill="{fill}" '
            f'stroke="#1b2330" stroke-width="4"><title>{said}</title></rect>'
        )
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{shown}" role="img" '
        f'aria-label="Map of patches">{"".join(squares)}</svg>'
    )

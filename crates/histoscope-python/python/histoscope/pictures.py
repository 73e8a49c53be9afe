"""Pictures: decoding as the core does it, the map over a picture, and PNG.

Colours are the core's, as on the page: blue for benign through a pale middle to orange for
malignant; of other classes one for each, paler the less sure it is.
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

# The classes that most heads tell apart, in the order of their probabilities.
OWN_CLASSES = ("benign", "malignant")
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


def paint(classes: Sequence[str], shares: Sequence[float]) -> Paint:
    """What a patch with these probabilities by `classes` is said to be."""
    own = tuple(classes) == OWN_CLASSES
    place = 1 if own else int(np.argmax(shares))
    colour = _core.colour(list(classes), list(shares))
    return Paint(colour, f"{classes[place]} {shares[place]:.1%}")


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

"""Patches of a person's images, cut as the core does, apart for calibration and comparison."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ..train.data.pictures import sample_evenly
from .errors import ExportError

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"}
PATCHES_OF_AN_IMAGE = 25
HELD_OUT = 4  # one of so many images is only checked with


@dataclass(frozen=True)
class Pictured:
    """An image and its patches, uint8 [n, side, side, 3]."""

    path: Path
    patches: np.ndarray


def find(folder: Path) -> list[Path]:
    """The images below a folder, by name."""
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        raise ExportError(
            "images_missing",
            f"There is no image below {folder}.",
            "Give a folder with some dozens of your own fields, of every kind that you have.",
        )
    return found


def chosen(paths: list[Path], most: int) -> list[Path]:
    """At most so many, evenly spread."""
    return [paths[i] for i in sample_evenly(len(paths), most)]


def held_out(paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """Images to calibrate with, and those that are kept for the comparison."""
    if len(paths) < 2:
        return paths, paths
    kept = paths[HELD_OUT - 1 :: HELD_OUT] or paths[-1:]
    return [path for path in paths if path not in set(kept)], kept


def cut(path: Path, side: int, most: int = PATCHES_OF_AN_IMAGE) -> Pictured:
    """Row-major, no overlap, the remainder at the right and bottom dropped, evenly thinned."""
    try:
        with Image.open(path) as image:
            pixels = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except (UnidentifiedImageError, OSError) as error:
        raise ExportError(
            "image_unreadable", f"{path} is no image: {error}.", "Take it out of the folder."
        ) from error
    rows, columns = pixels.shape[0] // side, pixels.shape[1] // side
    if not rows * columns:
        raise ExportError(
            "image_too_small",
            f"{path} is smaller than a patch of {side} pixels.",
            "Take it out of the folder, or set --side.",
        )
    places = [divmod(i, columns) for i in sample_evenly(rows * columns, most)]
    corners = [(row * side, column * side) for row, column in places]
    return Pictured(path, np.stack([pixels[y : y + side, x : x + side] for y, x in corners]))

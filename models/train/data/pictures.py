"""The pictures: finds them in either BreakHis layout, reads them, samples patches like the app."""

import csv
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ..network.architecture import PATCH

LABELS = ("benign", "malignant")
MAX_PATCHES = 25  # of one image, as in the app
# Mean difference of two thumbnails, in levels. One field stored twice: 0.7 at most, though one copy
# was reduced and compressed; two fields of one patient: 13 at least.
SAME_FIELD = 3

# SOB_M_DC-14-13412-100-003: biopsy, class, subtype, year, slide, magnification, sequence.
_NAME = re.compile(r"SOB_([BM])_([A-Z]+)-(\d+)-([0-9]+[A-Z]*)-(\d+)-(\d+)")


@dataclass(frozen=True)
class Picture:
    """One micrograph and what its name says about it."""

    path: Path
    label: int  # 0 benign, 1 malignant
    subtype: str
    patient: str  # the numeric id; slides of one person differ only in the letters after it
    magnification: int
    sequence: int


def parse_name(path: Path) -> Picture:
    """Reads a BreakHis file name. Raises ValueError where it is none."""
    match = _NAME.fullmatch(path.stem)
    if match is None:
        raise ValueError(f"not a BreakHis file name: {path.name}")
    kind, subtype, _year, slide, magnification, sequence = match.groups()
    patient = re.match(r"\d+", slide).group()
    return Picture(path, int(kind == "M"), subtype, patient, int(magnification), int(sequence))


def find_pictures(folder: Path) -> list[Picture]:
    """All pictures below `folder`, sorted by file name, the doubles dropped.

    `folder` is either our subset (index.tsv and images/) or an unpacked BreaKHis_v1.
    """
    folder = Path(folder)
    index = folder / "index.tsv"
    if index.exists():
        with index.open(newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t"))
        paths = [folder / "images" / row["file"] for row in rows]
    else:
        paths = list(folder.rglob("SOB_*.png"))
    if not paths:
        raise FileNotFoundError(f"no BreakHis picture below {folder}")
    return drop_doubles([parse_name(path) for path in sorted(paths, key=lambda path: path.name)])


def drop_doubles(pictures: list[Picture]) -> list[Picture]:
    """Keeps the largest of the pictures that show one field, the first where they are as large.

    Patient 13412 is listed under two subtypes with partly the same pictures, one of which was also
    published smaller; doubles have the same patient, magnification and sequence number, so only
    such groups are decoded and compared.
    """
    groups = defaultdict(list)
    for picture in pictures:
        groups[picture.patient, picture.magnification, picture.sequence].append(picture)
    dropped = set()
    for group in groups.values():
        if len(group) < 2:
            continue
        kept = []
        for picture in sorted(group, key=lambda picture: -math.prod(image_size(picture.path))):
            field = _thumbnail(picture.path)
            if any(np.abs(field - other).mean() < SAME_FIELD for other in kept):
                dropped.add(picture)
            else:
                kept.append(field)
    return [picture for picture in pictures if picture not in dropped]


def image_size(path: Path) -> tuple[int, int]:
    """Width and height, from the file's head alone."""
    with Image.open(path) as image:
        return image.size


def _thumbnail(path: Path) -> np.ndarray:
    """f32 [64, 64, 3]: alike for one field, however large and by whatever format it is stored."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((64, 64), Image.Resampling.BOX), np.float32)


def read_rgb(path: Path) -> np.ndarray:
    """uint8 [height, width, 3], RGB."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def sample_evenly(count: int, most: int) -> list[int]:
    """Indices of at most `most` of `count` patches: floor(i * count / most)."""
    if count <= most:
        return list(range(count))
    return [i * count // most for i in range(most)]


def patch_corners(width: int, height: int, most: int = MAX_PATCHES) -> list[tuple[int, int]]:
    """(x, y) of the patches the app takes: stride 224, row-major, remainder dropped."""
    columns, rows = width // PATCH, height // PATCH
    corners = [(column * PATCH, row * PATCH) for row in range(rows) for column in range(columns)]
    return [corners[i] for i in sample_evenly(len(corners), most)]


def cut_patches(pixels: np.ndarray, most: int = MAX_PATCHES) -> np.ndarray:
    """uint8 [n, 224, 224, 3] of one image, in the app's order."""
    height, width = pixels.shape[:2]
    corners = patch_corners(width, height, most)
    return np.stack([pixels[y : y + PATCH, x : x + PATCH] for x, y in corners])


def patient_weights(pictures: Sequence[Picture]) -> np.ndarray:
    """Weight of each picture: every patient of a class counts the same, and so does every class.

    Sums to the number of pictures.
    """
    keys = [(picture.label, picture.patient) for picture in pictures]
    images = {key: keys.count(key) for key in set(keys)}
    patients = {label: sum(key[0] == label for key in images) for label in (0, 1)}
    weights = np.array([1.0 / (images[key] * patients[key[0]]) for key in keys])
    return weights * len(weights) / weights.sum()

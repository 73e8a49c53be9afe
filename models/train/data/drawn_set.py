"""Drawn pictures in the folders of an unpacked BreaKHis_v1, at full size: to try the training on.

    python -m models.train.data.drawn_set --out FOLDER
    python -m models.train.run --data FOLDER/BreaKHis_v1 --out OUT --work WORK

7,909 pictures of 700x460 of 82 patients, as many of each subtype and magnification as the real set
has (Spanhol et al., IEEE Trans. Biomed. Eng. 63, 2016, tables I and II). Nobody's tissue is in them:
they show that hours of training run through, and how many. A patient's pictures are few fields under
many names, linked on the disk, so the folder is made in a minute and takes no more than the fields.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .pictures import LABELS
from .synthetic import tissue_patch

MAGNIFICATIONS = (40, 100, 200, 400)
FIELDS = 2  # different pictures of a patient
WIDTH, HEIGHT = 700, 460
YEAR = 14


@dataclass(frozen=True)
class Subtype:
    label: int  # 0 benign, 1 malignant
    letters: str  # in names of files
    folder: str
    patients: int
    pictures: tuple[int, int, int, int]  # by magnification


SUBTYPES = (
    Subtype(0, "A", "adenosis", 4, (114, 113, 111, 106)),
    Subtype(0, "F", "fibroadenoma", 10, (253, 260, 264, 237)),
    Subtype(0, "PT", "phyllodes_tumor", 3, (109, 121, 108, 115)),
    Subtype(0, "TA", "tubular_adenoma", 7, (149, 150, 140, 130)),
    Subtype(1, "DC", "ductal_carcinoma", 38, (864, 903, 896, 788)),
    Subtype(1, "LC", "lobular_carcinoma", 5, (156, 170, 163, 137)),
    Subtype(1, "MC", "mucinous_carcinoma", 9, (205, 222, 196, 169)),
    Subtype(1, "PC", "papillary_carcinoma", 6, (145, 142, 135, 138)),
)


@dataclass(frozen=True)
class Planned:
    """One picture: where it lies, and whose."""

    path: Path  # below the folder that is made
    patient: int
    label: int
    field: int  # which of the patient's


def plan() -> Iterator[Planned]:
    """Every picture of the set, in the order of its patients."""
    first = 1001
    for subtype in SUBTYPES:
        kind = f"SOB_{'BM'[subtype.label]}_{subtype.letters}"
        top = Path("BreaKHis_v1/histology_slides/breast", LABELS[subtype.label], "SOB")
        for place in range(subtype.patients):
            patient = first + place
            slide = top / subtype.folder / f"{kind}_{YEAR}-{patient}"
            for magnification, pictures in zip(MAGNIFICATIONS, subtype.pictures, strict=True):
                count = len(range(place, pictures, subtype.patients))
                for sequence in range(1, count + 1):
                    name = f"{kind}-{YEAR}-{patient}-{magnification}-{sequence:03}.png"
                    path = slide / f"{magnification}X" / name
                    yield Planned(path, patient, subtype.label, sequence % FIELDS)
        first += subtype.patients


def field(patient: int, label: int, number: int) -> np.ndarray:
    """uint8 [460, 700, 3]: malignant fields are more crowded, and patients differ."""
    random = np.random.default_rng((patient, number))
    nuclei = int(random.integers(8, 25)) + 15 * label
    seeds = random.integers(2**31, size=(2, 3))
    rows = [np.hstack([tissue_patch(int(seed), nuclei, 0.2) for seed in row]) for row in seeds]
    pixels = np.vstack(rows)
    edges = (0, HEIGHT - pixels.shape[0]), (0, WIDTH - pixels.shape[1]), (0, 0)
    return np.pad(pixels, edges, mode="reflect")


def make(out: Path, planned: Iterator[Planned]) -> int:
    """Draws them below `out`; returns how many there are. A picture that is there is left."""
    drawn: dict[tuple[int, int], Path] = {}
    count = 0
    for one in planned:
        path = out / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        first = drawn.setdefault((one.patient, one.field), path)
        if not path.exists():
            if first == path:
                part = path.with_suffix(".part")  # whole or not there
                pixels = field(one.patient, one.label, one.field)
                Image.fromarray(pixels).save(part, "PNG", compress_level=1)
                part.replace(path)
            else:
                os.link(first, path)
        count += 1
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    print(f"{make(out, plan())} pictures below {out}")


if __name__ == "__main__":
    main()

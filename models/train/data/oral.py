"""The oral set: fields of another organ, camera and laboratory, for lessons and auxiliary tasks."""

import csv
from dataclasses import dataclass
from pathlib import Path

LABELS = ("normal", "carcinoma")


@dataclass(frozen=True)
class OralField:
    """One field of 224x224 pixels; the set names no patients."""

    path: Path
    label: int  # index into LABELS
    magnification: int


def find_fields(folder: Path) -> list[OralField]:
    """All fields of the set's index, in its order.

    Raises FileNotFoundError where there is no index, ValueError where it holds a foreign label.
    """
    index = Path(folder) / "index.tsv"
    with index.open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    if foreign := {row["label"] for row in rows} - set(LABELS):
        raise ValueError(f"{index}: labels are {' and '.join(LABELS)}, not {sorted(foreign)}")
    images = index.parent / "images"
    return [
        OralField(images / row["file"], LABELS.index(row["label"]), int(row["magnification"]))
        for row in rows
    ]

"""Folds: five groups of patients with both labels in each, written to folds.json and kept there.

    python -m models.train.data.split --data ../shared/breakhis

A patient is in exactly one fold. Within a label the patients are shuffled by the seed and dealt so
that the folds get alike numbers of patients; of 200 such deals the one whose folds have the most
even numbers of images is kept, because two patients hold most of the benign images.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .pictures import Picture, find_pictures

FOLDS = 5
SEEDS = (0, 1, 2)
FILE = Path(__file__).parent / "folds.json"

Folds = dict[str, int]  # patient -> fold, 0..FOLDS


def make_folds(pictures: Sequence[Picture], seed: int) -> Folds:
    """Label-stratified folds by patient; deterministic in `seed`."""
    images = Counter(picture.patient for picture in pictures)
    by_label = {
        label: sorted({p.patient for p in pictures if p.label == label}) for label in (0, 1)
    }
    random = np.random.default_rng(seed)
    best, best_spread = None, None
    for _ in range(200):
        folds: Folds = {}
        for patients in by_label.values():
            order = random.permutation(len(patients))
            start = int(random.integers(FOLDS))
            for place, index in enumerate(order):
                folds[patients[index]] = (start + place) % FOLDS
        sizes = [sum(images[p] for p in folds if folds[p] == fold) for fold in range(FOLDS)]
        spread = max(sizes) - min(sizes)
        if best_spread is None or spread < best_spread:
            best, best_spread = folds, spread
    return dict(sorted(best.items()))


def read_folds(file: Path) -> dict[int, Folds]:
    """Seed -> folds, of a file that this module wrote."""
    return {int(seed): folds for seed, folds in json.loads(file.read_text()).items()}


def load_folds(pictures: Sequence[Picture], file: Path = FILE) -> dict[int, Folds]:
    """Seed -> folds: the committed ones where they cover exactly these patients, else new."""
    patients = {picture.patient for picture in pictures}
    if file.exists():
        stored = read_folds(file)
        if all(set(folds) == patients for folds in stored.values()):
            return stored
    return {seed: make_folds(pictures, seed) for seed in SEEDS}


def sides(pictures: Sequence[Picture], folds: Folds, fold: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training and of the test pictures of one fold."""
    test = np.array([folds[picture.patient] == fold for picture in pictures])
    return np.flatnonzero(~test), np.flatnonzero(test)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FILE, help="another file, for experiments")
    arguments = parser.parse_args()
    pictures = find_pictures(arguments.data)
    folds = {seed: make_folds(pictures, seed) for seed in SEEDS}
    arguments.out.write_text(json.dumps(folds, indent=1) + "\n")
    print(f"{arguments.out}: {len(folds[SEEDS[0]])} patients, {len(SEEDS)} seeds")


if __name__ == "__main__":
    main()

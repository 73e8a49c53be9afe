"""How well lessons do on the features of the int8 network that ships: means and mean squares.

    python -m models.train.experiments.shipped_lessons --data ../shared/breakhis \\
        --oral ../shared/oral --models models --work FOLDER

As lessons.py, which does it on frozen features; every patch counts, also one that the screen would
turn away. "Half": taught on a random half of the images, judged on the other, mean of ten draws.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..data.oral import find_fields
from ..evaluate.perturbations import PLAIN
from ..familiarity.levels import STATISTICS, columns
from ..familiarity.observed import Observer, every_patch
from ..network.architecture import SHIPPED_LEVELS
from .arguments import add_arguments
from .lessons import Draw, cross_validation, few, few_by_patient, mean_score, score
from .study import sampled, shipped_model, table
from .views import foreign, seed_of

CHOICES = (("b4",), ("b6",), ("b7",), ("b6", "b7"), SHIPPED_LEVELS)
STRENGTHS = (1e-3, 1e-2, 1e-1)
SIZES = (8, 16)
HALVES = 10


def half(values: np.ndarray, labels: np.ndarray, strength: float) -> tuple[float, float]:
    """AUC of the half that was not taught: mean over the draws, and their standard deviation."""
    found = []
    for number in range(HALVES):
        order = np.random.default_rng(number).permutation(len(labels))
        taught, judged = np.split(order, [len(order) // 2])
        found.append(score(values, labels, taught, judged, strength))
    return float(np.mean(found)), float(np.std(found))


def figures(
    values: np.ndarray, labels: np.ndarray, draw: Draw, strength: float, whole: bool
) -> dict[str, tuple[float, ...]]:
    """Mean AUC over draws and its spread between them; `whole`: with five folds, of which there is
    one drawing, and halves."""
    found = {
        f"{count} a class": mean_score(values, labels, draw, count, strength) for count in SIZES
    }
    if whole:
        found["5 folds"] = (cross_validation(values, labels, strength),)
        found["half"] = half(values, labels, strength)
    return found


def scores(
    values: np.ndarray, labels: np.ndarray, draw: Draw, strength: float, whole: bool
) -> list[str]:
    """The cells of a row after the choice; `whole`: with five folds and halves."""
    found = figures(values, labels, draw, strength, whole).values()
    return [" ± ".join(f"{value:.3f}" for value in cell) for cell in found]


def rows(values: np.ndarray, labels: np.ndarray, draw: Draw, whole: bool) -> Iterator[list[str]]:
    """One for each choice of features and penalty; `whole`: with five folds and halves."""
    for levels in CHOICES:
        for statistics in (STATISTICS[:1], STATISTICS):
            chosen = values[:, columns(levels, statistics)]
            for strength in STRENGTHS:
                cells = [" + ".join(levels), " and ".join(statistics), f"{strength:g}"]
                yield [*cells, *scores(chosen, labels, draw, strength, whole)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--models", type=Path, required=True)
    arguments = parser.parse_args()
    observer = Observer(shipped_model(arguments.models), arguments.work)
    head = ["levels", "features", "C", *(f"{n} a class" for n in SIZES)]

    fields = find_fields(arguments.oral)
    labels = np.array([field.label for field in fields])
    seen = every_patch(observer.files([field.path for field in fields], PLAIN))
    lines = list(rows(seen.means(), labels, few(labels), True))
    print(f"Oral\n\n{table([*head, '5 folds', 'half'], lines)}\n", flush=True)

    chosen = sampled(arguments.data)
    labels = np.array([picture.label for picture in chosen])
    patients = np.array([picture.patient for picture in chosen])
    seen = every_patch(observer.changed([p.path for p in chosen], "foreign", stained))
    lines = list(rows(seen.means(), labels, few_by_patient(labels, patients), False))
    print(f"BreakHis in foreign stains\n\n{table(head, lines)}\n", flush=True)


def stained(pixels: np.ndarray, name: str) -> np.ndarray:
    return foreign(pixels, seed_of(name))


if __name__ == "__main__":
    main()

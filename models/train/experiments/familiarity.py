"""Which levels, statistics and covariance tell images of another laboratory from harmless changes.

    python -m models.train.experiments.familiarity --data ../shared/breakhis \\
        --oral ../shared/oral --models models --work FOLDER [--other FOLDER]

On a sample of each patient's pictures. Figures are shares called unfamiliar: with the limit that
95 % of the pictures of left-out patients keep, and with that which 98 % of the oral fields exceed.
Nearest: the distance to the nearest training patient's mean, in the same metric.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.oral import find_fields
from ..data.pictures import find_pictures
from ..evaluate import robustness
from ..evaluate.perturbations import PLAIN
from ..familiarity.density import Copies, Density, Settings, quantile
from ..familiarity.left_out import SHARE, Known, equal
from ..familiarity.levels import LEVELS, STATISTICS, columns
from ..familiarity.make import SAMPLED
from ..familiarity.observed import HARMLESS, Observed, Observer
from .study import table

CHOICES = (("b4",), ("b6",), ("b7",), ("b4", "b6"), ("b6", "b7"), LEVELS)
CHANGES = HARMLESS[:7]  # those of the goal, and another scale
SETTINGS = [
    Settings(shrinkage, dict.fromkeys(CHANGES, weight))
    for shrinkage in (0.02, 0.1)
    for weight in (0, 0.04, 0.12)
]
ORAL = 0.98  # of the oral fields that are to be unfamiliar


@dataclass(frozen=True)
class Material:
    """What all rows of the table are made from."""

    plain: Observed
    patients: list[str]
    changed: dict[str, Observed]
    others: dict[str, Observed]

    def row(self, used: np.ndarray, settings: Settings, nearest: bool) -> list[str]:
        sample = np.arange(self.plain.images)
        known = Known.of(self.plain, self.patients, self.changed, sample, used)
        count = len(known.values)
        tests = {PLAIN: Copies(known.values, np.arange(count), np.ones(count)), **known.copies}
        if nearest:
            found = left_out_nearest(known, settings, tests)
        else:
            found = {n: d.values for n, d in known.left_out(settings, tests).items()}
        weights = {name: equal(known.patients[test.owner]) for name, test in tests.items()}
        limit = quantile(found[PLAIN], weights[PLAIN], SHARE)
        measure = distances_nearest if nearest else distances
        density = known.density(settings)
        beyond = {
            name: measure(density, known, other.means()[other.counts() > 0][:, used])
            for name, other in self.others.items()
        }
        strict = float(np.quantile(beyond["oral"], 1 - ORAL))
        changes = [share(found[name], weights[name], limit) for name in known.copies]
        return [
            *(f"{(values > limit).mean():.1%}" for values in beyond.values()),
            *(f"{value:.1%}" for value in changes),
            f"{share(found[PLAIN], weights[PLAIN], strict):.1%}",
            f"{max(share(found[n], weights[n], strict) for n in known.copies):.1%}",
        ]


def share(values: np.ndarray, weights: np.ndarray, limit: float) -> float:
    return float((values > limit) @ weights / weights.sum())


def distances(density: Density, _known: Known, values: np.ndarray) -> np.ndarray:
    return density.distances(values)


def distances_nearest(
    density: Density, known: Known, values: np.ndarray, without: str | None = None
) -> np.ndarray:
    """To the nearest patient's mean, in the metric of the density."""
    people = [name for name in np.unique(known.patients) if name != without]
    means = np.array([known.values[known.patients == name].mean(0) for name in people])
    apart = (values[:, None] - means) @ density.whitening.T
    return np.sqrt((apart**2).sum(2)).min(1)


def left_out_nearest(
    known: Known, settings: Settings, tests: dict[str, Copies]
) -> dict[str, np.ndarray]:
    found = {name: np.zeros(len(test.values)) for name, test in tests.items()}
    for patient in np.unique(known.patients):
        density = known.density(settings, without=patient)
        for name, test in tests.items():
            mine = known.patients[test.owner] == patient
            found[name][mine] = distances_nearest(density, known, test.values[mine], patient)
    return found


def rows(material: Material) -> Iterator[list[str]]:
    for levels in CHOICES:
        for statistics in (STATISTICS[:1], STATISTICS):
            used = columns(levels, statistics)
            for settings in SETTINGS:
                for nearest in (False, True) if statistics == STATISTICS[:1] else (False,):
                    yield [
                        " + ".join(levels),
                        " and ".join(statistics),
                        "nearest patient" if nearest else "mean",
                        f"{settings.shrinkage:g}",
                        f"{settings.changes[CHANGES[0]]:g}",
                        *material.row(used, settings, nearest),
                    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--oral", type=Path, required=True)
    parser.add_argument("--other", type=Path, help="pictures of another laboratory")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where features are kept")
    arguments = parser.parse_args()
    manifest = json.loads((arguments.models / "histoscope-v0.json").read_text())
    model = (arguments.models / manifest["variants"]["int8"]["file"]).read_bytes()
    observer = Observer(model, arguments.work)
    pictures = find_pictures(arguments.data)
    chosen = [pictures[index] for index in robustness.sample(pictures, SAMPLED)]
    files = [picture.path for picture in chosen]
    others = {"oral": [field.path for field in find_fields(arguments.oral)]}
    if arguments.other:
        others["another laboratory"] = sorted(arguments.other.iterdir())
    material = Material(
        observer.files(files),
        [picture.patient for picture in chosen],
        {change: observer.files(files, change) for change in CHANGES},
        {name: observer.files(paths) for name, paths in others.items()},
    )
    head = ["levels", "features", "to", "shrinkage", "weight of changes", *others, *CHANGES]
    print(table([*head, "plain, 98 % of oral", "worst change, 98 % of oral"], list(rows(material))))


if __name__ == "__main__":
    main()

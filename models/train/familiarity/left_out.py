"""Distances of patients that the statistics have not seen, and the limits that follow from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .density import Copies, Density, Settings, quantile
from .observed import Observed

VOTERS = (1, 2, 3, 4, 6)  # numbers of patches that a limit is told for; BreakHis images have six
SHARE = 0.95  # of the images of new patients that are to be familiar, patients weighing the same


@dataclass(frozen=True)
class Known:
    """The training images that have voters, and changed copies of some of them."""

    values: np.ndarray  # f64 [images, F]
    patients: np.ndarray  # str [images]
    patches: Copies  # each voter of each image alone
    copies: dict[str, Copies]  # by change

    @classmethod
    def of(
        cls,
        plain: Observed,
        patients: Sequence[str],
        changed: Mapping[str, Observed],
        sample: np.ndarray,
        columns: np.ndarray,
    ) -> "Known":
        """`changed`: copies of the images whose indices are `sample`; `columns`: features used."""
        voting = plain.counts() > 0
        place = np.cumsum(voting) - 1
        copies = {}
        for change, observed in changed.items():
            both = voting[sample] & (observed.counts() > 0)
            means = observed.means()[both][:, columns]
            copies[change] = Copies(means, place[sample[both]], observed.counts()[both])
        means, chosen = plain.means()[voting][:, columns], np.asarray(patients)[voting]
        return cls(means, chosen, of_few_voters(plain, 1, columns), copies)

    def density(self, settings: Settings, without: str | None = None) -> Density:
        """Fitted to all patients, or to all but one."""

        def counted(owner: np.ndarray) -> np.ndarray:
            patients = self.patients[owner]
            return equal(patients) * (patients != without)

        moved = [
            (weight, part.values - self.values[part.owner], counted(part.owner))
            for weight, part in (
                (settings.changes.get(name, 0.0), part) for name, part in self.copies.items()
            )
            if weight > 0
        ]
        patches = self.patches
        return Density.fit(patches.values, counted(patches.owner), moved, settings.shrinkage)

    def left_out(self, settings: Settings, tests: Mapping[str, Copies]) -> dict[str, "Distances"]:
        """Of each test, by statistics that did not see its patient."""
        found = {name: np.zeros(len(test.values)) for name, test in tests.items()}
        for patient in np.unique(self.patients):
            density = self.density(settings, without=patient)
            for name, test in tests.items():
                mine = self.patients[test.owner] == patient
                found[name][mine] = density.distances(test.values[mine])
        return {
            name: Distances(found[name], self.patients[test.owner], test.voters)
            for name, test in tests.items()
        }


@dataclass(frozen=True)
class Distances:
    """Of images or parts of them, each by statistics without its patient."""

    values: np.ndarray  # [images]
    patients: np.ndarray  # str [images]
    voters: np.ndarray  # [images]

    def above(self, few: Mapping[int, "Distances"]) -> np.ndarray:
        """bool [images]: which are above their limit.

        `few`: as in `limits`; the limit that a patient's images meet comes from the others.
        """
        above = np.zeros(len(self.values), bool)
        for patient in np.unique(self.patients):
            mine = self.patients == patient
            table = limits(few, without=patient)
            above[mine] = self.values[mine] > limit_for(table, self.voters[mine])
        return above

    def unfamiliar(self, few: Mapping[int, "Distances"]) -> float:
        """Share that is above its limit, patients weighing the same."""
        weights = equal(self.patients)
        return float(self.above(few) @ weights / weights.sum())


def equal(patients: np.ndarray) -> np.ndarray:
    """Weights that let every patient weigh 1."""
    _, index, count = np.unique(patients, return_inverse=True, return_counts=True)
    return 1 / count[index]


def of_few_voters(plain: Observed, count: int, columns: np.ndarray) -> Copies:
    """Every image that has them, by `count` of its voters: each group of neighbours once.

    The owner is the place among the images that have voters.
    """
    values, owner = [], []
    for place, image in enumerate(np.flatnonzero(plain.counts() > 0)):
        rows = np.flatnonzero(plain.votes & (plain.owner == image))
        for start in range(0, len(rows) - count + 1, count):
            group = plain.features[rows[start : start + count]].astype(np.float64)
            values.append(group.mean(0)[columns])
            owner.append(place)
    return Copies(np.array(values), np.array(owner), np.full(len(owner), count))


def limits(few: Mapping[int, Distances], without: str | None = None) -> list[dict]:
    """The limit for images of at least so many voters.

    `few`: distances of left-out patients' images, each by so many of its voters.
    """
    table = []
    for count, distances in few.items():
        counted = equal(distances.patients) * (distances.patients != without)
        limit = quantile(distances.values, counted, SHARE)
        table.append({"from_voters": count, "limit": round(limit, 4)})
    return table


def limit_for(table: Sequence[dict], voters: np.ndarray) -> np.ndarray:
    """The limits of images with so many voters [images], at least one each."""
    steps = np.array([row["from_voters"] for row in table])
    values = np.array([row["limit"] for row in table])
    return values[np.searchsorted(steps, voters, side="right") - 1]

"""Intervals: patients are drawn again with replacement, never single images.

Images of one patient are alike, so an interval over images would be far too narrow. A draw is how
often each patient was taken; every score is written as sums over patients, and all draws are one
matrix product. A patient taken twice counts as two patients.
"""

import numpy as np

from . import metrics

DRAWS = 1000
# Fewer patients of a label cannot show how much patients differ: then there is no interval.
LEAST_PATIENTS = 5


class PatientBootstrap:
    """Draws of patients, as many of each label as there are, and scores of all draws at once."""

    def __init__(
        self, labels: np.ndarray, patients: np.ndarray, draws: int = DRAWS, seed: int = 0
    ) -> None:
        self.labels = labels
        names, first, self.place = np.unique(patients, return_index=True, return_inverse=True)
        self.label_of = labels[first]  # [patients]
        self.images = np.bincount(self.place)  # [patients]
        self.draws = np.zeros((draws, len(names)))
        random = np.random.default_rng(seed)
        for label in np.unique(self.label_of):
            columns = np.flatnonzero(self.label_of == label)
            share = np.full(len(columns), 1 / len(columns))
            self.draws[:, columns] = random.multinomial(len(columns), share, draws)

    @property
    def defined(self) -> bool:
        """Whether there are patients enough of each label that is present for an interval."""
        return bool(np.unique(self.label_of, return_counts=True)[1].min() >= LEAST_PATIENTS)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum over each patient's images: [patients, ...] of values [images, ...]."""
        total = np.zeros((len(self.images), *values.shape[1:]))
        np.add.at(total, self.place, values)
        return total

    def mean(self, values: np.ndarray) -> np.ndarray:
        """[draws]: the mean over images of values [images]."""
        return (self.draws @ self.sums(values)) / (self.draws @ self.images)

    def scores(self, p: np.ndarray) -> dict[str, np.ndarray]:
        """metrics.scores of P(malignant) [images], each as [draws]."""
        right = ((p >= 0.5) == (self.labels == 1)).astype(float)
        of_label = np.where(self.labels == 1, p, 1 - p)
        right_sums = self.sums(right)
        recalls = []
        for label in (0, 1):
            of = self.draws * (self.label_of == label)
            with np.errstate(invalid="ignore"):  # a label that is absent: NaN
                recalls.append((of @ right_sums) / (of @ self.images))
        bins, confidence = metrics.confidence_bins(p)
        gaps = np.zeros((len(p), metrics.ECE_BINS))
        gaps[np.arange(len(p)), bins] = confidence - right
        total = self.draws @ self.images
        means = self.sums(p) / self.images
        return {
            "auc": self._auc(p, self.place),
            "accuracy": (self.draws @ right_sums) / total,
            "balanced_accuracy": np.mean(recalls, axis=0),
            "patient_score": (self.draws @ (right_sums / self.images)) / self.draws.sum(1),
            "patient_auc": self._auc(means, np.arange(len(means))),
            "ece": np.abs(self.draws @ self.sums(gaps)).sum(1) / total,
            "nll": self.mean(-np.log(np.clip(of_label, 1e-7, 1))),
        }

    def _auc(self, scores: np.ndarray, place: np.ndarray) -> np.ndarray:
        """[draws], from the ordered pairs of each malignant with each benign patient."""
        malignant, benign = (np.flatnonzero(self.label_of == label) for label in (1, 0))
        if len(malignant) == 0 or len(benign) == 0:
            return np.full(len(self.draws), np.nan)
        size = np.bincount(place)
        pairs = np.zeros((len(size), len(benign)))
        for column, patient in enumerate(benign):
            below = np.sort(scores[place == patient])
            ordered = np.searchsorted(below, scores, "left")
            np.add.at(
                pairs[:, column], place, (ordered + np.searchsorted(below, scores, "right")) / 2
            )
        ill, well = self.draws[:, malignant], self.draws[:, benign]
        total = (ill @ size[malignant]) * (well @ size[benign])
        return ((ill @ pairs[malignant]) * well).sum(1) / total

    def roc(self, p: np.ndarray, false_positives: np.ndarray) -> np.ndarray:
        """[draws, points]: share of malignant images found at each share of false alarms."""
        order = np.argsort(-p, kind="stable")
        weight, ill = self.draws[:, self.place[order]], self.labels[order] == 1
        # Images with the same score pass the threshold together.
        last = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)
        found, alarms = (
            np.pad(np.cumsum(weight * side, axis=1)[:, last], ((0, 0), (1, 0)))
            for side in (ill, ~ill)
        )
        return np.stack(
            [
                np.interp(false_positives, alarm / alarm[-1], hit / hit[-1])
                for alarm, hit in zip(alarms, found, strict=True)
            ]
        )


def interval(drawn: np.ndarray) -> list[float] | None:
    """2.5th to 97.5th percentile over the draws (first axis); None where not defined."""
    if np.isnan(drawn).any():
        return None
    return [float(end) for end in np.percentile(drawn, (2.5, 97.5))]

"""Temperature and abstention of the int8 model, fitted and judged out of fold.

Cross-fitting: what is applied to the patients of a fold was fitted on the patients of the other
folds. The runs of all seeds fit together, because one seed alone gives temperatures that vary more
from fold to fold than they help. A patient weighs 1 however many images there are: otherwise the
two patients with most benign images would decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..data.pictures import LABELS
from ..data.split import FOLDS
from . import metrics
from .bootstrap import PatientBootstrap, interval
from .cases import Cases, OutOfFold

FITTED_ON = "int8"  # the variant that ships
TEMPERATURES = np.geomspace(0.25, 8.0, 81)
THRESHOLDS = np.round(np.arange(0.50, 1.0, 0.01), 2)
# A threshold that promises an accuracy is a gamble with so few patients (EXPERIMENTS.md): it varies
# from fold to fold, and what it keeps of others is not as good as promised. One that keeps a share
# of the images, every patient weighing the same, is nearly the same in all folds.
KEPT = 0.50
GOAL = 0.90  # right of what is kept, every patient weighing the same; reported, not promised


def image_probabilities(cases: Cases, logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """P(malignant) of every image, as the app computes it."""
    return metrics.image_probabilities(logits, cases.owner, len(cases), temperature)


@dataclass(frozen=True)
class Temperatures:
    """What the manifest gets, and what each fold of each run is scaled with in the scores."""

    shipped: float
    by_fold: np.ndarray  # [runs, folds]

    def apply(self, cases: Cases, runs: Sequence[OutOfFold], variant: str) -> list[np.ndarray]:
        """P(malignant) [images] of each run, every fold with its own temperature."""
        found = []
        for run, temperatures in zip(runs, self.by_fold, strict=True):
            # One temperature a patch: that of its image's fold.
            of_patch = temperatures[cases.fold_of(run.folds)][cases.owner][:, None]
            found.append(image_probabilities(cases, run.logits[variant] / of_patch))
        return found


def unscaled(runs: Sequence[OutOfFold]) -> Temperatures:
    return Temperatures(1.0, np.ones((len(runs), FOLDS)))


def log_losses(cases: Cases, runs: Sequence[OutOfFold]) -> np.ndarray:
    """[temperatures, images]: log loss of each image, mean over the runs."""
    total = np.zeros((len(TEMPERATURES), len(cases)))
    for run in runs:
        for row, temperature in enumerate(TEMPERATURES):
            p = image_probabilities(cases, run.logits[FITTED_ON], temperature)
            total[row] -= np.log(np.clip(np.where(cases.labels == 1, p, 1 - p), 1e-7, 1))
    return total / len(runs)


def fit_temperatures(cases: Cases, runs: Sequence[OutOfFold]) -> Temperatures:
    """The temperature with the least log loss per patient: of all, and of each fold's others."""
    losses, weights = log_losses(cases, runs), cases.patient_weights()

    def best(images: np.ndarray) -> float:
        return float(TEMPERATURES[(losses[:, images] @ weights[images]).argmin()])

    by_fold = [[best(cases.fold_of(run.folds) != fold) for fold in range(FOLDS)] for run in runs]
    return Temperatures(best(np.ones(len(cases), bool)), np.array(by_fold))


def calibration_scores(cases: Cases, found: Sequence[np.ndarray]) -> dict[str, float]:
    """ECE and log loss, by image and with patients weighted equally; means over the runs."""
    weights = cases.patient_weights()
    table: dict[str, list[float]] = {}
    for p in found:
        loss = -np.log(np.clip(np.where(cases.labels == 1, p, 1 - p), 1e-7, 1))
        for name, value in (
            ("ece", metrics.expected_calibration_error(cases.labels, p)),
            ("nll", loss.mean()),
            ("ece_by_patient", metrics.expected_calibration_error(cases.labels, p, weights)),
            ("nll_by_patient", np.average(loss, weights=weights)),
        ):
            table.setdefault(name, []).append(value)
    return {name: float(np.mean(values)) for name, values in table.items()}


def reliability(cases: Cases, found: Sequence[np.ndarray]) -> list[dict]:
    """The 15 bins of confidence, the runs pooled; empty bins have no means."""
    p, labels = np.concatenate(found), np.tile(cases.labels, len(found))
    bins, confidence = metrics.confidence_bins(p)
    right = (p >= 0.5) == (labels == 1)
    edges = np.linspace(0.5, 1, metrics.ECE_BINS + 1)
    return [
        {
            "from": float(edges[b]),
            "to": float(edges[b + 1]),
            "share": float((bins == b).mean()),
            "confidence": float(confidence[bins == b].mean()) if (bins == b).any() else None,
            "accuracy": float(right[bins == b].mean()) if (bins == b).any() else None,
        }
        for b in range(metrics.ECE_BINS)
    ]


def ece_by_chance(found: Sequence[np.ndarray], draws: int = 200) -> dict[str, float]:
    """The ECE that a perfectly calibrated model with these confidences would show by chance.

    Images are drawn independently; those of one patient are alike, so the truth is higher still.
    """
    random = np.random.default_rng(0)
    errors = []
    for p in found:
        bins, confidence = metrics.confidence_bins(p)
        for _ in range(draws):
            right = random.random(len(p)) < confidence
            errors.append(np.abs(np.bincount(bins, confidence - right)).sum() / len(p))
    low, high = np.percentile(errors, (2.5, 97.5))
    return {"mean": float(np.mean(errors)), "low": float(low), "high": float(high)}


@dataclass(frozen=True)
class Verdicts:
    """Confidence and whether it is right, of every image in every run: [runs, images]."""

    confidence: np.ndarray
    right: np.ndarray
    weights: np.ndarray  # [images]; every patient weighs 1

    @classmethod
    def of(cls, cases: Cases, found: Sequence[np.ndarray]) -> "Verdicts":
        p = np.stack(found)
        right = (p >= 0.5) == (cases.labels == 1)
        return cls(np.maximum(p, 1 - p), right, cases.patient_weights())

    def kept(self, keep: np.ndarray, among: np.ndarray | None = None) -> dict[str, float | None]:
        """Share and accuracy of what is kept (bool [runs, images]), by image and by patient.

        `among`: bool [images], the images that count; all where absent. By patient: each image
        weighs the inverse of its patient's number of images.
        """
        among = np.ones(keep.shape[1], bool) if among is None else among
        keep, right = keep[:, among], self.right[:, among]
        weights = np.broadcast_to(self.weights[among], keep.shape)
        if not keep.any():
            return {"coverage": 0.0, "patient_coverage": 0.0} | dict.fromkeys(
                ("accuracy", "patient_accuracy")
            )
        return {
            "coverage": float(keep.mean()),
            "patient_coverage": float(weights[keep].sum() / weights.sum()),
            "accuracy": float(right[keep].mean()),
            "patient_accuracy": float(np.average(right[keep], weights=weights[keep])),
        }

    def curve(self, before: np.ndarray) -> list[dict]:
        """Coverage and accuracy at every threshold that keeps something.

        `before`: bool [images], those that are not turned away for another reason.
        """
        rows = [
            {"uncertain_below": float(t)} | self.kept((self.confidence >= t) & before)
            for t in THRESHOLDS
        ]
        return [row for row in rows if row["coverage"] > 0]


def threshold(verdicts: Verdicts, among: np.ndarray) -> float:
    """The highest that KEPT of these images (bool [images]) reach, patients weighing the same."""
    for level in THRESHOLDS[::-1]:
        if verdicts.kept(verdicts.confidence >= level, among)["patient_coverage"] >= KEPT:
            return float(level)
    return float(THRESHOLDS[0])


def scaled_verdicts(cases: Cases, runs: Sequence[OutOfFold], temperature: float) -> Verdicts:
    """All images of all runs with one temperature: what a threshold is chosen from."""
    return Verdicts.of(
        cases, [image_probabilities(cases, run.logits[FITTED_ON], temperature) for run in runs]
    )


def cross_fitted_thresholds(
    cases: Cases, runs: Sequence[OutOfFold], temperatures: Temperatures
) -> np.ndarray:
    """[runs, folds]: chosen from the other folds, scaled with the temperature that they give."""
    thresholds = np.zeros((len(runs), FOLDS))
    for row, run in enumerate(runs):
        fold_of = cases.fold_of(run.folds)
        for fold in range(FOLDS):
            verdicts = scaled_verdicts(cases, runs, temperatures.by_fold[row, fold])
            thresholds[row, fold] = threshold(verdicts, fold_of != fold)
    return thresholds


def abstention(
    cases: Cases,
    runs: Sequence[OutOfFold],
    temperatures: Temperatures,
    familiar: np.ndarray | None = None,
) -> dict:
    """The threshold that ships, and what cross-fitted ones like it keep, by label too.

    `familiar`: bool [images]; in the app the others get no verdict however sure the model is. With
    it the same is told once more of what stays behind both, as a share of all images. The threshold
    does not depend on it.
    """
    verdicts = Verdicts.of(cases, temperatures.apply(cases, runs, FITTED_ON))
    thresholds = cross_fitted_thresholds(cases, runs, temperatures)
    fold_of = np.stack([cases.fold_of(run.folds) for run in runs])
    keep = verdicts.confidence >= np.take_along_axis(thresholds, fold_of, axis=1)
    shipped = scaled_verdicts(cases, runs, temperatures.shipped)
    everything = np.ones(len(cases), bool)
    found = {
        "uncertain_below": threshold(shipped, everything),
        "kept": KEPT,
        "goal": GOAL,
        "threshold_range": [float(thresholds.min()), float(thresholds.max())],
        **_judged(cases, verdicts, keep, everything),
    }
    if familiar is not None:
        found["familiar"] = _judged(cases, verdicts, keep, familiar)
        found["familiar"]["coverage_curve"] = verdicts.curve(familiar)
    return found


def _judged(cases: Cases, verdicts: Verdicts, keep: np.ndarray, before: np.ndarray) -> dict:
    """What is kept (bool [runs, images]) of the images `before` (bool [images]), as shares of all.

    `without`: if no threshold stood behind.
    """
    keep = keep & before
    return {
        "without": verdicts.kept(np.broadcast_to(before, keep.shape)),
        "at_threshold": verdicts.kept(keep)
        | {
            "accuracy_interval": _accuracy_interval(cases, verdicts, keep, equal=False),
            "patient_accuracy_interval": _accuracy_interval(cases, verdicts, keep, equal=True),
        },
        "by_label": {
            name: verdicts.kept(keep, cases.labels == label) for label, name in enumerate(LABELS)
        },
    }


def _accuracy_interval(
    cases: Cases, verdicts: Verdicts, keep: np.ndarray, equal: bool
) -> list[float] | None:
    """Of the accuracy of what is kept, over draws of patients, the runs pooled.

    `equal`: every patient weighs the same, else every image.
    """
    draws = PatientBootstrap(cases.labels, cases.patients)
    weights = verdicts.weights if equal else np.ones(len(cases))
    right = draws.draws @ draws.sums((keep & verdicts.right).sum(0) * weights)
    with np.errstate(invalid="ignore"):  # a draw that keeps nothing: NaN, so no interval
        return interval(right / (draws.draws @ draws.sums(keep.sum(0) * weights)))


def assess(
    cases: Cases, runs: Sequence[OutOfFold], familiar: np.ndarray | None = None
) -> tuple[dict, Temperatures]:
    """The `calibration` part of metrics.json, and the temperatures that the scores use.

    `familiar`: as in `abstention`.

    A temperature ships only where, cross-fitted, it lowers the log loss by image as well as by
    patient: a proper score, unlike the ECE, which changes with every image that moves over the edge
    of a bin.
    """
    fitted = fit_temperatures(cases, runs)
    before = unscaled(runs).apply(cases, runs, FITTED_ON)
    after = fitted.apply(cases, runs, FITTED_ON)
    scores = {
        name: calibration_scores(cases, found)
        for name, found in (("before", before), ("after", after))
    }
    helps = all(scores["after"][n] < scores["before"][n] for n in ("nll", "nll_by_patient"))
    used = fitted if helps else unscaled(runs)
    found = after if helps else before
    refusal = abstention(cases, runs, used, familiar)
    calibration = {
        "temperature": round(used.shipped, 4),
        "uncertain_below": refusal["uncertain_below"],
        "fitted_temperature": round(fitted.shipped, 4),
        "temperature_range": [float(fitted.by_fold.min()), float(fitted.by_fold.max())],
        **scores,
        "ece_by_chance": ece_by_chance(found),
        "reliability": {
            "before": reliability(cases, before),
            "after": reliability(cases, after),
        },
        "abstention": refusal,
        "coverage_curve": Verdicts.of(cases, found).curve(np.ones(len(cases), bool)),
    }
    return calibration, used

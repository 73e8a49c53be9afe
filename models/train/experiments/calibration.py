"""Confidence of frozen heads: temperature and beta calibration, and what may be left open.

    python -m models.train.experiments.calibration --data ../shared/breakhis \\
        --oral ../shared/oral --work FOLDER

All is cross-fitted: what is applied to the patients of a fold was fitted to the other folds'. A
patient weighs the same however many images there are.
"""

from collections.abc import Callable, Iterator

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..data.split import FOLDS
from ..evaluate import metrics
from ..evaluate.bootstrap import PatientBootstrap, interval
from .heads import Source, cross_validated, judged
from .study import Judged, Study, run, table

TARGET = 0.90  # right among what is not left open, every patient weighing the same
THRESHOLDS = np.round(np.arange(0.50, 1.0, 0.01), 2)
LEAST_KEPT = 0.10
KEPT = 0.50
EDGE = 1e-6
LEVELS = ("b7", "b10", "b14", "b15x")

Calibrator = Callable[[np.ndarray], np.ndarray]  # P(malignant) -> P(malignant)


def patient_weights(patients: np.ndarray) -> np.ndarray:
    """Every patient weighs 1, shared out over the images."""
    _, place, count = np.unique(patients, return_inverse=True, return_counts=True)
    return 1.0 / count[place]


def log_odds(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, EDGE, 1 - EDGE)
    return np.log(p / (1 - p))


def fit_temperature(p: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Calibrator:
    """One factor on the log odds of an image: the decision stays as it was."""
    odds = log_odds(p)
    factors = np.geomspace(0.1, 8, 120)

    def loss(factor: float) -> float:
        return weights @ np.logaddexp(0, -factor * odds * (2 * labels - 1))

    best = min(factors, key=loss)
    return lambda p: 1 / (1 + np.exp(-best * log_odds(p)))


def fit_beta(p: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Calibrator:
    """Kull, Silva Filho, Flach (2017): log odds = a ln p - b ln(1 - p) + c, with a and b >= 0.

    A hardly penalised logistic regression; where a coefficient comes out negative it is left out.
    """

    def inputs(p: np.ndarray) -> np.ndarray:
        p = np.clip(p, EDGE, 1 - EDGE)
        return np.stack([np.log(p), -np.log(1 - p)], axis=1)

    used = [0, 1]
    while True:
        model = LogisticRegression(C=100.0).fit(inputs(p)[:, used], labels, sample_weight=weights)
        if (model.coef_[0] >= 0).all() or len(used) == 1:
            break
        used = [used[int(model.coef_[0].argmax())]]
    return lambda p: model.predict_proba(inputs(p)[:, used])[:, 1]


METHODS = {"temperature": fit_temperature, "beta": fit_beta}


def cross_fitted(found: Judged, study: Study, fit: Callable) -> Judged:
    """Every fold calibrated by what the other folds' patients give, over all seeds together."""
    p = np.zeros_like(found.p)
    weights = patient_weights(found.patients)
    for row, seed in enumerate(sorted(study.folds)):
        fold_of = study.fold_of(seed)
        for fold in range(FOLDS):
            others = fold_of != fold
            calibrate = fit(
                found.p[:, others].ravel(),
                np.tile(found.labels[others], len(found.p)),
                np.tile(weights[others], len(found.p)),
            )
            p[row, ~others] = calibrate(found.p[row, ~others])
    return Judged(p, found.labels, found.patients)


def losses(found: Judged) -> dict[str, float]:
    """ECE and log loss, by image and with patients weighing the same."""
    weights = patient_weights(found.patients)
    rows = []
    for p in found.p:
        loss = -np.log(np.clip(np.where(found.labels == 1, p, 1 - p), EDGE, 1))
        rows.append(
            {
                "ECE": metrics.expected_calibration_error(found.labels, p),
                "ECE, patients equal": metrics.expected_calibration_error(found.labels, p, weights),
                "log loss": loss.mean(),
                "log loss, patients equal": np.average(loss, weights=weights),
            }
        )
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def kept(found: Judged, keep: np.ndarray) -> dict[str, float]:
    """Of `keep`, bool [seeds, images]: its share and how much of it is right, the seeds pooled."""
    right = (found.p >= 0.5) == (found.labels == 1)
    weights = np.broadcast_to(patient_weights(found.patients), keep.shape)
    return {
        "images": keep.mean(),
        "patients": weights[keep].sum() / weights.sum(),
        "right": right[keep].mean() if keep.any() else np.nan,
        "right_patients": np.average(right[keep], weights=weights[keep]) if keep.any() else np.nan,
    }


def of_label(found: Judged, keep: np.ndarray, label: int) -> dict[str, float]:
    """The same of the images with this label: whether a rule keeps one kind of verdict alone."""
    mine = found.labels == label
    some = Judged(found.p[:, mine], found.labels[mine], found.patients[mine])
    return kept(some, keep[:, mine])


def threshold(found: Judged, images: np.ndarray) -> float:
    """The lowest confidence above which TARGET is right among these images, patients equal.

    Above every confidence where none is.
    """
    some = Judged(found.p[:, images], found.labels[images], found.patients[images])
    confidence = np.maximum(some.p, 1 - some.p)
    for level in THRESHOLDS:
        of = kept(some, confidence >= level)
        if of["patients"] >= LEAST_KEPT and of["right_patients"] >= TARGET:
            return float(level)
    return 2.0


def half(found: Judged, images: np.ndarray) -> float:
    """The confidence that KEPT of these images reach, patients equal: no promise, but no gamble."""
    some = Judged(found.p[:, images], found.labels[images], found.patients[images])
    confidence = np.maximum(some.p, 1 - some.p)
    shares = [kept(some, confidence >= level)["patients"] for level in THRESHOLDS]
    return float(THRESHOLDS[np.flatnonzero(np.array(shares) >= KEPT)[-1]])


Rule = Callable[[Judged, np.ndarray], float]
RULES: dict[str, Rule] = {"90 % right": threshold, "half kept": half}


def left_open(found: Judged, study: Study, rule: Rule) -> tuple[np.ndarray, np.ndarray]:
    """What is kept with cross-fitted thresholds, bool [seeds, images], and the thresholds."""
    keep = np.zeros(found.p.shape, bool)
    levels = np.zeros((len(found.p), FOLDS))
    for row, seed in enumerate(sorted(study.folds)):
        fold_of = study.fold_of(seed)
        for fold in range(FOLDS):
            levels[row, fold] = rule(found, fold_of != fold)
            mine = fold_of == fold
            p = found.p[row, mine]
            keep[row, mine] = np.maximum(p, 1 - p) >= levels[row, fold]
    return keep, levels


def right_interval(found: Judged, keep: np.ndarray) -> str:
    """Of the share that is right among what is kept, patients equal: over draws of patients."""
    draws = PatientBootstrap(found.labels, found.patients)
    right = ((found.p >= 0.5) == (found.labels == 1)) & keep
    weights = patient_weights(found.patients)
    with np.errstate(invalid="ignore"):
        drawn = (draws.draws @ draws.sums(right.sum(0) * weights)) / (
            draws.draws @ draws.sums(keep.sum(0) * weights)
        )
    ends = interval(drawn)
    return "-" if ends is None else f"{ends[0]:.1%} to {ends[1]:.1%}"


def curve(found: Judged) -> str:
    confidence = np.maximum(found.p, 1 - found.p)
    rows = []
    for level in THRESHOLDS[::5]:
        of = kept(found, confidence >= level)
        rows.append([f"{level:.2f}", *(f"{value:.1%}" for value in of.values())])
    head = [
        "uncertain below",
        "images kept",
        "kept, patients equal",
        "right",
        "right, patients equal",
    ]
    return table(head, rows)


def assessed(title: str, raw: Judged, study: Study) -> str:
    """The table of one method's calibrations, and the curve of each."""
    found = {"as it is": raw} | {
        name: cross_fitted(raw, study, fit) for name, fit in METHODS.items()
    }
    rows, curves = [], []
    for name, one in found.items():
        for rule, make in RULES.items():
            keep, levels = left_open(one, study, make)
            of = kept(one, keep)
            rows.append(
                [
                    name,
                    *(f"{value:.3f}" for value in losses(one).values()),
                    rule,
                    f"{levels.min():.2f} to {levels.max():.2f}",
                    f"{of['images']:.1%}",
                    f"{of['patients']:.1%}",
                    f"{of['right']:.1%}",
                    f"{of['right_patients']:.1%} ({right_interval(one, keep)})",
                    *(
                        f"{side['patients']:.1%}, {side['right_patients']:.1%}"
                        for side in (of_label(one, keep, label) for label in (0, 1))
                    ),
                ]
            )
        curves.append(f"{name}:\n\n{curve(one)}")
    head = [
        "calibration",
        *losses(raw),
        "rule",
        "thresholds",
        "images kept",
        "kept, patients equal",
        "right",
        "right, patients equal",
        "benign: kept, right",
        "malignant: kept, right",
    ]
    return "\n\n".join([title, table(head, rows), *curves])


def experiment(study: Study) -> Iterator[str]:
    seen = study.seen("plain")
    found = {}
    for level in LEVELS:
        source = Source.of(seen, [level])
        found[level] = cross_validated(study, [source], source)
    for levels in (("b7",), ("b10",), ("b15x",), ("b7", "b10", "b14", "b15x")):
        logits = np.mean([found[level] for level in levels], axis=0)
        title = f"Heads of {', '.join(levels)}"
        yield assessed(title, judged(study, logits, seen.owner), study)


if __name__ == "__main__":
    run(__doc__.splitlines()[0], experiment)

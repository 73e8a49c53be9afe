"""What more patients would bring: the score against the number of training patients.

For the cheap recipe, a linear head on frozen features, because it is fitted in a moment. In each
fold the training patients are drawn at random, both labels in their proportion, and the fold's own
patients are predicted; a draw is scored over all folds together, as the whole evaluation is.
"""

from collections.abc import Callable, Sequence

import numpy as np

from ..data.split import FOLDS, Folds
from . import confidence, metrics
from .cases import Cases

SHARES = (0.25, 0.45, 0.65, 0.85, 1.0)  # of the patients that a fold can train on
DRAWS = 8  # of every count, for each seed
LEAST = 2  # patients of each label
SCORES = ("auc", "balanced_accuracy", "patient_score")
FORESEEN = 82 * (FOLDS - 1) // FOLDS  # training patients in a fold of the whole BreakHis

Predict = Callable[[np.ndarray], np.ndarray]  # training pictures (indices) -> logits [patches, 2]


def draw_patients(
    cases: Cases, inside: np.ndarray, count: int, random: np.random.Generator
) -> np.ndarray:
    """Indices of the images of `count` of the patients of `inside` (bool [images]), stratified."""
    groups = [np.unique(cases.patients[inside & (cases.labels == label)]) for label in (0, 1)]
    total = sum(len(group) for group in groups)
    count = min(count, total)
    benign = round(count * len(groups[0]) / total)
    benign = int(np.clip(benign, LEAST, min(len(groups[0]), count - LEAST)))
    malignant = min(count - benign, len(groups[1]))
    chosen = [
        random.choice(group, size, replace=False)
        for group, size in zip(groups, (benign, malignant), strict=True)
    ]
    return np.flatnonzero(inside & np.isin(cases.patients, np.concatenate(chosen)))


def counts(cases: Cases, shares: Sequence[float] = SHARES) -> list[int]:
    """How many training patients the points of the curve have."""
    most = len(set(cases.patients)) * (FOLDS - 1) // FOLDS
    return sorted({max(round(share * most), 2 * LEAST) for share in shares})


def point(cases: Cases, folds: dict[int, Folds], predict: Predict, count: int) -> dict:
    """The curve at so many training patients. `folds`: by seed."""
    found = []
    for seed, assignment in folds.items():
        fold_of = cases.fold_of(assignment)
        for draw in range(DRAWS):
            random = np.random.default_rng([seed, draw, count])
            logits = np.zeros((len(cases.owner), 2))
            for fold in range(FOLDS):
                training = draw_patients(cases, fold_of != fold, count, random)
                test = fold_of[cases.owner] == fold
                logits[test] = predict(training)[test]
            p = confidence.image_probabilities(cases, logits)
            found.append(metrics.scores(cases.labels, p, cases.patients))
    return {
        "patients": count,
        "draws": len(found),
        **{name: float(np.mean([scores[name] for scores in found])) for name in SCORES},
        **{f"{name}_sd": float(np.std([s[name] for s in found])) for name in SCORES},
    }


def curve(points: Sequence[dict]) -> dict:
    """The learning curve of metrics.json."""
    return {"points": points, "fits": {name: power_law(points, name) for name in SCORES}}


def power_law(points: Sequence[dict], name: str) -> dict | None:
    """1 - score = a * patients ** -b, fitted to the logarithms; and what it says of more patients.

    Two parameters and no floor: a rough guess that errs on the hopeful side, and nothing more.
    """
    patients = np.array([point["patients"] for point in points], float)
    errors = 1 - np.array([point[name] for point in points])
    if len(points) < 3 or (errors <= 0).any() or patients.max() >= FORESEEN:
        return None
    slope, offset = np.polyfit(np.log(patients), np.log(errors), 1)
    residual = np.log(errors) - (slope * np.log(patients) + offset)
    return {
        "a": float(np.exp(offset)),
        "b": float(-slope),
        "residual_sd": float(residual.std(ddof=2)),
        "training_patients": FORESEEN,
        "foreseen": float(1 - np.exp(offset) * FORESEEN**slope),
    }

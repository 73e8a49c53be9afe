"""How well a lesson of a few images does on frozen features: oral fields, and foreign stains.

    python -m models.train.experiments.lessons --data ../shared/breakhis \\
        --oral ../shared/oral --work FOLDER

A lesson is a logistic regression on standardised features of `n` images a class; it is judged on
all other images of the set. Oral has no patients, so its figures are somewhat too good. Foreign
BreakHis: every image in random stains; the lesson's images come from a random half of the patients
of each class, and it is judged on the other half.
"""

from collections.abc import Callable, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..evaluate import metrics
from .features import Seen
from .study import Study, run, table

SIZES = (8, 16)
DRAWS = 60
FOLDS = 5
STRENGTHS = (1e-3, 1e-2, 1e-1)
KINDS: dict[str, Callable[[Seen, str], np.ndarray]] = {"means": Seen.means, "both": Seen.both}
LEVELS = (
    ("b4",),
    ("b6",),
    ("b7",),
    ("b10",),
    ("b14",),
    ("b15x",),
    ("b4", "b7"),
    ("b7", "b10"),
    ("b7", "b10", "b14"),
    ("b4", "b7", "b10", "b14"),
)

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]  # -> taught, judged


def of_images(seen: Seen, levels: Sequence[str], kind: str) -> np.ndarray:
    """f64 [images, C]: the mean over an image's patches."""
    values = np.concatenate([KINDS[kind](seen, level) for level in levels], axis=1)
    sums = np.zeros((seen.owner.max() + 1, values.shape[1]))
    np.add.at(sums, seen.owner, values)
    return sums / np.bincount(seen.owner)[:, None]


def lesson(values: np.ndarray, labels: np.ndarray, strength: float) -> np.ndarray:
    """Weights [C + 1] on the values as they are, the last one the offset; classes equal."""
    mean, spread = values.mean(0), values.std(0) + 1e-6
    model = LogisticRegression(C=strength, max_iter=2000, class_weight="balanced")
    model.fit((values - mean) / spread, labels)
    row = model.coef_[0] / spread
    return np.append(row, model.intercept_[0] - row @ mean)


def score(values: np.ndarray, labels: np.ndarray, taught, judged, strength: float) -> float:
    weights = lesson(values[taught], labels[taught], strength)
    return metrics.auc(labels[judged], values[judged] @ weights[:-1])


def few(labels: np.ndarray) -> Draw:
    """n images of each class; judged on all others."""

    def draw(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        taught = np.concatenate(
            [random.choice(np.flatnonzero(labels == k), count, replace=False) for k in (0, 1)]
        )
        return taught, np.setdiff1d(np.arange(len(labels)), taught)

    return draw


def few_by_patient(labels: np.ndarray, patients: np.ndarray) -> Draw:
    """n images of each class from half of its patients; judged on the other half."""

    def draw(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        taught, half = [], []
        for label in (0, 1):
            names = np.unique(patients[labels == label])
            mine = random.choice(names, len(names) // 2, replace=False)
            half += list(mine)
            # Patients take turns, so that one with many images is no more than another.
            order = [random.permutation(np.flatnonzero(patients == name)) for name in mine]
            turns = [rows[i] for i in range(count) for rows in order if i < len(rows)]
            taught += turns[:count]
        return np.array(taught), np.flatnonzero(~np.isin(patients, half))

    return draw


def cross_validation(values: np.ndarray, labels: np.ndarray, strength: float) -> float:
    """AUC of five folds by image."""
    random = np.random.default_rng(0)
    fold_of = random.permutation(len(labels)) % FOLDS
    scores = np.zeros(len(labels))
    for fold in range(FOLDS):
        weights = lesson(values[fold_of != fold], labels[fold_of != fold], strength)
        scores[fold_of == fold] = values[fold_of == fold] @ weights[:-1] + weights[-1]
    return metrics.auc(labels, scores)


def mean_score(values, labels, draw: Draw, count: int, strength: float) -> tuple[float, float]:
    """Mean over draws, and its standard deviation between draws."""
    found = []
    for number in range(DRAWS):
        random = np.random.default_rng([number, count])
        taught, judged = draw(random, count)
        found.append(score(values, labels, taught, judged, strength))
    return float(np.mean(found)), float(np.std(found))


def experiment(study: Study) -> str:
    oral_labels = np.array([field.label for field in study.fields])
    chosen = study.sample()
    labels, patients = study.labels[chosen], study.patients[chosen]
    sets = [
        (f"oral, {view}", study.seen_oral(view), oral_labels, few(oral_labels), True)
        for view in ("plain", "normalised", "glass", "pale")
    ]
    foreign = few_by_patient(labels, patients)
    sets.append(("BreakHis, foreign", study.seen_sample("foreign"), labels, foreign, False))
    parts = []
    for title, seen, of, draw, by_image in sets:
        rows = []
        for levels in LEVELS:
            for kind in KINDS:
                values = of_images(seen, levels, kind)
                for strength in STRENGTHS:
                    cells = [" + ".join(levels), kind, f"{strength:g}"]
                    for count in SIZES:
                        mean, spread = mean_score(values, of, draw, count, strength)
                        cells.append(f"{mean:.3f} ± {spread:.3f}")
                    if by_image:
                        cells.append(f"{cross_validation(values, of, strength):.3f}")
                    rows.append(cells)
        head = ["levels", "features", "C", *(f"{n} a class" for n in SIZES)]
        parts.append(f"{title}\n\n{table(head + ['5 folds'] * by_image, rows)}")
    return "\n\n".join(parts)


if __name__ == "__main__":
    run(__doc__.splitlines()[0], experiment)

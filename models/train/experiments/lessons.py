"""How well a lesson of a few images does on frozen features: oral fields, and foreign stains.

    python -m models.train.experiments.lessons --data ../shared/breakhis \\
        --oral ../shared/oral --work FOLDER

A lesson is a logistic regression on standardised features of `n` images a class; it is judged on
all other images of the set. Oral has no patients, so its figures are somewhat too good. Foreign
BreakHis: every image in random stains; the lesson's images come from a random half of the patients
of each class, and it is judged on the other half.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..evaluate import metrics
from .features import Seen
from .study import Study, run, table

SIZES = (8, 16)
DRAWS = 40
FOLDS = 5
STRENGTHS = (1e-3, 1e-2, 1e-1)
KINDS: dict[str, Callable[[Seen, str], np.ndarray]] = {"means": Seen.means, "both": Seen.both}
LEVELS = (
    ("b7",),
    ("b10",),
    ("b14",),
    ("b15x",),
    ("b7", "b10"),
    ("b7", "b10", "b14"),
    ("b4", "b7", "b10", "b14"),
)

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]  # -> taught, judged


def of_images(seen: Seen, levels: Sequence[str], kind: str) -> np.ndarray:
    """f64 [images, C]: the mean over an image's patches."""
    values = np.concatenate([KINDS[kind](seen, level) for level in levels], axis=1)
    return image_means(values, seen.owner)


def image_means(values: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """f64 [images, C]: means over each image's patches, whose values are [n, C]."""
    sums = np.zeros((owner.max() + 1, values.shape[1]))
    np.add.at(sums, owner, values)
    return sums / np.bincount(owner)[:, None]


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


def whitening(values: np.ndarray, shrinkage: float) -> np.ndarray:
    """Matrix [C, C] that makes the spread of these images [images, C] alike in all directions.

    Of standardised features; `shrinkage` 0..1: how much of the covariance is replaced by equal
    spreads. A lesson of few images on features so turned is a penalised linear discriminant whose
    covariance was learned elsewhere, from images without labels.
    """
    spread = values.std(0) + 1e-6
    covariance = np.cov(values / spread, rowvar=False)
    scale, axes = np.linalg.eigh((1 - shrinkage) * covariance + shrinkage * np.eye(len(covariance)))
    return (axes / np.sqrt(scale)) @ axes.T / spread[:, None]


def discriminant(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """From one class's mean to the other's: all that a lesson learns on whitened features."""
    return values[labels == 1].mean(0) - values[labels == 0].mean(0)


def mean_score(values, labels, draw: Draw, count: int, strength: float) -> tuple[float, float]:
    """Mean over draws, and its standard deviation between draws."""
    found = []
    for number in range(DRAWS):
        random = np.random.default_rng([number, count])
        taught, judged = draw(random, count)
        found.append(score(values, labels, taught, judged, strength))
    return float(np.mean(found)), float(np.std(found))


def lessons(seen: Seen, labels: np.ndarray, draw: Draw, by_image: bool) -> str:
    """The table of one set; `by_image`: with five folds by image, where there are no patients."""
    rows = []
    for levels in LEVELS:
        for kind in KINDS:
            values = of_images(seen, levels, kind)
            for strength in STRENGTHS:
                cells = [" + ".join(levels), kind, f"{strength:g}"]
                for count in SIZES:
                    mean, spread = mean_score(values, labels, draw, count, strength)
                    cells.append(f"{mean:.3f} ± {spread:.3f}")
                if by_image:
                    cells.append(f"{cross_validation(values, labels, strength):.3f}")
                rows.append(cells)
    head = ["levels", "features", "C", *(f"{n} a class" for n in SIZES), *["5 folds"] * by_image]
    return table(head, rows)


def whitened_lessons(study: Study, labels: np.ndarray) -> str:
    """Oral fields, in features whitened by BreakHis images: linear discriminants."""
    oral, breakhis, draw, rows = study.seen_oral("plain"), study.seen("plain"), few(labels), []
    for levels in (("b7",), ("b14",), ("b7", "b10", "b14")):
        values, base = (of_images(seen, levels, "means") for seen in (oral, breakhis))
        for shrinkage in (0.1, 0.5):
            turned = values @ whitening(base, shrinkage)
            cells = [" + ".join(levels), f"{shrinkage:g}"]
            for count in SIZES:
                found = []
                for number in range(DRAWS):
                    taught, judged = draw(np.random.default_rng([number, count]), count)
                    row = discriminant(turned[taught], labels[taught])
                    found.append(metrics.auc(labels[judged], turned[judged] @ row))
                cells.append(f"{np.mean(found):.3f} ± {np.std(found):.3f}")
            rows.append(cells)
    return table(["levels", "shrinkage", *(f"{n} a class" for n in SIZES)], rows)


def experiment(study: Study) -> Iterator[str]:
    labels = np.array([field.label for field in study.fields])
    for view in ("plain", "normalised", "glass", "pale"):
        yield f"Oral, {view}\n\n{lessons(study.seen_oral(view), labels, few(labels), True)}"
        if view == "plain":
            yield f"Oral, whitened by BreakHis\n\n{whitened_lessons(study, labels)}"
            chosen = study.sample()
            labels_there, patients = study.labels[chosen], study.patients[chosen]
            draw = few_by_patient(labels_there, patients)
            found = lessons(study.seen_sample("foreign"), labels_there, draw, False)
            yield f"BreakHis in foreign stains\n\n{found}"


if __name__ == "__main__":
    run(__doc__.splitlines()[0], experiment)

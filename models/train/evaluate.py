"""Patient-grouped cross-validation of a recipe, in f32 and int8, as the app would predict."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import metrics
from .calibrate import int8_model
from .export import export_f32
from .network import Network
from .runtime import session
from .split import FOLDS, Folds, sides
from .train import Dataset, calibration_batches

VARIANTS = ("f32", "int8")
BOOTSTRAPS = 1000
TEMPERATURES = np.geomspace(0.25, 4.0, 65)
# Abstention is offered where the images that keep a verdict are right this often, and are at least
# this share of all.
WANTED_ACCURACY = 0.95
LEAST_COVERAGE = 0.25


@dataclass(frozen=True)
class OutOfFold:
    """Logits [patches, 2] of every patch from the model that did not see its patient."""

    seed: int
    folds: Folds
    logits: dict[str, np.ndarray]  # by variant


def cross_validate(
    dataset: Dataset,
    folds: Folds,
    seed: int,
    train: Callable[[np.ndarray, int], Network],
    log: Callable[[str], None],
) -> OutOfFold:
    """`train`: picture indices and fold number -> network; called once a fold."""
    logits = {v: np.zeros((len(dataset.patches), 2), np.float32) for v in VARIANTS}
    for fold in range(FOLDS):
        inside, outside = sides(dataset.pictures, folds, fold)
        network = train(inside, fold)
        test, _ = dataset.patches_of(outside)
        models = {
            "f32": export_f32(network),
            "int8": int8_model(network, calibration_batches(dataset, inside, seed)),
        }
        for variant, model in models.items():
            runner = session(model)
            logits[variant][test] = np.concatenate(
                [runner.run(["logits"], {"image": b})[0] for b in dataset.batches(test)]
            )
        log(f"seed {seed}, fold {fold}: {len(inside)} training, {len(outside)} test images")
    return OutOfFold(seed, folds, logits)


def probabilities(dataset: Dataset, logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """P(malignant) of every image."""
    return metrics.image_probabilities(logits, dataset.owner, len(dataset.pictures), temperature)


def summarise(dataset: Dataset, runs: list[OutOfFold], variant: str) -> dict:
    """Every score as mean over seeds, spread over folds and seeds, and a 95 % interval.

    `mean`: of the seeds' scores on all images, each predicted out of fold. `fold_sd`: standard
    deviation over all folds of all seeds. `seed_sd`: over seeds. `interval`: patients drawn again
    with replacement, 2.5th to 97.5th percentile.
    """
    labels, patients = dataset.labels, dataset.patients
    found = [probabilities(dataset, run.logits[variant]) for run in runs]
    whole = [metrics.scores(labels, p, patients) for p in found]
    by_fold = []
    for run, p in zip(runs, found, strict=True):
        for fold in range(FOLDS):
            _, test = sides(dataset.pictures, run.folds, fold)
            by_fold.append(metrics.scores(labels[test], p[test], patients[test]))
    drawn = _bootstrap(labels, patients, found)
    return {
        name: {
            "mean": float(np.mean([scores[name] for scores in whole])),
            "fold_sd": float(np.nanstd([scores[name] for scores in by_fold])),
            "seed_sd": float(np.std([scores[name] for scores in whole])),
            "interval": [float(np.nanpercentile(drawn[name], q)) for q in (2.5, 97.5)],
        }
        for name in whole[0]
    }


def _bootstrap(labels, patients, found: list[np.ndarray]) -> dict[str, list[float]]:
    """Scores, averaged over seeds, of samples of patients with replacement within each label."""
    random = np.random.default_rng(0)
    rows = {name: np.flatnonzero(patients == name) for name in np.unique(patients)}
    groups = [[n for n in rows if labels[rows[n][0]] == label] for label in (0, 1)]
    drawn: dict[str, list[float]] = {}
    for _ in range(BOOTSTRAPS):
        names = np.concatenate([random.choice(group, len(group)) for group in groups])
        index = np.concatenate([rows[name] for name in names])
        # A patient drawn twice counts as two patients.
        again = np.repeat(np.arange(len(names)), [len(rows[name]) for name in names])
        scores = [metrics.scores(labels[index], p[index], again) for p in found]
        for name in scores[0]:
            drawn.setdefault(name, []).append(float(np.mean([s[name] for s in scores])))
    return drawn


def by_group(dataset: Dataset, runs: list[OutOfFold], key: Callable) -> list[dict]:
    """Accuracy and mean P(malignant) of the int8 model by a property of the picture."""
    values = np.array([str(key(picture)) for picture in dataset.pictures])
    labels = dataset.labels
    found = [probabilities(dataset, run.logits["int8"]) for run in runs]
    table = []
    for value in sorted(set(values), key=lambda text: (len(text), text)):
        rows = values == value
        right = [((p[rows] >= 0.5) == (labels[rows] == 1)).mean() for p in found]
        both = len(set(labels[rows])) == 2
        table.append(
            {
                "group": value,
                "images": int(rows.sum()),
                "patients": len(set(dataset.patients[rows])),
                "accuracy": float(np.mean(right)),
                "auc": float(np.mean([metrics.auc(labels[rows], p[rows]) for p in found]))
                if both
                else None,
                "mean_malignant_probability": float(np.mean([p[rows].mean() for p in found])),
            }
        )
    return table


def compare_variants(dataset: Dataset, runs: list[OutOfFold]) -> dict:
    """The cost of int8: differences of scores and of single predictions, on the same folds."""
    labels, patients = dataset.labels, dataset.patients
    differences: dict[str, list[float]] = {}
    gaps, agreements = [], []
    for run in runs:
        exact, coarse = (probabilities(dataset, run.logits[v]) for v in VARIANTS)
        a, b = (metrics.scores(labels, p, patients) for p in (exact, coarse))
        for name in a:
            differences.setdefault(name, []).append(b[name] - a[name])
        gaps.append(np.abs(exact - coarse))
        agreements.append(((exact >= 0.5) == (coarse >= 0.5)).mean())
    return {
        "score_differences": {name: float(np.mean(d)) for name, d in differences.items()},
        "label_agreement": float(np.mean(agreements)),
        "mean_probability_difference": float(np.mean(gaps)),
        "largest_probability_difference": float(np.max(gaps)),
    }


def fit_temperature(dataset: Dataset, runs: list[OutOfFold], pictures: np.ndarray) -> float:
    """The temperature with the least out-of-fold log loss over these pictures, all seeds."""
    labels = dataset.labels[pictures]
    patches, place = dataset.patches_of(pictures)

    def loss(temperature: float) -> float:
        total = 0.0
        for run in runs:
            p = metrics.image_probabilities(
                run.logits["int8"][patches], place, len(pictures), temperature
            )
            total += metrics.scores(labels, p, dataset.patients[pictures])["nll"]
        return total

    return float(min(TEMPERATURES, key=loss))


def calibrate_confidence(dataset: Dataset, runs: list[OutOfFold]) -> dict:
    """Temperature and abstention of the int8 model, fitted out of fold.

    The figures `after` are cross-fitted: each fold is scaled with the temperature fitted on the
    other folds of its seed, so no image helps to calibrate itself.
    """
    labels, patients = dataset.labels, dataset.patients
    before, after, scaled = [], [], []
    for run in runs:
        before.append(metrics.scores(labels, probabilities(dataset, run.logits["int8"]), patients))
        p = np.zeros(len(labels))
        for fold in range(FOLDS):
            inside, outside = sides(dataset.pictures, run.folds, fold)
            temperature = fit_temperature(dataset, [run], inside)
            p[outside] = probabilities(dataset, run.logits["int8"], temperature)[outside]
        after.append(metrics.scores(labels, p, patients))
        scaled.append(p)
    helps = np.mean([s["ece"] for s in after]) < np.mean([s["ece"] for s in before])
    everyone = np.arange(len(dataset.pictures))
    temperature = fit_temperature(dataset, runs, everyone) if helps else 1.0
    used = scaled if helps else [probabilities(dataset, run.logits["int8"]) for run in runs]
    curve = coverage_curve(labels, used)
    enough = [
        point["uncertain_below"]
        for point in curve
        if point["coverage"] >= LEAST_COVERAGE and point["accuracy"] >= WANTED_ACCURACY
    ]
    return {
        "temperature": round(temperature, 4),
        "uncertain_below": min(enough) if enough else None,
        "before": {name: float(np.mean([s[name] for s in before])) for name in ("ece", "nll")},
        "after": {name: float(np.mean([s[name] for s in after])) for name in ("ece", "nll")},
        "coverage_curve": curve,
    }


def coverage_curve(labels: np.ndarray, found: list[np.ndarray]) -> list[dict]:
    """Share of images with at least a given confidence, and how often those are right."""
    confidence = np.concatenate([np.maximum(p, 1 - p) for p in found])
    right = np.concatenate([(p >= 0.5) == (labels == 1) for p in found])
    curve = []
    for threshold in np.arange(0.5, 1.0, 0.05):
        kept = confidence >= threshold
        if kept.any():
            curve.append(
                {
                    "uncertain_below": round(float(threshold), 2),
                    "coverage": float(kept.mean()),
                    "accuracy": float(right[kept].mean()),
                }
            )
    return curve

"""Scores, intervals and tables of cross-validated predictions: the figures of metrics.json.

Needs neither pictures nor PyTorch. `found` is always P(malignant) [images] of each run (seed),
every image predicted by a model that saw none of its patient's pictures.
"""

from collections.abc import Sequence

import numpy as np

from ..data.split import FOLDS
from . import confidence, metrics
from .bootstrap import DRAWS, LEAST_PATIENTS, PatientBootstrap, interval
from .cases import VARIANTS, Cases, OutOfFold

ROC_POINTS = np.round(np.linspace(0, 1, 51), 2)


def summarise(cases: Cases, runs: Sequence[OutOfFold], found: Sequence[np.ndarray]) -> dict:
    """Every score as mean over seeds, spread over folds and seeds, and a 95 % interval.

    `mean`: of the seeds' scores on all images, each predicted out of fold. `fold_sd`: standard
    deviation over all folds of all seeds. `seed_sd`: over seeds. `interval`: patients drawn again
    with replacement, 2.5th to 97.5th percentile of the mean over seeds.
    """
    labels, patients = cases.labels, cases.patients
    whole = [metrics.scores(labels, p, patients) for p in found]
    by_fold = []
    for run, p in zip(runs, found, strict=True):
        fold_of = cases.fold_of(run.folds)
        for fold in range(FOLDS):
            test = fold_of == fold
            by_fold.append(metrics.scores(labels[test], p[test], patients[test]))
    drawn = [PatientBootstrap(labels, patients).scores(p) for p in found]
    return {
        name: {
            "mean": float(np.mean([scores[name] for scores in whole])),
            "fold_sd": float(np.nanstd([scores[name] for scores in by_fold])),
            "seed_sd": float(np.std([scores[name] for scores in whole])),
            "interval": interval(np.mean([scores[name] for scores in drawn], axis=0)),
        }
        for name in whole[0]
    }


GROUP_SCORES = ("accuracy", "balanced_accuracy", "auc")


def by_group(cases: Cases, values: np.ndarray, found: Sequence[np.ndarray]) -> list[dict]:
    """Scores of the images that share a value (str [images]), each as mean and interval.

    Only one label: no balanced accuracy and no AUC. Fewer than five patients of a label that is
    present: no interval, because it would be narrower than the truth.
    """
    table = []
    for value in sorted(set(values), key=lambda text: (len(text), text)):
        rows = values == value
        labels, patients = cases.labels[rows], cases.patients[rows]
        draws = PatientBootstrap(labels, patients)
        whole = [metrics.scores(labels, p[rows], patients) for p in found]
        drawn = [draws.scores(p[rows]) for p in found] if draws.defined else []
        entry = {
            "group": str(value),
            "labels": sorted(set(labels.tolist())),
            "images": int(rows.sum()),
            "patients": len(set(patients)),
        }
        for name in GROUP_SCORES:
            mean = float(np.mean([scores[name] for scores in whole]))
            spread = np.mean([scores[name] for scores in drawn], axis=0) if drawn else None
            entry[name] = None if np.isnan(mean) else mean
            entry[f"{name}_interval"] = (
                None if np.isnan(mean) or spread is None else interval(spread)
            )
        entry["mean_malignant_probability"] = float(np.mean([p[rows].mean() for p in found]))
        entry["mean_malignant_probability_interval"] = (
            interval(np.mean([draws.mean(p[rows]) for p in found], axis=0))
            if draws.defined
            else None
        )
        table.append(entry)
    return table


def by_patient(cases: Cases, found: Sequence[np.ndarray]) -> list[dict]:
    """Each patient: label, subtypes, images, fraction of right images, mean P(malignant)."""
    p = np.mean(found, axis=0)
    right = np.mean([(q >= 0.5) == (cases.labels == 1) for q in found], axis=0)
    table = []
    for patient in sorted(set(cases.patients), key=int):
        rows = cases.patients == patient
        table.append(
            {
                "patient": str(patient),
                "label": int(cases.labels[rows][0]),
                "subtypes": sorted({str(subtype) for subtype in cases.subtypes[rows]}),
                "images": int(rows.sum()),
                "fraction_right": float(right[rows].mean()),
                "mean_malignant_probability": float(p[rows].mean()),
            }
        )
    return table


def roc(cases: Cases, found: Sequence[np.ndarray]) -> dict:
    """Image-level ROC, averaged over seeds at equal false positive rates, with its interval."""
    once = PatientBootstrap(cases.labels, cases.patients, draws=1)
    once.draws[:] = 1
    curve = np.mean([once.roc(p, ROC_POINTS)[0] for p in found], axis=0)
    draws = PatientBootstrap(cases.labels, cases.patients)
    drawn = np.mean([draws.roc(p, ROC_POINTS) for p in found], axis=0)
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    return {
        "false_positive_rate": ROC_POINTS.tolist(),
        "true_positive_rate": curve.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
    }


def compare_variants(
    cases: Cases, found: dict[str, Sequence[np.ndarray]], labels: tuple[str, str] = VARIANTS
) -> dict:
    """The cost of int8: differences of scores and of single predictions, on the same folds."""
    draws = PatientBootstrap(cases.labels, cases.patients)
    exact, coarse = (found[name] for name in labels)
    differences, drawn, gaps, agreements = [], [], [], []
    for p, q in zip(exact, coarse, strict=True):
        a, b = (metrics.scores(cases.labels, r, cases.patients) for r in (p, q))
        differences.append({name: b[name] - a[name] for name in a})
        a, b = draws.scores(p), draws.scores(q)
        drawn.append({name: b[name] - a[name] for name in a})
        gaps.append(np.abs(p - q))
        agreements.append(((p >= 0.5) == (q >= 0.5)).mean())
    names = list(differences[0])
    return {
        "score_differences": {n: float(np.mean([d[n] for d in differences])) for n in names},
        "difference_intervals": {
            n: interval(np.mean([d[n] for d in drawn], axis=0)) for n in names
        },
        "label_agreement": float(np.mean(agreements)),
        "mean_probability_difference": float(np.mean(gaps)),
        "largest_probability_difference": float(np.max(gaps)),
    }


def evaluate(cases: Cases, runs: Sequence[OutOfFold], familiar: np.ndarray | None = None) -> dict:
    """Every part of metrics.json that follows from the out-of-fold logits alone.

    The scores are those of the pipeline that ships: with the temperature, if one is applied, of
    each fold as the other folds give it. They count every image; `familiar` (bool [images]) is for
    what confidence.abstention tells.
    """
    calibration, temperatures = confidence.assess(cases, runs, familiar)
    found = {variant: temperatures.apply(cases, runs, variant) for variant in VARIANTS}
    mine = found["int8"]
    return {
        "scores": {v: summarise(cases, runs, found[v]) for v in VARIANTS},
        "int8_against_f32": compare_variants(cases, found),
        "calibration": calibration,
        "by_magnification": by_group(cases, cases.magnifications.astype(str), mine),
        "by_subtype": by_group(cases, cases.subtypes, mine),
        "by_patient": by_patient(cases, mine),
        "bootstrap_draws": DRAWS,
        "least_patients_for_interval": LEAST_PATIENTS,
        "roc": roc(cases, mine),
    }

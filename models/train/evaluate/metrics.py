"""Scores of image predictions, all weighted and grouped by patient where it matters."""

import numpy as np

ECE_BINS = 15


def softmax(logits: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    return shifted / shifted.sum(-1, keepdims=True)


def image_probabilities(
    logits: np.ndarray, owner: np.ndarray, images: int, temperature: float = 1.0
) -> np.ndarray:
    """P(malignant) of each image: the mean of its patches' softmax, as the app computes it.

    `logits` [patches, 2]; `owner` [patches]: index of the image of each patch.
    """
    patches = softmax(logits / temperature)[:, 1]
    sums = np.bincount(owner, weights=patches, minlength=images)
    return sums / np.bincount(owner, minlength=images)


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve; ties count half. NaN where only one label is present."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    if len(positive) == 0 or len(negative) == 0:
        return float("nan")
    above = (positive[:, None] > negative[None, :]).mean()
    return float(above + 0.5 * (positive[:, None] == negative[None, :]).mean())


def patient_score(right: np.ndarray, patients: np.ndarray) -> float:
    """Mean over patients of the fraction of their images that are right (Spanhol 2016)."""
    return float(np.mean([right[patients == patient].mean() for patient in np.unique(patients)]))


def confidence_bins(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bin (of 15 equal ones over 0.5..1) and confidence of each image."""
    confidence = np.maximum(scores, 1 - scores)
    bins = np.minimum(((confidence - 0.5) * 2 * ECE_BINS).astype(int), ECE_BINS - 1)
    return bins, confidence


def expected_calibration_error(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Mean gap between confidence and accuracy over 15 equal bins of confidence in 0.5..1.

    `weights` of the images; equal where absent.
    """
    weights = np.ones(len(labels)) if weights is None else weights
    bins, confidence = confidence_bins(scores)
    right = (scores >= 0.5) == (labels == 1)
    gaps = np.bincount(bins, weights * (confidence - right))
    return float(np.abs(gaps).sum() / weights.sum())


def balanced_accuracy(right: np.ndarray, labels: np.ndarray) -> float:
    """Mean of the two labels' recalls; NaN where only one label is present."""
    present = [right[labels == label].mean() for label in (0, 1) if (labels == label).any()]
    return float(np.mean(present)) if len(present) == 2 else float("nan")


def scores(labels: np.ndarray, probabilities: np.ndarray, patients: np.ndarray) -> dict:
    """All image-level figures of one set of predictions. `probabilities`: P(malignant)."""
    right = (probabilities >= 0.5) == (labels == 1)
    of_label = np.where(labels == 1, probabilities, 1 - probabilities)
    names, first = np.unique(patients, return_index=True)
    patient_means = np.array([probabilities[patients == name].mean() for name in names])
    return {
        "auc": auc(labels, probabilities),
        "accuracy": float(right.mean()),
        "balanced_accuracy": balanced_accuracy(right, labels),
        "patient_score": patient_score(right, patients),
        "patient_auc": auc(labels[first], patient_means),
        "ece": expected_calibration_error(labels, probabilities),
        "nll": float(-np.log(np.clip(of_label, 1e-7, 1)).mean()),
    }

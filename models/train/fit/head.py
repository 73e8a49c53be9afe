"""The linear head: logistic regression on pooled features, with strong L2 and patient weights."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..data.pictures import Picture, patient_weights


def patch_weights(pictures: Sequence[Picture], owner: np.ndarray) -> np.ndarray:
    """Weight of each patch: its picture's, shared out over the picture's patches; mean 1."""
    per_picture = patient_weights(pictures) / np.bincount(owner, minlength=len(pictures))
    weights = per_picture[owner]
    return weights * len(weights) / weights.sum()


def fit(
    features: np.ndarray, labels: np.ndarray, weights: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """Head weight [2, C] and bias [2], f32, on unscaled features.

    `strength`: inverse of the L2 penalty (scikit-learn's C) on standardised features, for weights
    with mean 1. The two rows are opposite, so that the logits sum to zero.
    """
    mean = np.average(features, axis=0, weights=weights)
    spread = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weights)) + 1e-6
    model = LogisticRegression(C=strength, max_iter=5000)
    # The penalty does not grow with the number of patches: extra crops are no extra evidence.
    model.fit((features - mean) / spread, labels, sample_weight=weights / len(weights) * 1000)
    row = model.coef_[0] / spread
    offset = model.intercept_[0] - row @ mean
    weight = np.stack([-row, row]) / 2
    return weight.astype(np.float32), np.array([-offset, offset], np.float32) / 2

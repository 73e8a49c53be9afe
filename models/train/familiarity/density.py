"""How far an image's features lie from those that the network was trained on.

A Mahalanobis distance whose covariance knows two things: how the training patients' patches differ,
every patient weighing the same, and what cameras, file formats and lamps do to one image. The
correlations are shrunk a little towards none, because there are fewer patients than features.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Settings:
    shrinkage: float  # 0..1: how much of the correlations is dropped
    changes: Mapping[str, float]  # weight of the scatter of each kind of changed copies


@dataclass(frozen=True)
class Copies:
    """Features of changed copies, or of parts, of some of the images."""

    values: np.ndarray  # f64 [copies, F]
    owner: np.ndarray  # [copies]: index of the image
    voters: np.ndarray  # [copies]: patches that the features are the mean of


@dataclass(frozen=True)
class Density:
    mean: np.ndarray  # f64 [F]
    whitening: np.ndarray  # f64 [F, F], lower triangular

    @classmethod
    def fit(
        cls,
        values: np.ndarray,
        weights: np.ndarray,
        moved: Iterable[tuple[float, np.ndarray, np.ndarray]],
        shrinkage: float,
    ) -> "Density":
        """From f64 [patches, F] with weights [patches].

        moved: of each kind of copies its weight, how far the features moved f64 [copies, F], and
        the copies' own weights [copies].
        """
        share = weights / weights.sum()
        mean = share @ values
        scatter = _scatter(values - mean, share)
        for weight, differences, counted in moved:
            scatter += weight * _scatter(differences, counted / counted.sum())
        spread = np.sqrt(np.diag(scatter)) + 1e-9
        correlation = (1 - shrinkage) * scatter / np.outer(spread, spread)
        correlation += shrinkage * np.eye(len(spread))
        root = np.linalg.inv(np.linalg.cholesky(correlation))
        return cls(mean, root / spread / np.sqrt(len(spread)))

    def distances(self, values: np.ndarray) -> np.ndarray:
        """Of f64 [images, F]: 1 is usual for a patch of a training patient."""
        return np.sqrt((((values - self.mean) @ self.whitening.T) ** 2).sum(1))


def _scatter(values: np.ndarray, share: np.ndarray) -> np.ndarray:
    return values.T @ (values * share[:, None])


def quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    """The least of the values that `share` of the weight does not exceed."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(np.searchsorted(reached, share), len(order) - 1)])

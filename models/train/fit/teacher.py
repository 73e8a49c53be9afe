"""The teacher: an average of linear heads, each on one level of frozen features and one colouring.

Heads on the pictures as they are know this laboratory's colours, which say much about its patients;
heads on stain-normalised pictures do without. Together they are better than either on patients
they did not see, and a student that imitates them on recoloured crops needs no normalised input.
"""

from dataclasses import dataclass

import numpy as np

from ..network.architecture import Cut
from . import head

Features = dict[Cut, np.ndarray]  # by level: f32 [n, C]
Head = tuple[np.ndarray, np.ndarray]  # weight [2, C] and bias [2]


@dataclass(frozen=True)
class Teacher:
    plain: dict[Cut, Head]
    normalised: dict[Cut, Head]

    @classmethod
    def fit(
        cls,
        plain: Features,
        normalised: Features,
        labels: np.ndarray,
        weights: np.ndarray,
        strength: float,
    ) -> "Teacher":
        """From the features of the app's patches of the training pictures; see head.fit."""

        def heads(features: Features) -> dict[Cut, Head]:
            return {
                cut: head.fit(values.astype(np.float64), labels, weights, strength)
                for cut, values in features.items()
            }

        return cls(heads(plain), heads(normalised))

    def logits(self, plain: Features, normalised: Features) -> np.ndarray:
        """f32 [n, 2]: the mean over all heads."""
        found = [
            features[cut] @ weight.T + bias
            for heads, features in ((self.plain, plain), (self.normalised, normalised))
            for cut, (weight, bias) in heads.items()
        ]
        return np.mean(found, axis=0, dtype=np.float64).astype(np.float32)

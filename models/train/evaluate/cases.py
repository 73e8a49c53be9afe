"""The predicted images without their pixels: all that scores, tables and plots are made from.

No PyTorch is needed here, so that reports can be made again in seconds and tested anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..data.pictures import Picture
from ..data.split import Folds

VARIANTS = ("f32", "int8")


@dataclass(frozen=True)
class Cases:
    """What is known of each image, and which image each patch belongs to."""

    labels: np.ndarray  # int [images], 0 benign, 1 malignant
    patients: np.ndarray  # str [images]
    magnifications: np.ndarray  # int [images]
    subtypes: np.ndarray  # str [images]
    owner: np.ndarray  # int [patches], index of the image of each patch

    @classmethod
    def of(cls, pictures: Sequence[Picture], owner: np.ndarray) -> "Cases":
        return cls(
            np.array([picture.label for picture in pictures]),
            np.array([picture.patient for picture in pictures]),
            np.array([picture.magnification for picture in pictures]),
            np.array([picture.subtype for picture in pictures]),
            np.asarray(owner),
        )

    def __len__(self) -> int:
        return len(self.labels)

    def fold_of(self, folds: Folds) -> np.ndarray:
        """The fold of each image's patient."""
        return np.array([folds[patient] for patient in self.patients])

    def patient_weights(self) -> np.ndarray:
        """Weight of each image so that every patient weighs 1."""
        _, place, count = np.unique(self.patients, return_inverse=True, return_counts=True)
        return 1.0 / count[place]


@dataclass(frozen=True)
class OutOfFold:
    """Logits [patches, 2] of every patch from the model that did not see its patient."""

    seed: int
    folds: Folds
    logits: dict[str, np.ndarray]  # by variant

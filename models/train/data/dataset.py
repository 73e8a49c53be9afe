"""All pictures in memory, with their patches as the app samples them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .pictures import Picture, cut_patches, find_pictures, read_rgb

BATCH = 8  # patches a run of ONNX Runtime; larger batches leave the CPU's caches


@dataclass(frozen=True)
class Dataset:
    """All pictures with their patches as the app samples them."""

    pictures: list[Picture]
    patches: np.ndarray  # uint8 [n, 224, 224, 3]
    owner: np.ndarray  # index into `pictures` of each patch

    @classmethod
    def load(cls, folder: Path) -> "Dataset":
        pictures = find_pictures(folder)
        cut = [cut_patches(read_rgb(picture.path)) for picture in pictures]
        owner = np.repeat(np.arange(len(pictures)), [len(patches) for patches in cut])
        return cls(pictures, np.concatenate(cut), owner)

    @property
    def labels(self) -> np.ndarray:
        return np.array([picture.label for picture in self.pictures])

    @property
    def patients(self) -> np.ndarray:
        return np.array([picture.patient for picture in self.pictures])

    def batches(self, patches: np.ndarray) -> list[np.ndarray]:
        """The patches of these indices, in runs of BATCH."""
        return [
            self.patches[patches[start : start + BATCH]] for start in range(0, len(patches), BATCH)
        ]

    def patches_of(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the patches of these pictures, and each one's place within `pictures`."""
        place = np.full(len(self.pictures), -1)
        place[pictures] = np.arange(len(pictures))
        patches = np.flatnonzero(place[self.owner] >= 0)
        return patches, place[self.owner[patches]]

"""All pictures with their patches as the app samples them, in memory or in a file.

The whole BreakHis has 47,454 patches, 7 GB: more than many machines have to spare.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..network.architecture import PATCH
from ..store import digest
from .pictures import Picture, cut_patches, find_pictures, image_size, patch_corners, read_rgb

BATCH = 8  # patches a run of ONNX Runtime; larger batches leave the CPU's caches


@dataclass(frozen=True)
class Dataset:
    """All pictures with their patches as the app samples them."""

    pictures: list[Picture]
    patches: np.ndarray  # uint8 [n, 224, 224, 3]
    owner: np.ndarray  # index into `pictures` of each patch

    @classmethod
    def load(cls, folder: Path, kept: Path | None = None) -> "Dataset":
        """All pictures below `folder`.

        `kept`: a folder for a file of the patches, from which they are read when they are needed;
        it is found again as long as names and sizes of the pictures are the same. Where it is
        absent, they are in memory.
        """
        pictures = find_pictures(folder)
        counts = [len(patch_corners(*image_size(picture.path))) for picture in pictures]
        owner = np.repeat(np.arange(len(pictures)), counts)
        if kept is None:
            patches = np.concatenate([cut_patches(read_rgb(p.path)) for p in pictures])
            return cls(pictures, patches, owner)
        files = [(picture.path.name, picture.path.stat().st_size) for picture in pictures]
        file = kept / f"patches-{digest(files)}.npy"
        if not file.exists():
            _write_patches(file, pictures, counts)
        return cls(pictures, np.load(file, mmap_mode="r"), owner)

    @property
    def labels(self) -> np.ndarray:
        return np.array([picture.label for picture in self.pictures])

    @property
    def patients(self) -> np.ndarray:
        return np.array([picture.patient for picture in self.pictures])

    def batches(self, patches: np.ndarray) -> Iterator[np.ndarray]:
        """The patches of these indices, in runs of BATCH, each read when it is wanted."""
        for start in range(0, len(patches), BATCH):
            yield np.asarray(self.patches[patches[start : start + BATCH]])

    def patches_of(self, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the patches of these pictures, and each one's place within `pictures`."""
        place = np.full(len(self.pictures), -1)
        place[pictures] = np.arange(len(pictures))
        patches = np.flatnonzero(place[self.owner] >= 0)
        return patches, place[self.owner[patches]]


def _write_patches(file: Path, pictures: Sequence[Picture], counts: Sequence[int]) -> None:
    """One picture at a time. The name appears when all is written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    shape = (sum(counts), PATCH, PATCH, 3)
    patches = np.lib.format.open_memmap(part, mode="w+", dtype=np.uint8, shape=shape)
    start = 0
    for picture, count in zip(pictures, counts, strict=True):
        patches[start : start + count] = cut_patches(read_rgb(picture.path))
        start += count
    patches.flush()
    part.replace(file)

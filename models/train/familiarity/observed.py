"""Features of whole images: the mean over the patches that vote; kept on disk in small chunks."""

import hashlib
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx

from ..data.pictures import cut_patches, read_rgb
from ..evaluate.perturbations import PERTURBATIONS, PLAIN
from ..network.architecture import SHIPPED_LEVELS
from ..screen.twin import screen, voters
from ..store import Store, code_digest, digest
from .levels import Taps

CHUNK = 32  # pictures of one file of the store
CODE = ("familiarity.levels", "screen.twin")
Change = Callable[[np.ndarray, str], np.ndarray]  # pixels, the file's name without its end
CHANGES = {change.name: change for change in PERTURBATIONS}
# What a camera, a file format and a lamp do to a picture that is still the same tissue.
HARMLESS = (
    "JPEG quality 50",
    "blur sigma 1",
    "brightness -20%",
    "brightness +20%",
    "white balance warm 10%",
    "white balance cool 10%",
    "scale x0.7",
    "noise sd 5",
)


@dataclass(frozen=True)
class Observed:
    """Patches of several images, in the order that was asked for."""

    owner: np.ndarray  # [patches]: index of the image
    votes: np.ndarray  # bool [patches]: it passes the screen, and so do enough of its image
    features: np.ndarray  # f32 [patches, F]
    images: int

    def counts(self) -> np.ndarray:
        """How many patches of each image vote."""
        return np.bincount(self.owner[self.votes], minlength=self.images)

    def means(self) -> np.ndarray:
        """f64 [images, F] over the voters; NaN where none votes."""
        sums = np.zeros((self.images, self.features.shape[1]))
        np.add.at(sums, self.owner[self.votes], self.features[self.votes].astype(np.float64))
        counts = self.counts()[:, None]
        return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)


def observe(taps: Taps, images: Sequence[np.ndarray]) -> Observed:
    """Of pixels uint8 [height, width, 3], cut and screened as the app does."""
    patches = [cut_patches(pixels) for pixels in images]
    votes = []
    for part in patches:
        mine = np.zeros(len(part), bool)
        mine[voters(screen(patch) for patch in part)] = True
        votes.append(mine)
    counts = [len(part) for part in patches]
    return Observed(
        np.repeat(np.arange(len(images)), counts),
        np.concatenate(votes),
        taps.features(np.concatenate(patches)),
        len(images),
    )


def join(parts: Sequence[Observed]) -> Observed:
    """The images of all parts, one after the other."""
    starts = np.cumsum([0, *(part.images for part in parts)])
    return Observed(
        np.concatenate([part.owner + start for part, start in zip(parts, starts, strict=False)]),
        np.concatenate([part.votes for part in parts]),
        np.concatenate([part.features for part in parts]),
        int(starts[-1]),
    )


def every_patch(observed: Observed) -> Observed:
    """The same, where every patch votes, also what the screen turns away."""
    return replace(observed, votes=np.ones_like(observed.votes))


class Observer:
    """Observes picture files with one model, and keeps what it found."""

    def __init__(
        self,
        model: bytes,
        work: Path,
        log: Callable[[str], None] = lambda _: None,
        levels: Sequence[str] = SHIPPED_LEVELS,
    ) -> None:
        self.store, self.log, self.levels = Store(work), log, tuple(levels)
        self._model, self._taps = model, None
        self._key = digest(hashlib.sha256(model).hexdigest(), self.levels, code_digest(CODE))

    def files(self, paths: Sequence[Path], change: str = PLAIN) -> Observed:
        """These pictures, each changed as perturbations.py names it."""
        apply = CHANGES[change].apply
        return self.changed(paths, change, lambda pixels, stem: apply(pixels, _seed(stem)))

    def changed(self, paths: Sequence[Path], name: str, change: Change) -> Observed:
        """These pictures, each after `change`, which has to be the same for the same name."""
        chunks = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
        start, found = time.monotonic(), []
        for number, chunk in enumerate(chunks, 1):
            content = [hashlib.sha256(path.read_bytes()).hexdigest() for path in chunk]
            key = digest(self._key, name, content)
            kept = "observed-" + "".join(c for c in name if c.isalnum() or c in "+-.")
            found.append(self.store.get(kept, key, lambda chunk=chunk: self._see(chunk, change)))
            left = (time.monotonic() - start) / number * (len(chunks) - number)
            if left > 1 or number == len(chunks):
                self.log(f"{name}: {number} of {len(chunks)}, {left / 60:.0f} min left")
        return join(found)

    def unscreened(self, images: Sequence[np.ndarray]) -> Observed:
        """Pixels that are in no file; every patch votes. Not kept."""
        return every_patch(observe(self.taps, images))

    @property
    def taps(self) -> Taps:
        if self._taps is None:
            self._taps = Taps(onnx.load_from_string(self._model), self.levels)
        return self._taps

    def _see(self, paths: Sequence[Path], change: Change) -> Observed:
        images = [np.ascontiguousarray(change(read_rgb(path), path.stem)) for path in paths]
        return observe(self.taps, images)


def _seed(name: str) -> int:
    """The randomness of one picture, by its name alone."""
    return zlib.crc32(name.encode())

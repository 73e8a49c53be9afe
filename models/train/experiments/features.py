"""Frozen features of the views, computed once and kept: an interrupted run goes on where it was.

    python -m models.train.experiments.features --data ../shared/breakhis \\
        --oral ../shared/oral --work FOLDER

Chunks of pictures are kept one by one (store.py), under a key of the files' bytes, the view and the
code; the remaining time is told.
"""

import argparse
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.oral import find_fields
from ..data.pictures import cut_patches, find_pictures, read_rgb
from ..evaluate import robustness
from ..network.statistics import Backbone, Statistics
from ..store import Store, code_digest, digest
from .arguments import add_arguments
from .views import LAMPS, VIEWS, seed_of

LEVELS = ("b4", "b6", "b7", "b8", "b10", "b14", "b15x")
CHUNK = 32  # pictures of one file of the store
# What features depend on. Of the views, the modules themselves: what is only imported beside them
# changes more often than what they take from it.
SEEING = ("network.statistics",)
VIEWING = ("experiments.views", "evaluate.perturbations", "data.stains", "data.white_balance")
EVERY, SAMPLE, ORAL = "every picture", "the sample", "oral"
SAMPLED = 4  # pictures of each patient that changes are tried on, at most
# What experiments read, in the order in which it is wanted.
PLAN = (
    (EVERY, ("plain",)),
    (ORAL, ("plain",)),
    (SAMPLE, ("plain", *LAMPS)),
    (SAMPLE, ("glass", *(f"{lamp}, glass" for lamp in LAMPS))),
    (SAMPLE, ("normalised", "foreign")),
    (EVERY, ("scale 0.5", "scale 0.7")),
    (SAMPLE, ("pale", *(f"{lamp}, pale" for lamp in LAMPS))),
    (EVERY, ("normalised",)),
    (ORAL, ("normalised", "glass", "pale")),
    (SAMPLE, ("JPEG 50", "blur 1")),
)


@dataclass(frozen=True)
class Seen:
    """A view of several pictures."""

    owner: np.ndarray  # [patches]: index of the picture, in the order that was asked for
    statistics: Statistics

    def means(self, level: str) -> np.ndarray:
        """f32 [patches, C]"""
        return self.statistics[level][:, 0]

    def both(self, level: str) -> np.ndarray:
        """f32 [patches, 2 C]: means, then spreads."""
        values = self.statistics[level]
        return values.reshape(len(values), -1)


class Features:
    """Finds features in the store, or computes and keeps them."""

    def __init__(self, work: Path, log: Callable[[str], None] = lambda _: None) -> None:
        self.store, self.log = Store(work), log
        self._code = digest(LEVELS, code_digest(SEEING), code_digest(VIEWING, follow=False))
        self._backbone: Backbone | None = None

    def seen(self, paths: Sequence[Path], view: str) -> Seen:
        """This view of these pictures."""
        chunks = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
        start, found = time.monotonic(), []
        for number, chunk in enumerate(chunks, 1):
            key = digest(self._code, view, [_content(path) for path in chunk])
            name = f"seen-{view.replace(', ', '-').replace(' ', '')}"
            found.append(self.store.get(name, key, lambda chunk=chunk: self._see(chunk, view)))
            left = (time.monotonic() - start) / number * (len(chunks) - number)
            if left > 1 or number == len(chunks):
                self.log(f"{view}: {number} of {len(chunks)}, {left / 60:.0f} min left")
        counts = np.concatenate([counts for counts, _ in found])
        return Seen(
            np.repeat(np.arange(len(paths)), counts),
            {level: np.concatenate([part[level] for _, part in found]) for level in LEVELS},
        )

    def _see(self, paths: Sequence[Path], view: str) -> tuple[list[int], Statistics]:
        if self._backbone is None:
            self._backbone = Backbone(LEVELS)
        patches = [cut_patches(VIEWS[view](read_rgb(p), seed_of(p.stem))) for p in paths]
        return [len(part) for part in patches], self._backbone.statistics(np.concatenate(patches))


def _content(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    arguments = parser.parse_args()
    start = time.monotonic()
    features = Features(
        arguments.work,
        lambda text: print(f"[{time.monotonic() - start:6.0f} s] {text}", flush=True),
    )
    pictures = find_pictures(arguments.data)
    paths = {
        EVERY: [picture.path for picture in pictures],
        SAMPLE: [pictures[index].path for index in robustness.sample(pictures, SAMPLED)],
        ORAL: [field.path for field in find_fields(arguments.oral)],
    }
    for whom, views in PLAN:
        for view in views:
            features.seen(paths[whom], view)


if __name__ == "__main__":
    main()

"""A deeper network for lessons, trained on tissues: what lessons learn from it.

    python -m models.train.experiments.backbone --data ../shared/breakhis \\
        --oral ../shared/oral --index ../shared/data/tcga_tiles.tsv --tiles FOLDER \\
        --models models --work FOLDER

The blocks b5 to b14 learn TCGA's tissue classes (fit/tissues.py); then their weights are averaged
with ImageNet's. Lessons are taught and judged as shipped_lessons.py does, on f32 features: mean and
mean square. The blocks see no oral field and no picture of BreakHis. The network that ships has
learned BreakHis' labels: of it the foreign stains say only that nothing is lost.
"""

import argparse
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnx
import torch

from ..data.oral import find_fields
from ..data.pictures import cut_patches, read_rgb
from ..data.tcga import find_tiles
from ..familiarity.levels import Taps
from ..fit.recipe import Mixture
from ..fit.tissues import (
    CUT,
    LEVELS,
    Examples,
    Schedule,
    evenly,
    headless,
    make_examples,
    train,
)
from ..network.architecture import SHIPPED_LEVELS, Cut, map_name
from ..network.export import export_f32
from ..network.folded import Network
from ..network.lite0 import Lite0
from ..network.runtime import session, with_outputs
from ..store import Store, code_digest, digest
from .arguments import add_arguments as add_usual
from .lessons import Draw, few, few_by_patient, image_means
from .shipped_lessons import SIZES, scores
from .study import sampled, shipped_model, table
from .views import foreign, seed_of

BATCH = 8  # patches a run of ONNX Runtime
STRENGTHS = (1e-2, 1e-1)
SHARES = (0.5, 1.0)  # of the trained blocks in the mean with ImageNet's
SCHEDULES = (Schedule(), Schedule(steps=700, rate=8e-4))
CROPS = 8_000  # of tiles
SEED = 0


@dataclass(frozen=True)
class Images:
    """What lessons are taught and judged on."""

    patches: np.ndarray  # uint8 [n, 224, 224, 3]
    owner: np.ndarray  # index of the image of each patch
    labels: np.ndarray  # 0 or 1 of each image
    draw: Draw
    whole: bool  # with five folds and halves by image

    @classmethod
    def of(cls, images: Sequence[np.ndarray], labels: np.ndarray, draw: Draw, whole: bool):
        cut = [cut_patches(pixels) for pixels in images]
        owner = np.repeat(np.arange(len(cut)), [len(part) for part in cut])
        return cls(np.concatenate(cut), owner, labels, draw, whole)


Eyes = Callable[[np.ndarray], np.ndarray]  # patches uint8 [n, 224, 224, 3] -> features f32 [n, F]


def eyes(network: Network, levels: Sequence[str] = LEVELS) -> Eyes:
    """Means of all levels, then mean squares, as the engine takes them."""
    names = [map_name(Cut.parse(level)) for level in levels]
    runner = session(with_outputs(export_f32(network), names))

    def see(patches: np.ndarray) -> np.ndarray:
        rows = []
        for start in range(0, len(patches), BATCH):
            maps = runner.run(None, {"image": patches[start : start + BATCH]})
            parts = [
                part.mean((2, 3)) for values in (maps, map(np.square, maps)) for part in values
            ]
            rows.append(np.concatenate(parts, 1))
        return np.concatenate(rows)

    return see


class Material:
    """Pictures, crops and networks, each made when it is first wanted, and kept."""

    def __init__(self, arguments: argparse.Namespace, log: Callable[[str], None]) -> None:
        self.arguments, self.store, self.log = arguments, Store(arguments.work), log
        self.code = code_digest(["fit.tissues"])

    @cached_property
    def oral(self) -> Images:
        fields = find_fields(self.arguments.oral)
        labels = np.array([field.label for field in fields])
        return Images.of([read_rgb(field.path) for field in fields], labels, few(labels), True)

    @cached_property
    def foreign(self) -> Images:
        """BreakHis, every picture in the stains of another made-up laboratory."""
        chosen = sampled(self.arguments.data)
        labels = np.array([picture.label for picture in chosen])
        draw = few_by_patient(labels, np.array([picture.patient for picture in chosen]))
        pixels = [foreign(read_rgb(p.path), seed_of(p.path.stem)) for p in chosen]
        return Images.of(pixels, labels, draw, False)

    def tissues(self) -> Examples:
        """Crops of TCGA's tiles."""

        def make() -> Examples:
            tiles, _ = find_tiles(self.arguments.index, self.arguments.tiles)
            classes = np.array([tile.label for tile in tiles])
            owner = evenly(classes, CROPS, np.random.default_rng(SEED))
            self.log("crops of tissues")
            return make_examples([tile.path for tile in tiles], classes, owner, SEED)

        return self.store.get("tissues", digest(self.code, CROPS), make)

    def network(self, schedule: Schedule) -> Network:
        key = digest(self.code, CROPS, repr(schedule))
        return self.store.get(
            "network", key, lambda: train(self.tissues(), schedule, SEED, self.log)
        )

    def features(self, images: Images, key: str, see: Eyes) -> np.ndarray:
        """f64 [images, F]; `key` says what sees."""
        pixels = hashlib.sha256(images.patches).hexdigest()
        return self.store.get(
            "lessons",
            digest(key, pixels),
            lambda: image_means(see(images.patches), images.owner),
        )


def start() -> Network:
    """ImageNet's."""
    return headless(Lite0(CUT))


def candidates(material: Material) -> Iterator[tuple[str, str, Eyes]]:
    """Name, key and eyes of every network, the one that ships first."""
    model = shipped_model(material.arguments.models)
    name, key = f"ships, {' + '.join(SHIPPED_LEVELS)}", hashlib.sha256(model).hexdigest()
    yield name, key, Taps(onnx.load_from_string(model)).features
    yield "ImageNet", digest("ImageNet", LEVELS, CUT), eyes(start())
    for schedule in SCHEDULES:
        network = material.network(schedule)
        for share in SHARES:
            name = f"tissues, {schedule.steps} steps at {schedule.rate:g}, {share:.0%}"
            key = digest(name, material.code, CROPS, repr(schedule))
            yield name, key, eyes(Mixture(share, share).of(start(), network))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Those that a Material needs."""
    add_usual(parser)
    parser.add_argument("--index", type=Path, required=True, help="of TCGA's tiles")
    parser.add_argument("--tiles", type=Path, required=True, help="their files, see data/tcga.py")
    parser.add_argument("--models", type=Path, required=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    began = time.monotonic()

    def log(text: str) -> None:
        print(f"[{time.monotonic() - began:6.0f} s] {text}", flush=True)

    torch.set_num_threads(1)
    material = Material(parser.parse_args(), log)
    rows = []
    for name, key, see in candidates(material):
        seen = [material.features(images, key, see) for images in (material.oral, material.foreign)]
        for strength in STRENGTHS:
            cells = [name, f"{strength:g}"]
            for images, values in zip((material.oral, material.foreign), seen, strict=True):
                cells += scores(values, images.labels, images.draw, strength, images.whole)
            rows.append(cells)
            log(" | ".join(cells))
    sizes = [f"{n} a class" for n in SIZES]
    head = ["network", "C", *(f"oral: {size}" for size in sizes), "5 folds", "half"]
    print(f"\n{table([*head, *(f'foreign stains: {size}' for size in sizes)], rows)}")


if __name__ == "__main__":
    main()

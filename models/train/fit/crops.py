"""The store of random crops that students learn from: inputs of the trained blocks, teacher's eyes.

The first blocks stay frozen, so their maps of a crop are computed once and used in every fold and
every step. A crop belongs to its picture alone (its stains are estimated from that picture), so a
fold takes the crops of its training patients and nothing of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..data.augment import Strength, crop_plan, random_views
from ..data.pictures import Picture, cut_patches, read_rgb
from ..data.stains import REFERENCE, estimate, restain
from ..network.architecture import WHOLE, Cut, map_name
from ..network.export import export_f32
from ..network.lite0 import Lite0
from ..network.runtime import session, with_outputs

FROZEN = Cut.parse("b4")  # the last block that is not trained
IMAGES = 256  # decoded pictures that are kept while crops are cut: a quarter of a GB
BATCH = 8  # crops a run of ONNX Runtime; larger batches leave the CPU's caches


@dataclass(frozen=True)
class Part:
    """Some of the crops, so that they can be made side by side."""

    count: int
    kind: str  # the strength's name, for the recipe's text
    strength: Strength
    seed: int


@dataclass(frozen=True)
class Plan:
    """Which crops are made, and at which levels the teacher looks at them."""

    levels: tuple[Cut, ...]
    parts: tuple[Part, ...]

    def counts(self) -> dict[str, int]:
        """Number of crops of each kind."""
        kinds = dict.fromkeys(part.kind for part in self.parts)
        return {kind: sum(p.count for p in self.parts if p.kind == kind) for kind in kinds}


def plan(levels: Sequence[str], strong: Strength, mild: Strength, count: int = 2500) -> Plan:
    """Three parts strong, two mild, of `count` crops each."""
    kinds = [("strong", strong)] * 3 + [("mild", mild)] * 2
    parts = [Part(count, kind, strength, seed) for seed, (kind, strength) in enumerate(kinds, 1)]
    return Plan(tuple(Cut.parse(level) for level in levels), tuple(parts))


@dataclass(frozen=True)
class Crops:
    owner: np.ndarray  # [n]: index of the picture of each crop
    maps: np.ndarray  # f16 [n, C, h, w]: the perturbed crop after the frozen blocks
    plain: dict[Cut, np.ndarray]  # f32 [n, C]: mean-pooled features of the unperturbed crop
    normalised: dict[Cut, np.ndarray]  # and in the reference's colours


class Eyes:
    """The ImageNet backbone in ONNX Runtime."""

    def __init__(self, levels: Sequence[Cut]) -> None:
        self._levels = tuple(levels)
        empty = np.zeros((2, WHOLE.features), np.float32), np.zeros(2, np.float32)
        model = export_f32(Lite0(WHOLE).folded(*empty))
        self._map = session(with_outputs(model, [map_name(FROZEN)]))
        self._pooled = session(with_outputs(model, [map_name(c) for c in levels], pooled=True))

    def map(self, patches: np.ndarray) -> np.ndarray:
        """f16 [n, C, h, w] after the frozen blocks, of uint8 [n, 224, 224, 3]."""
        return self._map.run(None, {"image": patches})[0].astype(np.float16)

    def features(self, patches: np.ndarray) -> dict[Cut, np.ndarray]:
        """f32 [n, C] at each level, of uint8 [n, 224, 224, 3]."""
        return dict(zip(self._levels, self._pooled.run(None, {"image": patches}), strict=True))


def normalised_features(
    pictures: Sequence[Picture], levels: Sequence[Cut]
) -> dict[Cut, np.ndarray]:
    """Features [patches, C] of the app's patches of all pictures in the reference's colours."""
    eyes, found = Eyes(levels), []
    for picture in pictures:
        pixels = read_rgb(picture.path)
        stains = estimate(pixels)
        patches = cut_patches(restain(pixels, stains, REFERENCE) if stains else pixels)
        found += [eyes.features(patches[i : i + BATCH]) for i in range(0, len(patches), BATCH)]
    return _joined(found)


def make_crops(pictures: Sequence[Picture], part: Part, levels: Sequence[Cut]) -> Crops:
    """The crops of this part, drawn by augment.crop_plan."""
    random = np.random.default_rng(part.seed)
    owner = crop_plan(pictures, part.count, random)
    eyes = Eyes(levels)
    image = lru_cache(IMAGES)(lambda index: read_rgb(pictures[index].path))
    stains = {index: estimate(image(index)) for index in np.unique(owner)}
    maps, plain, normalised = [], [], []
    for start in range(0, part.count, BATCH):
        views = [
            random_views(image(index), stains[index], part.strength, random)
            for index in owner[start : start + BATCH]
        ]
        maps.append(eyes.map(np.stack([view.perturbed for view in views])))
        plain.append(eyes.features(np.stack([view.plain for view in views])))
        normalised.append(eyes.features(np.stack([view.normalised for view in views])))
    return Crops(owner, np.concatenate(maps), _joined(plain), _joined(normalised))


def join(parts: Sequence[Crops]) -> Crops:
    return Crops(
        np.concatenate([part.owner for part in parts]),
        np.concatenate([part.maps for part in parts]),
        _joined([part.plain for part in parts]),
        _joined([part.normalised for part in parts]),
    )


def _joined(parts: Sequence[dict[Cut, np.ndarray]]) -> dict[Cut, np.ndarray]:
    return {cut: np.concatenate([part[cut] for part in parts]) for cut in parts[0]}

"""What several levels of the frozen backbone say of a patch: each map's mean and spread."""

from collections.abc import Sequence

import numpy as np

from .architecture import WHOLE, Cut, map_name
from .export import export_f32
from .lite0 import Lite0
from .runtime import session, with_outputs

BATCH = 8  # patches a run of ONNX Runtime; larger batches leave the CPU's caches

Statistics = dict[str, np.ndarray]  # by level ("b7"): f32 [patches, 2, C], mean and spread


class Backbone:
    """The ImageNet network in ONNX Runtime, seen at these levels; one pass gives all."""

    def __init__(self, levels: Sequence[str]) -> None:
        self.levels = tuple(levels)
        empty = np.zeros((2, WHOLE.features), np.float32), np.zeros(2, np.float32)
        model = export_f32(Lite0(WHOLE).folded(*empty))
        names = [map_name(Cut.parse(level)) for level in self.levels]
        self._runner = session(with_outputs(model, names))

    def statistics(self, patches: np.ndarray) -> Statistics:
        """Of uint8 [n, 224, 224, 3]: over the positions of each map."""
        found: dict[str, list[np.ndarray]] = {level: [] for level in self.levels}
        for start in range(0, len(patches), BATCH):
            maps = self._runner.run(None, {"image": patches[start : start + BATCH]})
            for level, values in zip(self.levels, maps, strict=True):
                found[level].append(np.stack([values.mean((2, 3)), values.std((2, 3))], axis=1))
        return {level: np.concatenate(parts) for level, parts in found.items()}

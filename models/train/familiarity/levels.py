"""What the int8 network says of a patch at several levels: exact integers, then two statistics.

A level is the quantised output of one block. Of each channel the sums of its bytes and of their
squares are taken over all positions, which every engine gets bit for bit; with scale s and zero
point z they are the mean and the mean square of the activation, as `features` in the manifest says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ..network.architecture import BLOCKS, SHIPPED_LEVELS, Cut, map_name
from ..network.runtime import session

STATISTICS = ("mean", "mean_square")
BATCH = 8  # patches a run of ONNX Runtime


@dataclass(frozen=True)
class Level:
    """One level, as the manifest names it."""

    name: str  # the cut: "b4"
    tensor: str  # ONNX name of the dequantised output; with "_q" that of its bytes
    channels: int

    @classmethod
    def of(cls, name: str) -> "Level":
        cut = Cut.parse(name)
        return cls(name, map_name(cut), BLOCKS[cut.last_block].outputs)


class Taps:
    """The int8 network in ONNX Runtime, seen at these levels."""

    def __init__(self, model: onnx.ModelProto, levels: Sequence[str] = SHIPPED_LEVELS) -> None:
        self.levels = [Level.of(name) for name in levels]
        constants = {
            tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer
        }
        tensors = [level.tensor for level in self.levels]
        self._scales = [float(constants[f"{name}_scale"]) for name in tensors]
        self._zeros = [int(constants[f"{name}_zero"]) for name in tensors]
        seen = onnx.ModelProto()
        seen.CopyFrom(model)
        del seen.graph.output[:]
        seen.graph.output.extend(
            helper.make_tensor_value_info(f"{name}_q", TensorProto.UINT8, None) for name in tensors
        )
        self._runner = session(seen)

    def features(self, patches: np.ndarray) -> np.ndarray:
        """f32 [n, 2 * channels of all levels] of uint8 [n, 224, 224, 3]: means, mean squares."""
        rows = []
        for start in range(0, len(patches), BATCH):
            maps = self._runner.run(None, {"image": patches[start : start + BATCH]})
            parts = zip(maps, self._scales, self._zeros, strict=True)
            found = [statistics(values, scale, zero) for values, scale, zero in parts]
            rows.append(np.concatenate([part[which] for which in (0, 1) for part in found], axis=1))
        return np.concatenate(rows)


def statistics(values: np.ndarray, scale: float, zero: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and mean square f32 [n, C] of the activations that bytes [n, C, h, w] stand for."""
    q = values.astype(np.int64)
    positions = values.shape[2] * values.shape[3]
    mean, square = (part.sum((2, 3)) / positions for part in (q, q * q))
    first = scale * (mean - zero)
    second = scale**2 * (square - 2 * zero * mean + zero**2)
    return first.astype(np.float32), second.astype(np.float32)


def columns(
    levels: Sequence[str], statistics: Sequence[str], seen: Sequence[str] = SHIPPED_LEVELS
) -> np.ndarray:
    """Which of the features of the levels `seen` and STATISTICS belong to these, in their order."""
    found, start = [], 0
    for statistic in STATISTICS:
        for name in seen:
            count = Level.of(name).channels
            if statistic in statistics and name in levels:
                found.append(np.arange(start, start + count))
            start += count
    return np.concatenate(found)

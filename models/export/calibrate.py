"""What numbers each activation takes on a person's patches, and the range that is kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import onnx

from ..train.network.runtime import session, with_outputs
from ..train.quantise.numbers import Range

BINS = 2048
STEPS = 24  # candidates for each end of a range
SHORTEST = 0.3  # of the whole, which the shortest candidate keeps
KEPT = 0.9999  # of all values, by the method "percentile"
BATCH = 4  # patches whose activations are held at once


@dataclass
class Seen:
    """Values of one tensor: a histogram over their whole range, and means of its channels."""

    low: float = np.inf
    high: float = -np.inf
    counts: np.ndarray | None = None

    @property
    def centres(self) -> np.ndarray:
        edges = np.linspace(self.low, self.high, BINS + 1)
        return (edges[1:] + edges[:-1]) / 2

    def count(self, values: np.ndarray) -> None:
        width = max(self.high - self.low, 1e-12)
        bins = ((values.ravel() - self.low) * np.float32(BINS / width)).astype(np.int32)
        found = np.bincount(np.clip(bins, 0, BINS - 1), minlength=BINS)
        self.counts = found if self.counts is None else self.counts + found


def shapes(model: onnx.ModelProto, patch: np.ndarray) -> dict[str, tuple[int, ...]]:
    """Shape of each tensor of floats for one patch `[1, ...]` as the network reads it."""
    inferred = onnx.shape_inference.infer_shapes(model).graph
    names = [
        value.name
        for value in [*inferred.value_info, *inferred.output]
        if value.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    ]
    runner = session(with_outputs(model, names))
    values = runner.run(names, {runner.get_inputs()[0].name: patch})
    return {name: value.shape for name, value in zip(names, values, strict=True)}


def observe(
    model: onnx.ModelProto, ranged: list[str], averaged: list[str], fed: np.ndarray, threads: int
) -> tuple[dict[str, Seen], dict[str, np.ndarray]]:
    """Histograms of the tensors `ranged`, and means of the channels of the maps `averaged`."""
    names = sorted({*ranged, *averaged})
    runner = session(with_outputs(model, names), threads=threads)
    entry = runner.get_inputs()[0].name
    seen = {name: Seen() for name in ranged}
    means = {name: np.float64(0) for name in averaged}

    def passes() -> Iterable[dict[str, np.ndarray]]:
        for start in range(0, len(fed), BATCH):
            values = runner.run(names, {entry: fed[start : start + BATCH]})
            yield dict(zip(names, values, strict=True))

    for values in passes():
        for name, found in seen.items():
            found.low = min(found.low, float(values[name].min()))
            found.high = max(found.high, float(values[name].max()))
        for name in averaged:
            means[name] = means[name] + values[name].mean((2, 3)).sum(0) / len(fed)
    for values in passes():
        for name, found in seen.items():
            found.count(values[name])
    return seen, means


def spanning(low: float, high: float, top: int) -> Range:
    """The range with `top` steps that covers [low, high] and holds zero exactly."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(np.float32(max(high - low, 1e-6) / top))
    return Range(scale, int(np.clip(np.rint(-low / scale), 0, top)), top)


def extremes(seen: Seen, top: int) -> Range:
    """All that was seen."""
    return spanning(seen.low, seen.high, top)


def percentile(seen: Seen, top: int) -> Range:
    """All but a ten-thousandth of the values, half of it at each end."""
    share = np.cumsum(seen.counts) / seen.counts.sum()
    rest = (1 - KEPT) / 2
    low, high = np.searchsorted(share, [rest, 1 - rest])
    return spanning(seen.centres[low], seen.centres[min(high, BINS - 1)], top)


def least_error(seen: Seen, top: int) -> Range:
    """The range with the least squared error of clipping and rounding together.

    As models/train/quantise/calibrate.py, whose search runs where PyTorch is; here an end at zero
    is not searched.
    """
    centres, best, least = seen.centres, extremes(seen, top), np.inf
    shares = np.linspace(SHORTEST, 1.0, STEPS)
    for low in np.unique(min(seen.low, 0.0) * shares):
        for high in np.unique(max(seen.high, 0.0) * shares):
            candidate = spanning(low, high, top)
            steps = np.rint(centres / candidate.scale) + candidate.zero_point
            restored = (np.clip(steps, 0, top) - candidate.zero_point) * candidate.scale
            error = float(seen.counts @ np.square(centres - restored))
            if error < least:
                best, least = candidate, error
    return best


def mean_scores(
    model: onnx.ModelProto, names: list[str], fed: np.ndarray, threads: int
) -> dict[str, np.ndarray]:
    """Means of the tensors `[n, classes]` of these names, with the nodes as they are written."""
    runner = session(with_outputs(model, names), exact=True, threads=threads)
    entry = runner.get_inputs()[0].name
    totals = [np.float64(0)] * len(names)
    for start in range(0, len(fed), BATCH):
        values = runner.run(names, {entry: fed[start : start + BATCH]})
        totals = [total + v.sum(0) for total, v in zip(totals, values, strict=True)]
    return {name: total / len(fed) for name, total in zip(names, totals, strict=True)}


METHODS: dict[str, Callable[[Seen, int], Range]] = {
    "error": least_error,
    "percentile": percentile,
    "extremes": extremes,
}

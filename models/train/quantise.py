"""Numbers of the int8 model: ranges of activations, s8 weights, i32 biases, and calibration.

Activations are 7 bits, 0..127, so that dot products of s8 and u7 operands are exact in the SIMD
instructions of every target. ReLU6 outputs have a fixed scale; the range of each linear output
(bottlenecks and residual sums) is calibrated on training patches.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .network import Conv, Network, Residual

TOP = 127  # greatest quantised activation
BINS = 2048
CLIP_STEPS = 24  # candidates per end when the clipping range is searched


@dataclass(frozen=True)
class Range:
    """An affine quantisation: real = scale * (quantised - zero_point)."""

    scale: float
    zero_point: int
    top: int = TOP

    @property
    def low(self) -> float:
        return -self.zero_point * self.scale

    @property
    def high(self) -> float:
        return (self.top - self.zero_point) * self.scale


INPUT_RANGE = Range(1 / 128, 127, top=255)  # raw pixels: (x - 127) / 128
RELU6_RANGE = Range(6 / TOP, 0)


def make_range(low: float, high: float) -> Range:
    """The 7-bit range that covers [low, high] and holds zero exactly."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32(max(high - low, 1e-6) / TOP)
    return Range(float(scale), int(np.clip(np.rint(-low / scale), 0, TOP)))


def quantise_weight(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """s8 [out, ...] in -127..127 and its f32 scale [out]; symmetric per output channel."""
    largest = np.abs(weight).reshape(len(weight), -1).max(1)
    scale = (np.maximum(largest, 1e-8) / TOP).astype(np.float32)
    shape = (-1,) + (1,) * (weight.ndim - 1)
    quantised = np.clip(np.rint(weight / scale.reshape(shape)), -TOP, TOP)
    return quantised.astype(np.int8), scale


def quantise_bias(
    bias: np.ndarray, input_scale: float, weight_scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """i32 [out] and its f32 scale [out], which is input_scale * weight_scale."""
    scale = (np.float32(input_scale) * weight_scale).astype(np.float32)
    quantised = np.rint(bias.astype(np.float64) / scale)
    limit = np.iinfo(np.int32)
    return np.clip(quantised, limit.min, limit.max).astype(np.int32), scale


def linear_layers(network: Network) -> list[str]:
    """Names of the layers whose range must be calibrated."""
    return [
        layer.name
        for layer in network.layers
        if isinstance(layer, Residual) or (isinstance(layer, Conv) and not layer.relu6)
    ]


def calibrate(network: Network, batches: Iterable[np.ndarray]) -> dict[str, Range]:
    """Ranges of the linear layers, from the f32 network run on patches.

    `batches`: uint8 [n, 224, 224, 3] each; iterated twice, so it must be a list or the like. The
    first pass finds the extremes, the second fills histograms; then each range is the one with the
    least mean squared error of clipping and rounding together.
    """
    from .export import export_f32  # imports this module
    from .runtime import session, with_outputs

    names = linear_layers(network)
    runner = session(with_outputs(export_f32(network), names))
    lows, highs = np.full(len(names), np.inf), np.full(len(names), -np.inf)
    for batch in batches:
        values = runner.run(names, {"image": batch})
        lows = np.minimum(lows, [value.min() for value in values])
        highs = np.maximum(highs, [value.max() for value in values])
    edges = [np.linspace(low, high, BINS + 1) for low, high in zip(lows, highs, strict=True)]
    counts = np.zeros((len(names), BINS))
    for batch in batches:
        for row, value in enumerate(runner.run(names, {"image": batch})):
            counts[row] += np.histogram(value, bins=edges[row])[0]
    return {name: best_range(edges[row], counts[row]) for row, name in enumerate(names)}


def best_range(edges: np.ndarray, counts: np.ndarray) -> Range:
    """The range with the least squared error for values with this histogram."""
    centres = (edges[1:] + edges[:-1]) / 2
    best, best_error = None, np.inf
    for low in edges[0] * np.linspace(0.3, 1.0, CLIP_STEPS):
        for high in edges[-1] * np.linspace(0.3, 1.0, CLIP_STEPS):
            candidate = make_range(low, high)
            steps = np.rint(centres / candidate.scale) + candidate.zero_point
            restored = (np.clip(steps, 0, TOP) - candidate.zero_point) * candidate.scale
            error = float(counts @ np.square(centres - restored))
            if error < best_error:
                best, best_error = candidate, error
    return best

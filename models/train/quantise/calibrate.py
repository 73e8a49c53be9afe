"""From a folded network and a few training patches to the int8 model."""

import numpy as np
import onnx

from ..data.dataset import Dataset
from ..network.export import export_f32
from ..network.folded import Conv, Network, Residual
from ..network.runtime import session, with_outputs
from .bias_correction import correct_biases
from .export import export_int8
from .numbers import TOP, Range, make_range

CALIBRATION_PATCHES = 96
BINS = 2048
CLIP_STEPS = 24  # candidates per end when the clipping range is searched
BIAS_PATCHES = 48


def int8_model(network: Network, batches: list[np.ndarray]) -> onnx.ModelProto:
    """Calibrates, corrects the biases and exports. `batches`: uint8 [n, 224, 224, 3] each."""
    ranges = calibrate(network, batches)
    corrected = correct_biases(network, ranges, np.concatenate(batches)[:BIAS_PATCHES])
    return export_int8(corrected, ranges)


def calibration_batches(dataset: Dataset, pictures: np.ndarray, seed: int) -> list[np.ndarray]:
    """Patches for calibration, drawn from these pictures without regard to the label."""
    patches, _ = dataset.patches_of(pictures)
    random = np.random.default_rng(seed)
    count = min(CALIBRATION_PATCHES, len(patches))
    return list(dataset.batches(np.sort(random.choice(patches, count, replace=False))))


def linear_layers(network: Network) -> list[str]:
    """Names of the layers whose range must be calibrated."""
    return [
        layer.name
        for layer in network.layers
        if isinstance(layer, Residual) or (isinstance(layer, Conv) and not layer.relu6)
    ]


def calibrate(network: Network, batches: list[np.ndarray]) -> dict[str, Range]:
    """Ranges of the linear layers, from the f32 network run on patches.

    `batches`: uint8 [n, 224, 224, 3] each. The first pass finds the extremes, the second fills
    histograms; then each range is the one with the least mean squared error of clipping and
    rounding together.
    """
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

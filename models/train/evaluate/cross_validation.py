"""Patient-grouped cross-validation of a recipe, in f32 and int8, as the app would predict.

What is made of its predictions is in analysis.py and confidence.py, which need no PyTorch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import onnx

from ..data.dataset import Dataset
from ..data.split import Folds, sides
from ..network.export import export_f32
from ..network.folded import Network
from ..network.runtime import session
from ..quantise.calibrate import calibration_batches, int8_model
from . import metrics
from .cases import VARIANTS, Cases, OutOfFold

Train = Callable[[np.ndarray, int], Network]  # (indices of the training pictures, fold) -> network


@dataclass(frozen=True)
class Fold:
    """One fold's models, as ONNX files, and their logits of its test patches."""

    test: np.ndarray  # indices of the test patches
    logits: dict[str, np.ndarray]  # by variant, f32 [test patches, 2]
    files: dict[str, bytes]  # by variant

    def models(self) -> dict[str, onnx.ModelProto]:
        return {name: onnx.load_from_string(content) for name, content in self.files.items()}


def predict_fold(dataset: Dataset, folds: Folds, seed: int, fold: int, train: Train) -> Fold:
    """Trains on the other folds, quantises, and predicts the patches of this fold."""
    inside, outside = sides(dataset.pictures, folds, fold)
    network = train(inside, fold)
    test, _ = dataset.patches_of(outside)
    models = {
        "f32": export_f32(network),
        "int8": int8_model(network, calibration_batches(dataset, inside, seed)),
    }
    logits = {}
    for variant, model in models.items():
        runner = session(model)
        rows = [runner.run(["logits"], {"image": batch})[0] for batch in dataset.batches(test)]
        logits[variant] = np.concatenate(rows)
    return Fold(test, logits, {name: m.SerializeToString() for name, m in models.items()})


def joined(dataset: Dataset, folds: Folds, seed: int, found: Sequence[Fold]) -> OutOfFold:
    """The predictions of all folds of one seed."""
    logits = {v: np.zeros((len(dataset.patches), 2), np.float32) for v in VARIANTS}
    for fold in found:
        for variant in VARIANTS:
            logits[variant][fold.test] = fold.logits[variant]
    return OutOfFold(seed, folds, logits)


def cases(dataset: Dataset) -> Cases:
    return Cases.of(dataset.pictures, dataset.owner)


def probabilities(dataset: Dataset, logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """P(malignant) of every image."""
    return metrics.image_probabilities(logits, dataset.owner, len(dataset.pictures), temperature)

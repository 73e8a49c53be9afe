"""Nobody is predicted by a model that has seen them; skipped where PyTorch is absent."""

from pathlib import Path

import numpy as np
import pytest
from models.train.data.dataset import Dataset
from models.train.data.pictures import parse_name
from models.train.data.split import FOLDS, make_folds
from models.train.data.synthetic import reference_patches
from models.train.network.architecture import Cut
from models.train.network.runtime import session

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.evaluate.cross_validation import joined, predict_fold  # noqa: E402 (PyTorch)
from models.train.network.lite0 import Lite0  # noqa: E402


def test_cross_validation_predicts_each_patient_without_having_seen_it():
    """Every fold's network answers with its fold's number, so the logits tell who predicted."""
    names = [
        f"SOB_{'BM'[patient % 2]}_F-14-{patient}-100-{number:03}"
        for patient in range(10, 20)
        for number in range(1, 2 + (patient < 12))
    ]
    pictures = [parse_name(Path(name)) for name in names]
    patches = np.stack([reference_patches()[i % 6] for i in range(len(pictures))])
    dataset = Dataset(pictures, patches, np.arange(len(pictures)))
    folds = make_folds(pictures, seed=0)
    cut, seen = Cut.parse("b0"), []

    def train(inside: np.ndarray, fold: int):
        seen.append({pictures[index].patient for index in inside})
        assert not any(folds[patient] == fold for patient in seen[-1])
        weight = np.zeros((2, cut.features), np.float32)
        return Lite0(cut, pretrained=False).folded(weight, np.float32([0, fold]))

    found = [predict_fold(dataset, folds, 0, fold, train) for fold in range(FOLDS)]
    run = joined(dataset, folds, 0, found)
    assert len(seen) == len(found) == FOLDS
    wanted = [folds[picture.patient] for picture in pictures]
    np.testing.assert_allclose(run.logits["f32"][:, 1], wanted, atol=1e-5)
    np.testing.assert_allclose(run.logits["int8"][:, 1], wanted, atol=0.01)
    for number, fold in enumerate(found):
        (said,) = session(fold.models()["int8"]).run(["logits"], {"image": patches[:1]})
        assert said[0, 1] == pytest.approx(number, abs=0.01)

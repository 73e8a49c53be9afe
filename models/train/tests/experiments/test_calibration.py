"""Calibration and what is left open: right on what it was made for, never fitted to its fold."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="NO PYTORCH: experiments were not tested")

from models.train.experiments import calibration
from models.train.experiments.calibration import (
    METHODS,
    RULES,
    cross_fitted,
    kept,
    left_open,
    log_odds,
    of_label,
)
from models.train.experiments.study import Judged


def invented(study, sharpness: float = 1.0, shift: float = 0.0) -> Judged:
    """Calibrated probabilities, then made too sharp or shifted."""
    random = np.random.default_rng(0)
    odds = random.normal(0.8 * (2 * study.labels - 1), 1.2, (2, len(study.labels)))
    p = 1 / (1 + np.exp(-sharpness * (odds + shift)))
    return Judged(p, study.labels, study.patients)


def test_a_temperature_undoes_sharpness():
    random = np.random.default_rng(1)
    odds = random.normal(0, 1.5, 4000)
    labels = (random.random(4000) < 1 / (1 + np.exp(-odds))).astype(int)
    sharp = 1 / (1 + np.exp(-4 * odds))
    calibrate = METHODS["temperature"](sharp, labels, np.ones(4000))
    found = log_odds(calibrate(sharp))
    slope = (found @ odds) / (odds @ odds)
    assert slope == pytest.approx(1, abs=0.12)


def test_beta_undoes_a_shift_too():
    random = np.random.default_rng(1)
    odds = random.normal(0, 1.5, 4000)
    labels = (random.random(4000) < 1 / (1 + np.exp(-odds))).astype(int)
    shifted = 1 / (1 + np.exp(-(2 * odds + 1)))
    found = METHODS["beta"](shifted, labels, np.ones(4000))(shifted)
    assert np.abs(found - 1 / (1 + np.exp(-odds))).mean() < 0.03


@pytest.mark.parametrize("method", METHODS)
def test_no_fold_is_calibrated_by_its_own_labels(study, method):
    before = cross_fitted(invented(study, 2.0, 0.5), study, METHODS[method])
    mine = study.fold_of(0) == 0
    spoilt = invented(study, 2.0, 0.5)
    labels = np.where(mine, 1 - spoilt.labels, spoilt.labels)
    spoilt = Judged(spoilt.p, labels, spoilt.patients)
    after = cross_fitted(spoilt, study, METHODS[method])
    np.testing.assert_array_equal(before.p[0, mine], after.p[0, mine])
    assert not np.array_equal(before.p[0, ~mine], after.p[0, ~mine])


def test_what_is_kept_is_right_as_often_as_was_wanted(study, monkeypatch):
    found = invented(study, 1.5)
    everyone = np.ones(len(study.labels), bool)
    level = calibration.threshold(found, everyone)
    confidence = np.maximum(found.p, 1 - found.p)
    assert kept(found, confidence >= level)["right_patients"] >= calibration.TARGET
    assert kept(found, confidence >= level - 0.01)["right_patients"] < calibration.TARGET
    assert calibration.threshold(Judged(1 - found.p, *vars_of(found)), everyone) > 1
    for rule in RULES.values():
        keep, levels = left_open(found, study, rule)
        assert keep.any() and not keep.all() and (levels >= 0.5).all()
    shares = kept(found, confidence >= calibration.half(found, everyone))
    assert calibration.KEPT <= shares["patients"] < calibration.KEPT + 0.05


def vars_of(found: Judged) -> tuple[np.ndarray, np.ndarray]:
    return found.labels, found.patients


def test_patients_weigh_the_same():
    patients = np.array(["a"] * 9 + ["b"])
    labels = np.ones(10, int)
    p = np.array([[0.9] * 9 + [0.2]])
    found, everything = Judged(p, labels, patients), np.ones((1, 10), bool)
    of = kept(found, everything)
    assert (of["right"], of["right_patients"]) == (0.9, 0.5)
    assert of_label(found, everything, 1) == of


def test_what_is_kept_is_told_by_label():
    labels = np.array([0, 0, 1, 1])
    found = Judged(np.array([[0.1, 0.6, 0.9, 0.4]]), labels, np.array(list("abcd")))
    keep = np.array([[True, False, True, True]])
    benign, malignant = (of_label(found, keep, label) for label in (0, 1))
    assert (benign["patients"], benign["right_patients"]) == (0.5, 1.0)
    assert (malignant["patients"], malignant["right_patients"]) == (1.0, 0.5)

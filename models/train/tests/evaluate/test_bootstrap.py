"""Draws of patients against scores of the images that are really drawn."""

import numpy as np
import pytest
from models.train.evaluate import metrics
from models.train.evaluate.bootstrap import PatientBootstrap, interval

from ..invented import usual

CASES, RUNS = usual()
P = np.random.default_rng(1).random(len(CASES)).round(2)  # rounded: with ties


def expanded(draws: PatientBootstrap, row: int) -> np.ndarray:
    """Indices of the images of one draw, and a new name for each patient that was drawn."""
    names = np.unique(CASES.patients)
    index, again = [], []
    for name, times in zip(names, draws.draws[row].astype(int), strict=True):
        for _ in range(times):
            rows = np.flatnonzero(CASES.patients == name)
            again += [f"{name}-{len(index)}"] * len(rows)
            index += rows.tolist()
    return np.array(index), np.array(again)


def test_scores_are_those_of_the_drawn_images():
    draws = PatientBootstrap(CASES.labels, CASES.patients, draws=5)
    found = draws.scores(P)
    for row in range(5):
        index, again = expanded(draws, row)
        wanted = metrics.scores(CASES.labels[index], P[index], again)
        for name, value in wanted.items():
            assert found[name][row] == pytest.approx(value), name
        assert draws.mean(P)[row] == pytest.approx(P[index].mean())


def test_every_label_keeps_its_number_of_patients():
    draws = PatientBootstrap(CASES.labels, CASES.patients)
    for label, count in ((0, 10), (1, 21)):
        assert (draws.draws[:, draws.label_of == label].sum(1) == count).all()


def test_draws_depend_on_the_seed_alone():
    first, again, other = (
        PatientBootstrap(CASES.labels, CASES.patients, seed=seed).scores(P)["auc"]
        for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_roc_passes_through_the_shares_and_holds_the_auc():
    draws = PatientBootstrap(CASES.labels, CASES.patients, draws=1)
    draws.draws[:] = 1
    points = np.linspace(0, 1, 2001)
    (curve,) = draws.roc(P, points)
    assert np.trapezoid(curve, points) == pytest.approx(metrics.auc(CASES.labels, P), abs=2e-3)
    assert curve[-1] == 1 and (np.diff(curve) >= 0).all()
    threshold = 0.6
    alarm = (P[CASES.labels == 0] >= threshold).mean()
    found = (P[CASES.labels == 1] >= threshold).mean()
    assert np.interp(alarm, points, curve) == pytest.approx(found, abs=1e-2)


def test_one_label_has_no_auc_and_no_balanced_accuracy():
    rows = CASES.labels == 1
    draws = PatientBootstrap(CASES.labels[rows], CASES.patients[rows])
    found = draws.scores(P[rows])
    assert interval(found["auc"]) is None and interval(found["balanced_accuracy"]) is None
    low, high = interval(found["accuracy"])
    assert low < (P[rows] >= 0.5).mean() < high


def test_too_few_patients_of_a_label_are_told():
    def defined(benign: int, malignant: int) -> bool:
        labels = np.repeat([0, 1], [benign, malignant])
        return PatientBootstrap(labels, np.arange(len(labels)).astype(str)).defined

    assert defined(5, 5) and defined(0, 5)
    assert not defined(4, 20)

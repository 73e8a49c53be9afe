"""Scores against values worked out by hand."""

import numpy as np
import pytest
from models.train.evaluate import metrics


def test_auc_counts_ordered_pairs_and_half_of_ties():
    labels = np.array([0, 0, 1, 1])
    assert metrics.auc(labels, np.array([0.1, 0.4, 0.35, 0.8])) == pytest.approx(0.75)
    assert metrics.auc(labels, np.array([0.5, 0.5, 0.5, 0.5])) == 0.5
    assert np.isnan(metrics.auc(np.ones(3), np.arange(3)))


def test_patient_score_gives_each_patient_the_same_say():
    right = np.array([True, True, True, False])
    patients = np.array(["a", "a", "a", "b"])
    assert metrics.patient_score(right, patients) == pytest.approx(0.5)


def test_image_probability_is_the_mean_of_its_patches():
    logits = np.array([[0.0, 0.0], [0.0, np.log(3)], [np.log(9), 0.0]])
    found = metrics.image_probabilities(logits, np.array([0, 0, 1]), 2)
    np.testing.assert_allclose(found, [(0.5 + 0.75) / 2, 0.1])


def test_temperature_moves_probabilities_towards_one_half():
    logits = np.array([[0.0, 2.0]])
    cool = metrics.image_probabilities(logits, np.array([0]), 1, temperature=2.0)
    np.testing.assert_allclose(cool, [1 / (1 + np.exp(-1))])


def test_calibration_error_of_a_model_that_is_too_sure():
    # Four images at confidence 0.9, half of them right: the gap is 0.4.
    labels = np.array([1, 1, 0, 0])
    found = metrics.expected_calibration_error(labels, np.array([0.9, 0.9, 0.9, 0.9]))
    assert found == pytest.approx(0.4)


def test_scores_use_one_half_as_the_threshold():
    labels = np.array([0, 1, 1])
    found = metrics.scores(labels, np.array([0.2, 0.5, 0.4]), np.array(["a", "b", "b"]))
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["balanced_accuracy"] == pytest.approx(0.75)
    assert found["patient_score"] == pytest.approx(0.75)

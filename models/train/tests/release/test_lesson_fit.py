"""The committed reference of the fit of lessons: made by this code, and a minimum."""

import json

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="NO SCIKIT-LEARN: training code was not tested")

from models.train.release import lesson_fit  # noqa: E402 (scikit-learn)


@pytest.fixture(scope="module")
def committed(reference_folder) -> dict:
    return json.loads((reference_folder / lesson_fit.FILE).read_text())


def loss(case: dict, coefficients: np.ndarray, offsets: np.ndarray) -> float:
    """The objective as the module states it, by plain arithmetic."""
    values, labels = np.array(case["values"]), np.array(case["labels"])
    scores = values @ coefficients.T + offsets
    if case["classes"] == 2:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    surprise = np.log(np.exp(scores).sum(1)) - scores[np.arange(len(labels)), labels]
    return case["c"] * surprise @ np.array(case["sample_weights"]) + (coefficients**2).sum() / 2


def test_the_file_is_what_the_code_makes(committed):
    made = lesson_fit.cases()
    assert [case["name"] for case in made] == [case["name"] for case in committed["cases"]]
    for mine, theirs in zip(made, committed["cases"], strict=True):
        for name in ("values", "labels", "sample_weights", "coefficients", "offsets"):
            np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-6, atol=1e-8)


def test_no_step_away_is_better(committed):
    random = np.random.default_rng(0)
    for case in committed["cases"]:
        coefficients, offsets = np.array(case["coefficients"]), np.array(case["offsets"])
        least = loss(case, coefficients, offsets)
        for _ in range(20):
            moved = coefficients + random.normal(0, 1e-3, coefficients.shape)
            shifted = offsets + random.normal(0, 1e-3, offsets.shape)
            assert loss(case, moved, shifted) > least, case["name"]


def test_probabilities_are_those_of_the_scores(committed):
    for case in committed["cases"]:
        scores = np.array(case["values"]) @ np.array(case["coefficients"]).T + case["offsets"]
        if case["classes"] == 2:
            scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
        expected = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        np.testing.assert_allclose(case["probabilities"], expected, atol=1e-9)

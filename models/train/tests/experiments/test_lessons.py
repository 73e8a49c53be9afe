"""Lessons of a few images: what they learn, and on whom they are judged."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="NO PYTORCH: experiments were not tested")

from models.train.experiments.lessons import (
    cross_validation,
    few,
    few_by_patient,
    mean_score,
    of_images,
    whitening,
)

from .invented_study import invented_seen


def test_an_image_is_the_mean_of_its_patches(study):
    seen = invented_seen(study.pictures, 1.0)
    values = of_images(seen, ["b7", "b10"], "both")
    assert values.shape == (len(study.pictures), 4 * 6)
    np.testing.assert_allclose(values[3, :6], seen.means("b7")[6:8].mean(0), rtol=1e-6)


def test_skill_is_learned_from_a_few_images(study):
    labels = study.labels
    values = of_images(invented_seen(study.pictures, 2.0), ["b7"], "means")
    assert mean_score(values, labels, few(labels), 6, 1e-2)[0] > 0.95
    assert cross_validation(values, labels, 1e-2) > 0.95
    none = np.random.default_rng(0).normal(size=values.shape)
    assert 0.3 < mean_score(none, labels, few(labels), 6, 1e-2)[0] < 0.7


@pytest.mark.parametrize("count", [3, 8])
def test_a_lesson_is_judged_on_other_patients(study, count):
    draw = few_by_patient(study.labels, study.patients)
    for seed in range(5):
        taught, judged = draw(np.random.default_rng(seed), count)
        assert not set(study.patients[taught]) & set(study.patients[judged])
        assert len(set(taught)) == len(taught)
        assert np.bincount(study.labels[taught]).tolist() == [count, count]
        assert set(study.labels[judged]) == {0, 1}


def test_whitening_makes_directions_alike(study):
    random = np.random.default_rng(0)
    values = random.normal(size=(500, 4)) @ random.normal(size=(4, 4)) * [1, 10, 100, 0.1]
    turned = values @ whitening(values, 0.0)
    np.testing.assert_allclose(np.cov(turned, rowvar=False), np.eye(4), atol=1e-6)
    half = np.cov(values @ whitening(values, 1.0), rowvar=False)
    np.testing.assert_allclose(np.diag(half), 1, atol=1e-2)

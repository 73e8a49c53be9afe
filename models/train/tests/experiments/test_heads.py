"""Heads that are judged by patients they did not see."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="NO PYTORCH: experiments were not tested")

from models.train.experiments.heads import Source, cross_validated, fitted, judged

from .invented_study import invented_seen


def test_skill_is_found_and_patients_learned_by_heart_are_none(study):
    skilled = Source.of(invented_seen(study.pictures, 1.0), ["b7"])
    scores = judged(study, cross_validated(study, [skilled], skilled), skilled.owner).scores()
    assert scores["auc"] > 0.9
    # Many features of each patient and none of the label: a head that has seen them knows all.
    blind = Source.of(invented_seen(study.pictures, 0.0, width=80), ["b7"])
    everyone = np.ones(len(study.pictures), bool)
    weight, bias = fitted(study, [blind], everyone, 1e-1)
    found = (blind.values @ weight.T + bias).argmax(1)
    assert (found == study.labels[blind.owner]).mean() > 0.95
    scores = judged(study, cross_validated(study, [blind], blind, 1e-1), blind.owner).scores()
    assert 0.15 < scores["auc"] < 0.85  # by heart: 1


def test_a_second_view_weighs_no_more(study):
    source = Source.of(invented_seen(study.pictures, 0.5), ["b7"])
    everyone = np.ones(len(study.pictures), bool)
    once = fitted(study, [source], everyone, 1e-3)
    twice = fitted(study, [source, source], everyone, 1e-3)
    np.testing.assert_allclose(once[0], twice[0], rtol=1e-2, atol=1e-4)


def test_a_difference_of_equals_is_nothing(study):
    source = Source.of(invented_seen(study.pictures, 0.5), ["b7"])
    one = judged(study, cross_validated(study, [source], source), source.owner)
    assert one.difference(one, "same")[1] == "+0.000 (+0.000 to +0.000)"


def test_heads_are_fitted_to_allowed_pictures_alone(study):
    source = Source.of(invented_seen(study.pictures, 1.0), ["b7"])
    some = np.arange(len(study.pictures)) % 2 == 0
    spoilt = Source(np.where(some[source.owner][:, None], source.values, 1e3), source.owner)
    clean = cross_validated(study, [source], source, allowed=some)
    np.testing.assert_allclose(cross_validated(study, [spoilt], source, allowed=some), clean)

"""Second tasks, other weights and means of heads: each against what it has to be like."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="NO PYTORCH: experiments were not tested")

from models.train.data.oral import OralField
from models.train.experiments.heads import Source, cross_validated
from models.train.experiments.ideas import Bench

from .invented_study import invented_seen

FIELDS = 40


def bench(study, skill: float = 0.0) -> Bench:
    """The fields' first feature says their label by `skill`; BreakHis' features say theirs."""
    fields = [OralField(Path(f"{n}.png"), n % 2, 400) for n in range(FIELDS)]
    study = dataclasses.replace(study, fields=fields)
    source = Source.of(invented_seen(study.pictures, 0.5), ["b7"])
    values = np.random.default_rng(1).normal(0, 1, (FIELDS, source.values.shape[1]))
    values[:, 0] += skill * (2 * (np.arange(FIELDS) % 2) - 1)
    return Bench(study, source, values)


def everyone(mine: Bench) -> np.ndarray:
    return np.ones(len(mine.study.pictures), bool)


@pytest.mark.parametrize("own", [False, True])
def test_fields_without_weight_change_nothing_but_what_an_own_head_allows(study, own):
    mine = bench(study, skill=3.0)
    alone, plain = (
        head[0] / np.linalg.norm(head[0])
        for head in (mine.with_oral(everyone(mine), 1e-9, own), mine.plain(everyone(mine)))
    )
    # With a head of its own beside the shared one the penalty weighs half: nearly the same way.
    np.testing.assert_allclose(alone, plain, atol=0.02 if own else 2e-3)


def test_a_shared_head_leans_to_what_the_fields_say_and_an_own_one_less(study):
    mine = bench(study, skill=3.0)
    plain = mine.plain(everyone(mine))[0]
    shared, both = (mine.with_oral(everyone(mine), 1.0, own)[0] for own in (False, True))

    def share_of_the_first(weight: np.ndarray) -> float:
        return float(weight[1, 0] / np.abs(weight[1]).sum())

    first, less, most = map(share_of_the_first, (plain, both, shared))
    assert first < less < most


def test_images_weigh_the_same_as_patients_do_where_each_has_one(study):
    mine = bench(study)
    _, first = np.unique(study.patients, return_index=True)
    single = np.isin(np.arange(len(study.pictures)), first)
    for got, wanted in zip(mine.images_equal(single), mine.plain(single), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-5)
    # With one to six images a patient they do not.
    weight, patients = mine.images_equal(everyone(mine))[0], mine.plain(everyone(mine))[0]
    assert np.abs(weight - patients).max() > 0.01 * np.abs(patients).max()


def test_inner_heads_leave_out_each_patient_once_and_are_one_head(study):
    mine = bench(study)
    inside = study.fold_of(0) != 0
    weight, bias = mine.inner_heads(inside)
    plain = mine.plain(inside)
    assert weight.shape == plain[0].shape and bias.shape == plain[1].shape
    np.testing.assert_allclose(weight[0], -weight[1])
    assert not np.array_equal(weight, plain[0])
    # What is outside is not looked at.
    spoilt = np.where(inside[mine.source.owner][:, None], mine.source.values, np.float32(1e3))
    again = dataclasses.replace(mine, source=Source(spoilt, mine.source.owner))
    np.testing.assert_array_equal(again.inner_heads(inside)[0], weight)


def test_the_plain_head_out_of_fold_is_that_of_all_experiments(study):
    mine = bench(study)
    wanted = cross_validated(study, [mine.source], mine.source)
    np.testing.assert_array_equal(mine.out_of_fold(mine.plain), wanted)

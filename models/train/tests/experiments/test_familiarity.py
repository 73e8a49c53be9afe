"""The table of distances: every choice of it is made, and what changes know is told."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="NO PYTORCH: experiments were not tested")

from models.train.experiments import familiarity  # noqa: E402 (PyTorch)
from models.train.familiarity.make import CHOICE, TEACHING, Material  # noqa: E402
from models.train.familiarity.observed import HARMLESS, Observed  # noqa: E402
from models.train.network.architecture import SHIPPED_LEVELS, TEACHING_LEVELS  # noqa: E402

PATIENTS = [str(number // 3) for number in range(24)]


def observed(images: int, offset: float = 0.0, seed: int = 0) -> Observed:
    random = np.random.default_rng(seed)
    owner = np.repeat(np.arange(images), 6)
    features = random.normal(offset, 1, (len(owner), 400)).astype(np.float32)
    return Observed(owner, np.ones(len(owner), bool), features, images)


def test_every_choice_has_a_row_and_what_is_far_is_unfamiliar():
    first, *_, last = familiarity.choices(SHIPPED_LEVELS, CHOICE)
    assert last == CHOICE
    changed = {change: observed(8, seed=1) for change in HARMLESS}
    others = {"oral": observed(5, offset=20.0)}
    material = Material(PATIENTS, observed(24), changed, np.arange(0, 24, 3))
    found = list(familiarity.rows(material, others, (first, last)))
    assert [row[:4] for row in found] == [
        ["b4", "mean", "0.02", "0.06"],
        ["b6", "mean", "0.005", "0.04 to 0.12"],
    ]
    assert all(row[4] == "100.0%" and len(row) == 6 + len(HARMLESS) for row in found)
    assert all(float(row[5].rstrip("%")) < 50 for row in found)


def test_choices_are_of_levels_that_are_there_and_differ():
    for levels, made in ((SHIPPED_LEVELS, CHOICE), (TEACHING_LEVELS, TEACHING)):
        found = familiarity.choices(levels, made)
        assert all(set(choice.levels) <= set(levels) for choice in found)
        assert len(set(map(repr, found))) == len(found)

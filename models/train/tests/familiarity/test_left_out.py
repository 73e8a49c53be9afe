"""Left-out distances and limits: a patient is judged by statistics and limits of the others."""

from dataclasses import replace

import numpy as np
import pytest
from models.train.familiarity.density import Copies, Settings
from models.train.familiarity.left_out import (
    SHARE,
    Distances,
    Known,
    equal,
    limit_for,
    limits,
    of_few_voters,
)
from models.train.familiarity.levels import Level
from models.train.familiarity.make import Choice, Made, Material
from models.train.familiarity.observed import Observed, join
from models.train.network.architecture import SHIPPED_LEVELS

COLUMNS = np.arange(3)
SETTINGS = Settings(0.1, {"lamp": 0.1})


def observed(seed: int = 0, images: int = 30, patches: int = 4, far: int | None = None) -> Observed:
    """Made-up features; the image `far` lies elsewhere."""
    random = np.random.default_rng(seed)
    owner = np.repeat(np.arange(images), patches)
    features = random.normal(0, 1, (images, 3))[owner] + random.normal(0, 0.5, (len(owner), 3))
    if far is not None:
        features[owner == far] += 30
    return Observed(owner, np.ones(len(owner), bool), features.astype(np.float32), images)


PATIENTS = np.array([str(i // 3) for i in range(30)])


def known(plain: Observed) -> Known:
    sample = np.arange(0, 30, 3)
    moved = Observed(plain.owner, plain.votes, plain.features + np.float32(0.1), 30)
    some = np.isin(moved.owner, sample)
    owner = np.searchsorted(sample, moved.owner[some])
    changed = {"lamp": Observed(owner, moved.votes[some], moved.features[some], len(sample))}
    return Known.of(plain, PATIENTS, changed, sample, COLUMNS)


def plain_test(mine: Known) -> dict[str, Copies]:
    count = len(mine.values)
    return {"plain": Copies(mine.values, np.arange(count), np.full(count, 4))}


def test_a_patient_does_not_count_in_its_own_statistics():
    mine = known(observed(far=0))
    (found,) = mine.left_out(SETTINGS, plain_test(mine)).values()
    inside = mine.density(SETTINGS).distances(mine.values)
    assert found.values[0] > 3 * inside[0]
    assert found.values[0] == pytest.approx(
        mine.density(SETTINGS, without="0").distances(mine.values[:1])[0]
    )


def test_images_without_voters_are_left_away():
    plain = observed()
    plain.votes[plain.owner == 4] = False
    mine = known(plain)
    assert len(mine.values) == 29
    assert np.isfinite(mine.values).all()
    assert len(mine.copies["lamp"].values) == 10
    plain.votes[plain.owner == 3] = False  # one of the sample
    copies = known(plain).copies["lamp"]
    assert len(copies.values) == 9
    np.testing.assert_allclose(known(plain).values[copies.owner] + 0.1, copies.values, atol=1e-5)


def test_few_voters_are_groups_of_the_image():
    plain = observed(images=2, patches=5)
    pairs = of_few_voters(plain, 2, COLUMNS)
    assert pairs.owner.tolist() == [0, 0, 1, 1]
    np.testing.assert_allclose(pairs.values[1], plain.features[2:4].mean(0), rtol=1e-6)
    assert set(pairs.voters) == {2}


def test_a_limit_is_the_others_quantile():
    patients = np.repeat(["a", "b"], [100, 100])
    few = {1: Distances(np.concatenate([np.arange(100.0), np.zeros(100)]), patients, np.ones(200))}
    assert limits(few, without="b") == [{"from_voters": 1, "limit": 100 * SHARE - 1}]
    assert limits(few, without="a") == [{"from_voters": 1, "limit": 0}]
    assert few[1].unfamiliar(few) == pytest.approx(0.99 / 2)
    # All of the first one's but its least, for its limit is the other's, zero.
    assert few[1].above(few).tolist() == [False] + [True] * 99 + [False] * 100


def test_each_image_is_told_familiar_or_not_and_without_voters_it_is_not():
    plain = observed(far=0)
    plain.votes[plain.owner == 4] = False
    width = 2 * sum(Level.of(name).channels for name in SHIPPED_LEVELS)
    plain = replace(plain, features=np.resize(plain.features.T, (width, 120)).T)
    material = Material(PATIENTS.tolist(), plain, {}, np.arange(0, 30, 3))
    choice = Choice(levels=("b4",), statistics=("mean",), settings=Settings(0.1, {}))
    made = Made(material, choice)
    familiar = made.familiar()
    assert familiar.shape == (30,) and not familiar[[0, 4]].any()
    # What metrics.json tells of new patients is the same, patients weighing the same.
    voting = np.delete(np.arange(30), 4)
    weights = equal(PATIENTS[voting])
    share = float(~familiar[voting] @ weights / weights.sum())
    (unchanged,) = made.new_patients()
    assert unchanged["unfamiliar"] == pytest.approx(share) and 0 < share < 0.5


def test_the_limit_goes_by_the_number_of_voters():
    table = [{"from_voters": 1, "limit": 9.0}, {"from_voters": 4, "limit": 5.0}]
    assert limit_for(table, np.array([1, 3, 4, 25])).tolist() == [9, 9, 5, 5]


def test_parts_are_joined_in_order():
    both = join([observed(0, images=3), observed(1, images=2)])
    assert both.images == 5
    assert both.counts().tolist() == [4] * 5
    np.testing.assert_array_equal(both.means()[3:], observed(1, images=2).means())

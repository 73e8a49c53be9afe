"""The distance: what it is in plain cases, and what changed copies do to it."""

import numpy as np
from models.train.familiarity.density import Density, quantile

UP, ASIDE = np.array([0, 6, 0]), np.array([6, 0, 0])
RANDOM = np.random.default_rng(0)
VALUES = RANDOM.normal(0, [1, 2, 5], (400, 3)) + np.array([1, 2, 3])


def fitted(shrinkage=0.0, moved=(), weights=None) -> Density:
    weights = np.ones(len(VALUES)) if weights is None else weights
    return Density.fit(VALUES, weights, moved, shrinkage)


def test_it_is_the_mahalanobis_distance_in_units_of_a_usual_patch():
    apart = VALUES - VALUES.mean(0)
    inverse = np.linalg.inv(apart.T @ apart / len(VALUES))
    expected = np.sqrt(np.einsum("ni,ij,nj->n", apart, inverse, apart) / 3)
    np.testing.assert_allclose(fitted().distances(VALUES), expected, rtol=1e-6)
    np.testing.assert_allclose((fitted().distances(VALUES) ** 2).mean(), 1, rtol=1e-6)


def test_without_correlations_it_is_the_distance_in_each_features_own_spread():
    turned = VALUES @ np.linalg.qr(RANDOM.normal(0, 1, (3, 3)))[0]
    density = Density.fit(turned, np.ones(len(turned)), (), 1)
    expected = np.sqrt((((turned - turned.mean(0)) / turned.std(0)) ** 2).mean(1))
    np.testing.assert_allclose(density.distances(turned), expected, rtol=1e-6)


def test_the_whitening_is_lower_triangular():
    assert np.array_equal(np.triu(fitted(0.1).whitening, 1), np.zeros((3, 3)))


def test_what_copies_do_is_no_distance():
    moved = [(4.0, np.tile(UP, (50, 1)), np.ones(50))]
    knowing, plain = fitted(moved=moved), fitted()
    step, far = VALUES[:50] + UP, VALUES[:50] + ASIDE
    assert knowing.distances(step).mean() < 0.6 * plain.distances(step).mean()
    np.testing.assert_allclose(knowing.distances(far), plain.distances(far), rtol=0.2)


def test_patches_and_copies_without_weight_do_not_count():
    half = np.where(np.arange(len(VALUES)) < 200, 1.0, 0.0)
    moved = RANDOM.normal(0, 1, (20, 3))
    counted = np.where(np.arange(20) < 10, 1.0, 0.0)
    mine = fitted(0.1, [(1.0, moved, counted)], half)
    alone = Density.fit(VALUES[:200], np.ones(200), [(1.0, moved[:10], np.ones(10))], 0.1)
    np.testing.assert_allclose(mine.whitening, alone.whitening, rtol=1e-9)


def test_a_quantile_weighs():
    values = np.array([3.0, 1.0, 2.0])
    assert quantile(values, np.ones(3), 0.5) == 2
    assert quantile(values, np.array([8.0, 1.0, 1.0]), 0.5) == 3
    assert quantile(values, np.ones(3), 1.0) == 3

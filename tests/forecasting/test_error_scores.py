"""Errors in units of their scale."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting.error_scores import NARROWEST, Scores

H, K, N = 5, 2, 53


def scores_of(residuals, season=1, series=None, widths=None):
    n = len(residuals)
    series = np.zeros(n, dtype=int) if series is None else series
    return Scores.of(
        residuals, np.arange(n), np.arange(n) % season, series, season, widths
    )


def normal(n=N, seed=0):
    return np.random.default_rng(seed).normal(size=(n, H, K))


def test_scores_have_no_unit_and_the_scale_has_it():
    residuals, at = normal(), (np.array([0]), np.array([0]), None)
    one, other = scores_of(residuals), scores_of(residuals * [10.0, 1000.0])
    assert_allclose(one.values, other.values)
    assert_allclose(one.scale_ahead(*at) * [10.0, 1000.0], other.scale_ahead(*at))


def test_the_scale_follows_step_and_slot():
    step, slot = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([1.0, 1.0, 5.0])
    rows = (np.arange(300)[:, None] + np.arange(H)) % 3
    residuals = (step * slot[rows])[..., None] * np.sign(normal(300))
    scores = scores_of(residuals, season=3)
    assert_allclose(np.abs(scores.values), 1.0, rtol=0.2)
    ahead = scores.scale_ahead(np.array([2, 0]), np.zeros(2, dtype=int), None)
    assert_allclose(ahead[:, :, 0], [[5, 2, 3, 20, 5], [1, 2, 15, 4, 5]], rtol=0.2)


def test_large_errors_lately_widen_what_is_ahead():
    residuals, at = normal(200), (np.array([0]), np.array([0]), None)
    usual = scores_of(residuals).scale_ahead(*at)
    lately = residuals * np.where(np.arange(200) > 170, 4.0, 1.0)[:, None, None]
    assert (scores_of(lately).scale_ahead(*at) > 2 * usual).all()


def test_errors_in_a_rough_time_have_no_larger_scores_for_it():
    residuals = normal(400)
    residuals[200:] *= 9
    size = np.abs(scores_of(residuals).values)
    # in units of their mean, 5, sizes are 0.2 and 1.8; a half-life of 24 rows weighs
    # 35 of them, to which six of size 1 come
    level = (35 * np.array([0.2, 1.8]) + 6) / 41
    ratio = size[300:].mean() / size[100:200].mean()
    assert_allclose(ratio, 9 / (level[1] / level[0]) ** 0.8, rtol=0.1)


def test_only_its_own_errors_widen_a_series():
    series = np.repeat([3, 8], 60)
    residuals = normal(120)
    residuals[50:60] *= 5  # the last of series 3
    scores = scores_of(residuals, series=series)
    three, eight, unknown = scores.scale_ahead(
        np.zeros(3, dtype=int), np.array([3, 8, 5]), None
    )
    assert (three > 1.5 * eight).all()
    assert_allclose(unknown, scores.slot_scale.ahead(np.array([0]))[0])


def test_errors_count_in_units_of_widths():
    rng = np.random.default_rng(1)
    widths, base = rng.uniform(0.5, 2.0, (N, H, K)), normal()
    told, plain = scores_of(base * widths, widths=widths), scores_of(base)
    assert_allclose(told.values, plain.values)
    at, wide = (np.array([0]), np.array([0])), np.full((1, H, K), 3.0)
    assert_allclose(told.scale_ahead(*at, wide), 3 * plain.scale_ahead(*at, None))


def test_a_width_of_zero_counts_as_a_narrow_one():
    widths = np.ones((N, H, K))
    widths[0] = 0.0
    scores = scores_of(normal(), widths=widths)
    assert np.isfinite(scores.values).all()
    least = scores.scale_ahead(np.array([0]), np.array([0]), np.zeros((1, H, K)))
    one = scores.scale_ahead(np.array([0]), np.array([0]), np.ones((1, H, K)))
    assert_allclose(least, one * NARROWEST * (N - 1) / N)


def test_blocks_are_whole_windows():
    scores = scores_of(normal())
    for block in scores.draw(17, np.random.default_rng(0)):
        assert (block == scores.values).all(axis=(1, 2)).sum() == 1


def test_blocks_come_of_windows_that_have_ended():
    residuals = normal()
    for h in range(H):
        residuals[N - h :, h] = np.nan  # rows still to come
    scores = scores_of(residuals)
    whole = scores.values[: N - H + 1]
    for block in scores.draw(97, np.random.default_rng(0)):
        assert (block == whole).all(axis=(1, 2)).any()


def test_holes_are_filled_from_the_same_step_and_target():
    residuals = normal(101)
    residuals[np.random.default_rng(3).random(residuals.shape) < 0.3] = np.nan
    scores = scores_of(residuals)
    blocks = scores.draw(89, np.random.default_rng(0))
    for h, k in np.ndindex(H, K):
        assert np.isin(blocks[:, h, k], scores.values[:, h, k]).all()


def test_forecasts_that_were_always_right_have_no_width():
    scores = scores_of(np.zeros((N, H, K)))
    assert_array_equal(scores.values, 0.0)
    assert (scores.scale_ahead(np.array([0]), np.array([0]), None) < 1e-300).all()

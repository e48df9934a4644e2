"""How far a series goes back to its mean."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.signal import lfilter

from skinformer.forecasting.reversion import (
    OF_A_WALK,
    mean_reverted_share,
    reversion_rate,
    reverted_share,
    season_means,
    slope_of_change,
)


def autoregression(coef, n, seed=0):
    return lfilter([1.0], [1.0, -coef], np.random.default_rng(seed).normal(size=n))


def test_season_means_leave_the_oldest_rows_out():
    assert_allclose(season_means(np.arange(8.0), 3), [3.0, 6.0])  # 2 3 4, 5 6 7
    assert season_means(np.arange(2.0), 3).shape == (0,)


@pytest.mark.parametrize("coef", [0.3, 0.8, 0.95])
def test_the_rate_is_that_of_the_process(coef):
    rates = [reversion_rate(autoregression(coef, 3000, seed)) for seed in range(8)]
    assert_allclose(np.mean(rates), 1 - coef, atol=0.03)


def test_a_slope_by_hand():
    # five values have one lag. Change, value before, change before: 1, 0, 1; 0, 1, 1;
    # -1, 1, 0. So a * 0 + b * 1 + c = 1, a + b + c = 0, a + c = -1: a is -1
    assert_allclose(slope_of_change(np.array([-1.0, 0.0, 1.0, 1.0, 0.0])), -1.0)


@pytest.mark.parametrize("n", [100, 480])
def test_the_mean_slope_of_a_walk(n):
    slopes = [slope_of_change(autoregression(1.0, n, seed)) for seed in range(400)]
    assert_allclose(np.mean(slopes), -OF_A_WALK / n, rtol=0.25)


def test_a_series_that_runs_away_has_rate_zero():
    assert reversion_rate(1.1 ** np.arange(40.0)) == 0.0
    assert reversion_rate(np.full(40, 3.0)) == 0.0


def test_the_share_after_thirty_seasons_or_a_longer_horizon():
    z = np.repeat(autoregression(0.97, 400, seed=3), 5)
    rate = reversion_rate(z[::5])
    assert 0.01 < rate < 0.1
    assert_allclose(reverted_share(z, 5, horizon=20), 1 - (1 - rate) ** 30)
    assert_allclose(reverted_share(z, 5, horizon=200), 1 - (1 - rate) ** 40)


def test_walks_go_back_less_than_series_with_a_mean():
    shares = {
        coef: np.mean(
            [reverted_share(autoregression(coef, 480, s), 1, 7) for s in range(40)]
        )
        for coef in (1.0, 0.97, 0.9)
    }
    assert shares[1.0] < 0.2 < 0.4 < shares[0.97] < 0.9 < shares[0.9]


def test_fewer_than_sixty_seasons_tell_nothing():
    noise = np.random.default_rng(0).normal(size=121)
    assert reverted_share(noise[:119], 2, 1) == 0.0
    assert reverted_share(noise[:120], 2, 1) > 0.9
    assert reverted_share(noise[:0], 2, 1) == 0.0


def test_only_series_that_are_long_enough_count_in_the_mean():
    long, longer = autoregression(0.95, 120), autoregression(0.98, 240, seed=1)
    shares = [reverted_share(z, 2, 3) for z in (long, longer)]
    assert shares[0] != shares[1]
    found = mean_reverted_share([long, long[:119], longer], 2, 3)
    assert_allclose(found, np.mean(shares))
    assert mean_reverted_share([long[:119]], 2, 3) == 0.0


def test_a_week_of_changes_is_set_apart():
    # x goes back by a third of its distance, a season of seven goes round besides
    level = autoregression(2 / 3, 900)
    week = 5 * np.sin(2 * np.pi * np.arange(900) / 7)
    assert_allclose(reversion_rate(level + week), 1 / 3, atol=0.1)

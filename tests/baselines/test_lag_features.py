"""Lags, means and covariates as columns."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skinformer.baselines.lag_features import (
    auto_lags,
    auto_windows,
    covariate_matrix,
    direct_offsets,
    known_mean,
    lag_matrix,
    trailing_means,
)
from skinformer.series.covariates import Covariates


def test_auto_lags_leave_enough_of_a_short_history():
    assert_array_equal(auto_lags(24, 30), [1, 2, 3, 23, 24, 25])
    assert_array_equal(auto_lags(24, 1), [1])
    assert_array_equal(auto_windows(24, 30), [24])
    assert_array_equal(auto_windows(1, 100), [7])


@pytest.mark.parametrize("season", [1, 5, 24])
@pytest.mark.parametrize("step", [0, 4, 23, 24, 50])
def test_direct_offsets_are_known_and_keep_the_phase(season, step):
    lags = np.array([1, 2, 5, 24, 25, 120])
    offsets = direct_offsets(lags, step, season)
    assert (offsets >= 1).all()
    long = lags >= season
    assert_array_equal(offsets[~long], lags[~long])
    # the row itself lies `step` rows after the origin
    assert_array_equal((offsets + step - lags)[long] % season, 0)


def test_lags_before_the_first_row_are_absent():
    values = np.array([5.0, 6, 7, 8])
    found = lag_matrix(values, np.array([0, 2, 4]), np.array([1, 3]))
    assert_array_equal(found, [[np.nan, np.nan], [6, np.nan], [8, 6]])


def test_rolling_means_end_before_the_origin():
    values = np.array([2.0, 4, np.nan, np.nan, 9])
    expected = [np.nan, 2, 3, 4, np.nan, 9]
    assert_array_equal(trailing_means(values, np.array([2]))[:, 0], expected)
    assert trailing_means(values, np.array([], dtype=int)).shape == (6, 0)


def test_means_of_nothing_are_absent():
    values = np.array([[1.0, np.nan, 5.0], [np.nan] * 3, [1, 2, 3]])
    assert_array_equal(known_mean(values), [3, np.nan, 2])


def test_categories_are_codes_or_columns():
    covariates = Covariates(np.array([[0.5], [7]]), np.array([[1, 0], [2, 3]]))
    codes = covariate_matrix(covariates, (2, 3), as_codes=True)
    assert_array_equal(codes, [[0.5, 1, 0], [7, 2, 3]])
    dummies = covariate_matrix(covariates, (2, 3), as_codes=False)
    # 2 and 3 are unknown: no column of theirs is set
    assert_array_equal(dummies, [[0.5, 0, 1, 1, 0, 0], [7, 0, 0, 0, 0, 0]])

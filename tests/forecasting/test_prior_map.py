"""What a linear map says before it has learned."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting.moments import cosines
from skinformer.forecasting.prior_map import seasonal_map, seasonal_prior


def test_half_the_shape_of_the_last_seasons_around_their_mean():
    context = np.array([50.0, 1.0, 5.0, 3.0, 7.0])  # seasons (1, 5) and (3, 7)
    forecast = context @ seasonal_map(5, 3, season=2, n_seasons=2)
    # their mean is 4, their shape (2, 6)
    assert_allclose(forecast, [3.0, 5.0, 3.0])


@pytest.mark.parametrize(("seq_len", "n_rows"), [(100, 77), (25, 22), (11, 11)])
def test_no_more_than_seven_seasons_and_only_whole_ones(seq_len, n_rows):
    weights = seasonal_prior(seq_len, 5, 11)
    assert np.count_nonzero(weights[:, 0]) == n_rows
    assert weights[-n_rows - 1 : -1, 0].all()


def test_the_coefficients_are_those_of_the_horizons_cosines():
    context = np.random.default_rng(0).normal(size=13)
    inputs = np.r_[context - context[-1], -context[-1]]
    forecast = inputs @ seasonal_prior(13, 7, 3) @ cosines(7).T + context[-1]
    assert_allclose(forecast, context @ seasonal_map(13, 7, 3, 4))


def test_a_context_without_a_whole_season_has_no_shape():
    assert_array_equal(seasonal_prior(10, 3, 11), np.zeros((11, 3)))


def test_without_a_season_it_is_the_mean_of_the_last_rows():
    weights = seasonal_map(9, 2, season=1, n_seasons=7)
    assert_allclose(weights, np.r_[0, 0, np.full(7, 1 / 7)][:, None] * [1, 1])

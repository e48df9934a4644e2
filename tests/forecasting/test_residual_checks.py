"""Checks of the arrays that residual windows come as."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skinformer.forecasting.residual_checks import (
    check_residuals,
    check_slots,
    check_widths,
    numbers_of,
    refuse_repeated,
)

H, K, N = 5, 2, 4
ROWS = np.arange(N)


def test_what_is_right_comes_back():
    assert_array_equal(numbers_of("origins", [3, 5], 2), [3, 5])
    assert_array_equal(numbers_of("series", None, 3), [0, 0, 0])
    assert_array_equal(check_slots([0, 2], 3, 2), [0, 2])
    assert check_slots(None, 1, 0).shape == (0,)
    assert check_residuals(np.full((N, H, K), np.nan), (H, K)).shape == (N, H, K)
    assert check_widths(np.zeros((N, H, K)), (N, H, K)).shape == (N, H, K)
    refuse_repeated(np.array([6, 6]), np.array([0, 1]))


@pytest.mark.parametrize(
    ("residuals", "message"),
    [
        (np.zeros((N, K, H)), r"residuals has shape \(4, 2, 5\); .*5, 2"),
        (np.zeros((N, H)), r"residuals has shape \(4, 5\)"),
        (np.full((N, H, K), -np.inf), "infinite"),
    ],
)
def test_what_are_no_residuals(residuals, message):
    with pytest.raises(ValueError, match=message):
        check_residuals(residuals, (H, K))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (ROWS[:3], r"origins has shape \(3,\).*4 windows"),
        (ROWS / 2, "origins has .*float64"),
        (ROWS[:, None], r"origins has shape \(4, 1\)"),
    ],
)
def test_what_are_no_numbers(given, message):
    with pytest.raises(ValueError, match=message):
        numbers_of("origins", given, N)


@pytest.mark.parametrize("slots", [ROWS, ROWS - 1])
def test_slots_are_those_of_the_season(slots):
    with pytest.raises(ValueError, match=r"slots goes from .*; a season of 3"):
        check_slots(slots, 3, N)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_what_are_no_widths(bad):
    widths = np.ones((N, H, K))
    widths[1, 2, 1] = bad
    with pytest.raises(ValueError, match="widths must be finite, not negative"):
        check_widths(widths, (N, H, K))
    with pytest.raises(ValueError, match=r"\(4, 5, 2\); got shape \(4, 5\)"):
        check_widths(np.ones((N, H)), (N, H, K))


def test_a_window_given_twice_is_named():
    with pytest.raises(ValueError, match="origins has 6 twice in series 3"):
        refuse_repeated(np.array([6, 5, 6]), np.array([3, 3, 3]))

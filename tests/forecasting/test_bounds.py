"""What a target can be."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer.forecasting.bounds import Bounds, read_bounds

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("bounds", "low", "high"),
    [
        ((0, None), [0, 0, 0], [INF, INF, INF]),
        ([None, 1], [-INF] * 3, [1] * 3),
        (np.array([0.5, 2.5]), [0.5] * 3, [2.5] * 3),
        ([(0, 1), (None, 5), (-3, None)], [0, -INF, -3], [1, 5, INF]),
        (((None, None),) * 3, [-INF] * 3, [INF] * 3),
    ],
)
def test_one_pair_for_all_or_one_for_each(bounds, low, high):
    read = read_bounds(bounds, 3)
    assert_array_equal(read.low, low)
    assert_array_equal(read.high, high)


def test_two_pairs_are_those_of_two_targets():
    assert_array_equal(read_bounds([(0, 1), (2, 3)], 2).low, [0, 2])


def test_no_bounds():
    assert read_bounds(None, 3) is None


@pytest.mark.parametrize(
    "bounds",
    [(0,), (0, 1, 2), [(0, 1)], [(0, 1)] * 2, ["01"] * 3, ("a", "b"), (True, 5)],
)
def test_what_are_no_bounds(bounds):
    with pytest.raises(ValueError, match=r"must be a pair .*each of the 3 targets"):
        read_bounds(bounds, 3)


@pytest.mark.parametrize("bounds", [(1, 0), (2, 2), (NAN, 1), [(0, 1), (3, 2), (0, 1)]])
def test_the_low_one_is_below_the_high_one(bounds):
    with pytest.raises(ValueError, match=r"the low one must be below the high one"):
        read_bounds(bounds, 3)


def test_clip():
    bounds = Bounds(np.array([0.0, -INF]), np.array([1.0, 5.0]))
    values = np.array([[[-3, -3], [0.5, 7]], [[2, 5], [NAN, 0]]])
    expected = [[[0, -3], [0.5, 5]], [[1, 5], [NAN, 0]]]
    assert_array_equal(bounds.clip(values), expected)


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=11))
def test_what_is_clipped_is_within(values):
    bounds = read_bounds((-1, 2), 1)
    clipped = bounds.clip(np.array(values)[:, None])
    bounds.check(clipped, ["load"], range(len(values)))
    inside = (np.array(values) >= -1) & (np.array(values) <= 2)
    assert_array_equal(clipped[inside, 0], np.array(values)[inside])


def test_the_first_value_outside_is_named():
    index = pd.date_range("2024-01-01", periods=3, freq="h")
    values = np.array([[0.0, 9], [1, NAN], [4, -7]])
    bounds = read_bounds([(0, 5), (-5, 10)], 2)
    message = r"'price' is -7 at 2024-01-01 02:00:00, outside of bounds=\(-5, 10\)"
    with pytest.raises(ValueError, match=message):
        bounds.check(values, ["load", "price"], index)
    bounds.check(values[:2], ["load", "price"], index)  # NaN is within

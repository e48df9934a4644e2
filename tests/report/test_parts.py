"""The cut in time between rows that train and rows that are tested."""

import numpy as np
import pandas as pd
import pytest

from skinformer.report.parts import check_test_size, cut_in_time
from skinformer.series.panel import Given


def given(index, labels=None):
    labels = None if labels is None else pd.Index(labels)
    return Given(index, labels, None, None)


def test_a_share_is_rounded_up_and_taken_from_the_end():
    index = pd.date_range("2024-01-01", periods=11, freq="D")
    parts = cut_in_time(given(index), 0.2, horizon=2)
    assert parts.n_test == 3  # 2.2 rounded up
    assert parts.test.tolist() == [8, 9, 10]
    assert parts.train.tolist() == list(range(8))


def test_a_number_of_rows_is_that_many():
    index = pd.RangeIndex(11)
    parts = cut_in_time(given(index), 5, horizon=5)
    assert parts.test.tolist() == [6, 7, 8, 9, 10]
    assert not parts.has_time


def test_series_are_cut_at_the_same_stamp_in_any_interleaving():
    days = pd.date_range("2024-01-01", periods=5, freq="D")
    index = days.repeat(2)  # a b a b ...
    parts = cut_in_time(given(index, ["a", "b"] * 5), 2, horizon=2)
    assert parts.n_train == 3
    assert index[parts.test].unique().tolist() == days[3:].tolist()
    assert index[parts.train].max() == days[2]


def test_a_series_without_a_row_before_the_cut_is_left_out_and_named():
    days = pd.date_range("2024-01-01", periods=5, freq="D")
    index = days.append(days[4:])
    parts = cut_in_time(given(index, ["a"] * 5 + ["late"]), 2, horizon=1)
    assert parts.unseen == ["late"]
    assert parts.test.tolist() == [3, 4]


def test_series_without_time_are_refused():
    with pytest.raises(ValueError, match="DatetimeIndex"):
        cut_in_time(given(pd.RangeIndex(4), list("aabb")), 1, horizon=1)


def test_a_test_part_shorter_than_a_forecast_is_refused_with_both_numbers():
    with pytest.raises(ValueError, match=r"20 rows are 4, fewer than the 7"):
        cut_in_time(given(pd.RangeIndex(20)), 0.2, horizon=7)


def test_a_test_part_of_everything_is_refused():
    with pytest.raises(ValueError, match="leaves no row to train on"):
        cut_in_time(given(pd.RangeIndex(20)), 20, horizon=7)


@pytest.mark.parametrize("size", [0, 1.0, -3, 1.5, True, "0.2", None, np.nan])
def test_other_sizes_are_refused(size):
    with pytest.raises(ValueError, match="test_size="):
        check_test_size(size)

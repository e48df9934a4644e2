"""Frames whose time is a column."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from skinformer.series.time_column import at_time, locate_time, targets_at_time

DAYS = pd.date_range("2024-01-01", periods=3, freq="D", name="day")


def frame(day=DAYS, **columns):
    """A column, the time, and another column; the index says nothing."""
    return pd.DataFrame({"load": [5.0, 7.0, 11.0], "day": day, **columns}, [2, 0, 1])


@pytest.mark.parametrize(
    "stamps", [DAYS, DAYS.tz_localize("Europe/Berlin"), DAYS.to_period("D")]
)
def test_the_column_becomes_the_index(stamps):
    indexed = at_time(frame(stamps, busy=[0, 1, 1]), "day")
    assert list(indexed.columns) == ["load", "busy"]
    assert indexed.index.equals(stamps)
    assert indexed.index.name == "day"
    assert indexed["load"].tolist() == [5.0, 7.0, 11.0]


def test_it_may_be_named_by_its_position():
    assert_frame_equal(at_time(frame(), 1), at_time(frame(), "day"))
    assert locate_time(frame(), 1) == locate_time(frame(), "day") == 1


def test_stamps_of_pyarrow_are_stamps():
    pytest.importorskip("pyarrow")
    arrow = frame(pd.Series(DAYS, [2, 0, 1]).astype("timestamp[ns][pyarrow]"))
    assert at_time(arrow, "day").index.equals(DAYS)


def test_without_a_name_all_stays():
    X = frame()
    assert at_time(X, None) is X
    assert locate_time(X, None) is None


def test_the_given_frame_is_left_alone():
    X = frame()
    indexed = at_time(X, "day")
    indexed.iloc[0, 0] = 99.0
    assert_frame_equal(X, frame())


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["2024-01-01", "2024-01-02", "2024-01-03"], r"such as '2024-01-01'.*datetime"),
        ([1704067200, 1704153600, 1704240000], r"such as 1704067200\..*unit=\.\.\."),
        (DAYS.date, r"datetime\.date\(2024, 1, 1\)\. .* = pd\.to_datetime\(X\['day'\]"),
        (DAYS.to_period("D").astype(object), r"pd\.PeriodIndex\(X\['day'\]\)"),
        (
            [DAYS[0].tz_localize("Asia/Tokyo"), *DAYS[1:].tz_localize("UTC")],
            r"mixes time zones.*utc=True\)\.dt\.tz_convert",
        ),
        (DAYS.where([True, False, True]), r"Column 'day' of X holds NaT at row 1"),
    ],
)
def test_columns_that_are_refused(column, message):
    with pytest.raises(ValueError, match=message):
        at_time(frame(column), "day")


def test_a_misspelt_name_is_told_the_right_one():
    with pytest.raises(ValueError, match=r"time names 'dya', .*Did you mean 'day'"):
        at_time(frame(), "dya")


def test_an_array_has_no_columns():
    with pytest.raises(ValueError, match=r"time='day' .* ndarray.*set_output"):
        at_time(np.zeros((3, 1)), "day")


@pytest.mark.parametrize(
    ("ours", "becomes"),
    [
        ([2, 0, 1], DAYS),  # that of X
        (DAYS, DAYS),  # the time itself
        (pd.RangeIndex(3), pd.RangeIndex(3)),  # row numbers: by position
        ([7, 8, 9], pd.Index([7, 8, 9])),  # of other rows: to be refused
    ],
)
def test_the_index_of_y_goes_with_that_of_X(ours, becomes):
    X, y = frame(), pd.Series([1.0, 2.0, 3.0], ours, name="y")
    followed = targets_at_time(y, X, at_time(X, "day"))
    assert followed.index.equals(becomes)
    assert followed.tolist() == [1.0, 2.0, 3.0]
    assert y.index.equals(pd.Index(ours))


def test_arrays_and_rows_without_such_a_column_are_left_alone():
    X, y = frame(), np.zeros(3)
    assert targets_at_time(y, X, at_time(X, "day")) is y
    y = pd.Series(y, X.index)
    assert targets_at_time(y, X, X) is y

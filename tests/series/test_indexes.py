"""Indexes that are time, in order, and others."""

import pandas as pd
import pytest

from skinformer.series.indexes import check_index, check_order

HOURS = pd.date_range("2024-01-01", periods=11, freq="h")
BERLIN = "Europe/Berlin"


def hours(*texts, tz=None):
    return pd.DatetimeIndex(texts, tz=tz)


@pytest.mark.parametrize(
    "index",
    [
        HOURS,
        HOURS.tz_localize("UTC"),
        HOURS.to_period("h"),
        pd.RangeIndex(3),
        pd.Index([4, 2, 2]),
        pd.Index([1, 2], dtype="Int64"),
    ],
)
def test_indexes_that_pass(index):
    assert check_index(index) is None


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (
            pd.MultiIndex.from_product([HOURS[:2], ["a"]]),
            "index of X has several levels; keep the time alone",
        ),
        (hours("2024-01-01", None), "index of X holds NaT at row 1; drop the rows"),
        (pd.PeriodIndex(["2024", None], freq="D"), "index of X holds NaT at row 1"),
        (pd.Index(["2024-01-01"]), r"such as '2024-01-01', .*pd.to_datetime\(index\)"),
        (pd.Index([0.5, 1.5]), "holds float64 values such as .*reset_index"),
        (pd.Index([True, False]), "holds bool values"),
        (pd.to_timedelta([1], unit="h"), "holds timedelta64.* which are no times"),
        (pd.Index(["a", 1], dtype=object), "holds object values such as 'a'"),
        (
            pd.Index([pd.Timestamp("2024", tz=zone) for zone in ("UTC", BERLIN)]),
            r"mixes time zones; .* utc=True\).tz_convert\(zone\)",
        ),
        (
            pd.Index([pd.Timestamp("2024"), pd.Timestamp("2024", tz="UTC")]),
            "mixes time zones",
        ),
        (
            pd.Index(
                ["2024-03-31 01:00+01:00"] * 1999 + ["2024-03-31 03:00+02:00"]
            ).map(pd.Timestamp),
            "mixes time zones",
        ),
    ],
)
def test_indexes_that_are_refused(index, message):
    with pytest.raises(ValueError, match=message):
        check_index(index)


def test_refusal_names_the_owner():
    with pytest.raises(ValueError, match="The index of y holds"):
        check_index(pd.Index(["a"]), "The index of y")


def test_order():
    assert check_order(HOURS) is None
    assert check_order(pd.Index([1, 3, 7])) is None  # as a split leaves them
    assert check_order(pd.RangeIndex(3, 9, 2)) is None
    assert check_order(pd.Index([None], dtype="Int64")) is None
    with pytest.raises(ValueError, match=r"order: 2024-01-01 01:00:00 follows .* 02"):
        check_order(HOURS[[0, 2, 1, 4, 3]])
    with pytest.raises(ValueError, match=r"2024-01-01 01:00 follows .*sort_index\(\)"):
        check_order(HOURS.to_period("h")[[2, 1]])


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        (pd.Index([1, 3, 2]), r"increase from row to row: 2 follows 3\..*sort_index"),
        (pd.Index([3, 5, 5]), r"5 follows 5\..*reset_index\(drop=True\)"),
        (pd.RangeIndex(3, 0, -1), "2 follows 3"),
        (pd.Index([1, None, 2], dtype="Int64"), "<NA> follows 1"),
    ],
)
def test_row_numbers_that_are_shuffled(numbers, message):
    with pytest.raises(ValueError, match=message):
        check_order(numbers)


def test_a_named_index_says_what_to_sort_by():
    days = pd.DatetimeIndex(["2024-01-02", "2024-01-01"], name="day")
    with pytest.raises(ValueError, match=r"by 'day': X = X\.sort_values\('day'\)"):
        check_order(days)
    with pytest.raises(ValueError, match="2024-01-02 00:00:00 of 'day' is there more"):
        check_order(days[[0, 0]])

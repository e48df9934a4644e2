"""Rows as positions, and the blocks that they lie in."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinformer.series.frequency import make_grid
from skinformer.series.grid import RowGrid
from skinformer.series.indexes import check_index, check_order
from skinformer.series.timeline import (
    block_of,
    check_clock,
    fitted_starts,
    future_starts,
    place_asked,
    place_history,
)

HOURS = pd.date_range("2024-01-01", periods=11, freq="h")
GRID = make_grid(HOURS)
BERLIN = "Europe/Berlin"


def hours(*texts, tz=None):
    return pd.DatetimeIndex(texts, tz=tz)


def test_an_index_of_time_objects_is_converted_as_it_is():
    days = HOURS[:2].astype(object)
    message = r"Timestamp\(.*\), which are times.*with pd\.DatetimeIndex\(index\)"
    with pytest.raises(ValueError, match=message):
        check_index(days)
    with pytest.raises(ValueError, match=r"which are times.*pd\.PeriodIndex\(index\)"):
        check_index(HOURS[:2].to_period("h").astype(object))


def test_a_step_that_was_given_is_not_asked_for():
    message = (
        "00:00:00 is off the grid, which runs in steps of 'W-SUN' from 2024-01-07 "
        "00:00:00. Round the stamps to it, or fit with freq=None, which reads the step "
        r"'D' off them\. Stamps are snapped to steps of days and less alone\.$"
    )
    days = pd.date_range("2024-01-02", periods=11)
    with pytest.raises(ValueError, match=message):
        place_history(make_grid(days, "W"), days)
    message = r"Round the stamps to it\. Stamps are snapped where freq= has snapped"
    with pytest.raises(ValueError, match=message):
        place_history(make_grid(HOURS, "h"), HOURS + pd.Timedelta("10min"))


def test_repeated_stamps():
    with pytest.raises(ValueError, match="2024-01-01 02:00 is there more than once"):
        check_order(HOURS.to_period("h")[[0, 2, 2, 1, 1]])
    with pytest.raises(ValueError, match=r"one row of each\.$"):
        check_order(HOURS.tz_localize("UTC")[[0, 2, 2]])


def test_a_naive_repeated_hour_needs_its_zone():
    wall = pd.date_range("2024-10-26 22:00", periods=5, freq="h", tz="UTC")
    naive = wall.tz_convert(BERLIN).tz_localize(None)
    message = r"2024-10-27 02:00:00 is .*tz_localize\(zone, ambiguous='infer'\)"
    with pytest.raises(ValueError, match=message):
        check_order(naive)
    assert check_order(naive.tz_localize(BERLIN, ambiguous="infer")) is None
    with pytest.raises(ValueError, match=message):
        place_asked(make_grid(HOURS), naive, 11)


def test_place_history():
    assert place_history(GRID, HOURS[[0, 3, 7]]).tolist() == [0, 3, 7]
    assert place_history(GRID, HOURS[[5, 7]], start=5).tolist() == [5, 7]
    assert place_history(RowGrid(), pd.Index([7, 3, 5]), 11).tolist() == [11, 12, 13]


@pytest.mark.parametrize(
    ("grid", "asked", "message"),
    [
        (GRID, HOURS[[5, 7]], "01-01 05:00:00 is not after the history, .* 06:00:00"),
        (GRID, HOURS[[8]] - pd.Timedelta("9h"), "2023-12-31 23:00:00 is not after"),
        (
            GRID,
            hours("2024-01-01 07:00", "2024-01-01 08:30", "2024-01-01 09:30"),
            "08:30:00 is off the grid, .* steps of 'h' from 2024-01-01 00:00:00. Round",
        ),
        (
            make_grid(hours("2024-01-15", "2024-02-01"), "MS"),
            hours("2024-01-15", "2024-02-01"),
            "2024-01-15 00:00:00 is off the grid, .* 'MS' from 2024-02-01",
        ),
        (
            make_grid(HOURS.to_period("2h")[:1]),
            pd.PeriodIndex(["2024-01-01 01:00"], freq="2h"),
            "2024-01-01 01:00 is off the grid, which runs in steps of '2h'",
        ),
    ],
)
def test_rows_that_cannot_be_stored(grid, asked, message):
    with pytest.raises(ValueError, match=message):
        place_history(grid, asked, start=7)


def test_the_same_local_hour_twice_is_one_step():
    """02:30 came twice on 27 October 2024; a daily series has room for one."""
    days = pd.date_range("2024-10-25 02:30", periods=2, freq="D", tz=BERLIN)
    first = hours("2024-10-27 00:30", "2024-10-27 01:30", tz="UTC").tz_convert(BERLIN)
    grid = make_grid(days)
    for one in first:
        assert place_asked(grid, pd.DatetimeIndex([one]), 2).tolist() == [2]
    message = r"2024-10-27 02:30:00\+01:00 is the same step of 'D'"
    for place in (place_history, lambda *args: place_asked(*args, 2)):
        with pytest.raises(ValueError, match=message):
            place(grid, first)


def test_place_asked_in_any_order():
    later = pd.date_range("2024-01-01", periods=17, freq="h")
    assert place_asked(GRID, later[[13, 0, 16, 5]], 11).tolist() == [13, 0, 16, 5]
    assert place_asked(RowGrid(), pd.Index([5, 5]), 11).tolist() == [11, 12]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            hours("2024-01-01 05:00", "2023-12-31 22:30", "2023-12-31 21:00"),
            "2023-12-31 22:30:00 is before the history, which starts at 2024-01-01 00",
        ),
        (
            hours("2024-01-01 05:20", "2024-01-01 05:10"),
            "05:20:00 is off the grid, which runs in steps of 'h'",
        ),
        (HOURS[[3, 5, 5, 3]], "2024-01-01 05:00:00 is there more than once.*tz_local"),
        (HOURS.tz_localize("UTC"), "no time zone, X has UTC"),
        (HOURS.to_period("h"), "has a DatetimeIndex, X has a PeriodIndex"),
        (pd.RangeIndex(3), "has a DatetimeIndex, X has a RangeIndex"),
    ],
)
def test_rows_that_cannot_be_forecast(asked, message):
    with pytest.raises(ValueError, match=message):
        place_asked(GRID, asked, 11)


@pytest.mark.parametrize("freq", ["D", "B", "W-MON", "MS"])
def test_before_a_calendar_history(freq):
    days = pd.date_range("2024-01-01", periods=5, freq=freq)
    with pytest.raises(ValueError, match="2024-01-01 00:00:00 is before the history"):
        place_asked(make_grid(days[1:]), days, 4)


def test_check_clock():
    assert check_clock(GRID, HOURS) is None
    with pytest.raises(ValueError, match=r"convert X\.index"):
        check_clock(GRID, HOURS.tz_localize("UTC"))


def test_blocks_by_hand():
    """History of 11 rows, blocks of 5: | 0-4 | 5-9 | 10 | then | 11-15 | 16-20 |."""
    asked = np.array([17, 3, 10, 0, 11])
    assert fitted_starts(asked, 11, 5).tolist() == [0, 10]
    assert future_starts(asked, 11, 5).tolist() == [11, 16]
    assert block_of(asked, 11, 5).tolist() == [16, 0, 10, 0, 11]
    assert future_starts(np.array([3]), 11, 5).tolist() == []
    assert fitted_starts(np.array([17]), 11, 5).tolist() == []


@given(
    st.lists(st.integers(0, 97), min_size=1, max_size=13),
    st.integers(1, 53),
    st.integers(1, 23),
)
def test_every_row_is_in_the_block_that_starts_last_before_it(asked, n, pred_len):
    asked = np.array(asked)
    starts = np.r_[fitted_starts(asked, n, pred_len), future_starts(asked, n, pred_len)]
    start = block_of(asked, n, pred_len)
    assert (np.diff(starts) > 0).all()
    assert np.isin(start, starts).all()
    assert ((asked - start >= 0) & (asked - start < pred_len)).all()
    assert ((start < n) == (asked < n)).all()

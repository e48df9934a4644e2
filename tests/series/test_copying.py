"""Which rows those repeat that are not given."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer.series.copying import latest_match, rows_to_copy
from skinformer.series.frequency import make_grid
from skinformer.series.grid import RowGrid

HOURS = pd.date_range("2024-01-01", periods=11, freq="h")
BERLIN = "Europe/Berlin"


@st.composite
def matching(draw):
    known = draw(st.lists(st.integers(0, 41), unique=True, max_size=23))
    n = draw(st.integers(0, 11))
    keys = st.integers(-2, 3)
    return (
        np.array(sorted(known), dtype=np.int64),
        np.array(draw(st.lists(keys, min_size=len(known), max_size=len(known))), int),
        np.array(draw(st.lists(st.integers(0, 53), min_size=n, max_size=n)), int),
        np.array(draw(st.lists(keys, min_size=n, max_size=n)), int),
    )


def slow_latest_match(known, known_key, before, key):
    found = np.full(len(key), -1)
    for j in range(len(key)):
        for i in range(len(known)):
            if known[i] < before[j] and known_key[i] == key[j]:
                found[j] = i
    return found


@given(matching())
def test_latest_match_is_what_a_loop_finds(case):
    np.testing.assert_array_equal(latest_match(*case), slow_latest_match(*case))


def test_rows_to_copy_by_hand():
    grid = make_grid(pd.date_range("2024-01-01", periods=2, freq="12h"))  # Monday 0:00
    # known: Monday and Tuesday both halves, the next Monday morning
    known = np.array([0, 1, 2, 3, 14])
    wanted = np.array([4, 15, 16, 17, 28, 30])
    # Wed 0:00: latest 0:00 (Tue). Mon 12:00: Mon 12:00. Tue: Tue. Mon 0:00: the later
    # Monday. Tue 0:00: Tue
    assert rows_to_copy(grid, known, wanted).tolist() == [2, 1, 2, 3, 4, 2]
    assert rows_to_copy(grid, known, wanted[:0]).tolist() == []


def test_rows_to_copy_without_the_time_of_day():
    grid = make_grid(HOURS)
    assert rows_to_copy(grid, np.array([0, 2]), np.array([1, 3, 27])).tolist() == [
        0,
        1,
        1,
    ]


def test_rows_to_copy_reads_the_local_clock():
    """Sunday 31 March 2024 has 23 hours; its 08:00 stands 167 rows after the last."""
    index = pd.date_range("2024-03-24", periods=7 * 24, freq="h", tz=BERLIN)
    choice = rows_to_copy(make_grid(index), np.arange(168), np.array([168 + 7]))
    assert choice.tolist() == [8]


def test_rows_follow_one_another_without_time():
    assert rows_to_copy(RowGrid(), np.array([0, 3, 5]), np.array([4, 9])).tolist() == [
        1,
        2,
    ]


COPY_GRIDS = {
    "hourly": make_grid(pd.date_range("2024-03-30", periods=2, freq="h", tz=BERLIN)),
    "12 hours": make_grid(pd.date_range("2024-01-01", periods=2, freq="12h")),
    "daily": make_grid(pd.date_range("2024-03-30", periods=2, freq="D", tz=BERLIN)),
    "monthly": make_grid(pd.date_range("2024-01-01", periods=2, freq="MS")),
    "periods": make_grid(pd.period_range("2024-01-01", periods=2, freq="8h")),
    "rows": RowGrid(),
    "5 hours": make_grid(pd.date_range("2024-01-01", periods=2, freq="5h")),
    "UTC": make_grid(pd.date_range("2024-03-30", periods=2, freq="h", tz="UTC")),
    "3 days": make_grid(pd.date_range("2024-03-30", periods=2, freq="3D", tz=BERLIN)),
    "7 seconds": make_grid(pd.date_range("2024-03-30", periods=2, freq="7s")),
}


def slow_rows_to_copy(grid, known, wanted):
    weekday, time = grid.slots(0, 200)
    choice = []
    for row in wanted:
        before = [i for i in range(len(known)) if known[i] < row]
        same_time = [i for i in before if time[known[i]] == time[row]]
        same_both = [i for i in same_time if weekday[known[i]] == weekday[row]]
        choice.append((same_both or same_time or before)[-1])
    return choice


@pytest.mark.parametrize("grid", COPY_GRIDS.values(), ids=COPY_GRIDS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_rows_to_copy_is_what_a_loop_finds_and_never_later(grid, data):
    given_rows = data.draw(st.sets(st.integers(1, 199), max_size=61)) | {0}
    known = np.array(sorted(given_rows))
    wanted = np.setdiff1d(np.arange(200), known)[:: data.draw(st.integers(1, 7))]
    choice = rows_to_copy(grid, known, wanted)
    assert (known[choice] < wanted).all()
    np.testing.assert_array_equal(choice, slow_rows_to_copy(grid, known, wanted))

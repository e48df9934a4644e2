import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer.series.frequency import make_grid
from skinformer.series.grid import RowGrid
from skinformer.series.timeline import (
    block_of,
    check_clock,
    check_index,
    check_order,
    fitted_starts,
    future_starts,
    latest_match,
    place_asked,
    place_history,
    rows_to_copy,
)

HOURS = pd.date_range("2024-01-01", periods=11, freq="h")
GRID = make_grid(HOURS)
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
        check_index(pd.Index(["a"]), "y")


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

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer.series.frequency import infer_freq, make_grid
from skinformer.series.grid import (
    OFF_GRID,
    CalendarGrid,
    ClockGrid,
    PeriodGrid,
    RowGrid,
    same_clock,
)
from skinformer.series.offsets import DAY


def stamps(start, n, freq, tz=None):
    return pd.date_range(start, periods=n, freq=freq, tz=tz)


def half_past_two(n=13):
    """Daily at 02:30 in Berlin; on 31 March 2024 the clock shows no such time."""
    days = stamps("2024-03-25 02:30", n, "D")
    return days.tz_localize("Europe/Berlin", nonexistent="shift_forward")


def bare(index):
    """The same stamps, without the freq that date_range leaves on its result."""
    return pd.DatetimeIndex(index, freq=None)


SERIES = {
    "hourly": stamps("2024-01-01", 53, "h"),
    "hourly in UTC": stamps("2024-03-30", 53, "h", "UTC"),
    "spring in Berlin": stamps("2024-03-30", 53, "h", "Europe/Berlin"),
    "autumn in Berlin": stamps("2024-10-26", 53, "h", "Europe/Berlin"),
    "half an hour of summer": stamps("2024-04-06", 53, "h", "Australia/Lord_Howe"),
    "half hours, its end": stamps("2024-10-05", 53, "30min", "Australia/Lord_Howe"),
    "half-hour zone": stamps("2024-04-06", 53, "h", "Asia/Kolkata"),
    "before midnight": stamps("2024-04-06 23:30", 53, "h", "Asia/Kolkata"),
    "15 minutes": stamps("2024-01-01 00:07", 53, "15min"),
    "3 hours": stamps("2024-01-01", 53, "3h"),
    "5 hours": stamps("2024-01-01", 53, "5h"),
    "7 seconds": stamps("2024-01-01", 53, "7s"),
    "23 hours": stamps("2024-01-01", 53, "23h"),
    "36 hours": stamps("2024-01-01", 53, "36h"),
    "daily": stamps("2024-02-27", 53, "D"),
    "24 hours": stamps("2024-02-27", 53, "24h"),
    "midnights, spring": stamps("2024-03-25", 31, "D", "Europe/Berlin"),
    "midnights, autumn": stamps("2024-10-20", 31, "D", "Europe/Berlin"),
    "midnight does not exist": stamps("2018-10-30 12:00", 11, "D", "America/Sao_Paulo"),
    "half past two": half_past_two(),
    "every other day": stamps("2024-01-01", 31, "2D"),
    "24 hours in Berlin": stamps("2024-03-25", 31, "24h", "Europe/Berlin"),
    "weekly": stamps("2024-01-01", 31, "W"),
    "Wednesdays in Berlin": stamps("2024-01-01", 31, "W-WED", "Europe/Berlin"),
    "fortnights": stamps("2024-01-01", 31, "2W-TUE"),
    "business days": stamps("2024-01-01", 53, "B"),
    "month starts": stamps("2024-01-01", 31, "MS"),
    "month ends": stamps("2024-01-01 23:00", 31, "ME"),
    "first business days": stamps("2024-01-01", 31, "BMS"),
    "last business days": stamps("2024-01-01", 31, "BME"),
    "every other month": stamps("2024-01-01", 31, "2MS"),
    "second Tuesdays": stamps("2024-01-01", 31, "WOM-2TUE"),
    "quarters": stamps("2024-01-01", 31, "QS-FEB"),
    "quarter ends": stamps("2024-01-01", 31, "QE"),
    "half years": stamps("2024-01-01", 17, "6MS"),
    "years": stamps("2001-01-01", 17, "YE-JUN"),
    "fifteenths": stamps("2024-01-15", 31, pd.DateOffset(months=1)),
    "microseconds": stamps("2024-01-01", 31, "h").as_unit("us"),
    "seconds": stamps("2024-03-25", 31, "D", "Europe/Berlin").as_unit("s"),
    "hours": pd.period_range("2024-01-01", periods=31, freq="h"),
    "days": pd.period_range("2024-01-01", periods=31, freq="D"),
    "months": pd.period_range("2024-01", periods=31, freq="M"),
    "pairs of months": pd.period_range("2024-01", periods=31, freq="2M"),
    "weeks": pd.period_range("2024-01", periods=31, freq="W"),
    "quarter years": pd.period_range("2024-01", periods=31, freq="Q"),
}

every_series = pytest.mark.parametrize("index", SERIES.values(), ids=SERIES)
every_datetime = pytest.mark.parametrize(
    "index",
    [index for index in SERIES.values() if isinstance(index, pd.DatetimeIndex)],
    ids=[name for name, x in SERIES.items() if isinstance(x, pd.DatetimeIndex)],
)


@every_series
def test_every_stamp_has_its_place(index):
    grid = make_grid(index)
    np.testing.assert_array_equal(grid.positions(index), np.arange(len(index)))
    assert (grid.stamps(0, len(index)) == index).all()
    assert (grid.stamps(3, 5) == index[3:5]).all()


@every_datetime
def test_the_step_is_read_off_the_stamps_alone(index):
    grid = make_grid(bare(index))
    np.testing.assert_array_equal(grid.positions(index), np.arange(len(index)))


@every_series
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_positions_undo_stamps(index, data):
    grid = make_grid(index)
    start = data.draw(st.integers(0, 97))
    stop = data.draw(st.integers(start, start + 97))
    positions = grid.positions(grid.stamps(start, stop))
    np.testing.assert_array_equal(positions, np.arange(start, stop))
    assert positions.dtype == np.int64


@every_series
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_rows_removed_at_random_leave_the_grid(index, data):
    """As a shuffled KFold leaves them: the first two of each five, and some more."""
    more = data.draw(st.lists(st.booleans(), min_size=len(index), max_size=len(index)))
    kept = np.array(more) | (np.arange(len(index)) % 5 < 2)
    expected = np.flatnonzero(kept)
    grid = make_grid(index[kept])
    np.testing.assert_array_equal(grid.positions(index[kept]), expected)


@every_series
def test_a_fold_cut_from_the_middle_leaves_the_grid(index):
    kept = np.r_[0:5, 11 : len(index)]
    grid = make_grid(index[kept])
    np.testing.assert_array_equal(grid.positions(index), np.arange(len(index)))


@pytest.mark.parametrize(
    ("freq", "name", "season"),
    [
        ("15min", ClockGrid, 96),
        ("h", ClockGrid, 24),
        ("3h", ClockGrid, 8),
        ("5h", ClockGrid, 1),  # no number of rows makes a day
        ("7s", ClockGrid, 1),
        ("36h", ClockGrid, 1),
        ("D", CalendarGrid, 7),
        ("24h", CalendarGrid, 7),
        ("48h", CalendarGrid, 1),
        ("2D", CalendarGrid, 1),
        ("7D", CalendarGrid, 1),
        ("B", CalendarGrid, 5),
        ("W-SUN", CalendarGrid, 52),
        ("2W-SUN", CalendarGrid, 26),
        ("MS", CalendarGrid, 12),
        ("BME", CalendarGrid, 12),
        ("WOM-2TUE", CalendarGrid, 12),
        ("5MS", CalendarGrid, 1),
        ("QS-FEB", CalendarGrid, 4),
        ("BQE", CalendarGrid, 4),
        ("2QS", CalendarGrid, 2),
        ("YE-JUN", CalendarGrid, 1),
        (pd.DateOffset(months=1), CalendarGrid, 12),
        (pd.DateOffset(months=7), CalendarGrid, 1),
        (pd.DateOffset(years=1), CalendarGrid, 1),
        (pd.Timedelta("2h"), ClockGrid, 12),
        (pd.Timedelta("2h").to_pytimedelta(), ClockGrid, 12),
        (pd.Timedelta("1D"), CalendarGrid, 7),
        (pd.offsets.Hour(6), ClockGrid, 4),
    ],
)
def test_freq_given(freq, name, season):
    index = stamps("2024-01-01", 7, freq)
    grid = make_grid(bare(index), freq)
    assert type(grid) is name
    assert grid.season == season
    np.testing.assert_array_equal(grid.positions(index), np.arange(7))


@pytest.mark.parametrize(
    ("freq", "season"), [("h", 24), ("D", 7), ("M", 12), ("2M", 6), ("W", 52), ("Y", 1)]
)
def test_season_of_periods(freq, season):
    assert make_grid(pd.period_range("2024", periods=3, freq=freq)).season == season


def test_spring_skips_a_local_hour_and_autumn_repeats_one():
    spring = make_grid(stamps("2024-03-31", 2, "h", "Europe/Berlin"))
    weekday, time = spring.slots(0, 4)
    np.testing.assert_array_equal(time * 24 // DAY, [0, 1, 3, 4])
    np.testing.assert_array_equal(weekday, [6, 6, 6, 6])
    autumn = make_grid(stamps("2024-10-27", 2, "h", "Europe/Berlin"))
    np.testing.assert_array_equal(autumn.slots(0, 5)[1] * 24 // DAY, [0, 1, 2, 2, 3])


def test_slots_are_local():
    grid = make_grid(stamps("2024-01-07 18:00", 2, "h", "UTC").tz_convert("Asia/Tokyo"))
    weekday, time = grid.slots(0, 22)  # 03:00 on Monday 8 January in Tokyo
    assert weekday[0] == 0
    assert time[0] * 24 // DAY == 3
    assert (weekday[21], time[21]) == (1, 0)
    before_1970 = make_grid(stamps("1969-12-31 22:00", 3, "h"))
    np.testing.assert_array_equal(before_1970.slots(0, 3)[1] * 24 // DAY, [22, 23, 0])


def test_slots_of_days_that_lack_the_hour_are_those_of_other_days():
    weekday, time = make_grid(half_past_two()).slots(5, 8)
    np.testing.assert_array_equal(weekday, [5, 6, 0])
    np.testing.assert_array_equal(time * 48 // DAY, [5, 5, 5])


def test_slots_of_periods_are_those_of_their_starts():
    weekday, time = make_grid(pd.period_range("2024-01-01", periods=2, freq="h")).slots(
        23, 25
    )
    np.testing.assert_array_equal(weekday, [0, 1])
    np.testing.assert_array_equal(time * 24 // DAY, [23, 0])


def test_daily_at_an_hour_that_one_day_lacks():
    grid = make_grid(bare(half_past_two()))
    assert grid.freq == pd.offsets.Day()
    shifted = pd.DatetimeIndex(["2024-03-31 03:00"], tz="Europe/Berlin")
    np.testing.assert_array_equal(grid.positions(shifted), [6])
    assert grid.stamps(6, 7)[0] == shifted[0]


def test_a_day_that_the_zone_skipped_is_no_trouble():
    """Samoa had no 30 December 2011."""
    grid = make_grid(stamps("2011-12-28", 2, "D", "Pacific/Apia"), "D")
    asked = pd.DatetimeIndex(["2012-01-01", "2012-01-01 07:00"], tz="Pacific/Apia")
    np.testing.assert_array_equal(grid.positions(asked), [4, OFF_GRID])


@pytest.mark.parametrize("freq", ["24h", pd.Timedelta("24h"), "1440min", "D"])
def test_24_hours_given_are_a_day_of_the_calendar(freq):
    grid = make_grid(stamps("2024-03-30", 3, "D", "Europe/Berlin"), freq)
    assert type(grid) is CalendarGrid
    later = pd.DatetimeIndex(["2024-04-02"], tz="Europe/Berlin")
    np.testing.assert_array_equal(grid.positions(later), [3])


def test_the_freq_of_an_index_is_not_believed_against_its_stamps():
    """Pandas 2 leaves the freq "D" on an index that goes to another zone."""
    index = stamps("2024-03-25", 17, "D", "UTC").tz_convert("Europe/Berlin")
    grid = make_grid(index)  # 01:00, and 02:00 from 31 March on: 24 hours apart
    assert type(grid) is ClockGrid
    assert grid.freq == pd.offsets.Hour(24)
    assert grid.season == 7
    assert (grid.stamps(0, 17) == index).all()
    assert infer_freq(stamps("2024-01-01", 5, "24h")) == pd.offsets.Day()


@pytest.mark.parametrize(
    ("two", "freq"),
    [
        (["2024-01-01 00:00", "2024-01-01 00:07"], pd.offsets.Minute(7)),
        (["2024-01-01", "2024-01-02"], pd.offsets.Day()),
        (["2024-01-01", "2024-01-04"], pd.offsets.Day(3)),
        (["2024-01-01", "2024-01-08"], pd.offsets.Week(weekday=0)),
        (["2024-02-01", "2024-03-01"], pd.offsets.MonthBegin()),
        (["2024-01-31", "2024-02-29"], pd.offsets.MonthEnd()),
        (["2024-01-15", "2024-02-15"], pd.DateOffset(months=1)),
        (["2024-01-15", "2024-02-14"], pd.offsets.Day(30)),
        (["2023-01-01", "2024-01-01"], pd.offsets.MonthBegin(12)),
        (["1924-01-01", "2024-01-01"], pd.offsets.MonthBegin(1200)),
    ],
)
def test_two_rows(two, freq):
    assert infer_freq(pd.DatetimeIndex(two)) == freq


def test_one_row():
    with pytest.raises(ValueError, match=r"two stamps \(n_samples = 1\); give freq="):
        make_grid(pd.DatetimeIndex(["2024-01-01"]))
    assert make_grid(pd.DatetimeIndex(["2024-01-01"]), "h").freq == pd.offsets.Hour()
    assert make_grid(stamps("2024-01-01", 1, "h")).freq == pd.offsets.Hour()


def test_a_week_without_weekend_is_business_days():
    assert infer_freq(stamps("2024-01-01", 9, "B")[[0, 1, 3, 4, 7, 8]]) == (
        pd.offsets.BDay()
    )
    assert infer_freq(bare(stamps("2024-01-01", 5, "D"))) == pd.offsets.Day()
    thursday_to_monday = stamps("2024-01-04", 3, "B")
    assert infer_freq(bare(thursday_to_monday)) == pd.offsets.BDay()
    sunday_to_friday = stamps("2024-01-07", 6, "D")
    assert infer_freq(bare(sunday_to_friday)) == pd.offsets.Day()


def test_irregular_stamps_are_named_by_their_steps():
    minutes = np.cumsum([0, 7, 7, 7, 11, 11, 13, 13, 13, 13, 17])
    index = pd.Timestamp("2024-01-01") + pd.to_timedelta(minutes, unit="min")
    expected = (
        r"steps are 0 days 00:13:00 \(4 times\), 0 days 00:07:00 \(3 times\), "
        r"0 days 00:11:00 \(2 times\). Give freq= to snap them to a grid"
    )
    with pytest.raises(ValueError, match=expected):
        make_grid(index)


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 01:00:01"],
        ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04 05:00"],
        ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-02"],
        ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-23"],
    ],
)
def test_one_stray_stamp_makes_no_grid_of_seconds(texts):
    index = pd.DatetimeIndex(texts)
    whole = stamps(index[0] - 30 * (index[1] - index[0]), 30, index[1] - index[0])
    with pytest.raises(ValueError, match="lie on no regular grid"):
        make_grid(whole.append(index))


@pytest.mark.parametrize("freq", ["5 sheep", "", object(), 5.5])
def test_unknown_freq(freq):
    with pytest.raises(ValueError, match="is no frequency that pandas knows; give one"):
        make_grid(stamps("2024-01-01", 3, "h"), freq)


@pytest.mark.parametrize("freq", ["-1h", "0h", "-1D", "-2MS", pd.Timedelta(0)])
def test_freq_must_step_forward(freq):
    with pytest.raises(ValueError, match="must step forward; give a positive one"):
        make_grid(stamps("2024-01-01", 3, "h"), freq)


def test_freq_must_be_that_of_the_periods():
    index = pd.period_range("2024-01-01", periods=3, freq="h")
    with pytest.raises(ValueError, match=r"freq='D' is not the length .* which is 'h'"):
        make_grid(index, "D")
    assert make_grid(index, "h") == make_grid(index, pd.Timedelta("1h"))
    assert make_grid(index.asfreq("M")[:1], "ME").first == pd.Period("2024-01", "M")
    assert make_grid(index.asfreq("W")[:1], "W").freq == pd.offsets.Week(weekday=6)


def test_stamps_that_nanoseconds_cannot_count():
    index = pd.DatetimeIndex(np.array(["2024-01-01", "3024-01-01"], "datetime64[s]"))
    with pytest.raises(ValueError, match=r"2024-.* to 3024-.* the years 1678 to 2261"):
        make_grid(index)


@every_series
def test_before_the_first_row_is_negative(index):
    grid = make_grid(index)
    later = make_grid(index[2:])
    assert (later.positions(index[:2]) < 0).all()
    np.testing.assert_array_equal(later.positions(index[2:5]), [0, 1, 2])
    assert grid.positions(index[:0]).shape == (0,)
    assert len(grid.stamps(3, 3)) == 0


@pytest.mark.parametrize(
    ("freq", "off"),
    [
        ("h", "2024-02-01 00:30"),
        ("D", "2024-02-01 00:30"),
        ("B", "2024-02-03"),
        ("MS", "2024-03-02"),
        ("W-SUN", "2024-03-02"),
    ],
)
@pytest.mark.parametrize("tz", [None, "Europe/Berlin"])
def test_off_the_grid(freq, off, tz):
    grid = make_grid(stamps("2024-01-01", 3, freq, tz))
    assert grid.positions(pd.DatetimeIndex([off], tz=tz)).tolist() == [OFF_GRID]


def test_periods_between_two():
    index = pd.period_range("2024-01", periods=3, freq="2M")
    odd = pd.PeriodIndex(["2024-02", "2024-03"], freq="2M")
    np.testing.assert_array_equal(make_grid(index).positions(odd), [OFF_GRID, 1])


def test_row_grid():
    grid = make_grid(pd.RangeIndex(5, 8))
    assert grid == RowGrid() == make_grid(pd.Index([1, 2, 3]), "h")
    assert grid == make_grid(pd.RangeIndex(3), "D")
    with pytest.raises(ValueError, match="freq='zz' is no frequency that pandas knows"):
        make_grid(pd.RangeIndex(3), "zz")
    assert grid.stamps(3, 5).tolist() == [3, 4]
    assert grid.season == 1
    weekday, time = grid.slots(2, 5)
    assert weekday.tolist() == time.tolist() == [0, 0, 0]
    assert len(grid.slots(5, 2)[0]) == 0


@pytest.mark.parametrize(
    ("length", "freq"),
    [("M", "M"), ("3M", "3M"), ("M", "ME"), ("Q", "Q"), ("h", "60min"), ("D", "24h")],
)
def test_the_length_of_periods_by_any_name(length, freq):
    index = pd.period_range("2024-01-01", periods=3, freq=length)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pandas 2 still knows "M"
        assert make_grid(index, freq) == make_grid(index)


@pytest.mark.parametrize("freq", ["Q", "30min", "h", "zz"])
def test_another_length_of_periods(freq):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        with pytest.raises(ValueError, match=f"freq='{freq}' is no"):
            make_grid(pd.period_range("2024-01", periods=3, freq="M"), freq)


@pytest.mark.parametrize("tz", [None, "Europe/Berlin"])
@pytest.mark.parametrize("freq", ["h", "D", "YS"])
def test_beyond_the_last_nanosecond(freq, tz):
    grid = make_grid(stamps("2261-11-01", 1, freq, tz), freq)
    with pytest.raises(ValueError, match=r"grid in steps of '.*beyond the year 2261"):
        grid.stamps(5, 9001)
    with pytest.raises(ValueError, match="beyond the year 2261"):
        grid.slots(5, 9001)


@every_series
def test_grids_survive_pickling(index):
    grid = make_grid(index)
    assert pickle.loads(pickle.dumps(grid)) == grid


HOURS = stamps("2024-01-01", 3, "h")
PERIODS = HOURS.to_period("h")


@pytest.mark.parametrize(
    ("fitted", "asked", "message"),
    [
        (HOURS, HOURS.tz_localize("UTC"), "The history has no time zone, X has UTC"),
        (HOURS.tz_localize("UTC"), HOURS, "The history has UTC, X has no time zone"),
        (
            HOURS.tz_localize("UTC"),
            HOURS.tz_localize("Asia/Tokyo"),
            "The history has UTC, X has Asia/Tokyo; convert X.index with tz_localize",
        ),
        (HOURS, PERIODS, "history has a DatetimeIndex, X has a PeriodIndex"),
        (PERIODS, HOURS, "history has a PeriodIndex, X has a DatetimeIndex"),
        (HOURS, pd.RangeIndex(3), "DatetimeIndex, X has a RangeIndex.*set_output"),
        (PERIODS, PERIODS.asfreq("D"), "periods of freq 'h', X of 'D'; convert"),
        (pd.RangeIndex(3), HOURS, "X has a DatetimeIndex, but the history .* no time"),
        (pd.RangeIndex(3), PERIODS, "X has a PeriodIndex, but the history .* no time"),
    ],
)
def test_clocks_that_differ(fitted, asked, message):
    with pytest.raises(ValueError, match=message):
        raise ValueError(same_clock(make_grid(fitted), asked))


@pytest.mark.parametrize(
    "index", [HOURS, PERIODS, HOURS.tz_localize("Asia/Tokyo"), pd.Index([4, 2])]
)
def test_the_same_clock(index):
    assert same_clock(make_grid(index), index) is None


def test_a_unit_is_no_difference():
    grid = make_grid(HOURS.as_unit("s"))
    assert same_clock(grid, HOURS.as_unit("us")) is None
    assert grid.positions(HOURS.as_unit("us")).tolist() == [0, 1, 2]
    assert type(make_grid(PERIODS)) is PeriodGrid

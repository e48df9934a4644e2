import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer import SeasonalNaive
from skinformer.exceptions import FilledRowsWarning, SnappedRowsWarning
from skinformer.series.frequency import make_grid
from skinformer.series.grid import CalendarGrid, ClockGrid
from skinformer.series.offsets import DAY, HOUR
from skinformer.series.snapping import nearest_step, round_start
from skinformer.series.timeline import place_asked, place_history

BERLIN = "Europe/Berlin"
MINUTE = HOUR // 60


def at(*texts, tz=None):
    return pd.DatetimeIndex(texts).as_unit("ns").tz_localize(tz)


def snapped(index, freq):
    """Return the grid, and the stamps that each of the given ones is moved to."""
    grid = make_grid(index, freq)
    positions = place_history(grid, index)
    return grid, grid.stamps(0, int(positions[-1]) + 1)[positions]


# On which grid


def test_stamps_beside_the_grid_go_to_the_nearest_hour():
    given = at("2024-01-01 10:04", "2024-01-01 10:58", "2024-01-01 12:30")
    grid, moved = snapped(given, "h")
    assert grid == ClockGrid(pd.Timestamp("2024-01-01 10:00"), HOUR, snaps=True)
    # half way between two steps goes to the later one
    assert moved.equals(at("2024-01-01 10:00", "2024-01-01 11:00", "2024-01-01 13:00"))


def test_stamps_that_fit_the_grid_of_the_first_are_left_alone():
    given = at("2024-01-01 10:30", "2024-01-01 11:30", "2024-01-01 13:30")
    grid, moved = snapped(given, "h")
    assert grid == ClockGrid(given[0], HOUR)
    assert not grid.snaps
    assert moved.equals(given)


def test_the_start_is_rounded_on_the_local_clock():
    """10:44 in India is 05:14 in UTC: the hour there begins at half past in UTC."""
    given = at("2024-01-01 10:44", "2024-01-01 12:05", tz="Asia/Kolkata")
    grid, moved = snapped(given, "h")
    assert grid.first == pd.Timestamp("2024-01-01 11:00", tz="Asia/Kolkata")
    assert moved.equals(at("2024-01-01 11:00", "2024-01-01 12:00", tz="Asia/Kolkata"))


def test_steps_that_do_not_divide_a_day_begin_at_midnight():
    start = round_start(pd.Timestamp("2024-05-01 12:20"), 5 * HOUR)
    assert start == pd.Timestamp("2024-05-01 10:00")


def test_days_start_at_the_nearest_local_midnight():
    given = at("2024-03-29 23:10", "2024-03-31 04:00", "2024-03-31 21:30", tz=BERLIN)
    grid, moved = snapped(given, "D")
    assert isinstance(grid, CalendarGrid)
    assert grid.first == pd.Timestamp("2024-03-30", tz=BERLIN)
    assert moved.equals(at("2024-03-30", "2024-03-31", "2024-04-01", tz=BERLIN))


def test_pairs_of_days():
    given = at("2024-01-01 05:00", "2024-01-03 01:00", "2024-01-04 23:59")
    _, moved = snapped(given, "2D")
    assert moved.equals(at("2024-01-01", "2024-01-03", "2024-01-05"))


def test_hours_run_on_when_the_clocks_change():
    given = at("2024-03-31 00:57", "2024-03-31 01:58", "2024-03-31 03:58", tz=BERLIN)
    _, moved = snapped(given, "h")
    # two minutes after 01:58 it was 03:00
    assert moved.equals(
        at("2024-03-31 01:00", "2024-03-31 03:00", "2024-03-31 04:00", tz=BERLIN)
    )


def test_the_hour_that_comes_twice_is_two_steps():
    given = at("2024-10-27 00:01", "2024-10-27 00:59", "2024-10-27 02:02", tz="UTC")
    _, moved = snapped(given.tz_convert(BERLIN), "h")
    assert [str(stamp) for stamp in moved] == [
        "2024-10-27 02:00:00+02:00",
        "2024-10-27 02:00:00+01:00",
        "2024-10-27 03:00:00+01:00",
    ]


def test_a_midnight_that_does_not_exist_is_one_oclock():
    first = pd.Timestamp("2018-11-04 03:00", tz="America/Sao_Paulo")
    assert str(round_start(first, DAY)) == "2018-11-04 01:00:00-02:00"


@pytest.mark.parametrize("freq", ["W", "MS", "B", "QE"])
def test_longer_steps_are_not_snapped_to(freq):
    given = at("2024-01-01 04:00", "2024-05-01", "2024-06-02")
    grid = make_grid(given, freq)
    assert not grid.snaps
    with pytest.raises(ValueError, match="snapped to steps of days and less alone"):
        place_history(grid, given)


# Two stamps on one step


def test_two_stamps_on_one_step_are_named():
    given = at("2024-01-01 10:04", "2024-01-01 11:40", "2024-01-01 12:20")
    message = (
        "2024-01-01 12:20:00 is the same step of 'h' as 2024-01-01 11:40:00, to which "
        r"stamps are snapped\. Give a finer freq=, or aggregate the rows first, with "
        r"DataFrame\.resample"
    )
    grid = make_grid(given, "h")
    with pytest.raises(ValueError, match=message):
        place_history(grid, given)
    message = "2024-01-01 11:40:00 is the same step of 'h' as 2024-01-01 12:20:00"
    with pytest.raises(ValueError, match=message):
        place_asked(grid, given[::-1], 3)


def test_a_finer_step_is_named_if_the_stamps_show_one():
    given = pd.date_range("2024-01-01", periods=5, freq="h")
    message = "01:00:00 is the same step .* 00:00:00.*freq=None, .* the step 'h' off"
    with pytest.raises(ValueError, match=message):
        place_history(make_grid(given, "D"), given)


# Rows that come later


def test_later_stamps_are_moved_too_and_earlier_ones_to_the_first_row():
    grid = make_grid(at("2024-01-01 10:04", "2024-01-01 10:58"), "h")
    asked = at("2024-01-01 13:10", "2024-01-01 09:31", "2024-01-01 11:59")
    assert place_asked(grid, asked, 2).tolist() == [3, 0, 2]
    early = at("2024-01-01 09:40", "2024-01-01 09:29")
    with pytest.raises(ValueError, match="2024-01-01 09:29:00 is before the history"):
        place_asked(grid, early, 2)


steps = st.sampled_from(["7s", "15min", "h", "5h", "36h", "D", "3D"])
zones = st.sampled_from([None, "UTC", BERLIN, "Asia/Kolkata", "America/Sao_Paulo"])


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(0, 400 * 24 * 60),
    apart=st.lists(st.integers(1, 3000), min_size=1, max_size=11),
    freq=steps,
    tz=zones,
)
def test_snapping_keeps_order_is_near_and_changes_nothing_twice(start, apart, freq, tz):
    minutes = np.cumsum([start, *apart]) * MINUTE
    given = pd.DatetimeIndex(1_520_000_000 * 10**9 + minutes, tz="UTC")
    given = given.tz_convert(tz)
    grid = make_grid(given, freq)
    positions = grid.positions(given)
    assert positions[0] == 0
    assert (np.diff(positions) >= 0).all()
    steps = grid.stamps(0, int(positions[-1]) + 1)
    again = grid.positions(steps)
    assert again.tolist() == list(range(len(steps)))
    # no other step is nearer, but for the hour that the clocks are moved by
    width = pd.Timedelta(grid.freq.n if freq.endswith("D") else 0, "D")
    width = width or pd.Timedelta(grid.freq)
    allowed = width / 2 + pd.Timedelta("1h" if freq.endswith("D") else 0)
    assert (np.abs(given - steps[positions]) <= allowed).all()


def test_nearest_step_of_an_odd_number_of_nanoseconds():
    since = np.arange(-4, 5)
    assert nearest_step(since, 7).tolist() == [-1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_a_grid_that_was_pickled_before_there_was_snapping():
    old = ClockGrid(pd.Timestamp("2024-01-01"), HOUR)
    vars(old).pop("snaps")
    assert not pickle.loads(pickle.dumps(old)).snaps


# In a forecaster


def frame(index, **columns):
    return pd.DataFrame(columns, index=index)


MINUTES = [1, 0, -2, 0, 3, 0, 0, 7]  # beside the hour
JITTER = pd.date_range("2024-01-01", periods=8, freq="h") + pd.to_timedelta(
    MINUTES, unit="min"
)


def test_a_fit_warns_once_and_later_rows_are_moved_in_silence():
    message = (
        r"^4 of 8 stamps lie beside the grid in steps of 'h', .* nearest step, by "
        "0 days 00:07:00 at the most"
    )
    naive = SeasonalNaive(pred_len=2, season=2, freq="h")
    with pytest.warns(SnappedRowsWarning, match=message) as caught:
        naive.fit(frame(JITTER), np.arange(8.0))
    assert len(caught) == 1
    later = at("2024-01-01 09:10", "2024-01-01 07:55")  # warnings are errors here
    assert naive.predict(frame(later)).tolist() == [7.0, 6.0]
    naive.update(frame(later[::-1]), [10.0, 11.0])
    assert naive.predict(frame(at("2024-01-01 10:02"))).tolist() == [10.0]


def test_without_freq_irregular_stamps_are_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"commonest steps.*Give freq= to snap"):
        SeasonalNaive().fit(frame(JITTER), np.arange(8.0))


def test_absent_rows_of_a_snapped_grid_are_filled():
    kept = np.r_[0:3, 5:8]
    naive = SeasonalNaive(pred_len=2, season=2, freq="h")
    with (
        pytest.warns(SnappedRowsWarning),
        pytest.warns(FilledRowsWarning, match="^2 of"),
    ):
        naive.fit(frame(JITTER[kept]), np.arange(8.0)[kept])


def panel():
    """Two series, of which one has stamps beside the hour."""
    regular = pd.date_range("2024-01-01", periods=8, freq="h")
    rows = frame(JITTER.append(regular), id=np.repeat(["odd", "even"], 8))
    return rows, np.r_[np.arange(8.0), np.arange(10.0, 18.0)]


def test_all_series_take_later_stamps_beside_the_grid_if_one_had_them():
    X, y = panel()
    naive = SeasonalNaive(pred_len=2, season=2, freq="h", series="id")
    with pytest.warns(SnappedRowsWarning, match="^4 of 16 stamps") as caught:
        naive.fit(X, y)
    assert len(caught) == 1
    later = at("2024-01-01 08:05", "2024-01-01 08:05", "2024-01-01 09:00")
    asked = frame(later, id=["even", "odd", "odd"])
    assert naive.predict(asked).tolist() == [16.0, 6.0, 7.0]


def test_an_error_names_the_series():
    X, y = panel()
    twice = X.iloc[[0]].set_axis(at("2024-01-01 00:20"))
    X = pd.concat([X.iloc[:1], twice, X.iloc[1:]])
    naive = SeasonalNaive(pred_len=2, season=2, freq="h", series="id")
    message = "Series 'odd': 2024-01-01 00:20:00 is the same step .* 00:01:00"
    with pytest.raises(ValueError, match=message):
        naive.fit(X, np.r_[y[:1], y])


def test_a_new_series_is_snapped_only_where_freq_was_given():
    X, y = panel()
    is_odd = (X["id"] == "odd").to_numpy()
    naive = SeasonalNaive(pred_len=2, season=2, series="id", new_series="allow")
    naive.fit(X[~is_odd], y[~is_odd])
    with pytest.raises(ValueError, match="Series 'odd': 2024-01-01 01:00:00 is off"):
        naive.update(X[is_odd], y[is_odd])
    naive.set_params(freq="h").fit(X[~is_odd], y[~is_odd])
    with pytest.warns(SnappedRowsWarning, match="^4 of 8 stamps"):
        naive.update(X[is_odd], y[is_odd])


def test_windows_are_those_of_rounded_stamps():
    index = pd.date_range("2024-03-30 20:00", periods=53, freq="h", tz=BERLIN)
    minutes = np.random.default_rng(0).integers(-29, 30, 53)
    jitter = index + pd.to_timedelta(minutes, unit="min")
    y = np.random.default_rng(1).standard_normal(53)
    answers = []
    for stamps, freq in ((index, None), (jitter, "h")):
        naive = SeasonalNaive(pred_len=3, season=24, freq=freq)
        with pytest.warns(SnappedRowsWarning) if freq else np.errstate():
            naive.fit(frame(stamps[:31]), y[:31])
        answers.append(naive.predict_windows(frame(stamps[31:]), y[31:]))
    for one, other in zip(*answers, strict=True):
        np.testing.assert_array_equal(one, other)

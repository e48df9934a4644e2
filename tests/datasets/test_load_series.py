import random

import numpy as np
import pandas as pd
import pytest

from skinformer.datasets import make_load_series
from skinformer.datasets._load_series import (
    BUILDING,
    NOISE,
    NOMINAL_LOAD,
    _autoregressive,
    _felt_indoors,
    _weather_share,
)


def lag_one(values):
    return np.corrcoef(values[:-1], values[1:])[0, 1]


@pytest.fixture(scope="module")
def quiet():
    """Two years without noise."""
    return make_load_series(noise=0, random_state=0)


def test_shape_names_and_grid():
    X, y = make_load_series(random_state=0)
    assert X.shape == (17_520, 1)
    assert X.columns.to_list() == ["temperature"]
    assert y.name == "load"
    assert y.index.equals(X.index)
    assert X.index.freqstr == y.index.freqstr == "h"
    assert X.index[0] == pd.Timestamp("2022-01-01")
    assert X.index[-1] == pd.Timestamp("2023-12-31 23:00")
    assert X.dtypes.to_list() == [y.dtype] == [np.float64]


def test_magnitudes_are_those_of_a_real_load():
    X, y = make_load_series(random_state=0)
    assert 5500 < y.mean() < 6500
    assert 4000 < y.min() < 4700
    assert 7500 < y.max() < 9500
    assert -22 < X["temperature"].min() < -3
    assert 28 < X["temperature"].max() < 40


def test_same_seed_same_series():
    one, two = (make_load_series(500, random_state=7) for _ in range(2))
    pd.testing.assert_frame_equal(one[0], two[0], check_exact=True)
    pd.testing.assert_series_equal(one[1], two[1], check_exact=True)
    other = make_load_series(500, random_state=8)
    assert (one[1] != other[1]).all()


@pytest.mark.parametrize("n_rows", [1, 2, 5, 97, 1000])
@pytest.mark.parametrize("tz", [None, "Europe/Berlin"])
def test_a_longer_series_continues_a_shorter_one(n_rows, tz):
    X, y = make_load_series(n_rows, tz=tz, random_state=3)
    longer_X, longer_y = make_load_series(1501, tz=tz, random_state=3)
    pd.testing.assert_frame_equal(X, longer_X.iloc[:n_rows], check_exact=True)
    pd.testing.assert_series_equal(y, longer_y.iloc[:n_rows], check_exact=True)


def test_none_draws_fresh_entropy():
    state = np.random.get_state()  # noqa: NPY002
    _, one = make_load_series(50)
    np.random.set_state(state)  # noqa: NPY002
    _, two = make_load_series(50)
    assert (one != two).all()


def test_instances_are_drawn_from_and_move_on():
    for make in (np.random.RandomState, np.random.default_rng):
        source = make(0)
        first, second = (make_load_series(50, random_state=source)[1] for _ in "ab")
        assert (first != second).all()
        again = make_load_series(50, random_state=make(0))[1]
        pd.testing.assert_series_equal(first, again, check_exact=True)


def test_a_generator_equals_its_seed():
    seeded = make_load_series(50, random_state=5)[1]
    given = make_load_series(50, random_state=np.random.default_rng(5))[1]
    pd.testing.assert_series_equal(seeded, given, check_exact=True)


@pytest.mark.parametrize("random_state", [None, 0, np.random.default_rng(0)])
def test_global_random_state_is_untouched(random_state):
    before = np.random.get_state(), random.getstate()  # noqa: NPY002
    make_load_series(50, random_state=random_state)
    after = np.random.get_state(), random.getstate()  # noqa: NPY002
    np.testing.assert_equal(after, before)


def test_weekends_are_lower_than_working_days(quiet):
    _, y = quiet
    noon = y[y.index.hour == 12]
    by_day = noon.groupby(noon.index.day_of_week).mean()
    assert by_day[:5].min() > 1.08 * by_day[5]
    assert by_day[5] > 1.03 * by_day[6]
    night = y[y.index.hour == 3]
    by_day = night.groupby(night.index.day_of_week).mean()
    assert by_day.max() < 1.02 * by_day.min()


def test_the_day_has_a_trough_and_two_peaks(quiet):
    _, y = quiet
    tuesdays = y[(y.index.day_of_week == 1) & y.index.month.isin([1, 2, 11, 12])]
    by_hour = tuesdays.groupby(tuesdays.index.hour).mean()
    assert by_hour.idxmin() in {2, 3, 4}
    assert by_hour[12] > by_hour[15] < by_hour[18]
    assert by_hour.max() > 1.4 * by_hour.min()


def test_a_holiday_is_a_sunday_and_other_days_stay(quiet):
    X, y = quiet
    other_X, without = make_load_series(noise=0, country=None, random_state=0)
    pd.testing.assert_frame_equal(X, other_X)
    changed = y.index[y != without].normalize().unique()
    # Germany's nationwide holidays of 2022 that are not Sundays.
    assert changed[changed.year == 2022].strftime("%m-%d").to_list() == [
        "01-01",
        "04-15",
        "04-18",
        "05-26",
        "06-06",
        "10-03",
        "12-26",
    ]
    day = slice("2022-05-26 08:00", "2022-05-26 17:00")
    assert (y[day] < 0.9 * without[day]).all()


def test_a_holiday_is_lower_than_the_same_weekday(quiet):
    _, y = quiet
    day, week = y["2022-05-26"], pd.Timedelta(days=7)
    for neighbour in (y[day.index - week], y[day.index + week]):
        assert day.sum() < 0.93 * neighbour.sum()


def test_country_decides_the_holidays():
    german, american = (
        make_load_series(24 * 365, noise=0, country=code, random_state=0)[1]
        for code in ("DE", "US")
    )
    assert (american["2022-07-04 12:00"] < 0.9 * german["2022-07-04 12:00"]).all()
    assert (german["2022-10-03 12:00"] < 0.9 * american["2022-10-03 12:00"]).all()


def test_heating_and_cooling_by_value():
    share = _weather_share(np.array([-5.0, 10.0, 15.0, 18.0, 22.0, 25.0]))
    np.testing.assert_allclose(share, [0.22, 0.055, 0, 0, 0, 0.042], atol=1e-12)


def test_temperature_works_on_both_sides(quiet):
    X, y = quiet
    noons = (y.index.hour == 15) & (y.index.day_of_week < 5)
    winter = noons & y.index.month.isin([12, 1, 2])
    summer = noons & (X["temperature"] > 24)
    for rows, sign in ((winter, -1), (summer, 1)):
        correlation = np.corrcoef(X["temperature"][rows], y[rows])[0, 1]
        assert sign * correlation > 0.6


def test_temperature_has_a_year_a_day_and_a_memory(quiet):
    t = quiet[0]["temperature"]
    by_month = t.groupby(t.index.month).mean()
    assert by_month[[6, 7, 8]].min() > 15 + by_month[[12, 1, 2]].mean() - 3
    by_hour = t.groupby(t.index.hour).mean()
    assert by_hour.idxmax() in {14, 15, 16}
    assert 4 < by_hour.max() - by_hour.min() < 9
    anomaly = (
        t - t.groupby([t.index.month, t.index.hour]).transform("mean")
    ).to_numpy()
    assert lag_one(anomaly) > 0.95
    assert lag_one(anomaly[::24]) > 0.5


def test_load_grows_slowly():
    ends = [
        make_load_series(24 * 365 * 10, noise=0, random_state=seed)[1].groupby(
            lambda stamp: stamp.year
        )
        for seed in range(2)
    ]
    for by_year in ends:
        assert 1.05 < by_year.median()[2031] / by_year.median()[2022] < 1.13


def test_noise_has_the_level_and_the_memory_asked_for(quiet):
    noisy = make_load_series(noise=0.03, random_state=0)[1]
    noise = (noisy - quiet[1]).to_numpy()
    assert noise.std() == pytest.approx(0.03 * NOMINAL_LOAD, rel=0.1)
    assert abs(noise.mean()) < 0.1 * noise.std()
    assert lag_one(noise) == pytest.approx(np.exp(-1 / NOISE), abs=0.01)
    shocks = noise[1:] - np.exp(-1 / NOISE) * noise[:-1]
    assert abs(lag_one(shocks)) < 0.03


def test_noise_leaves_the_weather_alone(quiet):
    X, _ = make_load_series(noise=0.5, random_state=0)
    pd.testing.assert_frame_equal(X, quiet[0], check_exact=True)


def test_without_noise_the_load_follows_from_time_and_temperature(quiet):
    again = make_load_series(noise=0, random_state=0)[1]
    pd.testing.assert_series_equal(quiet[1], again, check_exact=True)
    # Another seed is other weather; what is left without it is the calendar.
    other = make_load_series(noise=0, random_state=1)
    left = [
        y / NOMINAL_LOAD - _weather_share(_felt_indoors(X["temperature"].to_numpy()))
        for X, y in (quiet, other)
    ]
    np.testing.assert_allclose(left[0], left[1], rtol=1e-12)
    assert quiet[1].ne(other[1]).mean() > 0.5


def test_buildings_remember_the_temperature():
    felt = _felt_indoors(np.r_[np.full(5, 10.0), np.full(200, 20.0)])
    np.testing.assert_allclose(felt[:5], 10, rtol=1e-12)
    # Half of it at once, the other half fading in.
    fading = np.exp(-np.arange(1, 201) / BUILDING)
    np.testing.assert_allclose(felt[5:], 15 + 5 * (1 - fading), rtol=1e-12)


def test_autoregressive_by_hand():
    phi = np.exp(-1 / 2.0)
    innovation = np.sqrt(1 - phi**2)
    shocks = np.array([2.0, -1.0, 0.5])
    expected = [2.0]
    for shock in shocks[1:]:
        expected.append(phi * expected[-1] + innovation * shock)
    np.testing.assert_allclose(_autoregressive(shocks, 2.0), expected, rtol=1e-14)
    np.testing.assert_array_equal(shocks, [2.0, -1.0, 0.5])


def test_autoregressive_is_stationary_from_the_first_row():
    shocks = np.random.default_rng(0).standard_normal((4000, 200))
    rows = np.array([_autoregressive(row, 50.0) for row in shocks])
    np.testing.assert_allclose(rows[:, [0, 5, 100, 199]].std(axis=0), 1, atol=0.05)


def test_cycles_follow_local_time():
    naive = make_load_series(24 * 7, start="2022-06-13", noise=0, random_state=0)
    zoned = make_load_series(
        24 * 7, start="2022-06-13", tz="Asia/Kolkata", noise=0, random_state=0
    )
    np.testing.assert_allclose(zoned[1], naive[1], rtol=1e-12)
    assert str(zoned[0].index.tz) == "Asia/Kolkata"


def test_daylight_saving_moves_the_clock_not_the_steps():
    X, y = make_load_series(
        24 * 9, start="2022-03-21", tz="Europe/Berlin", noise=0, random_state=0
    )
    steps = np.diff(X.index.tz_convert("UTC").tz_localize(None))
    assert (steps == np.timedelta64(1, "h")).all()
    assert len(y["2022-03-27"]) == 23
    # The morning rise stays at the same hour of the wall clock.
    for day in ("2022-03-25", "2022-03-28"):
        assert y[day].diff().idxmax().hour in {6, 7}


def test_start_sets_the_first_row():
    start = pd.Timestamp("2024-02-29 05:30", tz="UTC")
    X, _ = make_load_series(3, start=start, random_state=0)
    assert X.index[0] == start
    assert X.index[-1] == start + pd.Timedelta(hours=2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_rows": 0}, ValueError, "'n_rows' parameter .* at least 1. Got 0"),
        ({"n_rows": 2.0}, TypeError, "'n_rows' parameter .* an integer. Got 2.0"),
        ({"n_rows": True}, TypeError, "'n_rows' parameter"),
        ({"noise": -0.1}, ValueError, "'noise' parameter .* Got -0.1"),
        ({"noise": float("nan")}, ValueError, "'noise' parameter .* Got nan"),
        ({"noise": float("inf")}, ValueError, "'noise' parameter .* Got inf"),
        ({"noise": "much"}, TypeError, "'noise' parameter .* a number. Got 'much'"),
        ({"country": "Narnia"}, ValueError, "'country' parameter .* Got 'Narnia'"),
        ({"country": 5}, TypeError, "'country' parameter .* 'DE', or None. Got 5"),
        ({"tz": "zz"}, ValueError, "'tz' parameter .* 'Europe/Berlin', .* Got 'zz'"),
        ({"tz": ""}, ValueError, "'tz' parameter .* Got ''"),
        ({"tz": 5}, TypeError, "'tz' parameter .* Got 5"),
        ({"start": "x"}, ValueError, "'start' parameter .* Got 'x'"),
        ({"start": ""}, ValueError, "'start' parameter .* Got ''"),
        ({"start": 5}, TypeError, "'start' parameter .* '2022-01-01'. Got 5"),
        (
            {"start": "2024-01-01 00:00Z", "tz": "Europe/Berlin"},
            ValueError,
            r"start='2024-01-01 00:00:00\+00:00' is in the zone UTC, .*tz_convert",
        ),
        ({"random_state": -1}, ValueError, "'random_state' parameter .* Got -1"),
        ({"random_state": "x"}, TypeError, "'random_state' parameter .* Got 'x'"),
    ],
)
def test_bad_arguments_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        make_load_series(**{"n_rows": 5, **arguments})


def test_numpy_integers_are_integers():
    _, y = make_load_series(np.int64(5), random_state=np.int64(1))
    pd.testing.assert_series_equal(y, make_load_series(5, random_state=1)[1])

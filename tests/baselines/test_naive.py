"""Seasonal naive."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer import SeasonalNaive


def series(n, freq, start="2024-01-01", tz=None):
    index = pd.date_range(start, periods=n, freq=freq, tz=tz)
    return pd.DataFrame(index=index), pd.Series(np.arange(n, dtype=float), index)


@pytest.mark.parametrize(
    ("freq", "season"),
    [("h", 24), ("15min", 96), ("D", 7), ("B", 5), ("W-SUN", 52), ("MS", 12)]
    + [("ME", 12), ("QS", 4), ("YE", 1)],
)
def test_auto_season(freq, season):
    X, y = series(5, freq)
    assert SeasonalNaive().fit(X, y).season_ == season


def test_repeats_the_last_season_over_blocks():
    X, y = series(17, "D")
    model = SeasonalNaive(pred_len=3).fit(X[:9], y[:9])
    assert_array_equal(model.predict(X[9:]), [2, 3, 4, 5, 6, 7, 8, 2])


def test_block_longer_than_a_season():
    X, y = series(12, "D")
    model = SeasonalNaive(pred_len=5, season=2).fit(X[:7], y[:7])
    assert_array_equal(model.predict(X[7:]), [5, 6, 5, 6, 5])


def test_fitted_values():
    X, y = series(9, "D")
    model = SeasonalNaive(pred_len=2, season=3).fit(X, y)
    # no row before: the mean 4; no such phase before: the last value
    expected = [4, 4, 1, 0, 1, 2, 3, 4, 5]
    assert_array_equal(model.predict(X), expected)


def test_eight_o_clock_stays_eight_o_clock():
    # the clock goes forward on 2024-03-31: that day has 23 hours
    X, y = series(24 * 2 + 23, "h", start="2024-03-30", tz="Europe/Berlin")
    known = X.index < pd.Timestamp("2024-04-01", tz="Europe/Berlin")
    model = SeasonalNaive().fit(X[known], y[known])
    forecast = pd.Series(model.predict(X[~known]), X.index[~known])
    at_eight = pd.Timestamp("2024-04-01 08:00", tz="Europe/Berlin")
    assert forecast[at_eight] == y[at_eight - pd.DateOffset(days=1)]
    # 02:30 was skipped the day before: the day before that stands in
    at_two = pd.Timestamp("2024-04-01 02:00", tz="Europe/Berlin")
    assert forecast[at_two] == y[at_two - pd.DateOffset(days=2)]


def test_absent_rows_are_not_repeated():
    X, y = series(12, "D")
    kept = [0, 1, 2, 3, 4, 5, 6, 8]
    with pytest.warns(UserWarning, match="1 of 9 rows"):
        model = SeasonalNaive(pred_len=3, season=3).fit(X.iloc[kept], y.iloc[kept])
    assert_array_equal(model.predict(X[9:]), [6, 4, 8])


def test_several_targets_and_windows():
    X, y = series(10, "D")
    y = pd.DataFrame({"a": y, "b": -y})
    model = SeasonalNaive(pred_len=2, season=3).fit(X[:6], y[:6])
    starts, forecasts, _ = model.predict_windows(X[6:], y[6:])
    assert_array_equal(starts, [0, 1, 2])
    assert_allclose(forecasts[:, :, 0], [[3, 4], [4, 5], [5, 6]])
    assert_allclose(forecasts[:, :, 1], -forecasts[:, :, 0])

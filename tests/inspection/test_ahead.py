"""Steps of a horizon as time."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.tseries.frequencies import to_offset

from skinformer import BacktestResult
from skinformer.inspection.ahead import step_of, time_ahead


@pytest.mark.parametrize(
    ("freq", "name", "values"),
    [
        ("h", "hours ahead", [1, 2, 7]),
        ("3h", "hours ahead", [3, 6, 21]),
        ("10min", "minutes ahead", [10, 20, 70]),
        ("30min", "hours ahead", [0.5, 1, 3.5]),
        ("36h", "hours ahead", [36, 72, 252]),
        ("24h", "days ahead", [1, 2, 7]),
        ("D", "days ahead", [1, 2, 7]),
        ("B", "business days ahead", [1, 2, 7]),
        ("C", "business days ahead", [1, 2, 7]),
        ("2W-MON", "weeks ahead", [2, 4, 14]),
        ("ME", "months ahead", [1, 2, 7]),
        ("BMS", "months ahead", [1, 2, 7]),
        (pd.DateOffset(months=3), "months ahead", [3, 6, 21]),
        (pd.DateOffset(months=1, days=2), "steps ahead", [1, 2, 7]),
        ("QS-FEB", "quarters ahead", [1, 2, 7]),
        ("YE", "years ahead", [1, 2, 7]),
        ("10s", "seconds ahead", [10, 20, 70]),
        ("50ms", "seconds ahead", [0.05, 0.1, 0.35]),
        ("SMS", "steps ahead", [1, 2, 7]),
        (None, "steps ahead", [1, 2, 7]),
    ],
)
def test_units(freq, name, values):
    ahead = time_ahead(None if freq is None else to_offset(freq), np.array([1, 2, 7]))
    assert ahead.name == name
    assert_allclose(ahead, values)


def result_of(timeline, starts, horizon, series=None):
    nothing = np.zeros((len(starts), horizon, 1))
    return BacktestResult(
        np.array(starts), ["y"], nothing, nothing, timeline, series=series
    )


@pytest.mark.parametrize("freq", ["h", "D", "B", "W-SUN", "ME"])
def test_step_is_read_off_the_timeline(freq):
    stamps = pd.DatetimeIndex(pd.date_range("2024-01-01", periods=11, freq=freq).values)
    assert step_of(result_of(stamps, [0, 7], 3)) == to_offset(freq)


def test_step_of_series_one_after_another():
    one = pd.date_range("2024-01-01", periods=5, freq="h")
    two = pd.date_range("2024-03-01", periods=5, freq="h")
    series = pd.Index(["a", "a", "b"])
    result = result_of(one.append(two), [0, 1, 5], 3, series)
    assert step_of(result) == to_offset("h")


def test_no_step():
    assert step_of(result_of(None, [0], 3)) is None
    uneven = pd.to_datetime(
        ["2024-01-01 00:00", "2024-01-02 00:07", "2024-05-01 03:01"]
    )
    assert step_of(result_of(uneven, [0], 2)) is None
    months = pd.period_range("2024-01", periods=4, freq="M")
    assert step_of(result_of(months, [0], 3)) == months.freq

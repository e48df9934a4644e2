"""Means by hour, weekday and month."""

import numpy as np
import pandas as pd
import pytest

from skinformer import BacktestResult
from skinformer.report.by_clock import by_clock, slots_by_field


def result(index, truth, forecast, horizon):
    """Return windows that follow one another without overlap."""
    n = len(truth) // horizon
    shape = n, horizon, 1
    timeline = index[:1].shift(-1, freq=index.freq).append(index)
    return BacktestResult(
        np.arange(n) * horizon,
        ["y"],
        np.reshape(truth, shape).astype(float),
        np.reshape(forecast, shape).astype(float),
        timeline,
    )


def test_means_by_hour_leave_out_rows_without_truth():
    index = pd.date_range("2024-01-01 22:00", periods=4, freq="h")
    ours = result(index, [1, 2, np.nan, 4], [3, 2, 9, 3], horizon=2)
    clock = by_clock({"ours": ours})[0]
    assert (clock.field, clock.labels) == ("hour", ["00", "01", "22", "23"])
    assert np.array_equal(clock.truth[:, 0], [np.nan, 4, 1, 2], equal_nan=True)
    assert np.array_equal(clock.forecast[:, 0], [np.nan, 3, 3, 2], equal_nan=True)
    errors = clock.errors["ours"][:, 0]
    assert np.array_equal(errors, [np.nan, 1, 2, 0], equal_nan=True)


def test_several_rows_of_a_slot_are_averaged():
    index = pd.date_range("2024-01-01", periods=14, freq="D")  # a Monday
    ours = result(index, np.arange(14), np.arange(14) + 1.0, horizon=7)
    clock = by_clock({"ours": ours})[0]
    assert (clock.field, clock.labels[0]) == ("weekday", "Mon")
    assert clock.truth[:, 0].tolist() == [3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5]
    assert (clock.errors["ours"] == 1).all()


@pytest.mark.parametrize(
    ("freq", "n", "fields"),
    [
        ("h", 200, ["hour", "weekday"]),
        ("15min", 40, ["hour"]),  # within one day
        ("D", 20, ["weekday"]),
        ("D", 60, ["weekday", "month"]),
        ("ME", 30, ["month"]),
        ("YE", 4, []),
    ],
)
def test_fields_are_those_that_the_step_has(freq, n, fields):
    index = pd.date_range("2024-01-01", periods=n, freq=freq)
    assert list(slots_by_field(index)) == fields


def test_hours_are_local():
    index = pd.date_range("2024-07-01", periods=3, freq="h", tz="Europe/Berlin")
    assert slots_by_field(index)["hour"].tolist() == [0, 1, 2]


def test_rows_without_time_have_no_clock():
    assert slots_by_field(pd.RangeIndex(3)) == {}

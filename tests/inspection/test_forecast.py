"""The picture of a forecast."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

mpl = pytest.importorskip("matplotlib", reason="pictures need matplotlib")
mpl.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402

from skinformer import ForecastDisplay  # noqa: E402


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def y():
    index = pd.date_range("2024-01-01", periods=30, freq="h", tz="Europe/Berlin")
    return pd.Series(np.arange(30.0), index=index, name="load")


def test_lines_hold_what_was_given(y):
    display = ForecastDisplay.from_predictions(
        y, {"model": np.full(5, 7.0), "naive": np.full(3, 8.0)}, history=10
    )
    observed, model, naive = display.ax_.lines[:3]
    assert_array_equal(observed.get_ydata(), np.arange(15.0, 30.0))
    assert_array_equal(model.get_ydata(), np.full(5, 7.0))
    assert_array_equal(naive.get_ydata(), np.full(3, 8.0))
    # the local clock is on the axis, and forecasts end with the truth
    assert model.get_xdata()[-1] == observed.get_xdata()[-1]
    assert observed.get_xdata()[-1] == np.datetime64("2024-01-02T05:00")
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["observed", "model", "naive"]
    assert display.ax_.get_ylabel() == "load"


def test_draws_where_it_is_told(y):
    _, ax = plt.subplots()
    assert ForecastDisplay.from_predictions(y, np.zeros(4), ax=ax).ax_ is ax


def test_rows_without_time_and_periods(y):
    plain = ForecastDisplay.from_predictions(y.reset_index(drop=True), np.zeros(4))
    assert plain.ax_.get_xlabel() == "row"
    periods = y.tz_localize(None).to_period("h")
    ForecastDisplay.from_predictions(periods, np.zeros(4))


def test_forecast_longer_than_the_truth(y):
    with pytest.raises(ValueError, match=r"has 31 rows, y_true only 30"):
        ForecastDisplay.from_predictions(y, np.zeros(31))


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_observed_rows_without_an_index(y, shape):
    for rows in (y.to_numpy().reshape(shape), y.to_numpy().reshape(shape).tolist()):
        display = ForecastDisplay.from_predictions(rows, np.zeros(4), history=3)
        assert_array_equal(display.ax_.lines[0].get_xdata(), np.arange(23, 30))
        assert display.ax_.get_ylabel() == "target"
        assert display.ax_.get_xlabel() == "row"


@pytest.mark.parametrize(
    ("forecasts", "message"),
    [
        ({}, "forecasts is empty; give at least one"),
        ({"a": np.zeros(4), "b": []}, r"forecasts\['b'\] has no rows"),
        (
            {"a": np.zeros((4, 2))},
            r"forecasts\['a'\] has the shape \(4, 2\).*one target",
        ),
        (np.zeros((1, 4)), r"forecasts\['forecast'\] has the shape \(1, 4\)"),
    ],
)
def test_what_is_no_forecast_of_one_target(y, forecasts, message):
    with pytest.raises(ValueError, match=message):
        ForecastDisplay.from_predictions(y, forecasts)


@pytest.mark.parametrize("history", [-1, 2.0, "x", True, None])
def test_history_counts_rows(y, history):
    with pytest.raises(ValueError, match=f"history={history!r} must be an int of at"):
        ForecastDisplay.from_predictions(y, np.zeros(4), history=history)


def test_no_history(y):
    display = ForecastDisplay.from_predictions(y, np.zeros(4), history=0)
    assert_array_equal(display.ax_.lines[0].get_ydata(), np.arange(26.0, 30.0))


def test_frame_of_one_column_or_more(y):
    frame = y.to_frame()
    display = ForecastDisplay.from_predictions(frame, np.zeros((4, 1)))
    assert display.ax_.get_ylabel() == "load"
    with pytest.raises(ValueError, match=r"2 columns, \['load', 'b'\]"):
        ForecastDisplay.from_predictions(frame.assign(b=0), np.zeros(4))

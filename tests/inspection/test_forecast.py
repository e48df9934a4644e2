"""The picture of a forecast."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Ridge

from skinformer import (
    ForecastDisplay,
    RidgeForecaster,
    SeasonalNaive,
    TimeFeatures,
    make_forecast_pipeline,
    make_load_series,
)
from skinformer.exceptions import GapWarning


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
    # instants are placed, with the local clock below; forecasts end with the truth
    assert model.get_xdata()[-1] == observed.get_xdata()[-1]
    assert observed.get_xdata()[-1] == np.datetime64("2024-01-02T04:00")
    assert display.ax_.get_xlabel() == "local time (Europe/Berlin)"
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


def band_of(display):
    """Return lower and upper end of the only shade, (n_rows, 2)."""
    [band] = display.ax_.collections
    corners = band.get_paths()[0].vertices
    places = np.unique(corners[:, 0])
    ends = [corners[corners[:, 0] == place, 1] for place in places]
    return np.array([(of.min(), of.max()) for of in ends])


def labels_of(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_interval_and_unit(y):
    low, high = np.arange(3.0), np.arange(7.0, 10.0)
    display = ForecastDisplay.from_predictions(
        y,
        {"a": np.full(3, 5.0), "b": np.full(5, 6.0)},
        interval=np.column_stack([low, high]),
        coverage=0.975,
        unit="MW",
    )
    assert_allclose(band_of(display), np.column_stack([low, high]))
    assert labels_of(display) == ["observed", "a", "97.5% interval", "b"]
    assert display.ax_.get_ylabel() == "load (MW)"


def test_interval_of_each_forecast(y):
    ends = np.tile([0.0, 1.0], (3, 1))
    display = ForecastDisplay.from_predictions(
        y, {"a": np.zeros(3), "b": np.ones(3)}, interval={"b": ends, "a": ends}
    )
    assert labels_of(display)[1:] == ["a", "a, interval", "b", "b, interval"]


@pytest.mark.parametrize(
    ("interval", "message"),
    [
        (
            np.zeros((2, 2)),
            r"interval of 'a' has the shape \(2, 2\); it must be \(3, 2",
        ),
        ({"z": np.zeros((3, 2))}, r"'z', which is no forecast; forecasts are \['a'\]"),
    ],
)
def test_interval_of_other_rows(y, interval, message):
    with pytest.raises(ValueError, match=message):
        ForecastDisplay.from_predictions(y, {"a": np.zeros(3)}, interval=interval)


def test_coverage_is_a_share(y):
    ends = np.zeros((3, 2))
    with pytest.raises(ValueError, match="coverage=90"):
        ForecastDisplay.from_predictions(y, np.zeros(3), interval=ends, coverage=90)


def test_truth_that_is_not_known(y):
    unknown = y.where(np.arange(30) < 25)
    display = ForecastDisplay.from_predictions(unknown, np.zeros(5), history=2)
    expected = [23.0, 24.0, *[np.nan] * 5]
    assert_array_equal(display.ax_.lines[0].get_ydata(), expected)
    nothing = ForecastDisplay.from_predictions(y * np.nan, np.zeros(5))
    assert labels_of(nothing) == ["forecast"]


def test_single_rows_are_dots(y):
    display = ForecastDisplay.from_predictions(
        y.where(np.arange(30) % 2 == 0), [4.0], interval=[[3.0, 5.0]], history=4
    )
    observed, forecast = display.ax_.lines[:2]
    assert observed.get_markevery() == [1, 3]
    assert forecast.get_markevery() == [0]
    [stroke] = display.ax_.collections[1].get_segments()
    assert_array_equal(stroke[:, 1], [3.0, 5.0])


@pytest.mark.parametrize(("n", "widths"), [(31, [1.3, 2.0]), (1500, [0.7, 0.7])])
def test_many_rows_are_drawn_thin(n, widths):
    display = ForecastDisplay.from_predictions(np.arange(n), np.arange(7), history=n)
    assert [line.get_linewidth() for line in display.ax_.lines[:2]] == widths


# From a fitted forecaster

LAST = slice(-24, None)


@pytest.fixture(scope="module")
def load():
    return make_load_series(24 * 40, random_state=0)


@pytest.fixture(scope="module")
def naive(load):
    X, y = load
    model = SeasonalNaive(pred_len=24, calibration_fraction=24 * 20)
    return model.fit(X[:-24], y[:-24])


def test_history_is_that_of_the_forecaster(load, naive):
    X, y = load
    display = ForecastDisplay.from_estimator(naive, X[LAST], history=5, name="daily")
    observed, forecast, start = display.ax_.lines
    assert_array_equal(observed.get_ydata(), [*y[-29:-24], *[np.nan] * 24])
    assert_array_equal(forecast.get_ydata(), naive.predict(X[LAST]))
    assert_array_equal(forecast.get_xdata(), X.index[LAST].to_numpy())
    assert start.get_xdata()[0] == X.index[-24].to_numpy()
    assert labels_of(display) == ["observed", "daily"]
    assert len(display.ax_.collections) == 0


def test_truth_and_interval(load, naive):
    X, y = load
    display = ForecastDisplay.from_estimator(
        naive, X[LAST], y[LAST], history=5, coverage=0.8
    )
    assert_array_equal(display.ax_.lines[0].get_ydata(), y[-29:])
    assert_allclose(band_of(display), naive.predict_interval(X[LAST], 0.8))
    assert labels_of(display) == ["observed", "SeasonalNaive", "80% interval"]


def test_rows_in_any_order_are_drawn_in_time(load, naive):
    X, y = load
    ahead = X[LAST].sample(frac=1.0, random_state=0)
    truth = y[LAST][ahead.index]
    display = ForecastDisplay.from_estimator(naive, ahead, truth, history=1)
    assert_array_equal(display.ax_.lines[0].get_ydata(), y[-25:])
    assert_array_equal(display.ax_.lines[1].get_ydata(), naive.predict(X[LAST]))


def test_fitted_values_have_the_truth_of_the_history(load, naive):
    X, y = load
    display = ForecastDisplay.from_estimator(naive, X[100:107], history=3)
    assert_array_equal(display.ax_.lines[0].get_ydata(), y[97:107])
    assert display.ax_.lines[1].get_xdata()[0] == X.index[100].to_numpy()


def test_gap_is_seen_as_one(load, naive):
    X, y = load
    with pytest.warns(GapWarning, match="11 rows") as warned:
        display = ForecastDisplay.from_estimator(
            naive, X[-13:], y[-13:], history=7, coverage=0.8
        )
    assert len(warned) == 1
    expected = [*y[-31:-24], *[np.nan] * 11, *y[-13:]]
    assert_array_equal(display.ax_.lines[0].get_ydata(), expected)


def test_pipeline(load):
    X, y = load
    model = make_forecast_pipeline(TimeFeatures(), RidgeForecaster(pred_len=24))
    model.fit(X[:-24], y[:-24])
    display = ForecastDisplay.from_estimator(model, X[LAST], y[LAST])
    assert_array_equal(display.ax_.lines[1].get_ydata(), model.predict(X[LAST]))
    assert labels_of(display) == ["observed", "RidgeForecaster"]


def test_target_by_name(load):
    X, y = load
    two = pd.DataFrame({"load": y, "double": 2 * y})
    model = SeasonalNaive(pred_len=24, calibration_fraction=24 * 20)
    model.fit(X[:-24], two[:-24])
    display = ForecastDisplay.from_estimator(
        model, X[LAST], two[LAST], target="double", history=0, coverage=0.8
    )
    assert_array_equal(display.ax_.lines[0].get_ydata(), 2 * y[LAST])
    assert_array_equal(display.ax_.lines[1].get_ydata(), model.predict(X[LAST])[:, 1])
    assert_allclose(band_of(display), model.predict_interval(X[LAST], 0.8)[:, 1])
    assert display.ax_.get_ylabel() == "double"
    with pytest.raises(ValueError, match=r"2 targets, .*: give target='load'"):
        ForecastDisplay.from_estimator(model, X[LAST])
    with pytest.raises(ValueError, match=r"target='doubel' is none.*mean 'double'"):
        ForecastDisplay.from_estimator(model, X[LAST], target="doubel")


def test_series_by_label(load):
    X, y = load
    stores = pd.concat([X.assign(store=store) for store in ("north", "south")])
    loads = pd.concat([y, 3 * y])
    past = stores.index < X.index[-24]
    model = SeasonalNaive(pred_len=24, series="store").fit(stores[past], loads[past])
    display = ForecastDisplay.from_estimator(
        model, stores[~past], loads[~past], series="south", history=2, unit="MW"
    )
    assert_array_equal(display.ax_.lines[0].get_ydata(), 3 * y[-26:])
    expected = model.predict(stores[~past][24:])
    assert_array_equal(display.ax_.lines[1].get_ydata(), expected)
    assert display.ax_.get_ylabel() == "load, south (MW)"
    with pytest.raises(ValueError, match=r"2 series, 'north', 'south'.*series='north'"):
        ForecastDisplay.from_estimator(model, stores[~past])
    with pytest.raises(ValueError, match=r"series='east' has no row in X"):
        ForecastDisplay.from_estimator(model, stores[~past], series="east")


def test_series_of_a_forecaster_of_one(load, naive):
    with pytest.raises(ValueError, match=r"series='a' names one of many"):
        ForecastDisplay.from_estimator(naive, load[0][LAST], series="a")


def test_arrays():
    y = np.arange(50.0) % 7
    model = SeasonalNaive(pred_len=7, season=7).fit(np.zeros((43, 1)), y[:43])
    display = ForecastDisplay.from_estimator(model, np.zeros((7, 1)), y[43:], history=3)
    assert_array_equal(display.ax_.lines[0].get_xdata(), np.arange(40, 50))
    assert_array_equal(display.ax_.lines[1].get_ydata(), y[43:])
    assert display.ax_.get_xlabel() == "row"


def test_what_cannot_be_drawn(load):
    X, y = load
    model = SeasonalNaive(pred_len=24).fit(X[:-24], y[:-24])
    with pytest.raises(ValueError, match=r"no residuals.*calibrate\(X, y\)"):
        ForecastDisplay.from_estimator(model, X[LAST], coverage=0.9)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        ForecastDisplay.from_estimator(model, X[LAST], y[:5])
    with pytest.raises(TypeError, match="got Ridge"):
        ForecastDisplay.from_estimator(Ridge(), X[LAST])
    with pytest.raises(ValueError, match="history=-1 must be"):
        ForecastDisplay.from_estimator(model, X[LAST], history=-1)

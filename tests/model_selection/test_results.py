"""The result of a backtest."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer import BacktestResult, SeasonalNaive, backtest

from .panels import before, stacked
from .transparent import LastPlusCovariate


@pytest.fixture
def result(daily):
    """Return windows at rows 8 and 10, each after a gap of one row."""
    X, y = daily
    model = LastPlusCovariate(pred_len=3).fit(X[:7], y[:7])
    return backtest(model, X[7:], y[7:], horizon=2, gap=1, stride=2)


def test_repr(result):
    assert repr(result) == (
        "BacktestResult(n_windows=2, horizon=2, gap=1, target_names=['a', 'b'], "
        "foresight='not needed')"
    )


def test_stamps(result):
    assert_array_equal(result.starts, [1, 3])
    assert list(result.origins.strftime("%d")) == ["07", "09"]
    assert list(result.timestamps.strftime("%d")) == ["09", "10", "11", "12"]


def test_to_frame(result):
    frame = result.to_frame()
    assert list(frame) == ["origin", "timestamp", "step", "target", "y_true", "y_pred"]
    assert frame.attrs == {"foresight": "not needed", "gap": 1}
    assert list(frame["step"]) == [1, 1, 2, 2] * 2
    assert list(frame["target"]) == ["a", "b"] * 4
    row = frame.iloc[5]
    assert (row["origin"], row["timestamp"]) == (
        pd.Timestamp("2024-01-09"),
        pd.Timestamp("2024-01-11"),
    )
    assert (row["y_true"], row["y_pred"]) == (100.0, 80.0)


def test_the_frame_holds_the_arrays(result):
    frame = result.to_frame().set_index(["origin", "step", "target"])
    for name in ("y_true", "y_pred"):
        values = frame[name].to_numpy().reshape(result.y_true.shape)
        assert_array_equal(values, getattr(result, name))
        wide = frame[name].unstack("target")
        assert_array_equal(wide["b"], getattr(result, name)[:, :, 1].ravel())


def test_the_frame_keeps_zone_and_periods(daily):
    X, y = daily
    for index in (X.index.tz_localize("Europe/Berlin"), X.index.to_period("D")):
        X, y = X.set_axis(index), y.set_axis(index)
        model = LastPlusCovariate().fit(X[:7], y[:7])
        frame = backtest(model, X[7:], y[7:]).to_frame()
        assert list(frame["timestamp"].unique()) == list(index[7:])
        assert list(frame["origin"].unique()) == list(index[6:10])


def test_rows_without_time_have_numbers(daily):
    y = daily[1].to_numpy()
    X = np.zeros((12, 1))
    model = LastPlusCovariate().fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:], stride=3)
    assert list(result.origins) == [-1, 2]
    assert list(result.timestamps) == [0, 1, 3, 4]
    assert list(result.to_frame()["timestamp"][:3]) == [0, 0, 1]


def test_metric(result):
    # a: last known 6, then 8 and 9; last known 8, then 10 and 11
    assert result.metric("mae") == pytest.approx((2 + 3) / 2 * 11 / 2)
    assert_allclose(result.metric("bias", by="target"), [-2.5, -25])
    assert_allclose(result.metric("mae", by="step"), [11, 16.5])
    assert_allclose(result.metric("mae", by="window"), [13.75, 13.75])
    assert_allclose(result.metric("mase", by="target"), [np.nan] * 2)


def test_standardised_by_the_rows_that_were_fitted_on(result):
    std = np.std(np.arange(7))
    assert_allclose(result.scale.std, [std, 10 * std])
    assert result.metric("mae", standardized=True) == pytest.approx(2.5 / std)
    assert result.mae(result.scale.std) == pytest.approx(2.5 / std)


def test_the_season_is_that_of_the_grid(result):
    assert result.scale.season == 7  # more days than were fitted on: no pair of rows


def test_scores(result):
    scores = result.scores(by="target")
    assert list(scores.index) == ["a", "b"]
    assert list(scores) == ["mse", "mae", "rmse", "bias", "wape", "mase", "rmsse"]
    assert_allclose(scores["mse"], [6.5, 650])
    assert scores.attrs["foresight"] == "not needed"
    assert list(result.scores(by="step").index) == [1, 2]
    assert list(result.scores(by="window").index) == list(result.origins)
    assert_allclose(result.scores().loc["overall", "mse"], 656.5 / 2)
    std = np.std(np.arange(7))
    standardised = result.scores(by="target", standardized=True)
    assert_allclose(standardised["mse"], 6.5 / std**2)


def test_rows_appended_by_update_are_no_training_rows(daily):
    X, y = daily
    model = LastPlusCovariate().fit(X[:5], y[:5]).update(X[5:7], y[5:7])
    result = backtest(model, X[7:], y[7:])
    assert_allclose(result.scale.std[0], np.std(np.arange(5)))


def test_with_training(result):
    other = result.with_training([[0.0, 1.0], [2.0, 1.0], [4.0, 2.0]], season=2)
    assert_allclose(other.scale.mae, [4, 1])
    assert_allclose(other.metric("mase", by="target"), [2.5 / 4, 25])
    assert result.scale.season == 7
    assert other.foresight == result.foresight
    with pytest.raises(ValueError, match="y_train has 1 targets; the result has 2"):
        result.with_training([1.0, 2.0])
    with pytest.raises(ValueError, match="season=0"):
        result.with_training([[1.0, 2.0]], season=0)


def test_without_training_rows():
    bare = BacktestResult(np.array([0]), ["a"], np.ones((1, 2, 1)), np.zeros((1, 2, 1)))
    assert np.isnan(bare.scores().loc["overall", "mase"])
    assert bare.scores().loc["overall", "mae"] == 1
    with pytest.raises(ValueError, match="'mase' needs the training rows"):
        bare.metric("mase")
    with pytest.raises(ValueError, match="standardized=True needs the training rows"):
        bare.metric("mae", standardized=True)


def test_unknown_names(result):
    with pytest.raises(ValueError, match=r"by='steps' is unknown.*Did you mean 'step'"):
        result.metric("mae", by="steps")
    with pytest.raises(ValueError, match="metric='mea' is unknown"):
        result.metric("mea")


# Many series


@pytest.fixture
def panel():
    """Return three windows of a and one of b, whose steps are 1 and 10."""
    X, y = stacked({"a": np.arange(12), "b": 10 * np.arange(10)})
    X, y, later, truth = before(X, y, 9)
    model = SeasonalNaive(pred_len=2, season=1, series="store").fit(X, y)
    return backtest(model, later, truth)


def test_panel_repr(panel):
    assert repr(panel) == (
        "BacktestResult(n_windows=4, horizon=2, n_series=2, target_names=['y'], "
        "foresight='not needed')"
    )


def test_the_timeline_of_many_series(panel):
    # of a days 8 to 12, of b days 8 to 10
    assert list(panel.timeline.day) == [8, 9, 10, 11, 12, 8, 9, 10]
    assert_array_equal(panel.starts, [0, 1, 2, 5])
    assert list(panel.origins.day) == [8, 9, 10, 8]
    assert list(panel.timestamps.day) == [9, 10, 10, 11, 11, 12, 9, 10]
    assert list(panel.series) == ["a", "a", "a", "b"]


def test_panel_to_frame(panel):
    frame = panel.to_frame()
    expected = ["series", "origin", "timestamp", "step", "target", "y_true", "y_pred"]
    assert list(frame) == expected
    assert list(frame["series"]) == ["a"] * 6 + ["b"] * 2
    last = frame.iloc[-1]
    assert (last["origin"].day, last["timestamp"].day) == (8, 10)
    assert (last["y_true"], last["y_pred"]) == (90, 70)


def test_errors_by_series(panel):
    assert_allclose(panel.metric("mae", by="series"), [1.5, 15])
    assert_allclose(panel.metric("rmse", by="series"), [2.5**0.5, 250**0.5])
    assert_allclose(panel.metric("mae", by="window"), [1.5, 1.5, 1.5, 15])
    assert panel.metric("mae") == pytest.approx((3 * 3 + 30) / 8)
    scores = panel.scores(by="series")
    assert list(scores.index) == ["a", "b"]
    assert scores.index.name == "series"
    assert_allclose(scores["bias"], [-1.5, -15])
    windows = panel.scores(by="window").index
    assert windows.names == ["series", "origin"]
    assert [(name, day.day) for name, day in windows][2:] == [("a", 10), ("b", 8)]


def test_each_series_has_its_own_scale(panel):
    assert panel.scale.std.shape == (4, 1, 1)
    std = np.std(np.arange(8))
    assert_allclose(panel.scale.std.ravel(), [std, std, std, 10 * std])
    # a season of a week: eight days have one pair, 7 and 70 apart
    assert panel.scale.season == 7
    assert_allclose(panel.metric("mase", by="series"), [1.5 / 7, 1.5 / 7])
    assert panel.metric("mase") == pytest.approx(1.5 / 7)
    assert panel.metric("mae", standardized=True) == pytest.approx(1.5 / std)
    assert_allclose(panel.errors(panel.scale.std)[3, :, 0], [-1 / std, -2 / std])
    one = panel.with_training([0.0, 1.0, 3.0])
    assert_allclose(one.metric("mase", by="series"), [1, 10])


def test_a_series_that_never_moved_has_no_scale():
    X, y = stacked({"a": np.arange(12), "b": np.r_[np.ones(8), 2, 3, 4, 5]})
    X, y, later, truth = before(X, y, 9)
    model = SeasonalNaive(pred_len=2, season=1, series="store").fit(X, y)
    result = backtest(model, later, truth)
    assert_allclose(result.metric("mase", by="series"), [1.5 / 7, np.nan])
    assert np.isnan(result.metric("mase"))


def test_by_series_needs_many(result):
    with pytest.raises(ValueError, match="by='series' needs a backtest of many series"):
        result.metric("mae", by="series")
    with pytest.raises(ValueError, match="by='series' needs"):
        result.scores(by="series")


def test_a_mistyped_series(panel):
    with pytest.raises(ValueError, match=r"by='serie' .*'window', 'series'\. Did you"):
        panel.metric("mae", by="serie")

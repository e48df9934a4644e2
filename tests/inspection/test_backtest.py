"""The picture of errors: what is drawn are the errors that the result has."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from skinformer import BacktestDisplay, BacktestResult, SeasonalNaive, backtest
from skinformer.model_selection.metrics import training_scale

KINDS = ["step", "hour", "weekday", "target", "window", "residuals"]


def made(shape=(5, 3, 2), freq="h", zone=None, start="2024-01-05 22:00", seed=0):
    """Make a result of windows one step apart, the errors of which are random."""
    random = np.random.default_rng(seed)
    n_windows, horizon, n_targets = shape
    stamps = pd.date_range(start, periods=n_windows + horizon, freq=freq, tz=zone)
    return BacktestResult(
        np.arange(n_windows),
        ["load", "heat"][:n_targets],
        random.normal(size=shape),
        random.normal(size=shape),
        stamps,
        scale=training_scale(random.normal(size=(11, n_targets)) * [1.0, 100.0], 1),
    )


def line_of(display, number=0):
    line = display.ax_.lines[number]
    return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())


def draw(results, kind="step", **options):
    return BacktestDisplay.from_predictions(results, kind=kind, **options)


def labels_of(display):
    return [text.get_text() for text in display.ax_.get_legend().get_texts()]


def test_steps_are_hours_from_the_last_known_row():
    result = made()
    display = draw(result, unit="MW")
    ahead, errors = line_of(display)
    assert_array_equal(ahead, [1, 2, 3])
    assert_allclose(errors, result.metric("mae", by="step"))
    assert display.ax_.get_xlabel() == "hours ahead"
    assert display.ax_.get_ylabel() == "mean absolute error (MW)"
    assert display.ax_.get_ylim() == (0, pytest.approx(1.05 * errors.max()))
    assert display.ax_.get_legend() is None


def test_gap_counts():
    result = made((5, 3, 1), freq="D")
    timeline = pd.date_range("2023-12-31", periods=10, freq="D")
    later = BacktestResult(
        result.starts + 2, ["load"], result.y_true, result.y_pred, timeline, gap=2
    )
    display = draw(later)
    assert_array_equal(line_of(display)[0], [3, 4, 5])
    assert display.ax_.get_xlabel() == "days ahead"


def test_several_models():
    results = {"a": made(seed=0), "b": made(seed=1)}
    display = draw(results, metric="rmse", standardized=True)
    for number, result in enumerate(results.values()):
        expected = result.metric("rmse", by="step", standardized=True)
        assert_allclose(line_of(display, number)[1], expected)
    assert labels_of(display) == ["a", "b"]
    label = "root mean squared error\n(standard deviations)"
    assert display.ax_.get_ylabel() == label


def test_one_target():
    result = made()
    display = draw(result, target="heat", metric="mase")
    assert_allclose(
        line_of(display)[1],
        np.abs(result.errors()[..., 1]).mean(axis=0) / result.scale.mae[1],
    )
    assert "last season repeated" in display.ax_.get_ylabel()
    assert draw(result, target="heat").ax_.get_ylabel().endswith("(unit of heat)")


def test_hours_are_local():
    # from 21:00 on in UTC: hours 23, 0, 1, 1 (the clock goes back at 3) ...
    result = made((3, 3, 1), zone="Europe/Berlin", start="2024-10-27 00:00")
    stamps = result.timeline
    assert list(stamps.hour) == [0, 1, 2, 2, 3, 4]
    display = draw(result, "hour")
    hours, errors = line_of(display)
    assert_array_equal(hours, [1, 2, 3, 4])
    size = np.abs(result.errors()[..., 0])
    # window w, step s is the row w + s + 1 of the timeline
    expected = [
        size[0, 0],
        np.mean([size[0, 1], size[0, 2], size[1, 0], size[1, 1], size[2, 0]]),
        np.mean([size[1, 2], size[2, 1]]),
        size[2, 2],
    ]
    assert_allclose(errors, expected)
    assert display.ax_.get_xlabel() == "hour of the day (Europe/Berlin)"


def test_weekdays():
    result = made((5, 3, 2), freq="D", start="2024-01-05")  # a Friday
    days, errors = line_of(draw(result, "weekday", metric="bias"))
    assert_array_equal(days, np.arange(7))
    rows = np.arange(5)[:, None] + np.arange(3) + 1
    saturday = result.errors()[rows == 1].mean()
    assert_allclose(errors[5], saturday)
    labels = draw(result, "weekday").ax_.get_xticklabels()
    assert [label.get_text() for label in labels][5] == "Sat"


def test_windows():
    result = made()
    origins, errors = line_of(draw(result, "window", metric="mse"))
    assert_array_equal(origins, result.origins.to_numpy())
    assert_allclose(errors, result.metric("mse", by="window"))


def test_windows_of_many_series_are_pooled_by_origin():
    result = made((4, 3, 1))
    series = pd.Index(["a", "a", "b", "b"])
    twice = result.timeline[:5].append(result.timeline[:5])
    panel = BacktestResult(
        np.array([0, 1, 5, 6]),
        ["load"],
        result.y_true,
        result.y_pred,
        twice,
        series=series,
    )
    origins, errors = line_of(draw(panel, "window"))
    assert_array_equal(origins, result.timeline[:2].to_numpy())
    size = np.abs(panel.errors())
    assert_allclose(errors, [size[[0, 2]].mean(), size[[1, 3]].mean()])
    values, places = line_of(draw(panel, "series"))
    assert_allclose(values, [size[:2].mean(), size[2:].mean()])
    assert_array_equal(places, [0, 1])


def test_targets():
    result = made()
    display = draw(result, "target", standardized=True)
    values, places = line_of(display)
    expected = result.metric("mae", by="target", standardized=True)
    assert_allclose(values, expected)
    assert_array_equal(places, [0, 1])
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert names == ["load", "heat"]
    # the first name is on top
    low, high = display.ax_.get_ylim()
    assert low > high


def test_of_many_series_the_largest_errors_are_shown():
    n = 37
    errors = np.arange(n, dtype=float)
    display = BacktestDisplay(
        errors={"a": pd.Series(errors, pd.RangeIndex(n, name="series"))},
        kind="series",
        label="error",
    ).plot()
    values, _ = line_of(display)
    assert_array_equal(values, errors[::-1][:30])
    assert display.ax_.get_ylabel() == "30 of 37 series, largest errors first"


def test_as_many_names_as_there_is_room_for():
    _, ax = plt.subplots(figsize=(5, 1.3))
    errors = {"a": pd.Series(np.arange(11.0), pd.RangeIndex(11, name="target"))}
    display = BacktestDisplay(errors=errors, kind="target", label="error").plot(ax=ax)
    n = len(line_of(display)[0])
    assert 2 <= n <= 7
    assert ax.get_ylabel() == f"{n} of 11 targets, largest errors first"


def test_residuals():
    result = made()
    result.y_true[0, 0, 0] = np.nan
    display = draw(result, "residuals", unit="MW")
    [stairs] = [p for p in display.ax_.patches if hasattr(p, "get_data")]
    shares, edges, _ = stairs.get_data()
    errors = result.errors()
    errors = errors[~np.isnan(errors)]
    assert_allclose(shares.sum(), 1.0)
    assert_allclose(shares, np.histogram(errors, edges)[0] / 29)
    assert display.ax_.get_xlabel() == "forecast minus truth (MW)"


def test_zero_is_marked_where_errors_have_a_sign():
    result = made()
    result.y_pred[:, 0] -= 7
    display = draw(result, metric="bias")
    assert_allclose(line_of(display)[1], result.metric("bias", by="step"))
    assert_array_equal(display.ax_.lines[-1].get_ydata(), [0, 0])
    assert display.ax_.get_ylim()[0] < 0


@pytest.mark.parametrize(
    ("horizon", "ticks"), [(24, 3), (96, 12), (720, 168), (8, 1), (9999, 672)]
)
def test_ticks_divide_days(horizon, ticks):
    display = draw(made((2, horizon, 1)))
    assert np.diff(display.ax_.get_xticks())[0] == ticks


def test_rows_without_time():
    result = made()
    plain = BacktestResult(
        result.starts, result.target_names, result.y_true, result.y_pred
    )
    assert draw(plain).ax_.get_xlabel() == "steps ahead"
    window = draw(plain, "window")
    assert_array_equal(line_of(window)[0], np.arange(-1, 4))
    assert window.ax_.get_xlabel() == "origin of the window, row"
    for kind in ("hour", "weekday"):
        with pytest.raises(ValueError, match=f"kind='{kind}' needs rows with a time"):
            draw(plain, kind)


def test_periods():
    result = made()
    hours = BacktestResult(
        result.starts,
        result.target_names,
        result.y_true,
        result.y_pred,
        result.timeline.to_period("h"),
    )
    assert draw(hours).ax_.get_xlabel() == "hours ahead"
    for kind in ("hour", "weekday", "window"):
        for theirs, ours in zip(
            line_of(draw(result, kind)), line_of(draw(hours, kind)), strict=True
        ):
            assert_array_equal(theirs, ours)


@pytest.mark.parametrize("kind", KINDS)
def test_truth_missing_in_part_and_throughout(kind):
    result = made()
    result.y_true[:, 1:] = np.nan
    draw(result, kind)
    result.y_true[:] = np.nan
    with pytest.raises(ValueError, match="truth of every row of the backtest is miss"):
        draw(result, kind)


def test_what_cannot_be_drawn():
    result = made()
    with pytest.raises(ValueError, match=r"kind='setp' is unknown.*Did you mean 'step"):
        draw(result, "setp")
    with pytest.raises(ValueError, match="metric='mea' is unknown"):
        draw(result, metric="mea")
    with pytest.raises(ValueError, match=r"target='haet' is none.*mean 'heat'"):
        draw(result, target="haet")
    with pytest.raises(ValueError, match="backtest of many series"):
        draw(result, "series")
    with pytest.raises(ValueError, match="results is empty"):
        draw({})
    with pytest.raises(TypeError, match=r"results\['a'\] is a ndarray; give what back"):
        draw({"a": np.zeros(3)})
    with pytest.raises(ValueError, match=r"'b' has .*'load'.*; give backtests of"):
        draw({"a": result, "b": made((5, 3, 1))})
    with pytest.raises(ValueError, match="'a' hours ahead, 'b' days ahead"):
        draw({"a": result, "b": made(freq="D")})
    with pytest.raises(ValueError, match="kind='hour' needs rows within the day"):
        draw(made(freq="D"), "hour")
    bare = BacktestResult(result.starts, ["load", "heat"], result.y_true, result.y_pred)
    with pytest.raises(ValueError, match="needs the training rows"):
        draw(bare, "hour", standardized=True)


def test_squares_have_a_squared_unit():
    result = made()
    assert draw(result, metric="mse", unit="MW").ax_.get_ylabel().endswith("(MW²)")
    label = draw(result, metric="mse", unit="l/s").ax_.get_ylabel()
    assert label == "mean squared error (l/s, squared)"
    label = draw(result, metric="mse").ax_.get_ylabel()
    assert label == "mean squared error\n(units of the targets, squared)"


def test_from_estimators():
    random = np.random.default_rng(0)
    index = pd.date_range("2024-01-01", periods=50, freq="h")
    X = pd.DataFrame({"a": random.normal(size=50)}, index)
    y = pd.Series(random.normal(size=50), index, name="load")
    models = {
        "naive": SeasonalNaive(pred_len=5, season=7),
        "ridge": make_pipeline(Ridge()),
    }
    options = {"horizon": 5, "train_size": 31, "stride": 3}
    display = BacktestDisplay.from_estimator(models, X, y, kind="window", **options)
    for number, model in enumerate(models.values()):
        expected = backtest(model, X, y, **options).metric("mae", by="window")
        assert_allclose(line_of(display, number)[1], expected)
    assert labels_of(display) == ["naive", "ridge"]
    _, ax = plt.subplots()
    single = BacktestDisplay.from_estimator(
        SeasonalNaive(pred_len=5), X, y, train_size=31, ax=ax
    )
    assert single.ax_ is ax
    assert list(single.errors) == ["SeasonalNaive"]


def test_kind_is_refused_before_the_backtest():
    with pytest.raises(ValueError, match="kind='hours' is unknown"):
        BacktestDisplay.from_estimator(SeasonalNaive(), None, None, kind="hours")


def test_targets_whose_names_are_tuples():
    index = pd.date_range("2024", periods=60, freq="h")
    y = pd.DataFrame({"a": np.arange(60.0), "b": 1.0}, index=index)
    y.columns = pd.Index([("t", 1), ("t", 2)], tupleize_cols=False)
    X = pd.DataFrame({"c": np.zeros(60)}, index=index)
    model = SeasonalNaive(season=3, pred_len=2)
    display = BacktestDisplay.from_estimator(model, X, y, kind="target", train_size=40)
    assert list(display.errors["SeasonalNaive"].index) == [("t", 1), ("t", 2)]
    plt.close(display.figure_)

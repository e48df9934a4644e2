"""Fitted forecasters of many series over later rows."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import Pipeline

from skinformer import SeasonalNaive, SeriesScaler, TimeFeatures, backtest
from skinformer.exceptions import FilledRowsWarning

from ..small import small
from .panels import DAYS, before, stacked


def naive(**kwargs):
    return SeasonalNaive(**{"pred_len": 2, "season": 1, "series": "store"} | kwargs)


@pytest.fixture
def two():
    """Return twelve days of two stores: the row, and 100 times the row."""
    return stacked({"b": 100 * np.arange(12), "a": np.arange(12)})


def test_windows_of_each_series(two):
    X, y, later, truth = before(*two, 8)
    result = backtest(naive().fit(X, y), later, truth, stride=2)
    assert list(result.series) == ["a", "a", "b", "b"]
    assert_array_equal(result.y_pred[:, :, 0], [[6, 6], [8, 8], [600] * 2, [800] * 2])
    assert_array_equal(
        result.y_true[:, :, 0], [[7, 8], [9, 10], [700, 800], [900, 1000]]
    )
    assert list(result.origins.day) == [7, 9] * 2
    assert list(result.timestamps.day) == [8, 9, 10, 11] * 2


@pytest.mark.parametrize(
    "settings",
    [{}, {"horizon": 3}, {"gap": 1, "stride": 2}, {"horizon": 3, "gap": 1}],
)
def test_each_series_is_forecast_as_if_it_were_alone(two, settings):
    X, y, later, truth = before(*two, 8)
    result = backtest(naive(season=2).fit(X, y), later, truth, **settings)
    for name in ("a", "b"):
        model = naive(season=2, series=None)
        ours, theirs = X["store"] == name, later["store"] == name
        model.fit(X[ours][[]], y[ours])
        alone = backtest(model, later[theirs][[]], truth[theirs], **settings)
        which = result.series == name
        assert_array_equal(result.y_pred[which], alone.y_pred)
        assert_array_equal(result.y_true[which], alone.y_true)
        assert list(result.origins[which]) == list(alone.origins)
        assert_allclose(result.scale.std[which][0, 0], alone.scale.std)


def test_rows_may_stand_in_any_interleaving(two):
    X, y, later, truth = before(*two, 8)
    model = naive().fit(X, y)
    expected = backtest(model, later, truth)
    order = np.argsort(later["store"].to_numpy(), kind="stable")
    found = backtest(model, later.iloc[order], truth.iloc[order])
    assert_array_equal(found.y_pred, expected.y_pred)
    assert found.timestamps.equals(expected.timestamps)


def test_a_series_too_short_for_a_window_is_left_out():
    X, y = stacked({"a": np.arange(12), "b": np.arange(9), "c": np.arange(8)})
    X, y, later, truth = before(X, y, 9)  # four rows of a, one of b, none of c
    result = backtest(naive().fit(X, y), later, truth)
    assert list(result.series) == ["a"] * 3
    message = "^4 rows of the longest series hold no window of horizon=5; .* 5"
    with pytest.raises(ValueError, match=message):
        backtest(naive(pred_len=5).fit(X, y), later, truth)


def test_origins_are_the_same_instants():
    # a ends on day 5 and goes on on day 8, b has all rows: both from day 7 on
    X, y = stacked({"a": np.arange(12), "b": np.arange(12)})
    kept = ~((X["store"] == "a") & (X.index.day.isin([6, 7])))
    X, y, later, truth = before(X[kept], y[kept], 7)
    with pytest.warns(FilledRowsWarning, match="2 of 13 rows"):
        result = backtest(naive().fit(X, y), later, truth, stride=3)
    assert list(result.origins.day) == [6, 9] * 2
    assert_array_equal(result.y_true[0, :, 0], [np.nan, 7])
    assert_array_equal(result.y_pred[:, 0, 0], [4, 8, 5, 8])


def test_rows_that_one_series_has_seen_are_refused(two):
    X, y = two
    seen = ((X["store"] == "a") & (X.index < DAYS[8])) | (X.index < DAYS[5])
    model = naive().fit(X[seen], y[seen])
    later = X.index >= DAYS[6]
    message = "^Series 'a': 2024-01-07 00:00:00 is not after the history.*2024-01-08"
    with pytest.raises(ValueError, match=message):
        backtest(model, X[later], y[later])


def test_series_in_different_steps():
    days = pd.DataFrame(
        {"store": "day", "y": np.arange(20.0)},
        index=pd.date_range("2024-01-01", periods=20, freq="D"),
    )
    hours = pd.DataFrame(
        {"store": "hour", "y": np.arange(480.0)},
        index=pd.date_range("2024-01-01", periods=480, freq="h"),
    )
    frame = pd.concat([days, hours]).sort_index(kind="stable")
    known = frame.index < "2024-01-16"
    model = naive().fit(frame.loc[known, ["store"]], frame.loc[known, "y"])
    result = backtest(
        model, frame.loc[~known, ["store"]], frame.loc[~known, "y"], stride=12
    )
    frame = result.to_frame().query("step == 1")
    day, hour = (frame[frame["series"] == name] for name in ("day", "hour"))
    # noon knows no day that midnight does not
    assert list(day["timestamp"].dt.day) == [16, 17, 18, 19]
    assert_array_equal(day["y_pred"], [14, 15, 16, 17])
    assert list(hour["timestamp"].dt.hour) == [0, 12] * 5
    assert_array_equal(hour["y_pred"], hour["y_true"] - 1)


@pytest.mark.parametrize("kind", ["zone", "periods", "seconds"])
def test_zones_and_periods(two, kind):
    X, y = two
    index = {
        "zone": X.index.tz_localize("Europe/Berlin"),
        "periods": X.index.to_period("D"),
        "seconds": X.index.as_unit("s"),
    }[kind]
    X, y = X.set_axis(index), y.set_axis(index)
    known = np.asarray(index.day) < 8
    result = backtest(naive().fit(X[known], y[known]), X[~known], y[~known], stride=2)
    assert list(result.origins.day) == [7, 9] * 2
    assert list(result.to_frame()["timestamp"].unique()) == list(index.unique()[7:11])


def test_without_time_origins_count_the_rows_of_each_series():
    X = pd.DataFrame({"store": ["a", "b", "a", "b", "b", "a", "b", "b", "b"]})
    y = np.array([1, 10, 2, 20, 30, 3, 40, 50, 60.0])
    model = naive(pred_len=1).fit(X[:4], y[:4])
    result = backtest(model, X[4:], y[4:], stride=2)
    # later rows: of a 3, of b 30 40 50 60
    assert list(result.series) == ["a", "b", "b"]
    assert_array_equal(result.y_pred.ravel(), [2, 20, 40])
    assert_array_equal(result.y_true.ravel(), [3, 30, 50])
    assert list(result.origins) == [-1, -1, 1]
    assert list(result.timestamps) == [0, 0, 2]


# Series that fit did not see


@pytest.fixture
def with_new():
    """Return stores of which c begins on day 9, with the values 7, 9, 11, 13."""
    return stacked({"a": np.arange(12), "c": [7, 9, 11, 13]}, {"c": 8})


def test_unknown_series_are_refused_by_name(with_new):
    X, y, later, truth = before(*with_new, 8)
    message = r"1 series of X are unknown: 'c'. Known are 1: 'a'; new_series='allow'"
    with pytest.raises(ValueError, match=message):
        backtest(naive().fit(X, y), later, truth)


def test_new_series_are_forecast_from_their_own_rows(with_new):
    X, y, later, truth = before(*with_new, 8)
    model = naive(new_series="allow").fit(X, y)
    kept = pickle.dumps(model)
    result = backtest(model, later, truth)
    new = result.series == "c"
    assert_array_equal(result.y_pred[new, 0, 0], [7, 9])
    assert_array_equal(result.y_true[new, :, 0], [[9, 11], [11, 13]])
    assert list(result.origins[new].day) == [9, 10]
    assert np.isnan(result.scale.std[new]).all()
    assert np.isfinite(result.scale.std[~new]).all()
    assert pickle.dumps(model) == kept


def test_later_rows_do_not_scale_a_new_series():
    rng = np.random.default_rng(0)
    X, y = stacked({"a": rng.normal(size=12), "c": rng.normal(size=8)}, {"c": 4})
    X, y, later, truth = before(X, y, 5)
    model = small(
        series="store",
        new_series="allow",
        seq_len=2,
        label_len=1,
        pred_len=1,
        validation_fraction=None,
        per_series=True,
    ).fit(X, y)
    changed = truth.where(later.index < DAYS[9], 1e3)
    one, other = (backtest(model, later, values) for values in (truth, changed))
    earlier = one.origins < DAYS[9]
    assert (one.series[earlier] == "c").sum() == 5
    assert_array_equal(one.y_pred[earlier], other.y_pred[earlier])
    assert (one.y_pred[~earlier] != other.y_pred[~earlier]).any()


def test_a_new_series_is_known_once_each_target_is():
    X, y = stacked({"a": np.arange(12), "c": np.arange(12)})
    y = pd.DataFrame({"u": y, "v": y})
    known = X["store"] == "a"
    y.loc[~known, "v"] = [np.nan] * 3 + list(range(9))
    model = naive(new_series="allow").fit(
        X[known & (X.index < DAYS[4])], y[known & (X.index < DAYS[4])]
    )
    later = ~known | (X.index >= DAYS[4])
    result = backtest(model, X[later], y[later])
    new = result.series == "c"
    assert result.origins[new][0] == DAYS[3]
    assert_array_equal(result.y_pred[new][0, 0], [3, 0])


# What else there is


def test_missing_cells_have_no_error(two):
    X, y = two
    y = pd.DataFrame({"u": y, "v": 2 * y})
    cells = (X["store"] == "a") & X.index.isin(DAYS[[8]])
    y.loc[cells, "v"] = np.nan
    X, y, later, truth = before(X, y, 8)
    result = backtest(naive().fit(X, y), later, truth, stride=2)
    # a: u is off by 1 2 | 1 2, v by 2 - | 4 6 (it goes on from day 8)
    assert_array_equal(result.y_true[0, :, 1], [14, np.nan])
    assert_array_equal(result.y_pred[1, :, 1], [14, 14])
    errors = [1, 2, 1, 2, 2, 4, 6]
    assert result.metric("mae", by="series")[0] == pytest.approx(np.mean(errors))


def test_pipelines(two):
    X, y, later, truth = before(*two, 8)
    steps = [("time", TimeFeatures()), ("scale", SeriesScaler(series="store"))]
    model = Pipeline([*steps, ("naive", naive())]).fit(X, y)
    result = backtest(model, later, truth)
    expected = backtest(naive().fit(X, y), later, truth)
    assert_array_equal(result.y_pred, expected.y_pred)
    assert result.foresight == "not needed"


def test_a_network_forecasts_all_series_as_predict_does():
    rng = np.random.default_rng(0)
    index = pd.date_range("2024-01-01", periods=90, freq="h")
    X = pd.concat([pd.DataFrame({"store": s}, index) for s in ("a", "b")])
    y = pd.Series(rng.normal(size=180) + 50 * (X["store"] == "b"), index=X.index)
    known = X.index < index[60]
    model = Pipeline([("time", TimeFeatures()), ("net", small(series="store"))])
    model.fit(X[known], y[known])
    result = backtest(model, X[~known], y[~known], stride=6)
    assert result.y_pred.shape == (10, 6, 1)
    first = X[(X.index >= index[60]) & (X.index < index[66])]
    ours = result.y_pred[[0, 5], :, 0].ravel()
    assert_allclose(ours, model.predict(first), rtol=1e-5)


def test_covariates_as_they_were_known_to_each_series(two):
    X, y, later, truth = before(*two, 8)
    asked = []

    def known(origin, index, series):
        asked.append((origin.day, list(index.day), series))
        return later[later["store"] == series].loc[index]

    result = backtest(naive().fit(X, y), later, truth, stride=3, future_X=known)
    assert asked == [
        (7, [8, 9], "a"),
        (10, [11, 12], "a"),
        (7, [8, 9], "b"),
        (10, [11, 12], "b"),
    ]
    assert result.foresight == "as known"
    plain = backtest(naive().fit(X, y), later, truth, stride=3)
    assert_array_equal(result.y_pred, plain.y_pred)


@pytest.mark.parametrize("horizon", [1, 3])
def test_covariates_are_asked_for_new_series_too(with_new, horizon):
    X, y, later, truth = before(*with_new, 8)
    model, asked = naive(new_series="allow").fit(X, y), []

    def known(origin, index, series):
        asked.append((series, origin.day, index[0].day))
        return later[later["store"] == series].loc[index]

    result = backtest(model, later, truth, horizon=horizon, future_X=known)
    assert asked == [
        (name, day, day + 1)
        for name, day in zip(result.series, result.origins.day, strict=True)
    ]
    assert list(result.series).count("c") == 4 - horizon
    plain = backtest(model, later, truth, horizon=horizon)
    assert_array_equal(result.y_pred, plain.y_pred)


def test_past_covariates_are_no_foresight(two):
    X, y = two
    X = X.assign(sales=1.0)
    X, y, later, truth = before(X, y, 8)
    for past, foresight in ((["sales"], "not needed"), (None, "perfect")):
        model = naive(past_covariates=past).fit(X, y)
        assert backtest(model, later, truth).foresight == foresight


def test_rows_of_the_fit_that_are_not_kept_have_no_scale():
    index = pd.date_range("2024-01-01", periods=160, freq="D")
    X = pd.concat([pd.DataFrame({"store": s}, index) for s in ("a", "b")])
    y = pd.Series(np.tile(np.arange(160.0), 2), X.index)
    known = X.index < index[150]
    sizes = {"seq_len": 3, "label_len": 1, "pred_len": 2, "validation_fraction": None}
    models = [
        small(series="store", history_size=size, **sizes).fit(X[known], y[known])
        for size in ("all", "context")
    ]
    everything, context = (backtest(m, X[~known], y[~known], stride=3) for m in models)
    assert_array_equal(context.y_pred, everything.y_pred)
    assert context.origins.equals(everything.origins)
    assert context.timestamps.equals(everything.timestamps)
    assert context.scale is None
    with pytest.raises(ValueError, match=r"'mase' needs .*history_size='context'"):
        context.metric("mase")
    with pytest.raises(ValueError, match=r"^Series 'a': .*ends at 2024-05-29"):
        backtest(models[1], X[X.index >= index[149]], y[y.index >= index[149]])


@pytest.mark.parametrize("horizon", [2, 5])
def test_windows_are_those_of_predict_windows(two, horizon):
    X, y, later, truth = before(*two, 7)
    model = naive(season=3).fit(X, y)
    ours = backtest(model, later, truth, horizon=horizon, gap=1)
    starts, y_pred, y_true = model.predict_windows(later, truth, horizon=horizon, gap=1)
    assert_array_equal(ours.y_pred, y_pred)
    assert_array_equal(ours.y_true, y_true)
    assert_array_equal(starts[: len(starts) // 2], ours.starts[: len(starts) // 2])

"""Rows whose time is a column are forecast as those whose time is the index."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skinformer import (
    ARIMAForecaster,
    LagForecaster,
    LSTMForecaster,
    PanelTimeSeriesSplit,
    ProphetForecaster,
    RidgeForecaster,
    SeasonalNaive,
    SeriesScaler,
    TimeFeatures,
    TransformerForecaster,
    backtest,
    make_forecast_pipeline,
    make_load_series,
    make_rolling_scorer,
)
from skinformer.exceptions import SkinformerWarning

from .small import small

N, AHEAD = 97, 13
COMMON = {"seq_len": 12, "pred_len": 6, "max_epochs": 1, "random_state": 0}
FORECASTERS = {
    "naive": lambda **kw: SeasonalNaive(pred_len=6, **kw),
    "ridge": lambda **kw: RidgeForecaster(pred_len=6, **kw),
    "lags": lambda **kw: LagForecaster(Ridge(), pred_len=6, lags=3, windows=None, **kw),
    "arima": lambda **kw: ARIMAForecaster((1, 0, 0), pred_len=6, **kw),
    "prophet": lambda **kw: ProphetForecaster(pred_len=6, **kw),
    "informer": lambda **kw: small(max_epochs=1, **kw),
    "lstm": lambda **kw: LSTMForecaster(hidden_size=7, **(COMMON | kw)),
    "transformer": lambda **kw: TransformerForecaster(
        d_model=8, n_heads=2, d_ff=13, **(COMMON | kw)
    ),
}


def by_index(index, seed=0):
    """Rows whose time is the index: a number known ahead, and one that is not."""
    rng = np.random.default_rng(seed)
    n = len(index)
    X = pd.DataFrame(
        {"price": rng.normal(size=n), "stock": rng.normal(50, 5, n)}, index
    )
    y = 10 + np.sin(np.arange(n) / 24 * 2 * np.pi) + 0.1 * rng.normal(size=n)
    return X, pd.Series(y, index, name="load")


def by_column(X, place=1):
    """The same rows with their time in a column, and row numbers as their index."""
    column = X.index.rename("when").to_frame(index=False)["when"]
    plain = X.reset_index(drop=True)
    plain.insert(place, "when", column)
    return plain


def ways(X, y):
    """Both ways of the same rows, each with what a forecaster is told of it."""
    plain = by_column(X)
    yield X, y, None
    yield plain, y.set_axis(plain.index), "when"


HOURS = pd.date_range("2024-01-01", periods=N + AHEAD, freq="h")


@pytest.mark.parametrize("name", FORECASTERS)
def test_every_forecaster_takes_it(name):
    if name in ("arima", "prophet"):
        pytest.importorskip({"arima": "statsmodels", "prophet": "prophet"}[name])
    X, y = by_index(HOURS)
    expected = FORECASTERS[name]().fit(X[:N], y[:N]).predict(X)
    plain, make = by_column(X), FORECASTERS[name]
    model = make(time="when").fit(plain[:N], y[:N].reset_index(drop=True))
    assert_array_equal(model.predict(plain), expected)
    assert model.n_features_in_ == 3
    assert list(model.feature_names_in_) == ["price", "when", "stock"]


INDEXES = st.sampled_from(
    [
        HOURS,
        HOURS.to_period("h"),
        # the clocks change within, and twice in the second
        pd.date_range("2024-03-29", periods=N + AHEAD, freq="h", tz="Europe/Berlin"),
        pd.date_range("2024-10-26", periods=N + AHEAD, freq="h", tz="Europe/Berlin"),
        pd.date_range("2024-01-31", periods=N + AHEAD, freq="ME"),
        pd.date_range("2024-01-01", periods=N + AHEAD, freq="B"),
        pd.date_range("2024-01-01", periods=N + AHEAD, freq="QS").to_period("Q"),
    ]
)


@settings(deadline=None, max_examples=40)
@given(
    index=INDEXES,
    place=st.integers(0, 2),
    absent=st.sets(st.integers(1, N - 2), max_size=7),
    order=st.permutations(range(AHEAD + 7)),
    targets=st.sampled_from(["time", "numbers", "array"]),
    past=st.sampled_from([None, ["stock"]]),
)
def test_forecasts_are_equal_to_the_last_bit(
    index, place, absent, order, targets, past
):
    X, y = by_index(index)
    kept = np.setdiff1d(np.arange(N), list(absent))
    asked = N - 7 + np.array(order)  # some of the history, all after it
    plain = by_column(X, place)
    told = {"time": y, "numbers": y.set_axis(plain.index), "array": y.to_numpy()}
    told = told[targets]
    rows = told.iloc[kept] if hasattr(told, "iloc") else told[kept]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkinformerWarning)  # of the absent rows
        model = RidgeForecaster(pred_len=6, seq_len=12, past_covariates=past)
        expected = model.fit(X.iloc[kept], y.iloc[kept]).predict(X.iloc[asked])
        model.set_params(time="when").fit(plain.iloc[kept], rows)
        assert_array_equal(model.predict(plain.iloc[asked]), expected)


@settings(deadline=None, max_examples=20)
@given(index=INDEXES, place=st.integers(0, 3), mixed=st.booleans(), data=st.data())
def test_many_series_too(index, place, mixed, data):
    """Series one after another, or among one another; asked for in any order."""
    shops = [by_index(index, seed) for seed in (0, 1)]
    X = pd.concat([x.assign(shop=name) for (x, _), name in zip(shops, "ab")])  # noqa: B905
    y = pd.concat([y for _, y in shops])
    order = np.arange(2 * len(index))
    if mixed:
        order = order.reshape(2, -1).T.ravel()
    known = order[order % len(index) < N]
    ahead = np.setdiff1d(order, known)
    asked = data.draw(st.permutations(list(ahead)))
    plain = by_column(X, place)
    told = y.set_axis(plain.index)
    model = RidgeForecaster(pred_len=6, seq_len=12, series="shop")
    expected = model.fit(X.iloc[known], y.iloc[known]).predict(X.iloc[asked])
    model.set_params(time="when").fit(plain.iloc[known], told.iloc[known])
    assert_array_equal(model.predict(plain.iloc[asked]), expected)


def both():
    """A fitted network and its rows, by the index and by a column."""
    X, y = by_index(HOURS)
    plain = by_column(X)
    told = y.set_axis(plain.index)
    options = {"past_covariates": ["stock"], "calibration_fraction": 30}
    indexed = small(**options).fit(X[:80], y[:80])
    named = small(time="when", **options).fit(plain[:80], told[:80])
    return (indexed, X, y), (named, plain, told)


def test_update_intervals_paths_and_windows():
    results = []
    for model, X, y in both():
        model.update(X[80:90], y[80:90])
        model.partial_fit(X[90:N], y[90:N], n_epochs=1)
        ahead = X[N:].drop(columns="stock")  # of the past, and may be absent
        windows = model.predict_windows(X[N:], y[N:], stride=3)
        results.append(
            [
                model.predict(ahead),
                model.predict_interval(ahead, 0.5),
                model.sample_paths(ahead, 3, random_state=0),
                windows.y_pred,
                windows.y_true,
                model.score(X[N:], y[N:]),
            ]
        )
    for indexed, named in zip(*results, strict=True):
        assert_array_equal(named, indexed)


def test_rows_that_contradict_the_history_are_refused_by_their_stamp():
    X, y = by_index(HOURS)
    plain = by_column(X)
    model = SeasonalNaive(time="when").fit(plain[:N], y[:N])
    with pytest.raises(ValueError, match=r"at 2024-01-05 00:00:00, where the history"):
        model.update(plain[N - 1 :], y[N - 1 :] + 1)


@pytest.mark.parametrize("past", [None, "stock"])
@pytest.mark.parametrize("kind", ["fitted", "clones", "as known"])
def test_backtest(kind, past):
    X, y = by_index(HOURS)
    results = []
    for rows, targets, time in ways(X, y):
        model = RidgeForecaster(pred_len=6, seq_len=12, past_covariates=past, time=time)

        def as_known(origin, index, rows=rows, time=time):
            stamps = rows.index if time is None else pd.Index(rows[time])
            known = rows[stamps.isin(index)]
            return known.assign(price=known["price"] + origin.hour)

        options = {"stride": 5, "future_X": as_known if kind == "as known" else None}
        if kind == "clones":
            results.append(
                backtest(model, rows, targets, train_size=60, refit=2, **options)
            )
        else:
            fitted = model.fit(rows[:60], targets[:60])
            results.append(backtest(fitted, rows[60:], targets[60:], **options))
    indexed, named = results
    assert_array_equal(named.y_pred, indexed.y_pred)
    assert_array_equal(named.y_true, indexed.y_true)
    assert named.origins.equals(indexed.origins)
    assert named.foresight == indexed.foresight


def test_covariates_as_known_are_of_the_rows_asked_for():
    X, y = by_index(HOURS)
    plain = by_column(X)
    model = SeasonalNaive(pred_len=6, time="when").fit(plain[:60], y[:60])
    with pytest.raises(ValueError, match="future_X returned other rows"):
        backtest(model, plain[60:], y[60:], future_X=lambda _, index: plain[:6])


@pytest.mark.parametrize("fitted", [True, False])
def test_backtest_of_many_series(fitted):
    X, y = by_index(HOURS)
    X = pd.concat([X.assign(shop="a"), X[5:].assign(shop="b")])
    y = pd.concat([y, 2 * y[5:]])
    early = X.index < HOURS[60]
    results = []
    for rows, targets, time in ways(X, y):
        model = SeasonalNaive(pred_len=6, series="shop", time=time)
        if fitted:
            model.fit(rows[early], targets[early])
            results.append(backtest(model, rows[~early], targets[~early], stride=5))
        else:
            options = {"train_size": 60, "stride": 5, "refit": 2}
            results.append(backtest(model, rows, targets, **options))
    indexed, named = results
    assert_array_equal(named.y_pred, indexed.y_pred)
    assert named.origins.equals(indexed.origins)
    assert named.series.equals(indexed.series)


def test_steps_that_know_no_time_leave_the_column_to_the_forecaster():
    X, y = make_load_series(24 * 20, random_state=0)
    plain = by_column(X)
    told = y.set_axis(plain.index)
    scaler = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    steps = {"index": StandardScaler().set_output(transform="pandas"), "column": scaler}
    indexed = make_pipeline(steps["index"], TimeFeatures(), RidgeForecaster())
    named = make_pipeline(
        steps["column"],
        TimeFeatures(time="when"),
        SeriesScaler(),
        RidgeForecaster(time="when"),
    )
    expected = indexed.fit(X[:-24], y[:-24]).predict(X[-24:])
    forecast = named.fit(plain[:-24], told[:-24]).predict(plain[-24:])
    np.testing.assert_allclose(forecast, expected, rtol=1e-9)


def test_a_forecast_pipeline_passes_it_on():
    X, y = make_load_series(24 * 20, random_state=0)
    results = []
    for rows, targets, time in ways(X, y):
        model = make_forecast_pipeline(
            TimeFeatures(time=time), RidgeForecaster(time=time)
        )
        model.fit(rows[:-96], targets[:-96])
        model.calibrate(rows[-96:-24], targets[-96:-24])
        results.append(model.predict_interval(rows[-24:], 0.5))
    assert_array_equal(*results)


@pytest.mark.parametrize("scoring", [None, make_rolling_scorer("mae", stride=5)])
def test_a_search_finds_the_same(scoring):
    X, y = by_index(HOURS)
    results = []
    for rows, targets, time in ways(X, y):
        search = GridSearchCV(
            SeasonalNaive(pred_len=6, time=time),
            {"season": [5, 24]},
            cv=TimeSeriesSplit(3, test_size=12),
            scoring=scoring,
        )
        results.append(search.fit(rows, targets).cv_results_["split1_test_score"])
    assert_array_equal(*results)


def test_folds_of_many_series():
    X, y = by_index(HOURS)
    X = pd.concat([X.assign(shop="a"), X[5:].assign(shop="b")])
    plain = by_column(X)
    options = {"test_size": 6, "series": "shop"}
    indexed = PanelTimeSeriesSplit(3, **options).split(X)
    named = PanelTimeSeriesSplit(3, time="when", **options).split(plain)
    for ours, theirs in zip(named, indexed, strict=True):
        assert_array_equal(np.concatenate(ours), np.concatenate(theirs))
    with pytest.raises(ValueError, match=r"got a RangeIndex.*time="):
        PanelTimeSeriesSplit(3).split(plain)
    y = pd.concat([y, y[5:]]).set_axis(plain.index)
    scores = GridSearchCV(
        SeasonalNaive(pred_len=6, series="shop", time="when"),
        {"season": [24]},
        cv=PanelTimeSeriesSplit(3, time="when", **options),
    ).fit(plain, y)
    assert np.isfinite(scores.best_score_)


def test_the_column_counts_where_the_index_is_time_too():
    X, y = by_index(HOURS)
    plain = by_column(X).set_index(HOURS + pd.Timedelta("77D"))
    model = SeasonalNaive(pred_len=6, time="when").fit(plain[:N], y[:N].to_numpy())
    expected = SeasonalNaive(pred_len=6).fit(X[:N], y[:N]).predict(X[N:])
    assert_array_equal(model.predict(plain[N:]), expected)
    # and y may have either
    for index in (HOURS, plain.index):
        again = model.fit(plain[:N], y.set_axis(index)[:N])
        assert_array_equal(again.predict(plain[N:]), expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: X.iloc[::-1], r"Sort X and y by 'when': X = X\.sort_values"),
        (lambda X: X.iloc[[0, *range(len(X) - 1)]], "of 'when' is there more than"),
        (lambda X: X.assign(when=X["when"].mask(X.index == 3)), "'when' of X holds Na"),
        (lambda X: X.assign(when=X["when"].astype(str)), r"= pd\.to_datetime\(X"),
        (lambda X: X.rename(columns={"when": "wenn"}), "Did you mean 'wenn'"),
        (lambda X: X.to_numpy(), "X is a ndarray, which has none: give a DataFrame"),
    ],
)
def test_rows_that_are_refused(change, message):
    X, y = by_index(HOURS)
    rows = change(by_column(X))
    with pytest.raises(ValueError, match=message):
        small(time="when").fit(rows, y.to_numpy())


def test_other_stamps_of_y_are_refused():
    X, y = by_index(HOURS)
    model = SeasonalNaive(time="when")
    for index in (HOURS + pd.Timedelta("1h"), HOURS.tz_localize("UTC")):
        with pytest.raises(ValueError, match="X and y have different indexes: row 0"):
            model.fit(by_column(X), y.set_axis(index))


def test_rows_asked_for_have_the_columns_of_fit():
    X, y = by_index(HOURS)
    plain = by_column(X)
    model = SeasonalNaive(time="when").fit(plain[:N], y[:N])
    with pytest.raises(ValueError, match="time names 'when', which X lacks"):
        model.predict(X[N:])
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(plain[["when", "price", "stock"]][N:])
    with pytest.raises(ValueError, match=r"holds datetimes\. Name it with time='when'"):
        model.set_params(time=None).fit(plain, y)

"""ARIMA against statsmodels itself."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skinformer import ARIMAForecaster
from skinformer.exceptions import FilledRowsWarning, NotConvergedWarning

pytest.importorskip("statsmodels")
from statsmodels.tsa.statespace.sarimax import SARIMAX

N, PRED_LEN = 130, 7


def wander(n, seed=0):
    """Return hours without columns, and a walk with a daily season."""
    index = pd.date_range("2024-01-01", periods=n, freq="h")
    steps = np.random.default_rng(seed).normal(size=n)
    daily = 5 * np.sin(2 * np.pi * np.asarray(index.hour) / 24)
    return pd.DataFrame(index=index), pd.Series(steps.cumsum() + daily + 1e3, index)


def by_statsmodels(model, y, order, origin, n_steps, target=0):
    """Return the forecast that statsmodels makes of the rows before the origin."""
    fitted = model._models[target]
    results = SARIMAX(np.zeros(3), **order).filter(model.params_[target])
    hour = 2 * np.pi * np.arange(len(y) + n_steps) / 24
    pairs = np.arange(1, model.n_fourier_ + 1)
    waves = np.concatenate([f(hour[:, None] * pairs) for f in (np.sin, np.cos)], axis=1)
    season = waves @ fitted.heights[1:] + fitted.heights[0]
    rest = (np.asarray(y) - season[: len(y)] - fitted.mean) / fitted.deviation
    ahead = results.apply(rest[:origin]).forecast(n_steps)
    season = season[origin : origin + n_steps]
    return ahead * fitted.deviation + fitted.mean + season


ORDERS = [
    {"order": (2, 1, 1)},
    {"order": (1, 0, 1)},
    {"order": (0, 2, 1)},
    {"order": (1, 0, 0), "seasonal_order": (0, 1, 1, 5)},
]


@pytest.mark.parametrize("order", ORDERS)
def test_windows_are_those_of_statsmodels(order):
    X, y = wander(N + 60)
    model = ARIMAForecaster(pred_len=PRED_LEN, **order).fit(X[:N], y[:N])
    windows = model.predict_windows(X[N:], y[N:], stride=11)
    assert_array_equal(windows.starts, [0, 11, 22, 33, 44])
    for start, forecast in zip(windows.starts, windows.y_pred[:, :, 0], strict=True):
        expected = by_statsmodels(model, y, order, N + start, PRED_LEN)
        assert_allclose(forecast, expected, rtol=1e-6)


def test_fitted_values_and_forecasts_beyond_a_block():
    X, y = wander(N + 3 * PRED_LEN)
    model = ARIMAForecaster(pred_len=PRED_LEN).fit(X[:N], y[:N])
    order = {"order": (2, 1, 1)}
    # fed with its own forecasts, a linear model forecasts what it would in one go
    expected = by_statsmodels(model, y[:N], order, N, 3 * PRED_LEN)
    assert_allclose(model.predict(X[N:]), expected, rtol=1e-6)
    fitted = model.predict(X[:N])
    for start in (PRED_LEN, 5 * PRED_LEN):
        expected = by_statsmodels(model, y[:N], order, start, PRED_LEN)
        assert_allclose(fitted[start : start + PRED_LEN], expected, rtol=1e-6)
    # before the first row nothing is known but the mean and the season
    alone = model.predict(X[:1])
    assert_allclose(alone, fitted[:1])
    assert abs(alone[0] - y[:N].mean()) < 10


def test_parameters_are_those_of_the_highest_likelihood():
    X, y = wander(300, seed=1)
    model = ARIMAForecaster((1, 1, 0), n_fourier=0).fit(X, y)
    z = (y - y.mean()) / y.std(ddof=0)
    found = SARIMAX(z.to_numpy(), order=(1, 1, 0)).fit(disp=0)
    assert_allclose(model.params_[0], found.params, rtol=1e-3)
    assert model.n_iter_.shape == (1,)


def test_the_second_start_finds_a_slow_return():
    # a slow return to a level under noise: from the first start the search ends at once
    rng = np.random.default_rng(0)
    level = np.zeros(1500)
    for i in range(1, len(level)):
        level[i] = 0.9 * level[i - 1] + rng.normal()
    X, y = np.zeros((len(level), 1)), level
    params = ARIMAForecaster((1, 1, 1)).fit(X, y).params_[0]
    assert_allclose(params[:2], [0.9, -1.0], atol=0.05)


def test_a_pure_season_is_continued():
    X, _ = wander(N + 30)
    hour = np.asarray(X.index.hour)
    rng = np.random.default_rng(0)
    season = 3 * np.sin(hour / 12 * np.pi) + np.cos(hour / 6 * np.pi)
    y = pd.Series(season + 0.01 * rng.normal(size=len(X)), X.index)
    model = ARIMAForecaster((0, 1, 1), pred_len=30).fit(X[:N], y[:N])
    assert model.n_fourier_ == 4
    assert_allclose(model.predict(X[N:]), season[N:], atol=0.05)


def test_update_moves_the_origin_and_keeps_the_parameters():
    X, y = wander(N + 40)
    model = ARIMAForecaster(pred_len=PRED_LEN).fit(X[:N], y[:N])
    params = model.params_.copy()
    model.update(X[N : N + 20], y[N : N + 20])
    assert_array_equal(model.params_, params)
    expected = by_statsmodels(model, y, {"order": (2, 1, 1)}, N + 20, PRED_LEN)
    forecast = model.predict(X[N + 20 : N + 20 + PRED_LEN])
    assert_allclose(forecast, expected, rtol=1e-6)


def test_absent_rows_are_stepped_over():
    X, y = wander(N)
    kept = np.r_[0:50, 55 : N - 10]
    model = ARIMAForecaster((1, 1, 0), pred_len=5)
    with pytest.warns(FilledRowsWarning):
        model.fit(X.iloc[kept], y.iloc[kept])
    holes = y.copy()
    holes.iloc[50:55] = np.nan
    expected = by_statsmodels(model, holes, {"order": (1, 1, 0)}, N - 10, 5)
    assert_allclose(model.predict(X[N - 10 : N - 5]), expected, rtol=1e-6)
    assert np.isfinite(model.predict(X)).all()


def test_targets_have_models_of_their_own():
    X, y = wander(N)
    both = pd.DataFrame({"a": y, "b": wander(N, seed=3)[1] * 1e6})
    model = ARIMAForecaster((1, 1, 0), pred_len=5).fit(X[:100], both[:100])
    forecast = model.predict(X[100:110])
    for target, name in enumerate(both):
        alone = ARIMAForecaster((1, 1, 0), pred_len=5).fit(X[:100], both[name][:100])
        assert_allclose(forecast[:, target], alone.predict(X[100:110]), rtol=1e-9)


def test_pairs_follow_season_and_length():
    X, y = wander(N)
    short = ARIMAForecaster((1, 0, 0)).fit(X[:40], y[:40])
    assert short.n_fourier_ == 0
    weekly = ARIMAForecaster((1, 0, 0), season=7).fit(X, y)
    assert weekly.n_fourier_ == 3
    seasonal = ARIMAForecaster((1, 0, 0), seasonal_order=(1, 0, 0, 4)).fit(X, y)
    assert seasonal.n_fourier_ == 0
    assert ARIMAForecaster((1, 0, 0), n_fourier=2).fit(X, y).n_fourier_ == 2


def test_no_more_rows_than_asked_for_are_trained_on():
    X, y = wander(N)
    last = ARIMAForecaster((1, 1, 0), max_train_rows=72).fit(X, y)
    alone = ARIMAForecaster((1, 1, 0)).fit(X[-72:], y[-72:])
    assert_allclose(last.params_, alone.params_, rtol=1e-6)


def test_a_constant_is_continued():
    X, _ = wander(60)
    y = pd.Series(4.0, X.index)
    forecast = ARIMAForecaster(pred_len=5).fit(X[:50], y[:50]).predict(X[50:])
    assert_allclose(forecast, 4.0)


def test_a_search_that_runs_out_of_steps_is_told():
    X, y = wander(N)
    with pytest.warns(NotConvergedWarning, match="'y' did not end within max_iter=1 "):
        ARIMAForecaster(max_iter=1).fit(X, y)


def test_clone_and_pickle():
    X, y = wander(N)
    model = clone(ARIMAForecaster((1, 1, 0), pred_len=5)).fit(X[:100], y[:100])
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict(X[100:]), model.predict(X[100:]))


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"order": (1, 1)}, r"order=\(1, 1\) must be 3 whole numbers \(p, d, q\)"),
        ({"order": (1, -1, 0)}, "of at least 0"),
        ({"seasonal_order": (1, 0, 0, 0)}, "season of 0 rows; give its last number"),
        ({"n_fourier": 12}, "n_fourier=12 is more than a season of 24 rows has"),
        ({"max_train_rows": 3}, "max_train_rows=3 is too few"),
        ({"season": 0}, "season"),
    ],
)
def test_wrong_settings(kwargs, message):
    with pytest.raises(ValueError, match=message):
        ARIMAForecaster(**kwargs).fit(*wander(60))


def test_too_few_rows():
    X, y = wander(5)
    with pytest.raises(
        ValueError, match=r"at least 6 rows.*lower order, seasonal_order"
    ):
        ARIMAForecaster().fit(X, y)

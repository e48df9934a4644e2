"""Extreme but finite values: every forecaster trains, and its forecasts are finite."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from skinformer import (
    InformerRegressor,
    LagForecaster,
    LSTMForecaster,
    RidgeForecaster,
    SeasonalNaive,
    TransformerForecaster,
    backtest,
)
from skinformer.exceptions import OutlierWarning

N, N_TRAIN, PRED_LEN = 107, 91, 5
T = np.arange(N)
HOURS = pd.date_range("2026-01-01", periods=N, freq="h")
WAVE = 10 + 3 * np.sin(T * np.pi / 12) + np.random.default_rng(3).normal(0, 0.3, N)
COSINE = np.cos(T * np.pi / 12)
# of 91 rows the last 18 validate; the first 12 after them are observed later
TRAIN, VALID, LAST, AFTER = 37, 83, N_TRAIN - 1, 97


def with_one(values, row, value):
    """Return values with one outlier."""
    values = values.copy()
    values[row] = value
    return values


NET = {
    "seq_len": 11,
    "pred_len": PRED_LEN,
    "max_epochs": 1,
    "validation_fraction": 18,
    "random_state": 0,
}
SMALL = {"d_model": 6, "n_heads": 2, "d_ff": 7}
INFORMER = NET | SMALL | {"label_len": 3}
QUANTILES = {"loss": "quantile", "quantiles": (0.1, 0.9)}
MODELS = {
    "informer": lambda: InformerRegressor(**INFORMER, highway=None),
    "informer and ridge": lambda: InformerRegressor(**INFORMER, highway="ridge"),
    "quantiles": lambda: InformerRegressor(**INFORMER, **QUANTILES, highway=None),
    "LSTM": lambda: LSTMForecaster(**NET, hidden_size=6),
    "Transformer": lambda: TransformerForecaster(**NET, **SMALL),
    "ridge": lambda: RidgeForecaster(seq_len=11, pred_len=PRED_LEN),
    "naive": lambda: SeasonalNaive(pred_len=PRED_LEN),
    "lags": lambda: LagForecaster(LinearRegression(), lags=7, pred_len=PRED_LEN),
}
TARGETS = {
    "1e30": WAVE * 1e30,
    "1e-30": WAVE * 1e-30,
    "1e-300": WAVE * 1e-300,
    "float32 of 1e38": (WAVE * 1e37).astype(np.float32),
    "zero": WAVE * 0.0,
    "constant of 1e30": WAVE * 0.0 + 1e30,
    "alternating": np.where(T % 2, 1e30, -1e30),
    "far from zero": 1e15 + np.sin(T),
    "one of 1e9 that trains": with_one(WAVE, TRAIN, 1e9),
    "one of 1e9 that validates": with_one(WAVE, VALID, 1e9),
    "one of 1e9 at the end": with_one(WAVE, LAST, 1e9),
    "one of 1e9 after": with_one(WAVE, AFTER, 1e9),
    "one of 1e30 that trains": with_one(WAVE, TRAIN, 1e30),
    "one of 1e30 that validates": with_one(WAVE, VALID, 1e30),
    "one of 1e30 after": with_one(WAVE, AFTER, 1e30),
    "constant, later not": np.where(T < 73, 5.0, WAVE),
    "1e-30, later 1e30": np.where(T < 77, WAVE * 1e-30, WAVE * 1e30),
    "mixed columns": WAVE[:, None] * [1e30, 1.0, 1e-30, 0.0],
}
COLUMNS = {
    "1e30": COSINE * 1e30,
    "1e-300": COSINE * 1e-300,
    "constant": COSINE * 0.0 + 3.0,
    "alternating": np.where(T % 2, 1e30, -1e30),
    "one of 1e9 that trains": with_one(COSINE, TRAIN, 1e9),
    "one of 1e30 that validates": with_one(COSINE, VALID, 1e30),
    "one of 1e30 after": with_one(COSINE, AFTER, 1e30),
}


def columns(y, x=COSINE):
    """Return X and y over time."""
    return pd.DataFrame({"x": x}, index=HOURS), np.asarray(y)


def largest(values):
    """Return the largest size in each column."""
    return np.abs(np.asarray(values, dtype=float)).reshape(len(values), -1).max(axis=0)


@pytest.fixture(autouse=True)
def without_warnings_of_outliers():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutlierWarning)
        yield


def check_forecasts(model, X, y):
    """Fit, forecast, go on: all is finite, and no larger than the data by far."""
    seen, later = slice(None, N_TRAIN), slice(N_TRAIN, N_TRAIN + 12)
    model.fit(X[seen], y[seen])
    answers = [model.predict(X[N_TRAIN:]), model.predict(X[seen])]
    assert (largest(answers[0]) <= 3000 * largest(y[seen])).all()
    model.update(X[later], y[later])
    answers.append(model.predict(X[later.stop :]))
    if model.get_params().get("loss") == "quantile":
        answers.append(model.predict_quantiles(X[later.stop :]))
    assert all(np.isfinite(answer).all() for answer in answers)
    return answers[0]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", MODELS)
def test_targets(kind, target):
    check_forecasts(MODELS[kind](), *columns(TARGETS[target]))


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("kind", ["informer", "informer and ridge", "LSTM"])
def test_columns(kind, column):
    model = MODELS[kind]()
    check_forecasts(model, *columns(WAVE, COLUMNS[column]))


@pytest.mark.parametrize("target", ["1e30", "one of 1e9 that trains", "1e-300"])
def test_with_a_regressor_of_the_covariates(target):
    model = InformerRegressor(**INFORMER, highway=LinearRegression())
    check_forecasts(model, *columns(TARGETS[target]))


@pytest.mark.parametrize("scale", [1e30, 1e-30, 1e-300])
# what regressors make of a unit is theirs
@pytest.mark.parametrize("kind", [kind for kind in MODELS if kind != "lags"])
def test_the_unit_does_not_matter(kind, scale):
    X, y = columns(WAVE)
    model = MODELS[kind]().fit(X[:N_TRAIN], y[:N_TRAIN])
    expected = model.predict(X[N_TRAIN:])
    scaled = MODELS[kind]().fit(X[:N_TRAIN], y[:N_TRAIN] * scale)
    np.testing.assert_allclose(scaled.predict(X[N_TRAIN:]) / scale, expected, rtol=1e-4)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", ["naive", "quantiles", "ridge"])
def test_intervals_and_paths(kind, target):
    X, y = columns(TARGETS[target])
    model = MODELS[kind]().set_params(calibration_fraction=29)
    if kind == "quantiles":
        model.set_params(validation_fraction=12)
    model.fit(X[:N_TRAIN], y[:N_TRAIN])
    rows = X[N_TRAIN : N_TRAIN + 8]
    interval = model.predict_interval(rows, coverage=0.5)
    assert np.isfinite(np.asarray(interval)).all()
    assert np.isfinite(model.sample_paths(rows, 3, random_state=0)).all()


@pytest.mark.parametrize("scale", [1e200, 1e-200, 1e-300])
@pytest.mark.parametrize("metric", ["rmse", "mae", "bias", "wape", "mase", "rmsse"])
def test_metrics(metric, scale):
    X, y = columns(WAVE)
    expected, value = (
        backtest(SeasonalNaive(pred_len=PRED_LEN), X, unit * y, train_size=N_TRAIN)
        for unit in (1.0, scale)
    )
    unit = scale if metric in ("rmse", "mae", "bias") else 1.0
    assert value.metric(metric) / unit == pytest.approx(expected.metric(metric))

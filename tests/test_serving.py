"""Fitted forecasters in service: asked from many threads at once."""

import gc
import itertools
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge

from skinformer import (
    ARIMAForecaster,
    LagForecaster,
    LSTMForecaster,
    RidgeForecaster,
    SeasonalNaive,
    TimeFeatures,
    TransformerForecaster,
    load,
    make_forecast_pipeline,
    save,
)
from skinformer.exceptions import SkinformerWarning
from skinformer.forecasting.attended import attended

from .small import small

N_THREADS, N_ROUNDS = 8, 2
N_FIT, N_CAL, N_AHEAD = 240, 30, 8


@pytest.fixture
def threads_change_in_garbage():
    """Collect often, and let other threads come in meanwhile."""
    before = gc.get_threshold()
    watch = lambda *args: sum(range(50))  # noqa: E731
    gc.callbacks.append(watch)
    gc.set_threshold(20)
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(watch)


@pytest.fixture(autouse=True)
def _threads_change_often():
    """Let threads come in between one another as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def at_once(tasks):
    """Run tasks in threads that begin together, and return what each returned."""
    start = threading.Barrier(len(tasks), timeout=600)

    def run(task):
        start.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def rows(n, n_series=1, seed=0):
    """Return X and y of some series, a temperature, an hour and a load, n rows each."""
    rng = np.random.default_rng(seed)
    index = pd.date_range("2024-01-01", periods=n, freq="h").repeat(n_series)
    hour, name = np.asarray(index.hour), np.tile(np.arange(n_series), n)
    X = pd.DataFrame({"temp": rng.normal(10, 3, n * n_series)}, index)
    X["clock"] = pd.Categorical(hour, range(24))
    if n_series > 1:
        X["place"] = name
    wave = np.sin(hour / 24 * 2 * np.pi) * (1 + name)
    return X, pd.Series(100 + 10 * wave + X["temp"] + rng.normal(0, 1, len(X)), index)


LENGTHS = {"seq_len": 12, "pred_len": 6, "max_epochs": 1}
SOFT = {"d_model": 8, "d_ff": 16, "random_state": 0}
MODELS = {
    "informer": small(),
    "highway": small(highway="auto", highway_len=36),
    "quantiles": small(highway="ridge", highway_len=36, loss="quantile"),
    "panel": small(highway="ridge", highway_len=36, series="place"),
    "pipeline": make_forecast_pipeline(
        TimeFeatures(country="DE"), small(attention="prob", factor=1)
    ),
    "lstm": LSTMForecaster(**LENGTHS, hidden_size=8, random_state=0),
    "transformer": TransformerForecaster(**LENGTHS, **SOFT, n_heads=2),
    "ridge": RidgeForecaster(pred_len=6, seq_len=36),
    "naive": SeasonalNaive(pred_len=6),
    "lags": LagForecaster(Ridge(), pred_len=6),
    "trees": LagForecaster(HistGradientBoostingRegressor(max_iter=5), pred_len=6),
    "arima": ARIMAForecaster((1, 0, 0), pred_len=6),
}


def fitted(name):
    """Return a model that is fitted and calibrated, and the rows after those."""
    n_series = 3 if name == "panel" else 1
    X, y = rows(N_FIT + N_CAL + N_AHEAD, n_series)
    fit, cal = N_FIT * n_series, (N_FIT + N_CAL) * n_series
    model = MODELS[name].fit(X[:fit], y[:fit])
    return model.calibrate(X[fit:cal], y[fit:cal]), X[cal:], y[cal:]


def questions(model, X, y):
    """Return all that a model can be asked, as functions without arguments."""
    last = getattr(model, "steps", [("", model)])[-1][1]
    asks = [
        lambda: model.predict(X),
        lambda: model.predict(X[::-1]),
        lambda: model.predict_interval(X, coverage=0.8),
        lambda: model.sample_paths(X, n=7, random_state=0),
    ]
    if last is model:
        asks.append(lambda: model.predict_windows(X, y, stride=2).y_pred)
    if last is model and hasattr(model, "net_"):
        asks.append(lambda: attended(model, X, 3).forecast)
    if getattr(last, "loss", "") == "quantile":
        asks.append(lambda: model.predict_quantiles(X))
    return asks


def may_be_ours(entry):
    """Leave out those that pandas and scikit-learn forget where threads cross."""
    return entry[2] is Warning or issubclass(entry[2], SkinformerWarning)


@pytest.mark.parametrize("name", MODELS)
def test_eight_threads_get_the_answers_of_one(name):
    if name == "arima" and find_spec("statsmodels") is None:
        pytest.skip("statsmodels is not installed")
    asks = questions(*fitted(name))
    expected = [ask() for ask in asks]
    which = [i % len(asks) for i in range(N_THREADS)]
    filters = list(filter(may_be_ours, warnings.filters))
    for _ in range(N_ROUNDS):
        for i, answer in zip(which, at_once([asks[i] for i in which]), strict=True):
            assert_array_equal(answer, expected[i])
    assert list(filter(may_be_ours, warnings.filters)) == filters


@pytest.mark.parametrize("name", ["highway", "pipeline", "trees"])
def test_answers_while_another_is_fitted(name):
    """Neither changes what the other says, and both come to an end."""
    model, X, _ = fitted(name)
    others = [
        small(highway="auto", highway_len=36, dropout=0.3),
        clone(MODELS["trees"]),
    ]
    X_fit, y_fit = rows(N_FIT, seed=1)

    def fit(other):
        return clone(other).fit(X_fit, y_fit).predict(rows(N_FIT + 6)[0][N_FIT:])

    def answer():
        while True:
            yield model.predict(X)
            if done.is_set():
                return

    expected, alone = [fit(other) for other in others], model.predict(X)
    done = threading.Event()
    with ThreadPoolExecutor(5) as pool:
        readers = [pool.submit(lambda: list(answer())) for _ in range(3)]
        try:
            fits = list(pool.map(fit, others))
        finally:
            done.set()
    for got, wanted in zip(fits, expected, strict=True):
        assert_array_equal(got, wanted)
    for reader in readers:
        for told in reader.result():
            assert_array_equal(told, alone)


@pytest.mark.parametrize("name", ["highway", "pipeline", "trees"])
def test_threads_that_each_load_the_model(name, tmp_path):
    model, X, _ = fitted(name)
    path = tmp_path / "model.skinf"
    save(model, path)
    expected = model.predict(X)
    for answer in at_once([lambda: load(path).predict(X)] * N_THREADS):
        assert_array_equal(answer, expected)


@pytest.mark.usefixtures("threads_change_in_garbage")
def test_models_are_built_one_after_another(tmp_path):
    """Python's parser, by which numpy reads arrays, fails now and then otherwise."""
    model, X, _ = fitted("highway")
    save(model, path := tmp_path / "model.skinf")
    expected = model.predict(X)
    models = at_once([lambda: [load(path) for _ in range(6)]] * N_THREADS)
    for loaded in itertools.chain(*models):
        assert_array_equal(loaded.predict(X), expected)

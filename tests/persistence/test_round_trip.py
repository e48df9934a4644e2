"""Every forecaster in every situation: loaded, it goes on as if it had never left."""

import copy
import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, SplineTransformer, StandardScaler

from skinformer import (
    ARIMAForecaster,
    CovariateRegressor,
    InformerRegressor,
    LagForecaster,
    LSTMForecaster,
    ProphetForecaster,
    RidgeForecaster,
    SeasonalNaive,
    SeriesScaler,
    TimeFeatures,
    TransformerForecaster,
    backtest,
    load,
    make_forecast_pipeline,
    save,
)

from .crafted import SMALL

N, H = 24 * 7, 3
NET = {"seq_len": 11, "pred_len": H, "max_epochs": 1, "random_state": 0}
SIZES = {name: SMALL[name] for name in ("d_model", "n_heads", "d_ff")}


def informer(**params):
    return InformerRegressor(**NET | SIZES | {"label_len": 5, "highway": None} | params)


def lstm(**params):
    return LSTMForecaster(**NET | {"hidden_size": 5} | params)


def transformer(**params):
    return TransformerForecaster(**NET | SIZES | params)


def lags(**params):
    return LagForecaster(Ridge(), pred_len=H, **params)


def naive(**params):
    return SeasonalNaive(pred_len=H, **params)


def ridge(**params):
    return RidgeForecaster(pred_len=H, seq_len=11, **params)


def arima(**params):
    return ARIMAForecaster((1, 0, 0), pred_len=H, n_fourier=1, **params)


def prophet(**params):
    return ProphetForecaster(pred_len=H, growth="flat", n_changepoints=0, **params)


NETS = [informer, lstm, transformer]
FORECASTERS = [naive, ridge, lags, arima, prophet, *NETS]
MANY = [naive, ridge, *NETS]


def frame(index=None, n=N):
    """Return rows with a number, and their target."""
    rng = np.random.default_rng(0)
    if index is None:
        index = pd.date_range("2024-01-01", periods=n, freq="h")
    wave = np.sin(np.arange(n) / 24 * 2 * np.pi)
    X = pd.DataFrame({"temp": rng.normal(size=n)}, index)
    return X, pd.Series(10 + wave + 0.1 * rng.normal(size=n), index, name="load")


def again(model, tmp_path):
    """Return a model as it comes back."""
    return load(save(model, tmp_path / "model.skinf"))


def same(model, loaded, ask):
    """Compare what both say, of a forecaster or pipeline, digit by digit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rows between; both warn alike
        ours, theirs = ask(model), ask(loaded)
    np.testing.assert_array_equal(theirs, ours)


def goes_on(model, X, y, tmp_path, rows=lambda a, b: slice(a, b)):
    """Fit, save, load; then do the same to both, and compare."""
    fitted, new, last = rows(0, N - 30), rows(N - 30, N - 7), rows(N - 7, N - 7 + H)
    model.fit(X[fitted], y[fitted])
    loaded = again(model, tmp_path)
    same(model, loaded, lambda m: m.predict(X[last]))
    for each in (model, loaded):
        each.update(X[new], y[new])
    same(model, loaded, lambda m: m.predict(X[last]))
    same(model, again(loaded, tmp_path), lambda m: m.predict(X[last]))
    return loaded


@pytest.mark.parametrize("make", FORECASTERS)
def test_unfitted(make, tmp_path):
    model = make()
    loaded = again(model, tmp_path)
    assert repr(loaded) == repr(model)
    assert type(loaded) is type(model)
    assert vars(loaded).keys() == vars(model).keys()


@pytest.mark.parametrize("make", FORECASTERS)
def test_fitted_and_updated(make, tmp_path):
    model = make()
    loaded = goes_on(model, *frame(), tmp_path)
    assert repr(clone(loaded)) == repr(model)
    X, _ = frame()
    for copied in (pickle.loads(pickle.dumps(loaded)), copy.deepcopy(loaded)):
        same(model, copied, lambda m: m.predict(X[N - 7 :]))


@pytest.mark.parametrize("make", [naive, ridge, lags, *NETS])
def test_calibrated(make, tmp_path):
    X, y = frame()
    model = make().fit(X[: N - 90], y[: N - 90])
    model.calibrate(X[N - 90 : N - 7], y[N - 90 : N - 7])
    loaded = again(model, tmp_path)
    ahead = X[N - 7 :]
    same(model, loaded, lambda m: m.predict_interval(ahead, 0.7))
    same(model, loaded, lambda m: m.sample_paths(ahead, 3, random_state=0))


@pytest.mark.parametrize("make", [naive, ridge, *NETS])
def test_backtest_of_a_loaded_model(make, tmp_path):
    X, y = frame()
    model = make().fit(X[: N - 30], y[: N - 30])
    loaded = again(model, tmp_path)
    same(model, loaded, lambda m: backtest(m, X[N - 30 :], y[N - 30 :]).y_pred)


@pytest.mark.parametrize("make", NETS)
def test_training_goes_on(make, tmp_path):
    X, y = frame()
    model = make(warm_start=True, max_epochs=2).fit(X[: N - 30], y[: N - 30])
    loaded = again(model, tmp_path)
    for each in (model, loaded):
        each.partial_fit(X[N - 30 : N - 7], y[N - 30 : N - 7], n_epochs=1)
    assert loaded.loss_curve_ == model.loss_curve_
    same(model, loaded, lambda m: m.predict(X[N - 7 :]))
    for each in (model, loaded):  # warm_start: the same network, again
        each.fit(X[: N - 7], y[: N - 7])
    same(model, loaded, lambda m: m.predict(X[N - 7 :]))


@pytest.mark.parametrize("make", MANY)
def test_many_series(make, tmp_path):
    X, y = frame()
    X = pd.concat([X.assign(store=name) for name in ("b", "a")])
    y = pd.concat([y, 7 * y])

    def rows(a, b):
        return np.concatenate([np.arange(a, b), np.arange(a, b) + N])

    X.index.name, y.index.name = None, None
    model = make(series="store", new_series="allow")
    at = rows(0, N - 30)
    model.fit(X.iloc[at], y.iloc[at])
    loaded = again(model, tmp_path)
    for each in (model, loaded):
        each.update(X.iloc[rows(N - 30, N - 7)], y.iloc[rows(N - 30, N - 7)])
        newer = frame(n=60)
        each.update(newer[0].assign(store="new"), newer[1])
    same(model, loaded, lambda m: m.predict(X.iloc[rows(N - 7, N)]))
    assert loaded._panel.keys.equals(model._panel.keys)
    assert loaded._panel[0].grid is loaded._panel[1].grid


def test_series_named_by_categories(tmp_path):
    X, y = frame()
    names = pd.Categorical(np.repeat(["b", "a"], N), categories=["b", "c", "a"])
    X = pd.concat([X, X]).assign(store=names)
    model = SeasonalNaive(series="store").fit(X, pd.concat([y, 7 * y]))
    loaded = again(model, tmp_path)
    assert loaded._panel.keys.tolist() == ["b", "a"]
    same(model, loaded, lambda m: m.predict(X))


@pytest.mark.parametrize("make", MANY)
def test_columns_of_the_past_and_categories(make, tmp_path):
    X, y = frame()
    hour = pd.Categorical(X.index.hour % 5)
    X = X.assign(kind=hour, sky=pd.Categorical(["a", "b"] * (N // 2)), wind=y * 2)
    goes_on(make(past_covariates=["sky", "wind"]), X, y, tmp_path)


@pytest.mark.parametrize("make", [lags, prophet, arima])
def test_categories(make, tmp_path):
    X, y = frame()
    goes_on(make(), X.assign(kind=pd.Categorical(X.index.hour % 5)), y, tmp_path)


INDEXES = {
    "zone": pd.date_range("2024-03-28", periods=N, freq="h", tz="Europe/Berlin"),
    "days": pd.date_range("2024-03-28", periods=N, freq="D", tz="Europe/Berlin"),
    "months": pd.date_range("2010-01-31", periods=N, freq="ME"),
    "business": pd.date_range("2024-01-01", periods=N, freq="B"),
    "periods": pd.period_range("2024-01-01", periods=N, freq="15min"),
    "rows": pd.RangeIndex(N),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
@pytest.mark.parametrize("make", [naive, ridge, lstm])
def test_indexes(make, index, tmp_path):
    goes_on(make(), *frame(index), tmp_path)


def test_arrays_and_two_targets(tmp_path):
    X, y = frame()
    y = np.column_stack([y, -y.to_numpy()])
    goes_on(informer(), X.to_numpy(), y, tmp_path)


@pytest.mark.filterwarnings("ignore::skinformer.exceptions.FilledRowsWarning")
@pytest.mark.parametrize("make", [naive, ridge, informer])
def test_holes(make, tmp_path):
    X, y = frame()
    y.iloc[[30, 31, 32, 50]] = np.nan
    X, y = X.drop(X.index[70:75]), y.drop(y.index[70:75])
    goes_on(make(), X, y, tmp_path)


VARIANTS = {
    "quantiles": {"loss": "quantile", "quantiles": (0.1, 0.5, 0.9)},
    "linear map": {"highway": "auto", "highway_len": 13},
    "regressor": {"highway": Ridge(alpha=2.0)},
    "our regressor": {"highway": CovariateRegressor(max_iter=3, n_trend=0)},
    "stack": {"e_layers": (2, 1), "embedding": "fixed", "calibration_fraction": 0.3},
    "momentum": {
        "net_params": {"optimizer": torch.optim.SGD, "optimizer__momentum": 0.9}
    },
    "loss": {"loss": torch.nn.SmoothL1Loss(beta=0.5)},
    "generator": {"random_state": np.random.RandomState(3)},
    "bounds": {"bounds": [(0, None)], "freq": pd.offsets.Hour(1), "gradient_clip": 1.0},
    "schedule": {"lr_schedule": "halving", "validation_fraction": None},
}


@pytest.mark.filterwarnings("ignore::skinformer.exceptions.SkinformerWarning")
@pytest.mark.parametrize("params", VARIANTS.values(), ids=VARIANTS)
def test_settings_of_the_informer(params, tmp_path):
    X, y = frame()
    model = informer(**copy.deepcopy(params)).fit(X[: N - 20], y[: N - 20])
    loaded = again(model, tmp_path)
    for each in (model, loaded):
        each.partial_fit(X[N - 20 : N - 7], y[N - 20 : N - 7], n_epochs=1)
    same(model, loaded, lambda m: m.predict(X[N - 7 :]))
    if model.loss == "quantile":
        same(model, loaded, lambda m: m.predict_quantiles(X[N - 7 :]))


def pandas(step):
    return step.set_output(transform="pandas")


PIPELINES = {
    "calendar": lambda: [
        TimeFeatures(
            country="CN", extra_holidays=["2024-01-05"], events={"x": ["2024-01-03"]}
        ),
        SeriesScaler(),
        naive(),
    ],
    "sklearn": lambda: [pandas(StandardScaler()), pandas(MinMaxScaler()), ridge()],
    "columns": lambda: [
        pandas(ColumnTransformer([("a", MinMaxScaler(), ["temp"])])),
        naive(),
    ],
    "splines": lambda: [pandas(SplineTransformer(n_knots=3)), naive()],
    "within": lambda: [make_pipeline(TimeFeatures(features=["hour"])), naive()],
    "passed": lambda: ["passthrough", naive()],
}


@pytest.mark.parametrize("steps", PIPELINES.values(), ids=PIPELINES)
def test_pipelines(steps, tmp_path):
    steps = steps()
    unfitted = again(make_pipeline(*steps), tmp_path)
    assert repr(unfitted) == repr(make_pipeline(*steps))
    named = [(f"step{i}", step) for i, step in enumerate(steps)]
    model = make_forecast_pipeline(TimeFeatures(features=["hour"]), naive())
    model.steps = named
    goes_on(model, *frame(), tmp_path)


@pytest.mark.parametrize("method", ["standard", "robust", "minmax"])
def test_a_scaler_of_many_series(method, tmp_path):
    X, _ = frame()
    X = pd.concat([X.assign(store=3), 7 * X.assign(store=2)])
    scaler = SeriesScaler(method, series="store").fit(X)
    same(scaler, again(scaler, tmp_path), lambda s: s.transform(X))


@pytest.mark.parametrize("link", ["auto", "identity"])
def test_a_regressor_from_covariates(link, tmp_path):
    X, y = frame()
    X = X.assign(kind=pd.Categorical(X.index.hour % 5))
    model = CovariateRegressor(link=link, max_iter=3).fit(X, y)
    same(model, again(model, tmp_path), lambda m: m.predict(X))


def test_boosting_on_lags_with_categories(tmp_path):
    X, y = frame()
    X = X.assign(kind=pd.Categorical(X.index.hour % 5))
    goes_on(LagForecaster(pred_len=H, random_state=0), X, y, tmp_path)

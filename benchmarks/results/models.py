"""The contenders, by the names that records give them."""

import inspect
from collections.abc import Callable
from typing import Any

import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import skinformer
from benchmarks.results.tasks import Task
from benchmarks.results.variants import VARIANTS
from skinformer import PAPER_SETTING, TimeFeatures

__all__ = ["MODELS", "SHORTER", "make", "overrides_of"]

# What keeps a fit at long horizons below six minutes or so on one core. At 720 a window
# takes the LSTM 11 ms to train on, the Transformer 18 ms, and 24 ms to validate on.
SHORTER = {
    ("lstm", 720): {"windows_per_epoch": 3000},
    ("transformer", 336): {"windows_per_epoch": 2400},
    ("transformer", 720): {"windows_per_epoch": 1200, "max_epochs": 4},
}


def build(name: str, **wanted: Any) -> Any:
    """Return an estimator of the package, with those settings that it has."""
    kind = getattr(skinformer, name)
    known = inspect.signature(kind).parameters
    return kind(**{key: value for key, value in wanted.items() if key in known})


def informer(task: Task, horizon: int, seed: int, **other: Any) -> Any:
    """Return the shipped default, or what differs from it."""
    settings = {**task.settings, **other}
    return skinformer.InformerRegressor(pred_len=horizon, random_state=seed, **settings)


def paper(task: Task, horizon: int, seed: int, seq_len: int) -> Any:
    """Return the paper's network alone."""
    wanted = {**PAPER_SETTING, "seq_len": seq_len, **task.settings}
    return build("InformerRegressor", pred_len=horizon, random_state=seed, **wanted)


def timed(task: Task, horizon: int, seed: int) -> Any:
    """Return the shipped default, hardly trained, whose network counts whole.

    Where the weight of the network is zero, a forecast does not run it.
    """
    hardly = {"validation_fraction": None, "max_epochs": 1, "windows_per_epoch": 32}
    return informer(task, horizon, seed, **hardly)


def from_package(name: str, model: str = "") -> Callable:
    """Return a maker of an estimator of the package, by its defaults."""

    def maker(task: Task, horizon: int, seed: int) -> Any:
        wanted = {**task.settings, **SHORTER.get((model, horizon), {})}
        return build(name, pred_len=horizon, random_state=seed, **wanted)

    return maker


def naive(task: Task, horizon: int, seed: int) -> Any:
    """Return the last season once more."""
    return skinformer.SeasonalNaive(pred_len=horizon, season=task.season)


def with_calendar(X: pd.DataFrame) -> pd.DataFrame:
    """Put year, month, hour and weekday beside the columns, as the gallery has them."""
    time = X.index
    fields = {"year": time.year, "month": time.month, "hour": time.hour}
    return X.assign(**fields, weekday=(time.day_of_week + 1) % 7)  # from Sunday


def gallery(loss: str) -> Callable:
    """Return a maker of the gallery's regressor."""

    def maker(task: Task, horizon: int, seed: int) -> Any:
        boosting = HistGradientBoostingRegressor(
            loss=loss, categorical_features="from_dtype", random_state=42
        )
        return make_pipeline(FunctionTransformer(with_calendar), boosting)

    return maker


MODELS: dict[str, Callable[[Task, int, int], Any]] = {
    "informer": informer,
    "timed": timed,
    "ridge": from_package("RidgeForecaster"),
    "lags": from_package("LagForecaster"),
    "covariates": from_package("CovariateRegressor"),
    "naive": naive,
    "lstm": from_package("LSTMForecaster", "lstm"),
    "transformer": from_package("TransformerForecaster", "transformer"),
    "arima": from_package("ARIMAForecaster"),
    "prophet": from_package("ProphetForecaster"),
    "hgb": gallery("squared_error"),
    "hgb_poisson": gallery("poisson"),
    "paper": lambda *run: paper(*run, seq_len=48),
}
# those that look at no covariate, or make calendar columns themselves
WITHOUT_TIME = ("naive", "arima", "prophet", "hgb", "hgb_poisson")


def overrides_of(model: str) -> dict[str, str] | None:
    """Return what a variant changes, as text; None for a model that is no variant."""
    if model not in VARIANTS:
        return None
    return {name: repr(value) for name, value in VARIANTS[model].items()}


def make(model: str, task: Task, horizon: int, seed: int) -> Any:
    """Return an unfitted estimator, behind the calendar features of the task."""
    time, other = task.time, {}
    if model in VARIANTS:
        other = dict(VARIANTS[model])
        time = other.pop("time", time)
        estimator = informer(task, horizon, seed, **other)
    else:
        estimator = MODELS[model](task, horizon, seed)
    if time is None or model in WITHOUT_TIME:
        return estimator
    return make_pipeline(TimeFeatures(**time), estimator)

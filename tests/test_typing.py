"""The types that a user's checker sees: mypy reads this file, and pytest runs it."""

from importlib.resources import files
from typing import TYPE_CHECKING, assert_type

import numpy as np
import pandas as pd

from skinformer import (
    PAPER_SETTING,
    BacktestResult,
    Comparison,
    CovariateRegressor,
    ForecastPipeline,
    InformerRegressor,
    LagForecaster,
    RidgeForecaster,
    SeasonalNaive,
    SeriesScaler,
    TimeFeatures,
    backtest,
    compare_backtests,
    make_forecast_pipeline,
    make_load_series,
)

X, y = make_load_series(24 * 20, random_state=0)
TRAIN, LATER = slice(0, 24 * 15), slice(24 * 15, None)
NEXT = slice(24 * 15, 24 * 16)


def test_package_says_that_it_has_types() -> None:
    assert (files("skinformer") / "py.typed").is_file()


def test_series() -> None:
    assert_type(X, pd.DataFrame)
    assert_type(y, pd.Series)
    assert isinstance(X, pd.DataFrame)
    assert isinstance(y, pd.Series)


def test_forecaster() -> None:
    naive = assert_type(SeasonalNaive().fit(X[TRAIN], y[TRAIN]), SeasonalNaive)
    forecast = assert_type(naive.predict(X[NEXT]), np.ndarray)
    assert forecast.shape == (24,)
    windows = naive.predict_windows(X[LATER], y[LATER])
    assert_type(windows.y_pred, np.ndarray)
    later = assert_type(naive.calibrate(X[LATER][:72], y[LATER][:72]), SeasonalNaive)
    assert_type(later.update(X[LATER][72:], y[LATER][72:]), SeasonalNaive)
    assert naive is later


def test_network() -> None:
    model = InformerRegressor(
        highway=None,
        seq_len=24,
        label_len=12,
        pred_len=12,
        d_model=8,
        n_heads=2,
        d_ff=16,
        max_epochs=1,
        windows_per_epoch=32,
        random_state=0,
    )
    fitted = assert_type(model.fit(X[TRAIN], y[TRAIN]), InformerRegressor)
    assert_type(fitted.predict(X[NEXT]), np.ndarray)
    later = fitted.partial_fit(X[LATER], y[LATER], n_epochs=1)
    assert_type(later, InformerRegressor)


def test_setting_of_the_paper_is_taken_as_keywords() -> None:
    assert InformerRegressor(**PAPER_SETTING).d_model == PAPER_SETTING["d_model"]


def test_transformers() -> None:
    assert_type(TimeFeatures(["hour"]).fit(X), TimeFeatures)
    assert_type(SeriesScaler("minmax").fit(X).partial_fit(X), SeriesScaler)
    names = TimeFeatures("auto", country="DE").fit(X).get_feature_names_out()
    assert_type(names, np.ndarray)
    numbers = CovariateRegressor(max_iter=2).fit(X, y).predict(X)
    assert_type(numbers, np.ndarray)


def test_pipeline() -> None:
    pipe = make_forecast_pipeline(TimeFeatures(["hour"]), RidgeForecaster(seq_len=24))
    assert_type(pipe, ForecastPipeline)
    pipe.fit(X[TRAIN], y[TRAIN])
    assert_type(pipe.calibrate(X[LATER], y[LATER]), ForecastPipeline)


def test_backtest() -> None:
    naive = SeasonalNaive().fit(X[TRAIN], y[TRAIN])
    result = assert_type(backtest(naive, X[LATER], y[LATER]), BacktestResult)
    assert_type(result.mae(), float)
    assert_type(result.mse(scale=[2.0]), float)
    assert_type(result.to_frame(), pd.DataFrame)
    assert_type(result.origins, pd.Index)
    other = LagForecaster(pred_len=24, lags=[24]).fit(X[TRAIN], y[TRAIN])
    both = compare_backtests(
        result, backtest(other, X[LATER], y[LATER]), n_bootstrap=40, block_length=24
    )
    assert_type(both, Comparison)
    assert_type(both.interval, tuple[float, float])
    assert isinstance(both, Comparison)


if TYPE_CHECKING:  # what mypy has to refuse: an ignore that is not needed is an error

    def mistakes() -> None:
        """Go wrong in ways that a checker sees before anything runs."""
        InformerRegressor(24)  # type: ignore[call-arg]
        InformerRegressor(seq_length=96)  # type: ignore[call-arg]
        InformerRegressor(d_model="64")  # type: ignore[arg-type]
        SeasonalNaive().fit(X)  # type: ignore[call-arg]
        SeriesScaler(method=3)  # type: ignore[arg-type]
        backtest(SeasonalNaive(), X, y, horizon="24")  # type: ignore[arg-type]
        compare_backtests(X, X)  # type: ignore[arg-type]

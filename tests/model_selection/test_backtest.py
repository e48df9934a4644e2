"""The rolling backtest."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import Pipeline, make_pipeline

from skinformer import SeasonalNaive, TimeFeatures, backtest
from skinformer.exceptions import FilledRowsWarning


@pytest.fixture
def daily():
    index = pd.date_range("2024-01-01", periods=12, freq="D")
    y = pd.DataFrame({"a": np.arange(12.0), "b": 10 * np.arange(12.0)}, index=index)
    return pd.DataFrame(index=index), y


def test_every_window_counts_the_last_one_too(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3, season=1).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:])
    assert_array_equal(result.starts, [0, 1, 2])
    assert result.target_names == ["a", "b"]
    assert_array_equal(result.y_true[:, :, 0], [[7, 8, 9], [8, 9, 10], [9, 10, 11]])
    assert_array_equal(result.y_pred[:, :, 0], [[6, 6, 6], [7, 7, 7], [8, 8, 8]])
    assert_array_equal(result.errors()[:, :, 1], [[-10, -20, -30]] * 3)


def test_errors_in_original_and_standardised_units(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3, season=1).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:])
    assert result.mse() == pytest.approx((1 + 4 + 9) / 3 * (1 + 100) / 2)
    assert result.mae() == pytest.approx(2 * 11 / 2)
    assert result.mse([2.0, 20.0]) == pytest.approx((1 + 4 + 9) / 3 / 4)
    assert result.mae([2.0, 20.0]) == pytest.approx(1.0)


def test_stride(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=2, season=1).fit(X[:7], y[:7])
    assert_array_equal(backtest(model, X[7:], y[7:], stride=2).starts, [0, 2])


def test_pipeline(daily):
    X, y = daily
    naive = SeasonalNaive(pred_len=3, season=1)
    model = make_pipeline(TimeFeatures(), naive).fit(X[:7], y[:7])
    expected = backtest(clone(naive).fit(X[:7], y[:7]), X[7:], y[7:])
    assert_allclose(backtest(model, X[7:], y[7:]).y_pred, expected.y_pred)


def test_one_target(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3, season=1).fit(X[:7], y["a"][:7])
    assert backtest(model, X[7:], y["a"][7:]).y_true.shape == (3, 3, 1)


def test_the_estimator_is_left_as_it_is(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3).fit(X[:7], y[:7])
    before = pickle.dumps(model)
    backtest(model, X[7:], y[7:])
    assert pickle.dumps(model) == before


def test_rows_that_were_trained_on_are_refused(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3).fit(X[:7], y[:7])
    with pytest.raises(ValueError, match="not after the history"):
        backtest(model, X[5:], y[5:])


@pytest.mark.parametrize("stride", [0, -1, 1.5, True, "1"])
def test_stride_must_be_a_positive_whole_number(daily, stride):
    X, y = daily
    model = SeasonalNaive(pred_len=3).fit(X[:7], y[:7])
    with pytest.raises(ValueError, match="stride="):
        backtest(model, X[7:], y[7:], stride=stride)


def test_absent_rows_are_left_out_of_the_errors(daily):
    X, y = daily
    kept = [7, 8, 10, 11]
    model = SeasonalNaive(pred_len=2, season=1).fit(X[:7], y["a"][:7])
    with pytest.warns(FilledRowsWarning, match="1 of 5 rows"):
        result = backtest(model, X.iloc[kept], y["a"].iloc[kept])
    assert_array_equal(
        result.y_true[:, :, 0], [[7, 8], [8, np.nan], [np.nan, 10], [10, 11]]
    )
    assert_array_equal(result.y_pred[:, 0, 0], [6, 7, 8, 8])
    # errors 1 2 | 1 - | - 2 | 2 3
    assert result.mae() == pytest.approx(11 / 6)


def test_search_and_nested_pipelines_are_unwrapped(daily):
    X, y = daily
    naive = SeasonalNaive(pred_len=3)
    search = GridSearchCV(
        make_pipeline(make_pipeline(TimeFeatures(), clone(naive))),
        {"pipeline__seasonalnaive__season": [2]},
        cv=TimeSeriesSplit(2, test_size=2),
    ).fit(X[:7], y[:7])
    expected = backtest(naive.set_params(season=2).fit(X[:7], y[:7]), X[7:], y[7:])
    assert_allclose(backtest(search, X[7:], y[7:]).y_pred, expected.y_pred)


@pytest.mark.parametrize("estimator", [None, LinearRegression(), Pipeline([])])
def test_other_estimators_are_refused(daily, estimator):
    X, y = daily
    with pytest.raises(TypeError, match="backtest takes a fitted forecaster"):
        backtest(estimator, X[7:], y[7:])

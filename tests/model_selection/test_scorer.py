"""The scorer inside scikit-learn's tools."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline

from skinformer import (
    PanelTimeSeriesSplit,
    SeasonalNaive,
    TimeFeatures,
    backtest,
    make_rolling_scorer,
)

from .panels import stacked
from .transparent import FITS, LastPlusCovariate, TenTimes


def test_origins_roll_through_each_fold(warm):
    X, y = warm
    scores = cross_val_score(
        LastPlusCovariate(pred_len=2),
        X - X,
        y,
        cv=TimeSeriesSplit(2, test_size=4),
        scoring=make_rolling_scorer("mae"),
        error_score="raise",
    )
    # three windows a fold, each a row and two rows after the last known one
    assert_allclose(scores, [-1.5, -1.5])
    assert [len(rows) for rows in FITS] == [4, 8]


@pytest.mark.parametrize("metric", ["mse", "rmse", "bias", "wape", "rmsse"])
def test_each_metric_is_negated(metric, daily):
    X, y = daily
    model = SeasonalNaive(pred_len=2, season=2).fit(X[:8], y[:8])
    result = backtest(model, X[8:], y[8:], horizon=3, stride=2)
    scorer = make_rolling_scorer(metric, horizon=3, stride=2)
    error = abs(result.metric(metric))
    assert scorer(model, X[8:], y[8:]) == pytest.approx(-error, nan_ok=True)


def test_a_search_finds_the_season(daily):
    X, y = daily
    seasonal = y.assign(a=[1, 5, 2] * 4, b=[7, 3, 4] * 4)
    search = GridSearchCV(
        make_pipeline(TimeFeatures(), SeasonalNaive(pred_len=2)),
        {"seasonalnaive__season": [1, 2, 3, 4]},
        cv=TimeSeriesSplit(2, test_size=3),
        scoring=make_rolling_scorer("mae", stride=1, standardized=True),
        error_score="raise",
    ).fit(X, seasonal)
    assert search.best_params_ == {"seasonalnaive__season": 3}
    assert search.best_score_ == 0


def test_a_search_over_pred_len_with_windows_of_one_length(warm):
    X, y = warm
    search = GridSearchCV(
        LastPlusCovariate(),
        {"pred_len": [1, 3]},
        cv=TimeSeriesSplit(1 + 1, test_size=4),
        scoring=make_rolling_scorer("mae", horizon=3),
        error_score="raise",
    ).fit(X, y)
    # block after block adds up covariates, and comes nearer to what rises
    assert search.best_params_ == {"pred_len": 1}


def test_a_regressor(warm):
    X, y = warm
    scorer = make_rolling_scorer("mae", horizon=2)
    assert scorer(TenTimes().fit(X, y), X[:2], y[:2]) == pytest.approx(-0.45)


def test_it_pickles():
    scorer = make_rolling_scorer("rmse", stride=2)
    assert pickle.loads(pickle.dumps(scorer)) == scorer


@pytest.mark.slow  # each process imports torch
def test_it_works_in_processes(daily):
    X, y = daily
    scorer = make_rolling_scorer("rmse", stride=2)
    cv = TimeSeriesSplit(2, test_size=3)
    model = SeasonalNaive(pred_len=2)
    alone = cross_val_score(model, X, y, cv=cv, scoring=scorer)
    both = cross_val_score(model, X, y, cv=cv, scoring=scorer, n_jobs=2)
    assert_allclose(both, alone)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"metric": "meas"}, "metric='meas' is unknown.*Did you mean"),
        ({"stride": 0}, "stride=0 must be"),
        ({"horizon": 0}, "horizon=0 must be"),
        ({"gap": -1}, "gap=-1 must be"),
    ],
)
def test_settings_are_checked_when_it_is_made(settings, message):
    with pytest.raises(ValueError, match=message):
        make_rolling_scorer(**settings)


def test_a_search_over_many_series():
    X, y = stacked(
        {"a": [1, 5, 2] * 4, "b": [7, 3, 4] * 4, "late": [1, 2]}, {"late": 10}
    )
    search = GridSearchCV(
        make_pipeline(TimeFeatures(), SeasonalNaive(pred_len=2, series="store")),
        {"seasonalnaive__season": [1, 2, 3]},
        cv=PanelTimeSeriesSplit(2, test_size=3, series="store"),
        scoring=make_rolling_scorer("mae", standardized=True),
        error_score="raise",
        refit=False,
    ).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert scores[2] == 0
    # by hand, of the last fold: season 1, training rows 1 5 2 | 7 3 4 three times
    known = X.index < "2024-01-10"
    fold = ~known & (X["store"] != "late")
    model = SeasonalNaive(pred_len=2, season=1, series="store").fit(X[known], y[known])
    found = make_rolling_scorer("mae", standardized=True)(model, X[fold], y[fold])
    # a: last 2, then 1 5 2 -> 1 3 | last 1 -> 4 1; b: last 4, then 7 3 4 -> 3 1 | 4 3
    a, b = np.std([1, 5, 2]), np.std([7, 3, 4])
    assert found == pytest.approx(-(9 / a + 11 / b) / 8)
    assert search.cv_results_["split1_test_score"][0] == pytest.approx(found)

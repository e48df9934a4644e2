"""Rows from an origin on may change: no forecast from that origin moves."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from skinformer import TimeFeatures, backtest

from .transparent import LastPlusCovariate

FITTED = slice(0, 6)


def cold(origin, index):
    return pd.DataFrame({"warmth": 0.0}, index=index)


def roll(estimator, X, y, **settings):
    if settings.pop("fitted", False):
        estimator.fit(X[FITTED], y[FITTED])
        return backtest(estimator, X[6:], y[6:], **settings)
    return backtest(estimator, X, y, train_size=6, **settings)


@pytest.mark.parametrize("t", [6, 7, 8])
@pytest.mark.parametrize(
    "settings",
    [
        {"fitted": True},
        {"fitted": True, "horizon": 3},
        {"fitted": True, "gap": 1, "future_X": cold},
        {"refit": True},
        {"refit": 2, "max_train_size": 4, "gap": 1},
    ],
)
def test_targets_from_the_origin_on(warm, settings, t):
    X, y = warm
    changed = y.where(np.arange(12) < t, 1e4)
    model = LastPlusCovariate(pred_len=2)
    before, after = (roll(model, X, values, **settings) for values in (y, changed))
    seen_before_t = before.starts - before.gap + 6 <= t
    assert seen_before_t.any()
    assert not seen_before_t.all()
    assert_array_equal(after.y_pred[seen_before_t], before.y_pred[seen_before_t])
    assert (after.y_pred[~seen_before_t] != before.y_pred[~seen_before_t]).any()


@pytest.mark.parametrize("t", [6, 8])
def test_a_regressor_is_fitted_on_rows_before_the_origin(warm, t):
    X, y = warm
    model = make_pipeline(TimeFeatures(), LinearRegression())
    changed = y.where(np.arange(12) < t, 1e4)
    before, after = (
        roll(model, X, values, horizon=2, gap=1, refit=True) for values in (y, changed)
    )
    known = before.starts - 1 + 6 <= t
    assert_array_equal(after.y_pred[known], before.y_pred[known])
    assert (after.y_pred[~known] != before.y_pred[~known]).all()


def test_covariates_observed_later_are_not_seen_where_others_were_known(warm):
    X, y = warm
    known = X["warmth"].to_frame()
    later = X.assign(warmth=np.where(np.arange(12) < 8, X["warmth"], 1e4))
    model = LastPlusCovariate(pred_len=2).fit(X[:6], y[:6])
    before, after = (
        backtest(model, rows[6:], y[6:], future_X=lambda _, i: known.loc[i])
        for rows in (X, later)
    )
    assert_array_equal(after.y_pred, before.y_pred)

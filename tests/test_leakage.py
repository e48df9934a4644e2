"""Future rows changed: nothing fitted or forecast before them moves."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from skorch.callbacks import Callback

from skinformer import TimeFeatures
from skinformer.forecasting.reading import read_given
from skinformer.series.panel import start_panel

from .small import small

N, N_VALID, PRED_LEN = 120, 24, 6


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(1)


class KeepFirstEpoch(Callback):
    """Keep the weights after the first epoch."""

    kept = None

    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 1:
            KeepFirstEpoch.kept = copy.deepcopy(net.module_.state_dict())


def first_epoch(X, y):
    """Return scalers, and weights after one epoch, of a fit on all rows."""
    model = small(validation_fraction=N_VALID, callbacks=[KeepFirstEpoch()])
    model.fit(X, y)
    return model, KeepFirstEpoch.kept


def scalers(model):
    return model._scaler.target_scaler_, model._scaler.covariate_scaler_


def test_validation_rows_reach_neither_scalers_nor_weights(series, noise):
    X, y = series[0][:N].copy(), series[1][:N].copy()
    model, weights = first_epoch(X, y)
    X.iloc[N - N_VALID :, 0] = noise.normal(1e3, 1e3, N_VALID)
    y.iloc[N - N_VALID :] = noise.normal(-1e3, 1e3, (N_VALID, 2))
    other, other_weights = first_epoch(X, y)
    assert_array_equal(
        model._scaler.target_scaler_.mean_, other._scaler.target_scaler_.mean_
    )
    assert_array_equal(
        model._scaler.target_scaler_.scale_, other._scaler.target_scaler_.scale_
    )
    assert_array_equal(
        model._scaler.covariate_scaler_.mean_, other._scaler.covariate_scaler_.mean_
    )
    assert all(torch.equal(weights[name], other_weights[name]) for name in weights)
    # and the check can fail: the last training row does move both
    y.iloc[N - N_VALID - 1] += 1e3
    moved, moved_weights = first_epoch(X, y)
    assert (
        moved._scaler.target_scaler_.mean_ != model._scaler.target_scaler_.mean_
    ).all()
    assert not torch.equal(
        weights["projection.weight"], moved_weights["projection.weight"]
    )


def with_history(model, X, y):
    """Return the model with its weights, over another history."""
    other = copy.deepcopy(model)
    rows, targets = read_given(other._schema, X, y)
    other._panel = start_panel(rows, targets.values.shape[1])
    return other


@pytest.mark.parametrize("t", [1, 30, 31, 36, 119])
def test_fitted_blocks_up_to_t_do_not_see_history_from_t_on(t, fitted, series, noise):
    X, y = series[0][:N].copy(), series[1][:N].copy()
    before = fitted.predict(X)
    y.iloc[t:] = noise.normal(0, 1e4, (N - t, 2))
    after = with_history(fitted, X, y).predict(X)
    # the block that holds t starts at or before it
    stop = min((t // PRED_LEN + 1) * PRED_LEN, N)
    assert_allclose(after[:stop], before[:stop], rtol=1e-6)
    if stop < N:
        assert not np.allclose(after[stop:], before[stop:])


@pytest.mark.parametrize("t", [N + 1, N + 4, N + 6, N + 17])
def test_forecasts_up_to_t_do_not_see_covariates_after_t(t, fitted, series, noise):
    X = series[0].copy()
    before = fitted.predict(X[N:])
    X.iloc[t:, 0] = noise.normal(0, 1e4, len(X) - t)
    X["hour"] = X["hour"].where(np.arange(len(X)) < t, 3)
    after = fitted.predict(X[N:])
    assert_allclose(after[: t - N], before[: t - N], rtol=1e-6)
    assert not np.allclose(after[t - N :], before[t - N :])


@pytest.mark.parametrize("t", [3, 40, 100])
def test_fitted_values_up_to_t_do_not_see_covariates_after_t(t, fitted, series, noise):
    X = series[0][:N].copy()
    before = fitted.predict(X)
    X.iloc[t:, 0] = noise.normal(0, 1e4, N - t)
    after = fitted.predict(X)
    assert_allclose(after[:t], before[:t], rtol=1e-6)
    assert not np.allclose(after[t:], before[t:])


def test_a_hole_before_a_block_is_not_filled_from_the_rows_after_it(series, noise):
    X, y = series[0][:N], series[1][:N].copy()
    kept = np.r_[0:50, 58:N]  # the block at 54 starts inside the hole
    with pytest.warns(UserWarning, match="8 of 120 rows"):
        model = small().fit(X.iloc[kept], y.iloc[kept])
    before = model.predict(X)
    y.iloc[58:] = noise.normal(0, 1e4, (N - 58, 2))
    with pytest.warns(UserWarning, match="8 of 120 rows"):
        after = with_history(model, X.iloc[kept], y.iloc[kept]).predict(X)
    assert_allclose(after[:60], before[:60], rtol=1e-6)


def test_windows_of_a_backtest_see_true_rows_before_them_only(fitted, series, noise):
    X, y = series[0][N:], series[1][N:].copy()
    _, before, _ = fitted.predict_windows(X, y)
    y.iloc[10:] = noise.normal(0, 1e4, (len(y) - 10, 2))
    _, after, _ = fitted.predict_windows(X, y)
    assert_allclose(after[:11], before[:11], rtol=1e-6)
    assert not np.allclose(after[11:], before[11:])


def test_calendar_features_of_a_row_do_not_depend_on_later_rows():
    index = pd.date_range("2024-01-01", periods=48, freq="h")
    X = pd.DataFrame(index=index)
    features = TimeFeatures(country="DE").fit(X)
    pd.testing.assert_frame_equal(
        features.transform(X)[:7], features.transform(X[:7]), check_freq=False
    )


def test_a_category_that_validation_rows_alone_hold_counts_as_unseen(series):
    X, y = series[0][:N].copy(), series[1][:N]
    # 23 is the hour of the validation rows alone
    hour = np.where(np.arange(N) < N - N_VALID, np.arange(N) % 23, 23)
    X["hour"] = pd.Categorical(hour, range(24))
    model = small(validation_fraction=N_VALID).fit(X, y)
    rows = series[0][N : N + PRED_LEN]
    as_23, unknown = (
        model.predict(rows.assign(hour=pd.Categorical([value] * PRED_LEN)))
        for value in (23, 99)
    )
    assert_array_equal(as_23, unknown)

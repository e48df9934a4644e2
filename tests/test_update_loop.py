"""A loop of predict and update gives the errors of a backtest, on measured rows."""

import os

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skinformer import RidgeForecaster, backtest, fetch_ett

from .small import small

N_FIT, N_TEST, DAY = 11_520, 2880, 24

needs_data = pytest.mark.skipif(
    "SKINFORMER_DATA" not in os.environ, reason="SKINFORMER_DATA names no folder"
)


def network(**kwargs):
    return small(pred_len=DAY, windows_per_epoch=64, validation_fraction=500, **kwargs)


@needs_data
@pytest.mark.parametrize(
    "model",
    [
        RidgeForecaster(pred_len=DAY, seq_len=168),
        network(),
        network(highway="ridge", highway_len=48),
        network(history_size="context"),
    ],
    ids=["ridge", "network", "both", "context"],
)
def test_a_loop_of_days_is_a_backtest(model):
    X, y = fetch_ett("ETTh1", return_X_y=True)
    X, y = X[: N_FIT + N_TEST], y[["OT", "HULL"]][: N_FIT + N_TEST]
    model.fit(X[:N_FIT], y[:N_FIT])
    expected = backtest(model, X[N_FIT:], y[N_FIT:], stride=DAY)
    forecasts = []
    for start in range(N_FIT, N_FIT + N_TEST, DAY):
        rows = slice(start, start + DAY)
        forecasts.append(model.predict(X[rows]))
        model.update(X[rows], y[rows])
    forecasts = np.array(forecasts)
    assert forecasts.shape == (120, DAY, 2)
    errors = forecasts - expected.y_true
    assert_allclose(np.mean(errors**2), expected.mse(), rtol=1e-6)
    assert_allclose(forecasts, expected.y_pred, rtol=1e-3, atol=1e-4)

"""Forecasts of a trained net."""

import numpy as np
from numpy.testing import assert_allclose

from skinformer.forecasting.net_forecasts import forecast_batch, forecast_windows
from skinformer.forecasting.training import train

from .toy_net import PRED_LEN, make_net, windows


def test_they_do_not_depend_on_the_batch():
    net = train(make_net(), windows(np.ones(20)), None)
    data = windows(np.random.default_rng(0).normal(size=(40, 2)))
    whole = forecast_windows(net, data, batch_size=100)
    assert whole.shape == (33, PRED_LEN, 2)
    assert_allclose(forecast_windows(net, data, batch_size=7), whole, atol=1e-6)
    expected = net.module_.w.item() * data.rows.values[4:-3]
    assert_allclose(whole[:, 1], expected, rtol=1e-6)


def test_one_window_at_least_is_forecast_at_once():
    assert forecast_batch(10**9) == 1

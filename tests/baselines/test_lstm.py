"""What the LSTM alone has; tests/baselines/test_teacher_forcing.py has the rest."""

import numpy as np
import pytest

from skinformer.baselines.lstm import LSTMForecaster
from skinformer.network.lstm import LSTMNetwork

SMALL = {
    "seq_len": 11,
    "pred_len": 5,
    "hidden_size": 7,
    "max_epochs": 1,
    "random_state": 0,
}


def fitted(series, **kwargs):
    X, y = series
    return LSTMForecaster(**SMALL | kwargs).fit(X[:120], y[:120])


def test_the_network_has_the_sizes_asked_for(series):
    network = fitted(series, n_layers=3).net_.module_
    assert isinstance(network, LSTMNetwork)
    assert (network.encoder.hidden_size, network.encoder.num_layers) == (7, 3)
    assert len(network.decoder.cells) == 3
    assert network.projection.out_features == 2


@pytest.mark.parametrize(
    "kwargs", [{"teacher_forcing": 1.0}, {"n_layers": 2}, {"hidden_size": 13}]
)
def test_parameters_reach_the_training(kwargs, series):
    X, _ = series
    forecasts = [fitted(series, **given).predict(X[120:]) for given in ({}, kwargs)]
    assert not np.allclose(*forecasts)


def test_the_width_decides_about_the_precision():
    assert LSTMForecaster(hidden_size=300)._width() == 300


@pytest.mark.parametrize("ratio", [-0.1, 1.1])
def test_the_ratio_is_a_probability(ratio, series):
    with pytest.raises(ValueError, match="'teacher_forcing'"):
        fitted(series, teacher_forcing=ratio)

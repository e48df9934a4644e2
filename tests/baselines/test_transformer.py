"""What the Transformer alone has; tests/baselines/test_teacher_forcing.py the rest."""

import numpy as np
import pytest

from skinformer.baselines.transformer import TransformerForecaster
from skinformer.network.transformer import TransformerNetwork

SMALL = {
    "seq_len": 11,
    "pred_len": 5,
    "d_model": 6,
    "n_heads": 2,
    "d_ff": 7,
    "e_layers": 1,
    "max_epochs": 1,
    "random_state": 0,
}


def fitted(series, **kwargs):
    X, y = series
    return TransformerForecaster(**SMALL | kwargs).fit(X[:120], y[:120])


def test_the_network_has_the_sizes_asked_for(series):
    network = fitted(series, e_layers=3, d_layers=2).net_.module_
    assert isinstance(network, TransformerNetwork)
    assert (len(network.encoder.layers), len(network.decoder.layers)) == (3, 2)
    assert not network.encoder.distils
    assert all(layer.self_attention.causal for layer in network.decoder.layers)
    assert not any(layer.attention.causal for layer in network.encoder.layers)
    assert network.projection.in_features == 6


@pytest.mark.parametrize(
    "kwargs",
    [
        {"d_model": 10},
        {"n_heads": 3},
        {"e_layers": 2},
        {"d_layers": 2},
        {"d_ff": 13},
        {"activation": "relu"},
    ],
)
def test_parameters_reach_the_network(kwargs, series):
    X, _ = series
    forecasts = [fitted(series, **given).predict(X[120:]) for given in ({}, kwargs)]
    assert not np.allclose(*forecasts)


def test_heads_must_divide_the_width(series):
    with pytest.raises(ValueError, match="d_model=6 is not divisible by n_heads=4"):
        fitted(series, n_heads=4)

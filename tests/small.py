"""A small network on a small series, for tests of what surrounds it."""

from skinformer import InformerRegressor

SMALL = {
    "highway": None,  # what is tested is the network; test_highway.py has the rest
    "seq_len": 12,
    "label_len": 5,
    "pred_len": 6,
    "d_model": 8,
    "n_heads": 2,
    "e_layers": 2,
    "d_ff": 16,
    "max_epochs": 2,
    "lr": 1e-3,
    "validation_fraction": 0.2,
    "random_state": 0,
}


def small(**kwargs):
    return InformerRegressor(**(SMALL | kwargs))

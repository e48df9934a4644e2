"""A forecaster around a network of three lines."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_array_equal
from torch import nn

from skinformer.forecasting.net_forecaster import NetForecaster
from skinformer.forecasting.training import ForecastNet

N = 120


class LastRow(nn.Module):
    """A linear map of the last row, repeated, plus a shift."""

    def __init__(self, *, pred_len, shift, n_inputs, n_targets, **options):
        super().__init__()
        self.pred_len, self.shift, self.options = pred_len, shift, options
        self.map = nn.Linear(n_inputs, n_targets)
        nn.init.eye_(self.map.weight)
        nn.init.zeros_(self.map.bias)

    def forward(self, values, covariates=None, categories=None, missing_values=None):
        self.missing_values = missing_values
        rows = values[:, -1:].expand(-1, self.pred_len, -1)
        return self.map(rows) + self.shift

    def mark_seen(self, codes):
        self.seen = codes


class LastRowForecaster(NetForecaster):
    _module_class = LastRow
    _module_params = ("seq_len", "pred_len", "shift")

    def __init__(
        self,
        *,
        seq_len=5,
        pred_len=3,
        shift=0.0,
        lr=1e-12,
        max_epochs=2,
        validation_fraction=0.2,
        warm_start=False,
        precision="auto",
    ):
        self.seq_len, self.pred_len, self.shift = seq_len, pred_len, shift
        self.lr, self.max_epochs = lr, max_epochs
        self.validation_fraction = validation_fraction
        self.warm_start, self.precision = warm_start, precision

    loss, patience, lr_schedule, weight_decay = "mse", None, None, 0.0
    gradient_clip, batch_size, windows_per_epoch = None, 32, None
    freq, categorical_features, callbacks, net_params = None, "from_dtype", None, None
    device, compile, verbose, random_state = "cpu", False, 0, 0

    def _width(self):
        return 1


def test_the_module_is_given_sizes_and_parameters(series):
    X, y = series
    network = LastRowForecaster(shift=0.5).fit(X[:N], y[:N]).net_.module_
    assert (network.pred_len, network.shift) == (3, 0.5)
    assert network.options == {
        "seq_len": 5,
        "n_covariates": 1,
        "cardinalities": (24,),
        "masks": True,
    }
    # 0.2 of 120 rows validate
    hours = torch.arange(96).view(-1, 1) % 24
    assert torch.equal(network.seen, hours)


def test_forecasts_come_back_in_units(series):
    X, y = series
    model = LastRowForecaster(shift=0.5).fit(X[:N], y[:N])
    expected = y[N - 1 : N] + 0.5 * y[:96].std(ddof=0)
    np.testing.assert_allclose(
        model.predict(X[N : N + 3]), np.repeat(expected, 3, axis=0), rtol=1e-6
    )


def test_losses_are_those_of_the_windows():
    y = pd.Series([0.0, 1.0] * 30)
    X = pd.DataFrame(index=y.index)
    model = LastRowForecaster(pred_len=1, validation_fraction=20).fit(X, y)
    # standardised 0 and 1 are -1 and 1: every forecast is 2 off
    np.testing.assert_allclose(model.loss_curve_, [4.0, 4.0], rtol=1e-6)
    np.testing.assert_allclose(model.validation_loss_curve_, [4.0, 4.0], rtol=1e-6)
    assert (model.n_iter_, model.best_epoch_) == (2, 1)
    alone = LastRowForecaster(pred_len=1, validation_fraction=None).fit(X, y)
    assert alone.validation_loss_curve_ is None
    assert alone.best_epoch_ == 2


def test_learns():
    y = pd.Series([0.0, 1.0] * 30)
    X = pd.DataFrame(index=y.index)
    model = LastRowForecaster(pred_len=1, lr=0.1, max_epochs=60).fit(X, y)
    assert model.predict(X[-1:]) == pytest.approx([0.0], abs=0.1)


def test_a_subclass_may_choose_the_net(series):
    class OtherNet(ForecastNet):
        pass

    class Other(LastRowForecaster):
        _net_class = OtherNet

    X, y = series
    assert type(Other().fit(X[:N], y[:N]).net_) is OtherNet


def test_what_a_fit_that_goes_on_must_share(series):
    X, y = series
    model = LastRowForecaster(lr=0.1).fit(X[:N], y[:N])
    expected = copy.deepcopy(model.predict(X[N:]))
    model.set_params(warm_start=True, shift=1.0)
    with pytest.raises(ValueError, match=r"shift is 0\.0; now it would be 1\.0"):
        model.fit(X[:N], y[:N])
    assert_array_equal(model.predict(X[N:]), expected)
    assert model.set_params(shift=0.0).fit(X[:N], y[:N]).n_iter_ == 4


def test_too_few_rows(series):
    X, y = series
    with pytest.raises(ValueError, match="needs at least 8 rows"):
        LastRowForecaster().fit(X[:7], y[:7])

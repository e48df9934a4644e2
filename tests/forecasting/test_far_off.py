"""Losses that are finite, and far beyond that of a forecast of the mean."""

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from skinformer import make_load_series
from skinformer.exceptions import TrainingDivergedWarning
from skinformer.forecasting.callbacks import make_callbacks
from skinformer.forecasting.far_off import Compared, FarOff, loss_of_mean
from skinformer.forecasting.losses import make_loss
from skinformer.forecasting.resuming.states import plain
from skinformer.forecasting.training import train
from skinformer.network.quantiles import PinballLoss

from ..small import small
from .toy_net import PRED_LEN, SEQ_LEN, TwoHeads, make_net, windows

# 13 windows, 4 batches an epoch
ONES = windows(np.ones(20))
TWOS = windows(np.full(20, 2.0))


def judged(net):
    return dict(net.callbacks_)["check_mean"]


def trained(part, valid=None, w=0.0, lr=1e-12, max_epochs=1, **kwargs):
    callbacks = make_callbacks(
        validated=valid is not None,
        patience=None,
        schedule=None,
        max_epochs=max_epochs,
        gradient_clip=None,
        verbose=0,
        callbacks=None,
    )
    net = make_net(callbacks, max_epochs=max_epochs, lr=lr, **kwargs)
    net.module_.w.data.fill_(w)
    return train(net, part, valid)


class Sums(nn.Module):
    """A loss of a user's, of which nothing is known."""

    def forward(self, y_pred, y_true):
        return ((y_pred - y_true) ** 2).sum()


def test_it_is_said_once_how_far():
    message = (
        "^The network has learned nothing of use: in epoch 1 its training loss is 16, "
        "where a forecast of nothing but the mean has 1 at most[.] Lower lr [(]now 1e-"
    )
    with pytest.warns(TrainingDivergedWarning, match=message) as warned:
        net = trained(ONES, w=5.0)  # each forecast is 5, each target 1
    assert len(warned) == 1
    assert warned[0].filename == __file__  # not in skorch, which calls what warns
    assert judged(net).best_.ratio == 16
    assert judged(net)._batches == {}  # which holds tensors


@pytest.mark.parametrize(("w", "ratio"), [(2.9, 3.61), (0.0, 1.0), (1.0, 0.0)])
def test_as_far_as_errors_twice_as_large_is_not_far(w, ratio):
    net = trained(ONES, w=w)
    assert judged(net).best_.ratio == pytest.approx(ratio, abs=1e-5)


def test_the_nearer_of_training_and_validation_counts():
    far = windows([1.0] * SEQ_LEN + [-9.0] * PRED_LEN)
    net = trained(ONES, far, w=1.0)  # squared errors of 100, where the mean has 81
    assert judged(net).best_ == Compared(1, "training loss", 0.0, 1.0)
    net = trained(ONES, windows([7.0] * SEQ_LEN + [1.0] * PRED_LEN), w=0.5)
    assert judged(net).best_ == Compared(1, "training loss", 0.25, 1.0)


def test_the_best_epoch_counts_where_others_validate_else_the_last():
    # each of four steps multiplies the distance of w from 1 by 1 - 2 lr: by -1.5
    with pytest.warns(TrainingDivergedWarning, match="in epoch 3 its training loss"):
        net = trained(ONES, lr=1.25, max_epochs=3)
    assert judged(net).best_.ratio > 100
    net = trained(ONES, ONES, lr=1.25, max_epochs=3)  # in epoch 1 it is near enough
    assert judged(net).best_.epoch == 1
    assert judged(net).best_.ratio < 4


@pytest.mark.parametrize("size", [0.0, 1e-3, 0.5])
def test_targets_that_hardly_move_are_no_measure(size):
    """As those of a highway that explains them, and rows of a partial_fit."""
    net = trained(windows(np.full(20, size)), w=1.5 / max(size, 1e-9))
    assert judged(net).best_.of_mean == 1


def test_of_several_processes_each_compares_what_it_has_itself():
    net = make_net(criterion__loss=nn.MSELoss(reduction="sum"))
    callback, y = FarOff(), torch.from_numpy(TWOS.batch(np.arange(3))[1])
    callback.on_train_begin(net)
    callback.on_epoch_begin(net)
    y_pred = torch.ones(3, PRED_LEN, 1)
    callback.on_batch_end(net, ({}, y), True, y_pred, loss=torch.tensor(1e3))
    net.history.new_epoch()
    net.history.record("epoch", 1)
    net.history.record("train_loss", 1e3)  # of the parts of the others too
    callback.on_epoch_end(net)
    assert callback.best_ == Compared(1, "training loss", 9.0, 36.0)


# Losses


def test_a_loss_of_the_users_is_not_judged():
    net = trained(ONES, w=99.0, criterion__loss=Sums())
    assert judged(net).best_ is None


@pytest.mark.parametrize(
    ("loss", "of_mean"),
    [("mse", 4), ("mae", 2), ("huber", 1.5), (nn.MSELoss(reduction="sum"), 36)],
)
def test_of_each_loss(loss, of_mean):
    net = make_net(criterion__loss=make_loss(loss))
    y = torch.from_numpy(TWOS.batch(np.arange(3))[1])
    y_pred = torch.full((3, PRED_LEN, 1), 77.0)
    assert loss_of_mean(net, ({}, y), y_pred).item() == pytest.approx(of_mean)


def test_weights_and_gaps():
    net = make_net()
    net.criterion_.has_gaps = True
    y = torch.tensor([[3.0, torch.nan, -0.5], [-5.0, 7.0, torch.nan]])
    weights = torch.tensor([[1.0, 9.0, 2.0], [3.0, 0.0, 9.0]])
    y_pred = torch.full((2, PRED_LEN, 1), 77.0)
    plain_loss = loss_of_mean(net, ({}, y), y_pred)
    assert plain_loss.item() == pytest.approx((9 + 1 + 25 + 49) / 4)
    weighted = loss_of_mean(net, ({"weights": weights}, y), y_pred)
    assert weighted.item() == pytest.approx((1 * 9 + 2 * 1 + 3 * 25) / 6)
    assert y[0, 2] == -0.5


def test_quantiles_count_with_their_levels():
    net = make_net(module=TwoHeads, criterion__loss=PinballLoss((0.5, 0.25)))
    y = torch.full((2, PRED_LEN), 2.0)
    got = loss_of_mean(net, ({}, y), torch.full((2, PRED_LEN, 1, 2), 77.0))
    # by the level, where the truth lies above
    assert got.item() == pytest.approx((0.5 * 2 + 0.25 * 2) / 2)


# Estimators


@pytest.fixture(scope="module")
def load():
    X, y = make_load_series(240, random_state=0)
    return X, y


@pytest.mark.parametrize("highway", [None, "ridge"])
def test_steps_that_are_too_long(load, highway):
    with pytest.warns(TrainingDivergedWarning, match="nothing of use") as warned:
        model = small(lr=1e3, highway=highway).fit(*load)
    assert len(warned) == 1
    assert np.isfinite(model.loss_curve_).all()


@settings(max_examples=11, deadline=None)
@given(
    seed=st.integers(0, 99),
    shape=st.sampled_from(["noise", "heavy", "walk", "trend", "constant", "spike"]),
    loss=st.sampled_from(["mse", "mae", "huber", "quantile"]),
    highway=st.sampled_from([None, "ridge"]),
    valid=st.sampled_from([None, 0.2]),
)
def test_what_is_hard_to_forecast_is_not_far(seed, shape, loss, highway, valid):
    rng = np.random.default_rng(seed)
    y = {
        "noise": rng.normal(size=90),
        "heavy": rng.standard_t(1.5, size=90),
        "walk": rng.normal(size=90).cumsum(),
        "trend": np.exp(np.arange(90) / 9),
        "constant": np.full(90, 7.0),
        "spike": (np.arange(90) == rng.integers(90)) * 1e6,
    }[shape]
    model = small(loss=loss, highway=highway, validation_fraction=valid, max_epochs=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", TrainingDivergedWarning)
        model.fit(np.zeros((90, 1)), y)


# A training that goes on elsewhere


def test_the_state_is_plain_and_goes_back():
    with pytest.warns(TrainingDivergedWarning):
        net = trained(ONES, w=5.0)
    state = plain(judged(net).state_dict(), "state")
    other = FarOff()
    other.on_train_begin(net)
    assert other.state_dict() == {"best": None}
    other.load_state_dict(state)
    assert other.best_ == judged(net).best_
    other.load_state_dict({"best": None})
    assert other.best_ is None

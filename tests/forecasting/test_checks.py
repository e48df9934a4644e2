"""What is handed on to torch and skorch, checked before it gets there."""

import pytest
import torch
from skorch.callbacks import Callback, EpochTimer
from torch import nn

from skinformer.forecasting.checks import (
    check_callbacks,
    check_loss,
    check_net_params,
)


@pytest.mark.parametrize("loss", ["mae", nn.MSELoss(), nn.SmoothL1Loss(beta=0.1)])
def test_losses_that_work(loss):
    check_loss(loss)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (nn.MSELoss(reduction="none"), r"shape \(2, 3, 1\); it must return one number"),
        (nn.Identity(), "cannot be called with predictions and targets"),
        (nn.GaussianNLLLoss(), "cannot be called"),
    ],
)
def test_losses_that_do_not(loss, message):
    with pytest.raises(ValueError, match=message):
        check_loss(loss)


def test_callbacks_that_work():
    check_callbacks(None)
    check_callbacks([Callback(), EpochTimer, ("mine", Callback()), ("progress", None)])


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (["a"], "callbacks holds 'a'"),
        ([("a", "b")], "pairs of a name"),
        ([("a",)], "pairs of a name"),
        ([lambda net: None], "skorch callbacks"),
        ([(1, Callback())], "pairs of a name"),
        ([("a", Callback()), ("a", Callback())], "two of the name 'a'"),
    ],
)
def test_callbacks_that_do_not(callbacks, message):
    with pytest.raises(ValueError, match=message):
        check_callbacks(callbacks)


def test_net_params_that_work():
    check_net_params(None)
    check_net_params({"optimizer": torch.optim.SGD, "optimizer__momentum": 0.9})


@pytest.mark.parametrize(
    ("net_params", "message"),
    [
        ({"max_epochs": 5}, "the parameter 'max_epochs' is for"),
        ({"optimizer__lr": 5}, "the parameter 'lr' is for"),
        ({"callbacks": []}, "the parameter 'callbacks' is for"),
        ({"module__d_model": 5}, "'module__d_model', which cannot be changed"),
        ({"predict_nonlinearity": None}, "cannot be changed"),
        ({1: 2}, "holds 1, which cannot be changed"),
        ({"optimizer": "SGD"}, "optimizer='SGD'; give a class"),
    ],
)
def test_net_params_that_do_not(net_params, message):
    with pytest.raises(ValueError, match=message):
        check_net_params(net_params)

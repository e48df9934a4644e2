"""The state of a training as plain values, and the way back."""

import io
from collections import OrderedDict

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from skorch.callbacks import Callback, EarlyStopping, EpochScoring, LRScheduler

from skinformer.forecasting.resuming.states import (
    callback_state,
    numpy_state,
    plain,
    put_back,
    set_callback,
    set_numpy_state,
    state_of,
)

from ..toy_net import make_net, windows


class OfTheUsers(Callback):
    """Without a state that anyone could know."""

    def initialize(self):
        self.n_ = 7
        return self


class WithState(Callback):
    def initialize(self):
        self.n_ = 0
        return self

    def on_epoch_end(self, net, **kwargs):
        self.n_ += 1

    def state_dict(self):
        return {"n": self.n_}

    def load_state_dict(self, state):
        self.n_ = state["n"]


def stored(state):
    """What a file gives back of a state."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def trained(n_epochs):
    """A net of one weight, and the callbacks that it was trained with."""
    callbacks = [
        ("stop", EarlyStopping("train_loss", patience=9, load_best=True)),
        ("rate", LRScheduler("StepLR", step_size=1, gamma=0.5)),
        ("score", EpochScoring("r2", on_train=True, lower_is_better=False)),
        ("own", WithState()),
        ("other", OfTheUsers()),
    ]
    net = make_net(callbacks, max_epochs=n_epochs, optimizer=torch.optim.AdamW)
    torch.manual_seed(n_epochs)
    net.notify("on_train_begin", X=None, y=None)
    net.run_epochs(windows(np.arange(30.0)), n_epochs=n_epochs)
    return net


def test_a_state_comes_back():
    net, other = trained(3), trained(0)
    state = stored(state_of(net, 0))
    drawn = torch.rand(2)
    put_back(other, state)
    assert_array_equal(torch.rand(2), drawn)
    assert other.module_.w.item() == net.module_.w.item() != 0
    ours, theirs = net.optimizer_.state_dict(), other.optimizer_.state_dict()
    assert ours["param_groups"] == theirs["param_groups"]
    assert ours["param_groups"][0]["lr"] == 0.1 / 8
    assert ours["state"][0] == theirs["state"][0]
    assert [e["epoch"] for e in other.history] == [1, 2, 3]
    assert other.history[:, "batches"] == [[], [], []]
    (_, stop), (_, rate), (_, score), (_, own), _ = net.callbacks_[-5:]
    found = dict(other.callbacks_)
    assert found["stop"].best_epoch_ == stop.best_epoch_ > 0
    assert found["stop"].dynamic_threshold_ == stop.dynamic_threshold_
    assert found["stop"].best_model_weights_ == stop.best_model_weights_
    assert found["rate"].lr_scheduler_.last_epoch == rate.lr_scheduler_.last_epoch == 3
    assert found["score"].best_score_ == score.best_score_
    assert found["own"].n_ == own.n_ == 3
    assert found["valid_loss" if "valid_loss" in found else "train_loss"].best_score_


def test_only_the_epochs_of_this_training():
    net = trained(3)
    assert [e["epoch"] for e in state_of(net, 2)["epochs"]] == [3]


def test_of_callbacks_of_users_without_a_state_nothing_is_kept():
    callback = OfTheUsers().initialize()
    callback.learned_ = object()
    assert callback_state(callback) == {}
    set_callback(callback, {})
    set_callback(callback, None)  # it was not there then
    assert callback.n_ == 7


def test_plain_values_stay_as_they_are():
    value = OrderedDict(a=[1, 2.5, None, "x", True], b=(np.float64(0.1), np.int64(3)))
    told = plain(value, "it")
    assert told == {"a": [1, 2.5, None, "x", True], "b": (0.1, 3)}
    assert [type(x) for x in told["b"]] == [float, int]
    assert_array_equal(plain(np.arange(3), "it"), np.arange(3))
    assert stored(told) == told


def test_other_values_are_refused_by_name():
    net = trained(1)
    net.history.record("when", {"at": np.datetime64("2024-01-01")})
    told = (
        r"The training\['epochs'\]\[0\]\['when'\]\['at'\] is a date, which no "
        r"checkpoint can hold; record and return numbers"
    )
    with pytest.raises(TypeError, match=told):
        state_of(net, 0)


def test_a_generator_goes_on():
    ours, theirs = np.random.RandomState(3), np.random.RandomState(4)
    ours.normal(size=3)  # of which it keeps one that is not drawn yet
    set_numpy_state(theirs, stored(numpy_state(ours)))
    assert_array_equal(ours.normal(size=700), theirs.normal(size=700))

"""The callbacks of a training."""

import io
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose
from skorch.callbacks import Callback, EarlyStopping
from tqdm import tqdm

from skinformer.forecasting import callbacks as module
from skinformer.forecasting.callbacks import ProgressBar, make_callbacks
from skinformer.forecasting.training import train

from .toy_net import make_net, windows


class TestCallbacks:
    @staticmethod
    def names(**kwargs):
        defaults = {
            "validated": True,
            "patience": 3,
            "schedule": "cosine",
            "max_epochs": 5,
            "gradient_clip": 1.0,
            "verbose": 0,
            "callbacks": None,
        }
        return dict(make_callbacks(**(defaults | kwargs)))

    def test_what_is_switched_off_is_absent(self):
        everything = {"check_loss", "check_mean", "log", "early_stopping"}
        everything |= {"lr_schedule", "gradient_clip"}
        assert set(self.names()) == everything
        assert set(self.names(validated=False)) == everything - {"early_stopping"}
        assert set(self.names(schedule=None)) == everything - {"lr_schedule"}
        assert set(self.names(gradient_clip=None)) == everything - {"gradient_clip"}
        assert set(self.names(verbose=1)) == everything | {"progress"}

    def test_without_patience_training_never_stops_but_restores_the_best(self):
        stop = self.names(patience=None)["early_stopping"]
        assert stop.patience > 5
        assert stop.load_best

    def test_the_users_come_last_as_copies_and_replace_ours(self):
        mine, stop = Callback(), EarlyStopping(patience=11)
        chosen = self.names(callbacks=[mine, ("early_stopping", stop)])
        assert type(chosen["callback_0"]) is Callback
        assert chosen["callback_0"] is not mine
        assert chosen["early_stopping"].patience == 11
        assert chosen["early_stopping"] is not stop

    @pytest.mark.parametrize(
        ("schedule", "expected"),
        [("halving", [0.1, 0.05, 0.025]), ("cosine", [0.1, 0.075, 0.025])],
    )
    def test_schedules(self, schedule, expected):
        callbacks = self.names(schedule=schedule, max_epochs=3)
        net = make_net([("lr_schedule", callbacks["lr_schedule"])], lr=0.1)
        train(net, windows(np.ones(20)), None)
        assert_allclose(net.history[:, "event_lr"], expected, rtol=1e-6)


@pytest.fixture
def bars(monkeypatch):
    """The bars that are drawn, on paper that nobody reads."""
    drawn = []

    def draw(**kwargs):
        drawn.append(tqdm(**kwargs, file=io.StringIO(), ncols=100))
        return drawn[-1]

    monkeypatch.setattr(module, "tqdm", draw)
    return drawn


class TestProgressBar:
    def test_it_counts_epochs_and_shows_losses_and_the_time_left(self, bars):
        net = make_net([("progress", ProgressBar())], max_epochs=3)
        train(net, windows(np.ones(20)), windows(np.ones(20)))
        [bar] = bars
        told = bar.fp.getvalue()
        assert re.search(r"\| 2/3 epochs \[\d\d:\d\d<\d\d:\d\d", told)
        last = net.history[-1]
        assert (
            f"train={last['train_loss']:.3f}, valid={last['valid_loss']:.3f}]" in told
        )

    def test_early_stopping_fills_it(self, bars):
        callbacks = make_callbacks(
            validated=True,
            patience=1,
            schedule=None,
            max_epochs=11,
            gradient_clip=None,
            verbose=1,
            callbacks=None,
        )
        net = make_net(callbacks, max_epochs=11, lr=1.0)
        train(net, windows(np.ones(20)), windows(-np.ones(20)))
        n_epochs = len(net.history)
        assert n_epochs < 11
        assert (bars[0].n, bars[0].total) == (n_epochs, n_epochs)

    def test_nothing_of_it_is_kept(self, bars):
        net = make_net([("progress", ProgressBar())], max_epochs=1)
        train(net, windows(np.ones(20)), None)
        assert not hasattr(dict(net.callbacks_)["progress"], "bar_")

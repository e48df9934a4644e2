"""The callbacks of a training."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from skorch.callbacks import Callback, EarlyStopping

from skinformer.forecasting.callbacks import make_callbacks
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
        everything = {"check_loss", "early_stopping", "lr_schedule", "gradient_clip"}
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

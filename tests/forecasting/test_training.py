"""The skorch net and what surrounds it."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from skorch.callbacks import Callback, EarlyStopping, EpochScoring
from torch import nn

from skinformer.exceptions import TrainingDivergedError
from skinformer.forecasting.callbacks import make_callbacks
from skinformer.forecasting.losses import make_loss
from skinformer.forecasting.net_forecasts import forecast_windows
from skinformer.forecasting.training import ForecastNet, train
from skinformer.network.quantiles import PinballLoss

from .toy_net import PRED_LEN, SEQ_LEN, TwoHeads, make_net, windows


class TestNet:
    def test_training_finds_the_weight(self):
        net = train(make_net(max_epochs=60), windows(np.ones(20)), None)
        assert net.module_.w.item() == pytest.approx(1.0, abs=1e-3)
        assert not net.module_.training

    def test_neither_part_is_kept(self):
        net = train(make_net(), windows(np.ones(20)), windows(np.ones(9)))
        assert net.train_split is None
        small = len(pickle.dumps(net))
        net = make_net(batch_size=20_000)
        train(net, windows(np.ones(20_000)), windows(np.ones(9)))
        assert len(pickle.dumps(net)) < small + 1000

    def test_epoch_scoring_gets_targets_of_two_axes(self):
        scoring = EpochScoring("neg_mean_absolute_error", lower_is_better=False)
        net = make_net([("mae", scoring)], lr=0.0, max_epochs=1)
        train(net, windows(np.ones((20, 2))), windows(np.full((9, 2), 3.0)))
        assert net.history[-1, "neg_mean_absolute_error"] == pytest.approx(-3.0)

    def test_predict_has_two_axes(self):
        net = make_net()
        assert net.predict(windows(np.ones((13, 2)))).shape == (6, PRED_LEN * 2)

    def test_early_stopping_ends_quietly_and_restores_the_best(self):
        stop = EarlyStopping(patience=2, load_best=True, sink=lambda *_: None)
        net = make_net([("stop", stop)], max_epochs=50)
        # training pulls w to 1, validation is best at w = 0: the first epoch is best
        train(net, windows(np.ones(20)), windows([1] * SEQ_LEN + [0] * PRED_LEN))
        assert len(net.history) == 3
        first_epoch = train(make_net(max_epochs=1), windows(np.ones(20)), None)
        assert net.module_.w.item() == first_epoch.module_.w.item()

    def test_ctrl_c_reaches_the_caller(self):
        class Interrupt(Callback):
            def on_batch_end(self, net, **kwargs):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(make_net([("interrupt", Interrupt())]), windows(np.ones(20)), None)

    def test_a_loss_that_is_no_number_ends_the_training(self):
        net = make_net(
            make_callbacks(
                validated=False,
                patience=None,
                schedule=None,
                max_epochs=3,
                gradient_clip=None,
                verbose=0,
                callbacks=None,
            ),
            lr=1e30,
        )
        with pytest.raises(TrainingDivergedError, match=r"Lower lr \(now 1e\+30\)"):
            train(net, windows(np.ones(30)), None)

    def test_quantile_heads(self):
        settings = {"module": TwoHeads, "criterion__loss": PinballLoss([0.5, 0.1])}
        scoring = EpochScoring("neg_mean_absolute_error", lower_is_better=False)
        net = make_net([("mae", scoring)], lr=0.0, max_epochs=1, **settings)
        data = windows(np.full((20, 2), 4.0))
        train(net, data, windows(np.full((9, 2), 3.0)))
        # forecasts 0 and -1: 4 and 5 too low in training, 3 and 4 in validation
        assert net.history[-1, "train_loss"] == pytest.approx((2.0 + 0.5) / 2)
        assert net.history[-1, "valid_loss"] == pytest.approx((1.5 + 0.4) / 2)
        assert net.history[-1, "neg_mean_absolute_error"] == pytest.approx(-3.0)
        assert_array_equal(net.predict(data), np.zeros((13, PRED_LEN * 2)))
        assert_array_equal(forecast_windows(net, data, 5), np.zeros((13, PRED_LEN, 2)))
        heads = forecast_windows(net, data, 5, heads=True)
        assert_array_equal(heads, np.tile([0.0, -1.0], (13, PRED_LEN, 2, 1)))

    @pytest.mark.parametrize("loss", ["mse", "mae", "huber"])
    def test_bfloat16_trains_and_forecasts_in_single_precision(self, loss):
        class Watch(nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = nn.Linear(2, 2)
                self.dtypes = set()

            def forward(self, values):
                rows = self.linear(values[:, -PRED_LEN:])
                self.dtypes.add((self.training, rows.dtype))
                return rows

        values = np.sin(np.arange(80.0)).reshape(40, 2)
        settings = {"module": Watch, "criterion__loss": make_loss(loss)}
        net = make_net(precision="bf16", **settings)
        data = windows(values)
        train(net, data, data)
        assert net.module_.dtypes == {(True, torch.bfloat16), (False, torch.float32)}
        assert net.module_.linear.weight.dtype == torch.float32
        assert forecast_windows(net, data, 7).dtype == np.float32
        assert net.history[-1, "train_loss"] < net.history[0, "train_loss"]

    def test_losses_that_a_gpu_keeps_are_read_at_the_end_of_the_epoch(
        self, monkeypatch
    ):
        # No GPU here: the branch is taken by a device that only calls itself one.
        data = windows(np.sin(np.arange(40.0)))
        plain = train(make_net(), data, data)
        waiting = make_net()
        kinds = []

        class Watch(Callback):
            def on_batch_end(self, net, training, **kwargs):
                kinds.append(type(net.history[-1, "batches", -1].get("train_loss")))

        waiting.callbacks_.append(("watch", Watch().initialize()))
        monkeypatch.setattr(ForecastNet, "reads_at_once", property(lambda net: False))
        train(waiting, data, data)
        assert torch.Tensor in kinds
        for name in ("train_loss", "valid_loss"):
            assert waiting.history[:, name] == plain.history[:, name]

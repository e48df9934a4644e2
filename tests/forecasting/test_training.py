"""The skorch net and what surrounds it."""

import pickle

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from skorch.callbacks import Callback, EarlyStopping, EpochScoring
from torch import nn

from skinformer.exceptions import TrainingDivergedError
from skinformer.forecasting.machine import seeded
from skinformer.forecasting.training import (
    BatchLoader,
    ForecastNet,
    MaskedLoss,
    forecast_windows,
    make_callbacks,
    make_loss,
    train,
)
from skinformer.network.quantiles import PinballLoss
from skinformer.series.rows import Rows
from skinformer.series.windows import Windows

SEQ_LEN, PRED_LEN = 5, 3


class LastValue(nn.Module):
    """Forecast w times the last value, for every step; starts at w = 0."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(()))

    def forward(self, values):
        return self.w * values[:, -1:].expand(-1, PRED_LEN, -1)


class TwoHeads(LastValue):
    """The same, and quantiles that lie v below it; starts at v = 1."""

    def __init__(self):
        super().__init__()
        self.v = nn.Parameter(torch.ones(()))

    def forward(self, values):
        median = super().forward(values)
        return torch.stack([median, median - self.v], dim=-1)


def windows(values, starts=None):
    values = np.asarray(values, dtype=np.float32).reshape(len(values), -1)
    if starts is None:
        starts = np.arange(SEQ_LEN, len(values) - PRED_LEN + 1)
    nothing = np.empty((len(values), 0), dtype=np.float32)
    rows = Rows.of_arrays(values, nothing, nothing.astype(np.int64))
    return Windows(rows, np.asarray(starts), SEQ_LEN, PRED_LEN)


def make_net(callbacks=(), **kwargs):
    settings = {
        "module": LastValue,
        "criterion": MaskedLoss,
        "criterion__loss": nn.MSELoss(),
        "optimizer": torch.optim.SGD,
        "lr": 0.1,
        "max_epochs": 3,
        "batch_size": 4,
        "iterator_train": BatchLoader,
        "iterator_valid": BatchLoader,
        "train_split": None,
        "callbacks": list(callbacks),
        "callbacks__print_log": None,
        "verbose": 0,
    }
    return ForecastNet(**(settings | kwargs)).initialize()


class TestBatchLoader:
    def test_every_window_once_in_order_the_last_batch_too(self):
        data = windows(np.arange(17.0))
        batches = list(BatchLoader(data, batch_size=4))
        assert len(batches) == len(BatchLoader(data, batch_size=4)) == 3
        first = np.concatenate([y[:, 0].numpy() for _, y in batches])
        assert_array_equal(first, np.arange(5.0, 15.0))

    def test_targets_have_two_axes(self):
        inputs, y = next(iter(BatchLoader(windows(np.ones((13, 2))), batch_size=4)))
        assert inputs["values"].shape == (4, SEQ_LEN, 2)
        assert y.shape == (4, PRED_LEN * 2)

    def test_shuffled_anew_at_every_pass(self):
        loader = BatchLoader(windows(np.arange(60.0)), batch_size=7, shuffle=True)
        with seeded(0, "cpu"):
            one, two = ([y[:, 0] for _, y in loader] for _ in range(2))
        one, two = torch.cat(one), torch.cat(two)
        assert not torch.equal(one, two)
        assert torch.equal(one.sort().values, two.sort().values)

    def test_without_shuffling_no_random_number_is_drawn(self):
        before = torch.get_rng_state()
        list(BatchLoader(windows(np.arange(20.0)), batch_size=4))
        assert torch.equal(torch.get_rng_state(), before)

    def test_limit_draws_other_windows_at_every_pass(self):
        loader = BatchLoader(windows(np.arange(60.0)), 4, shuffle=True, limit=11)
        with seeded(0, "cpu"):
            passes = [[y[:, 0].numpy() for _, y in loader] for _ in range(2)]
        assert [len(y) for y in passes[0]] == [4, 4, 3]
        assert len(loader) == 3
        first, second = (set(np.concatenate(y)) for y in passes)
        assert len(first) == 11  # none twice
        assert first != second
        assert first | second <= set(np.arange(5.0, 58.0))

    def test_a_limit_above_the_number_takes_all(self):
        loader = BatchLoader(windows(np.arange(17.0)), 4, limit=99)
        assert sum(len(y) for _, y in loader) == 10


class TestMaskedLoss:
    def test_missing_targets_carry_no_loss(self):
        y_pred = torch.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
        y_true = torch.tensor([[2.0, float("nan"), 5.0]])
        loss = MaskedLoss(nn.MSELoss(), has_gaps=True)(y_pred, y_true)
        loss.backward()
        assert loss.item() == pytest.approx((1 + 4) / 2)
        assert_allclose(y_pred.grad, [[-1.0, 0.0, -2.0]])

    def test_missing_targets_carry_no_loss_in_any_head(self):
        heads = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]], requires_grad=True)
        y_true = torch.tensor([[float("nan"), 5.0]]).unsqueeze(-1).expand(1, 2, 2)
        loss = MaskedLoss(make_loss("quantile", (0.9,)), has_gaps=True)(heads, y_true)
        loss.backward()
        # 2 too low at 0.5, 1 too low at 0.9
        assert loss.item() == pytest.approx((1.0 + 0.9) / 2)
        assert_allclose(heads.grad, [[[0, 0], [-0.25, -0.45]]])

    @pytest.mark.parametrize(
        ("loss", "expected"), [("mse", 5.0), ("mae", 2.0), ("huber", 1.5)]
    )
    def test_names(self, loss, expected):
        module = make_loss(loss)
        assert module(torch.tensor([1.0, 3.0]), torch.zeros(2)).item() == expected

    def test_the_median_is_a_head_of_its_own(self):
        levels = make_loss("quantile", (0.1, 0.75)).levels
        assert_allclose(levels, [0.5, 0.1, 0.75])

    def test_a_module_is_copied(self):
        module = nn.SmoothL1Loss(beta=0.5)
        copy = make_loss(module)
        assert copy is not module
        assert copy.beta == 0.5


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

    def test_forecast_windows_does_not_depend_on_the_batch(self):
        net = train(make_net(), windows(np.ones(20)), None)
        data = windows(np.random.default_rng(0).normal(size=(40, 2)))
        whole = forecast_windows(net, data, batch_size=100)
        assert whole.shape == (33, PRED_LEN, 2)
        assert_allclose(forecast_windows(net, data, batch_size=7), whole, atol=1e-6)
        expected = net.module_.w.item() * data.rows.values[4:-3]
        assert_allclose(whole[:, 1], expected, rtol=1e-6)

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

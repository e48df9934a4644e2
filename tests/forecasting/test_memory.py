"""Steps where memory does not hold a batch."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from torch import nn

from skinformer.exceptions import SmallerBatchWarning
from skinformer.forecasting.accelerated import accelerated
from skinformer.forecasting.memory import in_pieces, pieces_of
from skinformer.forecasting.net_forecasts import forecast_windows
from skinformer.forecasting.processes import Team
from skinformer.forecasting.training import train
from skinformer.network import Informer

from ..small import small
from .toy_net import PRED_LEN, LastValue, make_net, windows

NAN = np.nan
SAID = "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to ..."
# 17 windows: batches of 8, 8 and 1
DATA = windows(np.sin(np.arange(24.0)))


class Cramped(LastValue):
    """Forecast so many windows at once, and no more."""

    room = 99
    error = torch.OutOfMemoryError

    def forward(self, values, missing_values=None):
        if len(values) > self.room:
            raise self.error(SAID)
        return super().forward(values)


class Narrow(Cramped):
    room = 3


class Full(Cramped):
    room = 0


def trained(module, **kwargs):
    settings = {"module": module, "batch_size": 8, "optimizer": torch.optim.Adam}
    return train(make_net(**(settings | kwargs)), DATA, DATA)


def alike(module, members):
    net = make_net(module=module, batch_size=16)
    with accelerated(net, members):
        return train(net, DATA, None)


class TestTraining:
    @pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
    def test_a_step_is_that_of_the_whole_batch(self, error, monkeypatch):
        monkeypatch.setattr(Narrow, "error", error)
        with pytest.warns(SmallerBatchWarning) as warned:
            net = trained(Narrow)
        plain = trained(LastValue)
        assert_allclose(net.module_.w.item(), plain.module_.w.item(), rtol=1e-5)
        for name in ("train_loss", "valid_loss"):
            assert_allclose(net.history[:, name], plain.history[:, name], rtol=1e-5)
        assert [len(e["batches"]) for e in net.history] == [0, 0, 0]
        assert net.history[:, "train_batch_count"] == [3, 3, 3]
        # 8 to 4 to 2 in training, once for all epochs; 8, 4, 2 in validation
        told = " ".join(str(each.message) for each in warned)
        assert re.findall(r"(\w+) takes (\d)", told) == [
            ("training", "4"),
            ("training", "2"),
            ("validation", "4"),
            ("validation", "2"),
        ]
        assert not {"train_at_once", "valid_at_once"} & vars(net).keys()
        assert net.batch_size == 8

    def test_rows_that_are_missing_or_weighted_count_as_in_the_whole(self):
        values = np.sin(np.arange(24.0))
        values[[6, 9, 10, 17]] = NAN
        data = windows(values)
        data.rows = replace(data.rows, weights=np.linspace(0.0, 2.0, 24))
        settings = {"criterion__has_gaps": True, "batch_size": 8}
        plain = train(make_net(module=Cramped, **settings), data, None)
        with pytest.warns(SmallerBatchWarning):
            net = train(make_net(module=Narrow, **settings), data, None)
        assert plain.module_.w.item() != 0
        assert_allclose(net.module_.w.item(), plain.module_.w.item(), rtol=1e-5)

    def test_a_sum_is_that_of_the_whole_batch(self):
        own = {"criterion__loss": torch.nn.MSELoss(reduction="sum"), "lr": 1e-3}
        plain = train(make_net(module=Cramped, batch_size=8, **own), DATA, None)
        with pytest.warns(SmallerBatchWarning):
            net = train(make_net(module=Narrow, batch_size=8, **own), DATA, None)
        assert plain.module_.w.item() != 0
        assert_allclose(net.module_.w.item(), plain.module_.w.item(), rtol=1e-5)

    def test_another_attempt_draws_what_the_first_one_has(self):
        drawn = []

        class Draws(LastValue):
            def forward(self, values):
                drawn.append(torch.rand(()).item())
                if self.training and len(values) > 4:
                    raise torch.OutOfMemoryError
                return super().forward(values)

        with pytest.warns(SmallerBatchWarning):
            train(make_net(module=Draws, batch_size=8, max_epochs=1), DATA, None)
        assert drawn[0] == drawn[1] != drawn[2]

    def test_a_part_that_fails_leaves_nothing_of_those_before(self):
        # 8 fail; of twice 4 the second does, once the first has its gradient; 2 fit
        class Later(LastValue):
            steps = 0

            def forward(self, values):
                self.steps += self.training
                if self.training and self.steps in (1, 3):
                    raise torch.OutOfMemoryError
                return super().forward(values)

        with pytest.warns(SmallerBatchWarning) as warned:
            net = train(make_net(module=Later, batch_size=8), DATA, None)
        plain = train(make_net(batch_size=8), DATA, None)
        told = " ".join(str(each.message) for each in warned)
        assert re.findall(r"training takes (\d)", told) == ["4", "2"]
        assert_allclose(net.module_.w.item(), plain.module_.w.item(), rtol=1e-5)

    def test_not_one_window_fits(self):
        with (
            pytest.warns(SmallerBatchWarning),
            pytest.raises(MemoryError, match=r"one window\. Lower seq_len, .* d_model"),
        ):
            trained(Full)

    def test_of_a_loss_that_is_a_sum(self):
        settings = {"criterion__loss": nn.MSELoss(reduction="sum"), "lr": 1e-4}
        plain = train(make_net(batch_size=8, **settings), DATA, None)
        with pytest.warns(SmallerBatchWarning):
            net = train(make_net(module=Narrow, batch_size=8, **settings), DATA, None)
        assert_allclose(net.module_.w.item(), plain.module_.w.item(), rtol=1e-5)

    def test_one_of_several_processes_takes_parts_too(self):
        accelerate = pytest.importorskip("accelerate")

        class Twins(Team):  # the other process has the same part
            def add_up(self, numbers):
                return 2 * numbers

        twins = Twins(accelerate.Accelerator(cpu=True))
        with pytest.warns(SmallerBatchWarning):
            narrow, plain = (alike(module, twins) for module in (Narrow, LastValue))
        assert_allclose(narrow.module_.w.item(), plain.module_.w.item(), rtol=1e-5)

    def test_other_errors_pass(self, monkeypatch):
        class Wrong(LastValue):
            def forward(self, values):
                raise RuntimeError("shapes do not fit")

        with pytest.raises(RuntimeError, match="shapes do not fit"):
            trained(Wrong)


class TestForecasts:
    def test_they_do_not_change(self):
        net, plain = make_net(module=Narrow), make_net()
        for each in (net, plain):
            each.module_.w.data.fill_(0.7)
        with pytest.warns(SmallerBatchWarning, match="forecasting takes 3 windows"):
            forecast = forecast_windows(net, DATA, 5)
        assert forecast.shape == (17, PRED_LEN, 1)
        assert_array_equal(forecast, forecast_windows(plain, DATA, 5))

    def test_a_forecaster_trains_and_forecasts(self, monkeypatch):
        forward = Informer.forward

        def cramped(self, values, *args, **kwargs):
            if len(values) > 10:
                raise torch.OutOfMemoryError
            return forward(self, values, *args, **kwargs)

        X, y = np.zeros((90, 1)), np.sin(np.arange(90.0))
        settings = {"dropout": 0.0, "attention": "full", "e_layers": 1}
        plain = small(**settings).fit(X, y)
        expected = plain.predict(X[:6])
        monkeypatch.setattr(Informer, "forward", cramped)
        with pytest.warns(SmallerBatchWarning):
            model = small(**settings).fit(X, y)
        assert model.batch_size == plain.batch_size
        assert_allclose(model.predict(X[:6]), expected, atol=1e-4)


class TestParts:
    def test_pieces(self):
        inputs = {"values": torch.arange(5), "codes": torch.arange(10).view(5, 2)}
        parts = list(pieces_of((inputs, torch.arange(5) * 2), 2))
        assert [y.tolist() for _, y in parts] == [[0, 2], [4, 6], [8]]
        assert [x["codes"].tolist() for x, _ in parts][2] == [[8, 9]]

    def test_halves_are_rounded_up(self):
        sizes = []

        def compute(n):
            sizes.append(n)
            if n > 1:
                raise torch.OutOfMemoryError
            return "done"

        with pytest.warns(SmallerBatchWarning) as warned:
            assert in_pieces(compute, 11, "cpu", "it") == ("done", 1)
        assert sizes == [11, 6, 3, 2, 1]
        assert len(warned) == 4

    def test_what_was_computed_is_let_go(self):
        alive = []

        class Held(nn.Module):
            def __del__(self):
                alive.remove(self.number)

        def compute(n):
            held = Held()
            held.number = n
            alive.append(n)
            assert len(alive) == 1
            if n > 1:
                raise torch.OutOfMemoryError
            return held.number

        with pytest.warns(SmallerBatchWarning):
            assert in_pieces(compute, 4, "cpu", "it")[1] == 1

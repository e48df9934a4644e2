"""Trainings whose loss is lost."""

import copy
import re

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from skorch.callbacks import Callback, EarlyStopping

from skinformer.exceptions import TrainingDivergedError, TrainingDivergedWarning
from skinformer.forecasting.callbacks import make_callbacks
from skinformer.forecasting.recovery import Recovery
from skinformer.forecasting.training import ForecastNet, train

from ..small import small
from .toy_net import PRED_LEN, SEQ_LEN, make_net, windows

# 13 windows, 4 batches an epoch; each takes 2 lr off the distance of w from 1
ONES = windows(np.ones(20))
# best at w = 0, which training leaves
ZERO_IS_BEST = windows([1.0] * SEQ_LEN + [0.0] * PRED_LEN)


class Spoil(Callback):
    """Make the weights NaN at the first batch of some epochs."""

    def __init__(self, epochs):
        self.epochs = epochs
        self.seen = []

    def on_batch_begin(self, net, training, **kwargs):
        if not training:
            return
        self.seen.append(len(net.history))
        is_first = len(net.history[-1]["batches"]) == 1
        if is_first and len(net.history) in self.epochs:
            for weights in net.module_.parameters():
                weights.data.fill_(torch.nan)


class SpoilLastStep(Callback):
    """Make the weight NaN once the last batch of an epoch is done."""

    def __init__(self, epochs):
        self.epochs = epochs

    def on_batch_end(self, net, training, **kwargs):
        is_last = training and len(net.history[-1]["batches"]) == 4
        if is_last and len(net.history) in self.epochs:
            net.module_.w.data.fill_(torch.nan)


def trained(*spoils, valid=None, max_epochs=3, schedule=None, **kwargs):
    callbacks = make_callbacks(
        validated=valid is not None,
        patience=3,
        schedule=schedule,
        max_epochs=max_epochs,
        gradient_clip=None,
        verbose=0,
        callbacks=[(f"spoil_{i}", spoil) for i, spoil in enumerate(spoils)],
    )
    net = make_net(callbacks, max_epochs=max_epochs, **kwargs)
    return train(net, ONES, valid)


def recovery_of(net):
    return dict(net.callbacks_)["check_loss"]


class TestRetreat:
    def test_to_the_last_epoch_where_nothing_validates(self):
        with pytest.warns(TrainingDivergedWarning, match="epoch 2, at lr=0.1, the t"):
            net = trained(Spoil({2}))
        assert 1 - net.module_.w.item() == pytest.approx(0.8**4 * 0.9**4, rel=1e-6)
        assert_array_equal(np.isfinite(net.history[:, "train_loss"]), [1, 0, 1])
        assert recovery_of(net).kept_epoch(3) == 3

    def test_to_the_best_by_validation(self):
        with pytest.warns(TrainingDivergedWarning):
            net = trained(Spoil({3}), valid=ZERO_IS_BEST, max_epochs=4)
        # epoch 2 was worse; epoch 4 starts again from the end of epoch 1
        w = 1 - 0.8**4 * 0.9**4
        assert net.history[-1, "valid_loss"] == pytest.approx(w**2, rel=1e-5)
        assert_array_equal(np.isfinite(net.history[:, "valid_loss"]), [1, 1, 0, 1])
        assert net.history[:, "valid_loss_best"] == [True, False, False, False]
        assert net.history[:, "train_loss_best"][2] is False
        assert net.module_.w.item() == pytest.approx(1 - 0.8**4)
        assert dict(net.callbacks_)["early_stopping"].best_epoch_ == 1

    def test_to_the_first_weights_where_no_epoch_was_finite(self):
        with pytest.warns(TrainingDivergedWarning):
            net = trained(Spoil({1, 2}))
        assert 1 - net.module_.w.item() == pytest.approx(0.95**4, rel=1e-6)

    def test_the_last_epoch_is_lost(self):
        with pytest.warns(TrainingDivergedWarning):
            net = trained(Spoil({3}))
        assert 1 - net.module_.w.item() == pytest.approx(0.8**8, rel=1e-6)
        assert recovery_of(net).kept_epoch(3) == 2

    def test_weights_spoilt_by_the_last_step(self):
        with pytest.warns(TrainingDivergedWarning, match="the weights became NaN"):
            net = trained(SpoilLastStep({2, 3}))
        assert 1 - net.module_.w.item() == pytest.approx(0.8**4, rel=1e-6)
        # the losses of the epochs are finite, and still none of theirs is kept
        assert [row.get("lost", False) for row in net.history] == [False, True, True]

    def test_validation_spoilt_by_the_last_step(self):
        with pytest.warns(TrainingDivergedWarning, match="the validation loss became"):
            net = trained(SpoilLastStep({2}), valid=ONES)
        assert 1 - net.module_.w.item() == pytest.approx(0.8**4 * 0.9**4, rel=1e-6)

    def test_a_gpu_is_read_at_the_end_of_the_epoch(self, monkeypatch):
        monkeypatch.setattr(ForecastNet, "reads_at_once", property(lambda net: False))
        with pytest.warns(TrainingDivergedWarning):
            net = trained(Spoil({2}))
        assert 1 - net.module_.w.item() == pytest.approx(0.8**4 * 0.9**4, rel=1e-6)

    def test_an_epoch_is_given_up_at_once(self):
        spoil = Spoil({2})
        with pytest.warns(TrainingDivergedWarning):
            net = trained(spoil)
        seen = dict(net.callbacks_)["spoil_0"].seen
        assert seen == [1] * 4 + [2] + [3] * 4

    def test_losses_of_several_processes_are_told_by_the_epoch(self, monkeypatch):
        name = "skinformer.forecasting.recovery.several_processes"
        monkeypatch.setattr(name, lambda: True)
        with pytest.warns(TrainingDivergedWarning):
            net = trained(Spoil({2}))
        assert dict(net.callbacks_)["spoil_0"].seen == [1] * 4 + [2] * 4 + [3] * 4

    def test_one_warning_for_all(self):
        with pytest.warns(TrainingDivergedWarning) as warned:
            trained(Spoil({2, 3, 5}), max_epochs=6)
        assert len(warned) == 1
        assert "no better in epochs 3, 5." in str(warned[0].message)

    def test_it_ends_with_the_best_after_five_retreats(self):
        with pytest.warns(TrainingDivergedWarning):
            net = trained(Spoil(range(2, 100)), max_epochs=50)
        assert len(net.history) == 7
        assert 1 - net.module_.w.item() == pytest.approx(0.8**4, rel=1e-6)

    def test_patience_does_not_count_lost_epochs(self):
        with pytest.warns(TrainingDivergedWarning):
            net = trained(Spoil({2, 3, 4, 5}), valid=ONES, max_epochs=7)
        assert len(net.history) == 7

    @pytest.mark.parametrize(
        ("schedule", "shares"),
        # the second is that of two epochs of three: (1 + cos(pi k / 3)) / 2
        [("halving", [1.0, 0.5]), ("cosine", [1.0, 0.75])],
    )
    def test_the_schedule_goes_on_from_half(self, schedule, shares):
        with pytest.warns(TrainingDivergedWarning):
            net = trained(Spoil({2}), max_epochs=3, schedule=schedule)
        rates = [row["event_lr"] for row in net.history if "event_lr" in row]
        expected = [0.1 * shares[0], 0.1 * shares[1] / 2]
        assert_allclose(rates, expected, rtol=1e-6)
        # each of four batches takes 2 lr off the distance from 1
        left = np.prod([(1 - 2 * rate) ** 4 for rate in expected])
        assert 1 - net.module_.w.item() == pytest.approx(left, rel=1e-5)

    def test_the_optimiser_forgets(self):
        steps = []

        class Watch(Callback):
            def on_batch_begin(self, net, training, **kwargs):
                steps.append(len(net.optimizer_.state))

        with pytest.warns(TrainingDivergedWarning):
            trained(Spoil({2}), Watch(), optimizer=torch.optim.Adam)
        # one weight has a state, but before the first step and after the retreat
        assert steps == [0, 1, 1, 1, 1, 0, 1, 1, 1]

    def test_nothing_that_only_training_needs_is_kept(self):
        assert recovery_of(trained()).best_weights_ is None


class TestNeverFinite:
    def test_the_error_names_the_epoch_and_what_was_tried(self):
        spoil = Spoil(range(100))
        with pytest.raises(TrainingDivergedError) as error:
            trained(spoil, max_epochs=50, lr=0.8)
        told = str(error.value)
        assert "In epoch 6 the training loss became nan" in told
        assert "lr=0.8, 0.4, 0.2, 0.1, 0.05, 0.025." in told
        assert "Lower lr (now 0.8), set gradient_clip, or look for outliers" in told

    def test_epochs_run_out(self):
        with pytest.raises(TrainingDivergedError, match=r"epoch 2 .* lr=0\.1, 0\.05\."):
            trained(Spoil(range(100)), max_epochs=2)

    def test_one_of_the_users_takes_its_place(self):
        with pytest.raises(TrainingDivergedError, match="The last step of training"):
            train(make_net([("check_loss", Callback()), ("s", Spoil({1}))]), ONES, None)


class Shuffled:
    """A training over shuffled windows, that can be gone on with elsewhere."""

    def __init__(self, max_epochs=5):
        stop = EarlyStopping(patience=99, load_best=True, sink=lambda *_: None)
        parts = [("check_loss", Recovery()), ("stop", stop), ("s", Spoil({3}))]
        settings = {"optimizer": torch.optim.Adam, "iterator_train__shuffle": True}
        self.net = make_net(parts, max_epochs=max_epochs, **settings)
        data = windows(np.random.default_rng(0).normal(size=31))
        self.net.train_split = lambda *_, **__: (data, data)
        self.net.notify("on_train_begin", X=data, y=None)
        self.data = data

    def run(self, n_epochs):
        self.net.run_epochs(self.data, None, n_epochs)
        return self.net.module_.w.item()

    def state(self):
        net = self.net
        states = net.module_.state_dict(), net.optimizer_.state_dict()
        others = recovery_of(net).state_dict(), torch.get_rng_state(), net.history
        return copy.deepcopy((*states, *others))

    def load(self, module, optimizer, recovery, generator, history):
        self.net.module_.load_state_dict(module)
        self.net.optimizer_.load_state_dict(optimizer)
        recovery_of(self.net).load_state_dict(recovery)
        self.net.history = history
        torch.set_rng_state(generator)


@pytest.fixture
def seeded_torch():
    with torch.random.fork_rng():
        torch.manual_seed(7)
        yield


@pytest.mark.usefixtures("seeded_torch")
class TestState:
    @pytest.mark.parametrize("n_before", [2, 4])
    def test_a_training_goes_on_elsewhere_bit_for_bit(self, n_before):
        # epoch 3 is lost: once before the state is taken, once after
        whole = Shuffled()
        whole.run(n_before)
        state = whole.state()
        expected = whole.run(5 - n_before)
        other = Shuffled()
        other.load(*state)
        assert other.run(5 - n_before) == expected
        assert recovery_of(other.net).lost_ == recovery_of(whole.net).lost_
        assert [lost.epoch for lost in recovery_of(whole.net).lost_] == [3]

    def test_the_state_is_plain(self):
        training = Shuffled()
        training.run(3)
        state = recovery_of(training.net).state_dict()
        weights = state.pop("best_weights")
        assert all(type(tensor) is torch.Tensor for tensor in weights.values())
        [[epoch, lr, why]] = state["lost"]
        assert (epoch, type(lr), type(why)) == (3, float, str)
        assert type(state["best_loss"]) is float

    def test_it_is_a_copy(self):
        training = Shuffled()
        training.run(1)
        state = recovery_of(training.net).state_dict()
        other = Shuffled()
        recovery_of(other.net).load_state_dict(state)
        state["best_weights"]["w"].fill_(99.0)
        assert recovery_of(other.net).best_weights_["w"].item() != 99.0


class TestForecaster:
    rows = np.zeros((90, 1)), np.sin(np.arange(90.0))

    @pytest.mark.parametrize("fraction", [None, 0.2])
    def test_it_tells_which_epoch_it_has(self, fraction):
        settings = {"max_epochs": 3, "validation_fraction": fraction}
        settings |= {"callbacks": [Spoil({3})]}
        with pytest.warns(TrainingDivergedWarning):
            model = small(**settings).fit(*self.rows)
        assert model.n_iter_ == 3
        assert model.best_epoch_ == 2
        assert np.isnan(model.loss_curve_[2])
        assert np.isfinite(model.predict(np.zeros((7, 1)))).all()

    def test_the_log_tells_the_epoch_that_is_kept(self, caplog):
        with (
            pytest.warns(TrainingDivergedWarning),
            caplog.at_level("INFO", logger="skinformer"),
        ):
            small(max_epochs=2, callbacks=[Spoil({1})]).fit(*self.rows)
        assert re.search(r"epoch 2 is kept: .* validation loss \d", caplog.text)
        assert "back to the weights of epoch 0" in caplog.text

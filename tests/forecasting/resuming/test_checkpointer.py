"""A training that is broken off goes on from its last whole epoch, bit for bit."""

import logging
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from skorch.callbacks import Callback, EpochScoring, LRScheduler

from skinformer import (
    Informer,
    InformerRegressor,
    LSTMForecaster,
    PruningCallback,
    TransformerForecaster,
)
from skinformer.exceptions import CheckpointError, SmallerBatchWarning
from skinformer.forecasting.resuming.files import locked, path_in, read_checkpoint
from skinformer.forecasting.training import ForecastNet

from ...small import SMALL, small
from .broken_off import Break, assert_same_fit, batches_of, break_off


class Counts(Callback):
    """Lower the rate every other epoch: with a state, it goes on as it was."""

    def on_train_begin(self, net, **kwargs):
        self.n_ = 0

    def on_epoch_end(self, net, **kwargs):
        self.n_ += 1
        if self.n_ % 2 == 0:
            for group in net.optimizer_.param_groups:
                group["lr"] /= 3

    def state_dict(self):
        return {"n": self.n_}

    def load_state_dict(self, state):
        self.n_ = state["n"]


def kept(folder, **kwargs):
    """A model of 4 epochs of 3 batches, with a place for its training."""
    settings = {"max_epochs": 4, "batch_size": 40, "callbacks": [Break()], **kwargs}
    return small(checkpoint_dir=folder, **settings)


def without(model):
    """The same that stores nothing."""
    return clone(model).set_params(checkpoint_dir=None)


class Spoil(Callback):
    """Lose the loss of the second batch of the second epoch."""

    def on_batch_begin(self, net, batch, training, **kwargs):
        row = net.history[-1]
        if training and row["epoch"] == 2 and len(row["batches"]) == 2:
            batch[1].fill_(np.inf)


VARIANTS = {
    "as it is": {},
    "halving": {"lr_schedule": "halving"},
    "no schedule, no validation": {"lr_schedule": None, "validation_fraction": None},
    "few windows": {"windows_per_epoch": 41},
    "quantiles": {"loss": "quantile"},
    "SGD": {
        "net_params": {"optimizer": torch.optim.SGD, "optimizer__momentum": 0.9},
        "gradient_clip": None,
    },
    "highway": {"highway": "ridge", "highway_len": 20},
    "scores": {"callbacks": [Break(), EpochScoring("r2", lower_is_better=False)]},
    "own callback": {"callbacks": [Break(), Counts()], "lr_schedule": None},
    "plateau": {
        "callbacks": [
            Break(),
            (
                "lr_schedule",
                LRScheduler("ReduceLROnPlateau", monitor="valid_loss", patience=0),
            ),
        ],
        "lr": 0.05,
    },
    "calibrated": {"calibration_fraction": 0.2},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_fit_goes_on_as_if_nothing_had_been(variant, series, tmp_path):
    X, y = series
    model = kept(tmp_path, **VARIANTS[variant])
    whole = without(model)
    n = batches_of(whole, X, y)
    break_off(model, X, y, after=n // 2 + 1)
    n_stored = len(read_checkpoint(path_in(tmp_path))["state"]["epochs"])
    assert n_stored == 2
    assert not hasattr(model, "net_")
    assert batches_of(model, X, y) == n // 2
    assert_same_fit(model, whole, X)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("validation_fraction", [0.2, None])
@pytest.mark.filterwarnings("ignore::skinformer.exceptions.TrainingDivergedWarning")
def test_an_epoch_that_was_lost_stays_so(
    at_once, validation_fraction, series, tmp_path, monkeypatch
):
    X, y = series
    read = property(lambda net: at_once)  # as a CPU is, and a GPU
    monkeypatch.setattr(ForecastNet, "reads_at_once", read)
    more = {"callbacks": [Break(), Spoil()], "validation_fraction": validation_fraction}
    model = kept(tmp_path, **more)
    whole = without(model)
    n = batches_of(whole, X, y)
    assert [row.get("lost", False) for row in whole.net_.history] == [0, 1, 0, 0]
    break_off(model, X, y, after=n - 1)  # in the last epoch; the third is stored
    rows = read_checkpoint(path_in(tmp_path))["state"]["epochs"]
    assert [row.get("lost", False) for row in rows] == [0, 1, 0]
    assert_same_fit(model.fit(X, y), whole, X)


def test_the_size_that_memory_has_held_is_kept(series, tmp_path, monkeypatch):
    X, y = series
    room, forward = [9], Informer.forward

    def narrow(self, values, *args, **kwargs):
        if len(values) > room[0]:
            raise torch.OutOfMemoryError("as a test has it")
        return forward(self, values, *args, **kwargs)

    monkeypatch.setattr(Informer, "forward", narrow)
    model = kept(tmp_path)
    with pytest.warns(SmallerBatchWarning):
        whole = without(model).fit(X, y)
    with pytest.warns(SmallerBatchWarning):
        break_off(model, X, y, after=7)
    room[0] = 1000  # where there is more memory, results are to be the same
    assert_same_fit(model.fit(X, y), whole, X)


@pytest.fixture(scope="module")
def whole(series):
    """The fit that nothing has broken off."""
    return kept(None).fit(*series)


@pytest.mark.parametrize("after", [1, 3, 4, 12])
def test_from_any_batch(after, series, whole, tmp_path):
    X, y = series
    model = kept(tmp_path)
    break_off(model, X, y, after=after)
    assert batches_of(model, X, y) == 12 - (after - 1) // 3 * 3
    assert_same_fit(model, whole, X)


def test_twice_and_by_a_path_that_is_text(series, whole, tmp_path):
    X, y = series
    model = kept(str(tmp_path))
    for after in (4, 4, 4):
        break_off(model, X, y, after=after)
    assert batches_of(model, X, y) == 3
    assert_same_fit(model, whole, X)


@pytest.mark.parametrize(
    "made",
    [
        LSTMForecaster(hidden_size=8, teacher_forcing=0.5),
        TransformerForecaster(d_model=8, n_heads=2, d_ff=8, e_layers=1),
    ],
)
def test_networks_that_go_step_by_step(made, series, tmp_path):
    X, y = series
    more = {"seq_len": 12, "pred_len": 6, "batch_size": 40, "max_epochs": 3}
    made = clone(made).set_params(**more, random_state=0, callbacks=[Break()])
    model = clone(made).set_params(checkpoint_dir=tmp_path)
    break_off(model, X, y, after=5)
    assert_same_fit(model.fit(X, y), without(model).fit(X, y), X)


def test_holes_weights_and_many_series(series, tmp_path):
    X, y = series
    y = y.copy()
    y.iloc[30:35, 0] = np.nan
    both = pd.concat([X.assign(key="a"), X.assign(key="b")])
    targets = pd.concat([y, y * 2])
    weights = np.linspace(1, 2, len(both))
    model = kept(tmp_path, series="key")
    break_off(model, both, targets, after=9, sample_weight=weights)
    model.fit(both, targets, sample_weight=weights)
    whole = without(model).fit(both, targets, sample_weight=weights)
    assert_same_fit(model, whole, both)


# Seeds


def test_a_generator_is_put_back(series, tmp_path):
    X, y = series
    model = kept(tmp_path, random_state=np.random.RandomState(3))
    whole = without(model).fit(X, y)
    break_off(model, X, y, after=7)  # it has been drawn from
    assert_same_fit(model.fit(X, y), whole, X)
    # and is as it would be
    assert model.random_state.randint(2**31) == whole.random_state.randint(2**31)


def test_without_a_seed_the_one_that_was_drawn_is_kept(series, tmp_path):
    X, y = series
    forest = HistGradientBoostingRegressor(max_iter=2, max_features=0.5)
    model = kept(tmp_path, random_state=None, highway=forest, highway_len=20)
    break_off(model, X, y, after=7)
    state = read_checkpoint(path_in(tmp_path))["generator"]
    drawn = np.random.RandomState()
    drawn.set_state((state[0], state[1].numpy().astype(np.uint32), *state[2:]))
    whole = without(model).set_params(random_state=drawn).fit(X, y)
    assert_same_fit(model.fit(X, y), whole, X)


def test_fits_without_a_seed_differ(series, tmp_path):
    X, y = series
    first, other = (
        kept(tmp_path, random_state=None).fit(X, y).loss_curve_ for _ in range(2)
    )
    assert first != other


# Early stopping


def test_a_training_that_has_stopped_is_not_gone_on_with(series, tmp_path):
    X, y = series
    model = kept(tmp_path, lr=0.1, patience=1, max_epochs=30, lr_schedule=None)
    whole = without(model).fit(X, y)
    assert whole.best_epoch_ < whole.n_iter_ < 30
    break_off(model, X, y)
    assert batches_of(model, X, y) == 0
    assert_same_fit(model, whole, X)


def test_counters_of_early_stopping_go_on(series, tmp_path):
    X, y = series
    model = kept(tmp_path, lr=0.1, patience=3, max_epochs=30, lr_schedule=None)
    whole = without(model)
    n = batches_of(whole, X, y)
    break_off(model, X, y, after=n - 4)  # between the best epoch and the last
    assert len(read_checkpoint(path_in(tmp_path))["state"]["epochs"]) > (
        whole.best_epoch_
    )
    assert_same_fit(model.fit(X, y), whole, X)


# Training that goes on with a network that there is


def test_warm_start(series, tmp_path):
    X, y = series
    model = kept(tmp_path, warm_start=True).fit(X, y)
    whole = without(model).fit(X, y).fit(X, y)
    break_off(model, X, y, after=7)
    assert model.n_iter_ == 4  # what it was
    assert batches_of(model, X, y) == 6
    assert model.n_iter_ == 8
    assert_same_fit(model, whole, X)


def test_warm_start_from_other_weights_is_refused(series, tmp_path):
    X, y = series
    model = kept(tmp_path, warm_start=True).fit(X, y)
    break_off(model, X, y, after=7)
    other = kept(None, warm_start=True, random_state=1).fit(X, y)
    other.set_params(checkpoint_dir=tmp_path, random_state=0)
    with pytest.raises(CheckpointError, match=r"the network to start from differs\."):
        other.fit(X, y)
    with pytest.raises(CheckpointError, match="the network to start from is gone"):
        kept(tmp_path).fit(X, y)


def test_partial_fit(series, tmp_path):
    X, y = series
    model = kept(tmp_path).fit(X[:100], y[:100])
    whole = without(model).fit(X[:100], y[:100])
    whole.partial_fit(X[100:], y[100:])
    n = Break.n_batches
    later = X[100:], y[100:]
    break_off(model, *later, after=4, fit="partial_fit")
    with pytest.raises(CheckpointError, match="n_epochs was 3, is 4"):
        model.partial_fit(*later, n_epochs=4)
    assert batches_of(model, *later, fit="partial_fit") < n
    ours, theirs = (m.net_.module_.state_dict() for m in (model, whole))
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert list(tmp_path.iterdir()) == []


# Other fits


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"lr": 0.01}, r"lr was 0\.001, is 0\.01\. Call fit as before to go on after "),
        ({"max_epochs": 5}, "max_epochs was 4, is 5"),
        ({"random_state": 1}, "random_state was 0, is 1"),
        ({"random_state": None}, "random_state was 0, is None"),
        ({"callbacks": []}, "callbacks was .*Break"),
        ({"lr": 0.01, "d_ff": 8, "factor": 4}, r"factor was .*; lr was .*;|d_ff was"),
    ],
)
def test_other_parameters_are_refused_by_name(change, told, series, tmp_path):
    X, y = series
    break_off(kept(tmp_path), X, y, after=7)
    before = path_in(tmp_path).read_bytes()
    other = kept(tmp_path, **change)
    with pytest.raises(CheckpointError, match=told) as error:
        other.fit(X, y)
    assert str(path_in(tmp_path)) in str(error.value)
    assert not hasattr(other, "net_")
    assert path_in(tmp_path).read_bytes() == before
    assert batches_of(kept(tmp_path), X, y) == 6  # nothing is lost


def test_other_data_are_refused_before_anything_is_trained(series, tmp_path):
    X, y = series
    break_off(kept(tmp_path), X, y, after=7)
    X = X.copy()
    X.iloc[77, 0] += 1
    Break.n_batches = 0
    told = "column 'temp' of X has other values, first in rows 75 to 77"
    with pytest.raises(CheckpointError, match=told):
        kept(tmp_path).fit(X, y)
    assert Break.n_batches == 0


def test_what_does_not_matter_may_differ(series, tmp_path, capsys):
    X, y = series
    break_off(kept(tmp_path), X, y, after=7)
    model = kept(tmp_path, verbose=1, device="cpu")
    assert batches_of(model, X, y) == 6
    assert "4/4 epochs" in capsys.readouterr().err


def test_before_the_first_epoch_nothing_is_lost_by_other_parameters(series, tmp_path):
    X, y = series
    break_off(kept(tmp_path), X, y, after=2)
    assert read_checkpoint(path_in(tmp_path))["state"]["epochs"] == []
    model = kept(tmp_path, lr=0.01)
    assert_same_fit(model.fit(X, y), without(model).fit(X, y), X)


def test_two_fits_at_once(series, tmp_path):
    X, y = series
    model = kept(tmp_path)
    told = "is in use by another fit, of process .*Give each fit a folder of its own"
    with locked(tmp_path), pytest.raises(CheckpointError, match=told):
        model.fit(X, y)
    assert not hasattr(model, "net_")
    model.fit(X, y)


def test_one_after_another_may_share_a_folder(series, tmp_path):
    X, y = series
    search = GridSearchCV(
        kept(tmp_path, max_epochs=1),
        {"lr": [1e-3, 1e-2]},
        cv=TimeSeriesSplit(2, test_size=6),
        error_score="raise",
    )
    search.fit(X, y["load"])
    assert list(tmp_path.iterdir()) == []


def test_one_of_several_processes_that_fits_alone_keeps_its_training(
    series, whole, tmp_path, monkeypatch
):
    X, y = series
    group = torch.distributed
    monkeypatch.setattr(group, "is_initialized", lambda: True)
    monkeypatch.setattr(group, "get_rank", lambda: 1)
    monkeypatch.setattr(group, "get_world_size", lambda: 2)
    break_off(kept(tmp_path), X, y, after=7)
    model = kept(tmp_path)
    assert batches_of(model, X, y) == 6  # and waits for no other
    assert_same_fit(model, whole, X)


def test_a_trial_that_is_pruned_is_not_in_the_way_of_the_next(series, tmp_path):
    optuna = pytest.importorskip("optuna")
    X, y = series
    lrs = optuna.distributions.FloatDistribution(0, 1)
    # gives a trial up after its second epoch if its loss is above the bound
    for lr, bound in ((0.01, 0.0), (0.001, np.inf)):
        pruner = optuna.pruners.ThresholdPruner(upper=bound, n_warmup_steps=1)
        trial = optuna.create_study(pruner=pruner).ask({"lr": lrs})
        model = kept(tmp_path, lr=lr, callbacks=[PruningCallback(trial)])
        if bound == 0.0:
            with pytest.raises(optuna.TrialPruned):
                model.fit(X, y)
        else:
            assert model.fit(X, y).n_iter_ == 4
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at_end", [True, False])
def test_a_folder_that_goes(at_end, series, tmp_path):
    X, y = series
    folder = tmp_path / "folder"
    folder.mkdir()

    class Remove(Callback):
        def on_train_end(self, net, **kwargs):
            if at_end:
                shutil.rmtree(folder, ignore_errors=True)

        def on_epoch_begin(self, net, **kwargs):
            if not at_end and len(net.history) == 2:
                shutil.rmtree(folder, ignore_errors=True)

    model = kept(folder, callbacks=[Remove()])
    if at_end:  # nothing is lost by it
        assert_same_fit(model.fit(X, y), without(model).fit(X, y), X)
    else:
        with pytest.raises(FileNotFoundError, match=r"its folder is gone\. Make it"):
            model.fit(X, y)


# What is said, and what remains


def test_it_is_logged(series, tmp_path, caplog):
    X, y = series
    break_off(kept(tmp_path), X, y, after=7)
    with caplog.at_level(logging.INFO, logger="skinformer"):
        kept(tmp_path).fit(X, y)
    assert f"going on after epoch 2, from {path_in(tmp_path)}" in caplog.text


def test_the_net_keeps_nothing_of_it(series, tmp_path):
    X, y = series
    model = kept(tmp_path).fit(X, y)
    assert "checkpointer" not in vars(model.net_)
    assert "_checkpointer" not in vars(model)


def test_it_is_a_parameter_like_others():
    assert InformerRegressor().checkpoint_dir is None
    assert "checkpoint_dir" not in SMALL
    with pytest.raises(ValueError, match="The 'checkpoint_dir' parameter of Informer"):
        small(checkpoint_dir=3).fit(np.zeros((60, 1)), np.zeros(60))

"""Trainings that a search gives up: what is told, when it ends, what is left."""

import copy
import pickle
import threading

import numpy as np
import optuna
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skinformer import PruningCallback

from ..small import small

EPOCHS = 5
GOOD, BAD = 3e-3, 1e-9  # a network that learns, and one that stays as it began


class Trial:
    """A trial that is given up at an epoch; its lock cannot be copied."""

    def __init__(self, pruned_at=None):
        self.pruned_at, self.told = pruned_at, {}
        self.lock = threading.Lock()

    def report(self, value, step):
        self.told[step] = value

    def should_prune(self):
        return len(self.told) == self.pruned_at


@pytest.fixture(scope="module")
def data():
    rows = np.arange(240)
    y = np.sin(rows * 2 * np.pi / 12) + 0.1 * np.random.default_rng(0).normal(size=240)
    return bare(0, 240), y


def bare(first, stop):
    """Rows without covariates."""
    stamps = pd.date_range("2024-01-01", periods=stop, freq="h")
    return pd.DataFrame(index=stamps[first:])


AHEAD = bare(240, 246)


def fitted(trial, data, **kwargs):
    model = small(
        max_epochs=EPOCHS, patience=None, callbacks=[PruningCallback(trial, **kwargs)]
    )
    return model.fit(*data)


def test_each_epoch_is_told(data):
    trial = Trial()
    model = fitted(trial, data)
    losses = model.validation_loss_curve_
    assert trial.told == dict(enumerate(losses, start=1))
    assert len(losses) == EPOCHS


def test_another_loss_is_told_if_asked_for(data):
    trial = Trial()
    model = fitted(trial, data, monitor="train_loss")
    assert list(trial.told.values()) == model.loss_curve_


def test_a_loss_that_is_not_there_is_named(data):
    model = small(validation_fraction=None, callbacks=[PruningCallback(Trial())])
    with pytest.raises(ValueError, match=r"'valid_loss'.*records 'train_loss'"):
        model.fit(*data)


def test_a_pruned_fit_leaves_the_estimator_as_it_was(data):
    model = small(callbacks=[PruningCallback(Trial(pruned_at=1))])
    before = dict(vars(model))
    with pytest.raises(optuna.TrialPruned, match="epoch 1"):
        model.fit(*data)
    assert vars(model) == before
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    model.set_params(callbacks=None).fit(*data)
    forecast = model.predict(AHEAD)
    model.set_params(callbacks=[PruningCallback(Trial(pruned_at=1))])
    with pytest.raises(optuna.TrialPruned):
        model.fit(*data)
    assert_array_equal(model.predict(AHEAD), forecast)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, clone])
def test_copies_have_the_same_trial(way):
    trial = Trial()
    other = way(PruningCallback(trial, monitor="train_loss"))
    assert other.trial is trial
    assert other.monitor == "train_loss"
    model = way(small(callbacks=[PruningCallback(trial)]))
    assert model.callbacks[0].trial is trial


def test_a_fitted_model_keeps_no_trial(data):
    model = fitted(Trial(), data).set_params(callbacks=None)
    again = pickle.loads(pickle.dumps(model))  # a lock would not pickle
    assert_array_equal(again.predict(AHEAD), model.predict(AHEAD))


# With Optuna itself


def trained(trial, data, lrs=(1e-10, 1)):
    """The objective: the least validation loss of a training."""
    lr = trial.suggest_float("lr", *lrs, log=True)
    callbacks = [PruningCallback(trial)]
    model = small(lr=lr, max_epochs=EPOCHS, patience=None, callbacks=callbacks)
    return min(model.fit(*data).validation_loss_curve_)


def search(storage, lrs, data, name="lr"):
    """Add a trial of each learning rate to a study that may be there already."""
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=0),
    )
    for lr in lrs:
        study.enqueue_trial({"lr": lr})
    study.optimize(lambda trial: trained(trial, data), len(lrs))
    return study


def states_of(study):
    return [trial.state.name for trial in study.trials]


@pytest.fixture(params=["memory", "sqlite"])
def storage(request, tmp_path):
    if request.param == "memory":
        return optuna.storages.InMemoryStorage()
    return f"sqlite:///{tmp_path / 'study.db'}"


def test_a_bad_trial_is_pruned_and_a_good_one_is_not(storage, data):
    study = search(storage, [GOOD, BAD, 2 * GOOD], data)
    assert states_of(study) == ["COMPLETE", "PRUNED", "COMPLETE"]
    # the bad one costs an epoch instead of five
    epochs = [len(trial.intermediate_values) for trial in study.trials]
    assert epochs == [EPOCHS, 1, EPOCHS]
    best = study.best_trial
    assert best.value == min(best.intermediate_values.values())


def test_without_the_callback_every_epoch_is_trained(data):
    model = small(lr=BAD, max_epochs=EPOCHS, patience=None).fit(*data)
    assert model.n_iter_ == EPOCHS


def test_a_study_in_a_file_goes_on(tmp_path, data):
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    search(storage, [GOOD], data)
    # as another process would; what is there already is what it compares with
    assert states_of(search(storage, [BAD], data)) == ["COMPLETE", "PRUNED"]
    assert states_of(search(storage, [BAD], data, name="other")) == ["COMPLETE"]


def test_threads_prune_too(storage, data):
    study = search(storage, [GOOD], data)
    # none in line: out of SQLite, two threads may take the same one
    study.optimize(lambda trial: trained(trial, data, (BAD, BAD)), 2, n_jobs=2)
    assert states_of(study) == ["COMPLETE", "PRUNED", "PRUNED"]

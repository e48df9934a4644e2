"""What the tests of training in several processes launch: this file, as a script.

    accelerate launch ... in_processes.py OUT SCENARIO

Each process writes what it has seen to a file of its own in the folder OUT.
"""

import contextlib
import hashlib
import io
import json
import logging
import os
import pickle
import shutil
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from skorch.callbacks import Callback, Checkpoint

import skinformer
from skinformer import Informer, InformerRegressor, LSTMForecaster, PanelStore
from skinformer.exceptions import NoValidationWarning
from skinformer.series.windows import Windows

# without dropout, batch normalisation and random keys, whose draws and statistics are
# those of one process
SAME = {
    "seq_len": 12,
    "label_len": 5,
    "pred_len": 6,
    "d_model": 8,
    "n_heads": 2,
    "e_layers": 1,
    "d_ff": 16,
    "max_epochs": 2,
    "batch_size": 7,
    "lr": 1e-3,
    "dropout": 0.0,
    "distil": False,
    "attention": "full",
    "validation_fraction": 0.2,
    "random_state": 0,
}
# so many rows validate that 99 windows train: the last of 15 batches holds one
N_ROWS, ONE_MORE = 150, {"validation_fraction": 30 + 4}


def rank():
    """Return the number of this process."""
    return int(os.environ.get("RANK", 0))


def data(gaps=False, n=N_ROWS):
    """Return two targets and a covariate of theirs."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2024-01-01", periods=n, freq="h")
    X = pd.DataFrame({"temp": rng.normal(10, 3, n)}, index=index)
    daily = 10 * np.sin(np.arange(n) / 24 * 2 * np.pi)
    y = pd.DataFrame(
        {"load": daily + X["temp"] + rng.normal(size=n), "price": rng.normal(size=n)}
    )
    y.index = index
    if gaps:
        y.iloc[20:31, 0] = y.iloc[60:67, 1] = np.nan
        y.iloc[100] = np.nan
    return X, y


def make(**kwargs):
    return InformerRegressor(**(SAME | {"highway": None} | kwargs))


def lstm(**kwargs):
    keys = [
        "seq_len",
        "pred_len",
        "max_epochs",
        "batch_size",
        "dropout",
        "random_state",
    ]
    return LSTMForecaster(**{k: SAME[k] for k in keys}, hidden_size=5, **kwargs)


# What has to come out as in one process: (forecaster, gaps, keywords of fit)
WEIGHTS = np.linspace(0.0, 2.0, N_ROWS)
ALIKE = {
    "plain": (lambda **k: make(**ONE_MORE, **k), False, {}),
    "gaps and weights": (make, True, {"sample_weight": WEIGHTS}),
    "quantiles": (lambda **k: make(loss="quantile", **k), True, {}),
    "clipped": (lambda **k: make(gradient_clip=0.05, **k), True, {}),
    "sum": (lambda **k: make(loss=torch.nn.MSELoss(reduction="sum"), **k), False, {}),
    "highway": (lambda **k: make(highway="auto", **k), True, {}),
    "teacher": (lstm, True, {}),
    "stops early": (lambda **k: make(lr=0.03, patience=1, max_epochs=9, **k), True, {}),
}


def fit_alike(name, device):
    """Return the losses by epoch, and the forecasts, of one of these."""
    forecaster, gaps, keywords = ALIKE[name]
    X, y = data(gaps)
    model = forecaster(device=device).fit(X, y, **keywords)
    future = X[-12:].set_axis(X.index[-12:] + pd.Timedelta("12h"))
    return {
        "train": model.loss_curve_,
        "valid": model.validation_loss_curve_,
        "forecast": model.predict(future).ravel().tolist(),
    }


def weights_of(model):
    """Return a digest of all that a network holds."""
    state = model.net_.module_.state_dict().values()
    return hashlib.md5(b"".join(t.numpy().tobytes() for t in state)).hexdigest()


@contextlib.contextmanager
def recorded():
    """List the batches of windows that are copied in the block, by their first rows."""
    batches, copy = [], Windows.batch

    def batch(self, chosen):
        batches.append(self.starts[chosen].tolist())
        return copy(self, chosen)

    Windows.batch = batch
    try:
        yield batches
    finally:
        Windows.batch = copy


def stored_once(folder):
    """Copy the checkpoint of the first epoch to another folder, as a kill leaves it."""

    class Copy(Callback):
        def on_epoch_begin(self, net, **kwargs):
            file = folder / "whole" / "skinformer.checkpoint"
            if len(net.history) == 2 and file.exists():
                shutil.copy(file, folder / "stored")

    return Copy()


class Spoil(Callback):
    """Lose the loss of one process, in the midst of the second epoch."""

    def __init__(self, rank):
        self.rank = rank

    def on_batch_begin(self, net, batch, training, **kwargs):
        if training and len(net.history) == 2 and self.rank == rank():
            batch[1].fill_(np.inf)


class FailIn(Callback):
    """Fail in one process, in the midst of the second epoch."""

    __module__ = "in_processes"  # one name, be it run or imported: a checkpoint has it

    def __init__(self, rank, how):
        self.rank, self.how = rank, how

    def on_batch_end(self, net, training, **kwargs):
        is_here = self.rank == rank()
        if is_here and training and len(net.history) == 2:
            if self.how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError("the disk of this process is gone")


# Scenarios: each returns what is to be written


def train_alike(rank, out):
    return {"alike": {name: fit_alike(name, "accelerate") for name in ALIKE}}


def work_together(rank, out):
    told = {}
    X, y = data()
    with recorded() as batches:
        model = make(device="accelerate", max_epochs=1, **ONE_MORE).fit(X, y)
    told["batches"] = batches
    told["device"], told["class"] = model.device, type(model.net_).__name__
    told["pickle"] = sorted(
        {name for name in ("accelerate", "Accelerat") if name.encode() in dump(model)}
    )
    # draws of their own: dropout, random keys, statistics of batch normalisation
    drawn = {"dropout": 0.3, "distil": True, "e_layers": 2, "attention": "prob"}
    free = make(device="accelerate", random_state=None, **drawn)
    told["weights"] = [weights_of(free.fit(X, y))]
    told["weights"].append(weights_of(free.fit(X, y)))  # twice in one script
    told["masks"] = dropout_masks()
    told["weights"].append(weights_of(free.partial_fit(*later())))
    told["loss"] = free.loss_curve_[-1]
    told |= say(rank, out) | search(X, y) | refuse(rank, X, y)
    told["few"] = few("accelerate")
    told["store"] = of_store(out / "store", "accelerate")
    told |= resume(rank, out) | spoilt() | cramped(rank) | called(rank, out)
    return told


def dump(model):
    """Pickle what a model has learned; its parameter names accelerate, of course."""
    return pickle.dumps(model.set_params(device="auto").net_)


def later():
    X, y = data(n=N_ROWS + 11)
    return X[N_ROWS:], y[N_ROWS:]


def dropout_masks():
    """Return random numbers that were drawn in a batch."""

    class Draw(Callback):
        seen = ()

        def on_batch_begin(self, net, **kwargs):
            Draw.seen = Draw.seen or torch.rand(3).tolist()

    make(device="accelerate", max_epochs=1, callbacks=[Draw()]).fit(*data())
    return list(Draw.seen)


def say(rank, out):
    """Train with a bar, messages and a warning, and save."""
    X, y = data()
    log, bar = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(log)
    logger = logging.getLogger("skinformer")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stderr(bar),
    ):
        warnings.simplefilter("always")
        few_rows = make(device="accelerate", verbose=1)
        few_rows.set_params(validation_fraction=3).fit(X, y)
    logger.removeHandler(handler)
    path = out / f"model{rank}.skinf"
    skinformer.save(few_rows, path)
    return {
        "log": log.getvalue(),
        "bar": bar.getvalue(),
        "warned": [w.category is NoValidationWarning for w in caught],
        "saved": path.exists(),
    }


def search(X, y):
    """Search with all processes, one fit after another."""
    folds = TimeSeriesSplit(2, test_size=12)
    model = make(device="accelerate", max_epochs=1)
    found = GridSearchCV(model, {"lr": [1e-3, 1e-2]}, cv=folds).fit(X, y)
    return {"scores": found.cv_results_["mean_test_score"].tolist()}


def refuse(rank, X, y):
    """Give each process other rows, then other parameters: both refuse."""
    told = []
    other = y + (rank == 1)
    for rows, params in ((slice(rank, None), {}), (slice(None), {"d_ff": 8 + rank})):
        try:
            make(device="accelerate", **params).fit(X[rows], y[rows])
        except ValueError as error:
            told.append(str(error))
    try:
        make(device="accelerate").fit(X, other)
    except ValueError as error:
        told.append(str(error))
    return {"refused": told}


def resume(rank, out):
    """Store a training where only the first process sees a disk, and go on with it."""
    X, y = data()
    if rank == 0:
        for name in ("whole", "stored"):
            (out / name).mkdir()
    drawn = {"dropout": 0.3, "distil": True, "e_layers": 2, "max_epochs": 3}
    settings = drawn | {"random_state": None, "callbacks": [stored_once(out)]}
    own = out if rank == 0 else out / "not here"
    model = make(device="accelerate", checkpoint_dir=own / "whole", **settings)
    told = {"whole": told_of(model.fit(X, y))}
    model = make(device="accelerate", checkpoint_dir=own / "stored", **settings)
    told["refused"] = [
        error_of(model.set_params(**other).fit, X, y)
        for other in (
            {"lr": 1.0},
            {"lr": SAME["lr"], "checkpoint_dir": out / "nowhere" / str(rank)},
        )
    ]
    model.set_params(checkpoint_dir=own / "stored")
    told["resumed"] = told_of(model.fit(X, y))
    left = [out.glob(f"{name}/*") for name in ("whole", "stored")]
    told["left"] = [path.name for files in left for path in files]
    return {"resume": told}


def told_of(model):
    """Return what a training has come to."""
    losses = model.loss_curve_, model.validation_loss_curve_
    return [weights_of(model), *losses, model.best_epoch_]


def error_of(call, *args):
    """Return what a call fails with."""
    try:
        call(*args)
    except (ValueError, OSError) as error:
        return f"{type(error).__name__}: {error}"


def spoilt():
    """Train where a loss of the second process is lost in the second epoch."""
    model = make(device="accelerate", max_epochs=3, callbacks=[Spoil(1)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(*data())
    lost = [row["epoch"] for row in model.net_.history if row.get("lost")]
    return {"spoilt": {"lost": lost, "weights": weights_of(model)}}


def cramped(rank):
    """Train where the second process holds two windows at once, and has three."""
    forward, room = Informer.forward, 2 if rank == 1 else 99

    def narrow(self, values, *args, **kwargs):
        if len(values) > room:
            raise torch.OutOfMemoryError("as a test has it")
        return forward(self, values, *args, **kwargs)

    Informer.forward = narrow
    try:
        model = make(device="accelerate").fit(*data())
    finally:
        Informer.forward = forward
    return {"cramped": model.loss_curve_ + model.validation_loss_curve_}


class Forecasts(Callback):
    """Count what the net forecasts of the windows that validate."""

    def on_epoch_end(self, net, dataset_valid, **kwargs):
        net.history.record("forecasts", len(net.predict(dataset_valid)))


def called(rank, out):
    """Train with callbacks that save, in a folder of each process, and forecast."""
    folder = out / f"kept{rank}"
    callbacks = [Checkpoint(monitor=None, dirname=folder), Forecasts()]
    model = make(device="accelerate", callbacks=callbacks, **ONE_MORE).fit(*data())
    counts = model.net_.history[:, "forecasts"]
    files = sorted(path.name for path in folder.iterdir())
    return {"called": {"files": files, "forecasts": counts}}


def of_store(folder, device):
    """Return the losses of a training on a store, and of its validation."""
    model = make(
        device=device, series="shop", history_size="context", windows_per_epoch=64
    )
    model.fit(PanelStore(folder))
    return model.loss_curve_ + model.validation_loss_curve_


def few(device):
    """Train on one window, which one process has."""
    X, y = data()
    model = make(device=device, validation_fraction=None, weight_decay=0.5)
    model.fit(X[:18], y[:18])
    state = model.net_.module_.state_dict().values()
    return {
        "losses": model.loss_curve_,
        "sums": [float(tensor.double().abs().sum()) for tensor in state],
    }


def lose_one(rank, out):
    """Lose a process in the midst of an epoch."""
    killed(out).fit(*data())


def killed(folder):
    """Return a model whose fit loses a process, and goes on in a fit of one."""
    callback = FailIn(1, "kill")
    return make(device="accelerate", checkpoint_dir=folder, callbacks=[callback])


def fail_alone(rank, out):
    """Fail in one process, which stays there; the other must not wait for it."""
    model = make(device="accelerate", callbacks=[FailIn(1, "raise")])
    told = {"errors": []}
    for _ in range(2):
        try:
            model.fit(*data())
        except (OSError, RuntimeError) as error:
            told["errors"].append(f"{type(error).__name__}: {error}")
    told["fitted"] = hasattr(model, "net_")
    (out / f"fail_alone{rank}.json").write_text(json.dumps(told))
    until = time.monotonic() + 60
    while not (out / "fail_alone0.json").exists() and time.monotonic() < until:
        time.sleep(0.05)
    told["both"] = (out / "fail_alone0.json").exists()
    (out / f"fail_alone{rank}.json").write_text(json.dumps(told))
    raise SystemExit(f"process {rank} ends after a failure")


def train(rank, out):
    """Train as one process does, and do what processes do only together."""
    return train_alike(rank, out) | work_together(rank, out)


if __name__ == "__main__":
    folder, scenario = Path(sys.argv[1]), sys.argv[2]
    number = rank()
    seen = globals()[scenario](number, folder)
    (folder / f"{scenario}{number}.json").write_text(json.dumps(seen))

"""Kills fits, and lets them go on: a process that forks one child for each fit.

To import the package takes seconds, a fork none. No thread runs here beside the main
one, which is why a fit in a fork of it is safe.
"""

import hashlib
import json
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import numpy as np
import torch

from skinformer import InformerRegressor, make_load_series

# of which the network counts beside the highway, and early stopping ends the training
SETTINGS = {
    "highway": "ridge",
    "highway_len": 1,
    "seq_len": 12,
    "label_len": 5,
    "pred_len": 3,
    "d_model": 8,
    "n_heads": 2,
    "d_ff": 8,
    "max_epochs": 6,
    "patience": 2,
    "lr": 1e-2,
    "windows_per_epoch": 96,
    "validation_fraction": 0.4,
    "random_state": 0,
}


def fit(folder, **settings):
    """Fit, and return all that a fit has to end with, as text."""
    X, y = make_load_series(24 * 20, random_state=0)
    model = InformerRegressor(**(SETTINGS | settings), checkpoint_dir=folder).fit(X, y)
    history = [
        {key: value for key, value in epoch.items() if key not in ("dur", "batches")}
        for epoch in model.net_.history
    ]
    weights = hashlib.sha256()
    for tensor in model.net_.module_.state_dict().values():
        weights.update(tensor.numpy().tobytes())
    return {
        "weights": weights.hexdigest(),
        "optimizer": repr(model.net_.optimizer_.state_dict()["param_groups"]),
        "history": history,
        "loss_curve_": repr(model.loss_curve_),
        "best_epoch_": model.best_epoch_,
        "blend_": model.blend_.tobytes().hex(),
        "forecast": model.predict(X).tobytes().hex()[:4096],
        "left": sorted(os.listdir(folder)),
    }


def fork(work):
    """Do some work in a child, which ends with it; return its number."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    return child


def finish(folder, out, **settings):
    """Fit to the end in a child."""
    child = fork(lambda: out.write_text(json.dumps(fit(folder, **settings))))
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("a fit failed; its error is above")
    return json.loads(out.read_text())


def epochs_stored(folder):
    """Count the epochs of the checkpoint that a killed fit left."""
    from skinformer.forecasting.resuming.files import path_in, read_checkpoint

    stored = read_checkpoint(path_in(folder))
    return None if stored is None else len(stored["state"]["epochs"])


def killed_at(event, name, turn):
    """Return how a fit kills itself, where a function is called or has returned."""

    def is_it(kind, frame, what):
        return kind == event and name_of(kind, frame, what) == name

    return lambda folder: kill(folder, watching(is_it, turn))


def killed_before(turn):
    """Return how a fit kills itself before a call, counted from its first one."""
    return lambda folder: kill(folder, watching(is_call, turn))


def is_call(kind, frame, what):
    return kind in ("call", "c_call")


def name_of(kind, frame, what):
    """Return what a function is called, one in C with its module or its class."""
    if not kind.startswith("c_"):
        return frame.f_code.co_name
    return f"{what.__module__ or type(what.__self__).__name__}.{what.__name__}"


def watching(is_it, turn):
    """Return a profiler that kills its process when something happens."""

    def watch(frame, kind, what):
        left[0] -= is_it(kind, frame, what)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    left = [turn]
    return watch


def kill(folder, watch):
    """Fit in a child that is killed on the way."""

    def work():
        sys.setprofile(watch)
        fit(folder)

    _, status = os.waitpid(fork(work), 0)
    if not os.WIFSIGNALED(status):
        raise RuntimeError("the fit was not killed")


def count_calls(folder, out):
    """Count the calls of a fit."""

    def work():
        sys.setprofile(watch)
        fit(folder)
        sys.setprofile(None)
        out.write_text(str(n[0]))

    def watch(frame, kind, what):
        n[0] += is_call(kind, frame, what)

    n = [0]
    os.waitpid(fork(work), 0)
    return int(out.read_text())


# where a kill could hurt: event, function and which turn of it
MOMENTS = {
    "while rows are read": ("call", "read_targets", 1),
    "in the highway": ("call", "residuals", 1),
    "before the first checkpoint": ("call", "begin", 1),
    "in a batch of the third epoch": ("call", "train_step", 8),
    "once the second epoch is serialised": ("call", "digest_of", 3),
    "with a half of it written": ("c_return", "BufferedWriter.write", 5),
    "before a checkpoint is on the disk": ("c_call", "posix.fsync", 5),
    "before it takes its place": ("c_call", "posix.replace", 3),
    "after it took its place": ("c_return", "posix.replace", 3),
    "after the last epoch": ("call", "on_train_end", 1),
    "in the finish": ("call", "blend_weights", 1),
    "before the checkpoint is removed": ("call", "remove_checkpoint", 1),
    "as the checkpoint is removed": ("c_return", "posix.unlink", 1),
}


def more_threads():
    """List the threads beside the main one, which a fork would not have.

    The one of jemalloc, which pyarrow brings, is made for forks.
    """
    threads = Path("/proc/self/task").iterdir()
    beside = [each for each in threads if each.name != str(os.getpid())]
    names = [(each / "comm").read_text().strip() for each in beside]
    return [name for name in names if name != "jemalloc_bg_thd"]


def trials(kills, calm, out):
    """Return how to kill: at a number of random moments, or at those with a name."""
    if kills == "named":
        return {name: killed_at(*moment) for name, moment in MOMENTS.items()}
    n_calls = count_calls(calm, out)
    turns = np.random.default_rng(7).integers(1, int(n_calls * 0.99), int(kills))
    return {f"before call {turn}": killed_before(turn) for turn in turns}


def main(kills):
    """Print what undisturbed fits and killed ones came to, as JSON."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(compared(kills, Path(place))))


def compared(kills, place):
    """Return what an undisturbed fit and killed ones came to."""
    out, calm = place / "out.json", folder_in(place)
    fit(calm)  # what is done once only, is done
    if more_threads():
        raise RuntimeError(f"a fork may hang beside threads: {more_threads()}")
    told = {"undisturbed": finish(calm, out), "killed": {}}
    for name, killed in trials(kills, calm, out).items():
        work = folder_in(place)
        killed(work)
        n = epochs_stored(work)
        told["killed"][name] = {"epochs": n, "end": finish(work, out)}
    return told


def folder_in(place):
    """Make a folder of a fit's own."""
    return Path(tempfile.mkdtemp(dir=place))


if __name__ == "__main__":
    main(sys.argv[1])

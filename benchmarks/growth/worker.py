"""The process of one case: `python -m benchmarks.growth.worker CASE FILE` (Linux)."""

import gc
import json
import os
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import torch
from skorch.callbacks import Callback

from benchmarks.fit_memory import megabytes
from benchmarks.growth.cases import SEED, Case, Data, make_data
from benchmarks.results.measure import rounded
from benchmarks.results.origin import origin
from benchmarks.results.worker import end_with
from skinformer import backtest, load, save
from skinformer.exceptions import SkinformerWarning
from skinformer.persistence.archive import MODEL

__all__ = ["measure"]

WARM_ROWS = 400
FEW = 5  # series that a model has seen before the others are appended


class EpochClock(Callback):
    """Note what the processor spends on an epoch."""

    def on_epoch_begin(self, net: Any, **kwargs: Any) -> None:
        """Start the clock."""
        self.began_ = time.process_time()

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Write the seconds into the history of the training."""
        net.history.record("processor", time.process_time() - self.began_)


def watched(run: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Run; return the answer, seconds, and the most memory the process held."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts from here
    clock, own = time.perf_counter(), time.process_time()
    answer = run()
    taken = {
        "processor": time.process_time() - own,
        "clock": time.perf_counter() - clock,
        "peak_mb": megabytes("VmHWM"),
    }
    return answer, taken


def with_clock(model: Any) -> Any:
    """Have a network's epochs timed."""
    if "callbacks" in model.get_params():
        model.set_params(callbacks=[("clock", EpochClock())])
    return model


def warm_up(case: Case) -> None:
    """Do all of it on little data: what libraries load at first is no row's."""
    few = Case(case.task, case.model, 2, WARM_ROWS)
    use(few, make_data(few), lambda run: (run(), {}))


def use(case: Case, data: Data, watch: Callable) -> dict[str, dict[str, float]]:
    """Take the steps in turn; ``watch`` runs each, and returns what it took too."""
    steps = {}
    model = with_clock(case.estimator())
    _, steps["fit"] = watch(lambda: model.fit(data.X, data.y))
    if hasattr(model, "net_"):
        steps["fit"]["epoch"] = model.net_.history[-1, "processor"]
        model.set_params(callbacks=None)
    ahead = data.ahead(case.n_series)
    _, steps["predict"] = watch(lambda: model.predict(ahead))
    _, steps["backtest"] = watch(
        lambda: backtest(model, data.X_next, data.y_next, stride=24)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.skinf"
        _, steps["save"] = watch(lambda: save(model, path))
        steps["save"] |= sizes_of(path)
        _, steps["load"] = watch(lambda: load(path))
    if case.n_series > FEW:
        model, n = fit_few(case, data), FEW * case.length
        steps["update"] = watch(lambda: model.update(data.X[n:], data.y[n:]))[1]
    return steps


def fit_few(case: Case, data: Data) -> Any:
    """Fit on few of the series, with one step of training."""
    model, n = case.estimator(), FEW * case.length
    if "windows_per_epoch" in model.get_params():
        model.set_params(windows_per_epoch=1, validation_fraction=None)
    return model.fit(data.X[:n], data.y[:n])


def sizes_of(path: Path) -> dict[str, float]:
    """Return megabytes of a file of `save`, and of its description in it."""
    with zipfile.ZipFile(path) as archive:
        told = archive.getinfo(MODEL).file_size
    return {"file_mb": path.stat().st_size / 1e6, "described_mb": told / 1e6}


def measure(case: Case) -> dict[str, Any]:
    """Return the record of a case."""
    come_from = origin("informer") | {"load_average": os.getloadavg()[1]}
    warm_up(case)
    data = make_data(case)
    held = {"held_mb": megabytes("VmRSS")}
    steps = {
        name: {what: rounded(x) for what, x in taken.items()}
        for name, taken in use(case, data, watched).items()
    }
    return {**vars(case), "seed": SEED, **held, "steps": steps, **come_from}


def main(case: str, output: str) -> None:
    """Measure what the JSON text names, and write its record to a file."""
    Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkinformerWarning)
        record = measure(Case(**json.loads(case)))
    Path(output).write_text(json.dumps([record]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

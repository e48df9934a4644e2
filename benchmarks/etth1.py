"""The default forecaster on ETTh1's training rows: time to its best epoch."""

import os
from collections.abc import Iterator

from benchmarks.report import Row
from skinformer import InformerRegressor
from skinformer.datasets import fetch_ett

N_TRAIN = 8640


def run(toy: bool) -> Iterator[Row]:
    """Yield the seconds of each of three seeds."""
    if toy and "SKINFORMER_DATA" not in os.environ:
        return  # a check downloads nothing
    X, y = fetch_ett("ETTh1", return_X_y=True)
    X, y = X[:N_TRAIN], y[:N_TRAIN]
    settings = {"windows_per_epoch": 64, "max_epochs": 1} if toy else {}
    for seed in range(1 if toy else 3):
        model = InformerRegressor(random_state=seed, **settings).fit(X, y)
        durations = model.net_.history[:, "dur"]
        best = sum(durations[: model.best_epoch_])
        yield Row(
            f"`fit` with defaults on ETTh1, 8,640 rows × 7 targets, seed {seed}: "
            "time to the best epoch",
            best,
            "s",
            60,
            True,
            f"best epoch {model.best_epoch_}, all {model.n_iter_} in "
            f"{sum(durations):.1f} s",
        )

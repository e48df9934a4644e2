"""Many series beside one of as many rows: `python -m benchmarks.panel`.

Seconds and peak memory (as Python counts it) from a frame to windows, and of a forecast
of a day of every series.
"""

import argparse
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from skinformer import InformerRegressor
from skinformer.exceptions import SkinformerWarning
from skinformer.forecasting.reading import read_given
from skinformer.forecasting.splitting import split_in_time
from skinformer.forecasting.windowing import WindowScaler
from skinformer.series.panel import start_panel
from skinformer.series.schema import Schema
from skinformer.series.windows import Windows

SEQ_LEN, PRED_LEN = 96, 24
SMALL = {"d_model": 16, "n_heads": 2, "d_ff": 16, "e_layers": 1, "d_layers": 1}
ABSENT = 0.01  # share of rows

Data = tuple[pd.DataFrame, pd.Series]


class Measured(NamedTuple):
    """What one step took."""

    seconds: float
    megabytes: float


def measured(run: Callable[[], object]) -> Measured:
    """Run twice: tracing memory would slow the clock."""
    start = time.perf_counter()
    run()
    seconds = time.perf_counter() - start
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Measured(seconds, peak / 1e6)


def make_panel(n_series: int, n_rows: int) -> Data:
    """Return hourly rows, series after series: two columns, a name, and a target."""
    index = pd.date_range("1950-01-01", periods=n_rows, freq="h").as_unit("ns")
    index = index.append([index] * (n_series - 1))
    numbers = np.random.default_rng(0).standard_normal((len(index), 3))
    X = pd.DataFrame(numbers[:, :2], index=index, columns=["price", "wind"])
    X["store"] = np.repeat([f"store {i:05d}" for i in range(n_series)], n_rows)
    return X, pd.Series(numbers[:, 2], index=index, name="load")


def kinds(n_series: int, n_rows: int) -> Iterator[tuple[str, Data]]:
    """Yield the same number of rows as one series, as many, and in other orders."""
    yield "one series", make_panel(1, n_series * n_rows)
    X, y = make_panel(n_series, n_rows)
    yield "many series", (X, y)
    order = np.argsort(X.index, kind="stable")
    yield "many, by stamp", (X.iloc[order], y.iloc[order])
    kept = np.random.default_rng(1).random(len(y)) >= ABSENT
    yield f"many, {ABSENT:.0%} absent", (X[kept], y[kept])


def set_up(X: pd.DataFrame, y: pd.Series) -> Windows:
    """Do what a fit does before it trains."""
    schema = Schema.learn(X, series="store")
    rows, targets = read_given(schema, X, y)
    panel = start_panel(rows, len(targets.names))
    split = split_in_time(panel.stretches, 0.1, SEQ_LEN, PRED_LEN)
    scaler = WindowScaler(SEQ_LEN, PRED_LEN, per_series=True)
    return scaler.fit(panel.stretches, split.n_train).windows(split.train)


def forecast(X: pd.DataFrame, y: pd.Series) -> Callable[[], np.ndarray]:
    """Return a forecast of the day after the last row, for every series."""
    model = InformerRegressor(
        **SMALL,
        highway=None,
        seq_len=SEQ_LEN,
        label_len=PRED_LEN,
        pred_len=PRED_LEN,
        series="store",
        max_epochs=1,
        windows_per_epoch=64,
        validation_fraction=None,
        random_state=0,
    ).fit(X, y)
    day = pd.date_range(X.index.max(), periods=PRED_LEN + 1, freq="h")[1:]
    names = X["store"].unique()
    asked = pd.DataFrame(0.0, day.append([day] * (len(names) - 1)), ["price", "wind"])
    asked["store"] = np.repeat(names, PRED_LEN)
    return lambda: model.predict(asked)


def table(n_series: int, n_rows: int) -> Iterator[str]:
    """Yield the lines of the table, each as soon as it is measured."""
    yield f"{'rows':20}{'set-up':>10}{'peak':>10}{'predict':>10}"
    for name, (X, y) in kinds(n_series, n_rows):
        before = measured(lambda X=X, y=y: set_up(X, y))
        ahead = measured(forecast(X, y)) if name != "many, by stamp" else None
        told = f"{ahead.seconds:8.2f} s" if ahead else ""
        yield f"{name:20}{before.seconds:8.2f} s{before.megabytes:7.0f} MB{told}"


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.panel")
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=1000, help="of each series")
    asked = parser.parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkinformerWarning)
        for line in table(asked.series, asked.rows):
            print(line, flush=True)


if __name__ == "__main__":
    main()

"""A panel larger than the memory it may take: `python -m benchmarks.store`.

Parquet is generated, written to a store and trained from, in this process; the table
shows the seconds and the peak of its resident memory after each step. It fails where
that peak, torch and pyarrow included, is above the limit.
"""

import argparse
import pickle
import re
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from skinformer import InformerRegressor, PanelStore
from skinformer.exceptions import SkinformerWarning

from .report import Row

LIMIT = 2000  # MB
ROW_GROUP = 2**17
PRED_LEN = 24
SETTINGS = {
    "series": "shop",
    "history_size": "context",
    "pred_len": PRED_LEN,
    "d_model": 16,
    "n_heads": 2,
    "d_ff": 32,
    "e_layers": 1,
    "windows_per_epoch": 1024,
    "max_epochs": 2,
    "random_state": 0,
}


def peak() -> float:
    """Return the most memory that this process has had resident so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what ru_maxrss shows may be what the parent process had
        [line] = [x for x in status.read_text().splitlines() if x.startswith("VmHWM")]
        return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def rows_of(first: int, n_series: int, n_rows: int) -> pa.Table:
    """Return the rows of some shops: load by the hour, and the price of each."""
    rng = np.random.default_rng(first)
    hours = pd.date_range("2010-01-01", periods=n_rows, freq="h").as_unit("us")
    day = np.sin(np.arange(n_rows) * np.pi / 12)
    price = rng.standard_normal((n_series, n_rows))
    load = 10 + day - 0.3 * price + rng.standard_normal((n_series, n_rows))
    names = [f"shop {i:06d}" for i in range(first, first + n_series)]
    shops = pa.DictionaryArray.from_arrays(
        np.repeat(np.arange(n_series, dtype=np.int32), n_rows), names
    )
    return pa.table(
        {
            "shop": shops.cast(pa.string()),
            "time": pa.array(np.tile(hours.to_numpy(), n_series)),
            "price": price.ravel(),
            "load": load.ravel(),
        }
    )


def generate(folder: Path, n_series: int, n_rows: int) -> None:
    """Write ten files of Parquet or so, with some shops in each row group."""
    at_once = max(ROW_GROUP // n_rows, 1)
    per_file = max(n_series // 10, at_once)
    folder.mkdir()
    for first in range(0, n_series, per_file):
        stop = min(first + per_file, n_series)
        schema = rows_of(0, 1, 1).schema
        with pq.ParquetWriter(folder / f"{first:08d}.parquet", schema) as writer:
            for i in range(first, stop, at_once):
                writer.write_table(rows_of(i, min(at_once, stop - i), n_rows))


class Counter:
    """A file that counts what is written, and keeps nothing."""

    n = 0

    def write(self, data: Any) -> None:
        """Count some bytes."""
        self.n += len(memoryview(data).cast("B"))


def steps(n_series: int, n_rows: int, folder: Path) -> Iterator[tuple[str, Callable]]:
    """Yield the steps, each with what it is called."""
    made: dict[str, Any] = {}

    def write() -> str:
        PanelStore.write(
            folder / "store",
            folder / "parquet",
            series="shop",
            time="time",
            targets="load",
        )
        held = sum(file.stat().st_size for file in (folder / "store").iterdir())
        return f"{held / 1e6:.0f} MB on the disk"

    def fit(**settings: Any) -> str:
        store = PanelStore.open(folder / "store")
        made.clear()  # a model before this one would count too
        model = InformerRegressor(**SETTINGS, **settings).fit(store)
        made["model"] = model
        losses = ", ".join(f"{loss:.3f}" for loss in model.loss_curve_)
        return f"losses {losses}"

    def predict() -> None:
        ahead = pd.date_range("2010-01-01", periods=n_rows + PRED_LEN, freq="h")
        X = pd.DataFrame({"shop": "shop 000000", "price": 0.0}, ahead[-PRED_LEN:])
        made["model"].predict(X)

    def write_model() -> str:
        counter = Counter()
        pickle.dump(made["model"], counter)
        return f"{counter.n / 1e6:.0f} MB"

    yield "generate Parquet", lambda: generate(folder / "parquet", n_series, n_rows)
    yield "write the store", write
    yield "fit, no highway", lambda: fit(highway=None, seq_len=96, label_len=24)
    yield "fit, with highway", lambda: fit(seq_len=96, label_len=24)
    yield "predict one series", predict
    yield "pickle the model", write_model


def measure(n_series: int, n_rows: int) -> Iterator[tuple[str, float, float, str]]:
    """Yield each step with its seconds, the peak after it, and what it tells."""
    with tempfile.TemporaryDirectory(prefix="panel-store-") as folder:
        for name, run in steps(n_series, n_rows, Path(folder)):
            start = time.perf_counter()
            told = run()
            yield name, time.perf_counter() - start, peak(), told or ""


def run(toy: bool) -> Iterator[Row]:
    """Yield the peak of a process of its own; 50,000,000 rows would take too long."""
    n_series, n_rows = (20, 10_000) if toy else (100, 5_000_000)
    command = [sys.executable, "-m", "benchmarks.store", "--rows", str(n_rows)]
    done = subprocess.run(
        [*command, "--series", str(n_series)],
        check=True,
        capture_output=True,
        text=True,
    )
    [most] = re.findall(r"(\d+) MB", done.stdout.splitlines()[-1])[:1]
    figure = f"peak memory, {n_rows:,} rows from a panel store"
    yield Row(figure, float(most), "MB", LIMIT, True, "the process, torch included")


def main(arguments: list[str] | None = None) -> None:
    """Print the table; fail if the peak is above the limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store")
    parser.add_argument("--rows", type=int, default=50_000_000, help="of all series")
    parser.add_argument("--series", type=int, default=1000)
    parser.add_argument("--limit", type=float, default=LIMIT, help="MB, at the most")
    asked = parser.parse_args(arguments)
    n_rows = asked.rows // asked.series
    print(f"{asked.series:,} series of {n_rows:,} rows; before: {peak():.0f} MB")
    print(f"{'step':20}{'time':>10}{'peak':>10}")
    most = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkinformerWarning)
        for name, seconds, most, told in measure(asked.series, n_rows):
            line = f"{name:20}{seconds:8.1f} s{most:7.0f} MB  {told}"
            print(line.rstrip(), flush=True)
    if most > asked.limit:
        raise SystemExit(
            f"The peak of {most:.0f} MB is above the limit of {asked.limit:.0f} MB."
        )


if __name__ == "__main__":
    main()

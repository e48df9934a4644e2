"""What a fit from a store holds in memory: neither rows nor a number for each."""

import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from skinformer import InformerRegressor, PanelStore
from skinformer.forecasting import batches, shared_regression
from skinformer.series import chunks

from ..series.stored import shops, write
from .test_stored import INFORMER

N_SERIES, N = 30, 10_000
ROWS = N_SERIES * N * 8  # bytes of a column, or of a list of windows


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store of 600,000 rows, of one target and one covariate."""
    folder = tmp_path_factory.mktemp("large")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "shop": np.repeat([f"shop {i}" for i in range(N_SERIES)], N),
            "time": np.tile(pd.date_range("2000-01-01", periods=N, freq="h"), N_SERIES),
            "load": rng.standard_normal(N_SERIES * N),
            "price": rng.standard_normal(N_SERIES * N),
        }
    )
    return write(folder, frame, rows=2**17)


def resident(path):
    """Return how many bytes of mapped files in a folder are in memory."""
    total, ours = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split()[0]:
            ours = str(path) in line
        elif ours and line.startswith("Rss:"):
            total += 1024 * int(line.split()[1])
    return total


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="no /proc of Linux")
def test_neither_rows_nor_windows_are_held(store, tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "LET_GO", 2**18)
    monkeypatch.setattr(shared_regression, "TOGETHER", 2**13)
    monkeypatch.setattr(batches, "MOST_SHUFFLED", 2**10)
    settings = INFORMER | {"highway_len": 17}
    small = PanelStore.open(write(tmp_path, shops()).path)
    InformerRegressor(**settings).fit(small)  # imports what a fit needs
    tracemalloc.start()
    model = InformerRegressor(**settings).fit(store)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.8 * ROWS
    assert resident(store.path) < 0.3 * ROWS  # of 2 * ROWS, and a byte for each row
    assert len(model.validation_loss_curve_) == 2

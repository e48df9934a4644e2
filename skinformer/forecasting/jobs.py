"""What a forecaster is asked for: blocks of rows, of one or of many series."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from skinformer.series.history import Stretch
from skinformer.series.runs import Runs
from skinformer.series.timeline import season_slots

__all__ = ["Jobs", "series_of", "slots_of", "starts_of"]

# stretches, and the first rows of blocks counted from the first row of each: an array,
# or of a file larger than memory a range or Runs
Jobs: TypeAlias = Sequence[tuple[Stretch, Any]]


def starts_of(jobs: Jobs) -> tuple[Any, Any]:
    """Return the starts of all blocks, and the number of the job of each, (B,)."""
    if any(isinstance(starts, Runs | range) for _, starts in jobs):
        runs = Runs.of([starts for _, starts in jobs])
        return runs.starts, runs.which
    starts = np.concatenate([starts for _, starts in jobs]).astype(np.int64, copy=False)
    return starts, np.repeat(np.arange(len(jobs)), [len(starts) for _, starts in jobs])


def series_of(jobs: Jobs) -> np.ndarray:
    """Return the number of the series of each block, (B,)."""
    series = [stretch.series for stretch, _ in jobs]
    return np.repeat(series, [len(starts) for _, starts in jobs])


def slots_of(jobs: Jobs) -> np.ndarray:
    """Return the place in the season of the first row of each block, (B,)."""
    slots = [
        season_slots(stretch.grid, stretch.offset + starts) for stretch, starts in jobs
    ]
    return np.concatenate(slots)

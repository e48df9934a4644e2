"""Stamps that lie beside a grid, moved to the nearest of its steps."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from skinformer.exceptions import SnappedRowsWarning, warn

from .offsets import DAY

__all__ = [
    "nearest_step",
    "round_start",
    "snap_alike",
    "warn_of_moves",
    "warn_of_snapped",
]


def nearest_step(since: np.ndarray, step: int) -> np.ndarray:
    """Number the steps nearest to times since the first one; half way is the later.

    >>> nearest_step(np.array([-31, -30, 29, 30]), 60)
    array([-1,  0,  0,  1])
    """
    return (since + step // 2) // step


def round_start(first: pd.Timestamp, step: int) -> pd.Timestamp:
    """Move a stamp to the nearest of the steps that begin at its local midnight.

    >>> half_an_hour = 30 * 60 * 10**9
    >>> round_start(pd.Timestamp("2024-01-01 10:44"), half_an_hour)
    Timestamp('2024-01-01 10:30:00')
    """
    first = first.as_unit("ns")
    time = first.tz_localize(None).value % DAY
    moved = int(nearest_step(np.array([time]), step)[0]) * step - time
    if step % DAY:
        return first + pd.Timedelta(moved, unit="ns")
    # on the local clock: the day may have 23 hours, and no midnight
    midnight = first.tz_localize(None) + pd.Timedelta(moved, unit="ns")
    return midnight.tz_localize(first.tz, ambiguous=True, nonexistent="shift_forward")


def snap_alike(stretches: Sequence) -> list:
    """Return stretches that all take stamps beside their grid, if one of them does.

    Later rows are of the same source, whichever series had regular stamps so far.
    """
    if not any(s.grid.snaps for s in stretches):
        return list(stretches)
    return [replace(s, grid=replace(s.grid, snaps=True)) for s in stretches]


def distances(stretch: Any, index: Any) -> np.ndarray:
    """Return how far the stamps of the rows of a history were moved, in nanoseconds."""
    rows = np.flatnonzero(stretch.given)
    steps = stretch.grid.stamps(0, len(stretch.given))[rows]
    return np.abs(index.as_unit("ns").asi8 - steps.as_unit("ns").asi8)


def warn_of_snapped(stretches: Sequence, indexes: Sequence[pd.Index]) -> None:
    """Warn once of the stamps that histories moved to their grids."""
    grid = stretches[0].grid
    if not grid.snaps:
        return
    far = np.concatenate(list(map(distances, stretches, indexes)))
    warn_of_moves(grid, int((far > 0).sum()), len(far), int(far.max()))


def warn_of_moves(grid: Any, n_moved: int, n: int, farthest: int) -> None:
    """Warn how many of n stamps were moved to a grid, and how many nanoseconds."""
    warn(
        f"{n_moved} of {n} stamps lie beside the grid in steps of "
        f"{grid.freq.freqstr!r}, and were moved to the nearest step, by "
        f"{pd.Timedelta(farthest, unit='ns')} at the most. Later rows are moved in the "
        "same way.",
        SnappedRowsWarning,
    )

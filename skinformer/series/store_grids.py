"""The grids of many series as a few arrays."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from .frequency import grid_of
from .grid import ClockGrid, Grid, RowGrid
from .offsets import as_offset

__all__ = ["read_grids", "write_grids"]


def write_grids(grids: Sequence[Grid]) -> tuple[dict[str, Any], np.ndarray]:
    """Return the steps and the zone, and what is each series' own.

    Returns
    -------
    common : dict
        ``steps``, ``zone``, and whether any ``snaps``.
    own : ndarray of shape (n_series, 2), int64
        The first stamp in nanoseconds of UTC, and the number of the step.

    Raises
    ------
    ValueError
        If a step has no name.
    """
    if isinstance(grids[0], RowGrid):
        none = np.zeros((len(grids), 2), dtype=np.int64)
        return {"steps": None, "zone": None, "snaps": False}, none
    numbers: dict[str, int] = {}
    own = np.empty((len(grids), 2), dtype=np.int64)
    for row, grid in zip(own, grids, strict=True):
        name = step_name(grid)
        row[:] = grid.first.as_unit("ns").value, numbers.setdefault(name, len(numbers))
    zone = grids[0].first.tz
    common = {
        "steps": list(numbers),
        "zone": None if zone is None else str(zone),
        "snaps": any(grid.snaps for grid in grids),
    }
    return common, own


def step_name(grid: Grid) -> str:
    """Return the name of a step, by which pandas knows it again."""
    if isinstance(grid, ClockGrid):
        return f"{grid.step}ns"
    name = grid.freq.freqstr
    try:
        same = to_offset(name) == grid.freq
    except ValueError:
        same = False
    if not same:
        raise ValueError(
            f"Steps of {grid.freq!r} have no name that a store could hold. Give freq= "
            "one that has, such as 'D' or 'MS'."
        )
    return name


def read_grids(written: dict[str, Any], own: np.ndarray) -> list[Grid]:
    """Return the grids of the series."""
    if written["steps"] is None:
        return [RowGrid()] * len(own)
    steps = [as_offset(name) for name in written["steps"]]
    firsts = pd.DatetimeIndex(own[:, 0])
    if written["zone"] is not None:
        firsts = firsts.tz_localize("UTC").tz_convert(written["zone"])
    grids = [
        grid_of(first, steps[number])
        for first, number in zip(firsts, own[:, 1].tolist(), strict=True)
    ]
    if not written["snaps"]:
        return list(grids)
    return [replace(grid, snaps=True) for grid in grids]

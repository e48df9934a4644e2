"""Rows, gaps and blocks, as arithmetic on positions.

A position counts grid steps from the first row of the history, which has ``n`` rows:
positions below ``n`` are inside it, from ``n`` on in the future.
"""

from numbers import Integral

import numpy as np
import pandas as pd

from .frequency import infer_freq, snapping_step
from .grid import OFF_GRID, CalendarGrid, ClockGrid, Grid, RowGrid, same_clock
from .indexes import repeated_message
from .offsets import DAY

__all__ = [
    "block_of",
    "check_clock",
    "fitted_starts",
    "future_starts",
    "last_part",
    "place_asked",
    "place_history",
    "season_slots",
]


def place_history(grid: Grid, index: pd.Index, start: int = 0) -> np.ndarray:
    """Return positions of rows to be stored from ``start`` on, shape (n,).

    Raises
    ------
    ValueError
        If a stamp is off the grid or before ``start``.
    """
    if isinstance(grid, RowGrid):
        return start + np.arange(len(index))
    positions = grid.positions(index)
    check_on_grid(grid, index, positions)
    early = positions < start
    if early.any():
        raise ValueError(
            f"{index[int(early.argmax())]} is not after the history, which ends at "
            f"{grid.stamps(start - 1, start)[0]}; pass the rows after it."
        )
    return positions


def check_on_grid(grid: Grid, index: pd.Index, positions: np.ndarray) -> None:
    """Refuse the first stamp that lies between two of the grid."""
    off = positions == OFF_GRID
    if off.any():
        raise ValueError(
            f"{index[int(off.argmax())]} is off the grid, which runs in steps of "
            f"{grid.freq.freqstr!r} from {grid.stamps(0, 1)[0]}. Round the stamps to "
            f"it{other_step(grid, index)}.{snapping_rule(grid)}"
        )
    if (np.diff(positions) > 0).all():
        return  # in order, as most are, and so none twice
    repeated = pd.Index(positions).duplicated()
    if repeated.any():
        raise ValueError(
            same_step_message(grid, index, positions, int(repeated.argmax()))
        )


def same_step_message(
    grid: Grid, index: pd.Index, positions: np.ndarray, second: int
) -> str:
    """Name two stamps that are one step of the grid, and what to do."""
    first = int((positions == positions[second]).argmax())
    message = (
        f"{index[second]} is the same step of {grid.freq.freqstr!r} as {index[first]}"
    )
    if not grid.snaps:  # 02:30 in summer time, and an hour later in winter time
        return f"{message}, on the local clock; keep one row of each."
    return (
        f"{message}, to which stamps are snapped. Give a finer freq=, or aggregate "
        f"the rows first, with DataFrame.resample{other_step(grid, index)}."
    )


def snapping_rule(grid: Grid) -> str:
    """Say when stamps are snapped, of a grid of stamps that does not do it."""
    if not isinstance(grid, CalendarGrid | ClockGrid):
        return ""
    if snapping_step(grid.freq) is None:
        return " Stamps are snapped to steps of days and less alone."
    return " Stamps are snapped where freq= has snapped those given to fit."


def other_step(grid: Grid, index: pd.Index) -> str:
    """Name the step that the stamps show, if it is another than the grid's."""
    if not isinstance(index, pd.DatetimeIndex) or not index.is_monotonic_increasing:
        return ""
    try:
        shown = infer_freq(index).freqstr
    except ValueError:
        return ", or fit with the freq= that they have"
    if shown == grid.freq.freqstr:
        return ""  # of the same step, and beside the grid
    return f", or fit with freq=None, which reads the step {shown!r} off them"


def check_clock(grid: Grid, index: pd.Index) -> None:
    """Refuse an index of another kind or zone than the history's."""
    obstacle = same_clock(grid, index)
    if obstacle is not None:
        raise ValueError(obstacle)


def place_asked(grid: Grid, index: pd.Index, n: int) -> np.ndarray:
    """Return positions of rows to be forecast, in the order given, shape (n_asked,).

    Raises
    ------
    ValueError
        If a stamp is before the history, repeated, off the grid, of another zone or
        of another kind than the history's.
    """
    check_clock(grid, index)
    if isinstance(grid, RowGrid):
        return n + np.arange(len(index))
    if index.has_duplicates:
        raise ValueError(
            repeated_message(index, index[int(index.duplicated().argmax())])
        )
    positions = grid.positions(index)
    if (positions < 0).any():
        check_not_early(grid, index, positions)
    check_on_grid(grid, index, positions)
    return positions


def check_not_early(grid: Grid, index: pd.Index, positions: np.ndarray) -> None:
    """Refuse the first stamp before the grid's first row."""
    first = grid.stamps(0, 1)[0]
    early = (index < first) & (positions < 0)
    if early.any():
        raise ValueError(
            f"{index[int(early.argmax())]} is before the history, which starts at "
            f"{first}; give rows from there on."
        )


def last_part(n: int, part: float | int | None) -> int:
    """Return how many of the last of n rows a fraction, or a number, stands for.

    >>> last_part(10, 0.25), last_part(10, 4), last_part(10, None)
    (3, 4, 0)
    """
    if part is None:
        return 0
    if isinstance(part, Integral):
        return min(int(part), n)
    return int(np.ceil(part * n))


def season_slots(grid: Grid, positions: np.ndarray) -> np.ndarray:
    """Return the place in the season of rows (n,), from 0 to season - 1.

    A day is read on the local clock, a week by the weekday, so that series which start
    at different times agree; any other season is counted from the first row.
    """
    season, first = grid.season, int(positions.min(initial=0))
    if season == 1 or isinstance(grid, RowGrid):
        return positions % season
    weekday, time = grid.slots(first, int(positions.max(initial=0)) + 1)
    if season == 7:
        return weekday[positions - first]
    if np.any(time != time[0]):
        return time[positions - first] * season // DAY
    return positions % season


def fitted_starts(positions: np.ndarray, n: int, pred_len: int) -> np.ndarray:
    """Return the first rows of the blocks that hold the positions inside the history.

    >>> fitted_starts(np.array([5, 3, 4, 9]), n=8, pred_len=3)
    array([3])
    """
    inside = positions[positions < n]
    return np.unique(inside // pred_len) * pred_len


def future_starts(positions: np.ndarray, n: int, pred_len: int) -> np.ndarray:
    """Return the first rows of the blocks from the end of the history to the last row.

    >>> future_starts(np.array([5, 12]), n=8, pred_len=3)
    array([ 8, 11])
    """
    return np.arange(n, max(int(positions.max()) + 1, n), pred_len)


def block_of(positions: np.ndarray, n: int, pred_len: int) -> np.ndarray:
    """Return the first row of the block that each position is forecast in.

    >>> block_of(np.array([5, 12]), n=8, pred_len=3)
    array([ 3, 11])
    """
    inside = positions // pred_len * pred_len
    ahead = n + (positions - n) // pred_len * pred_len
    return np.where(positions < n, inside, ahead)

"""Origins of forecasts, as arithmetic on positions, and what was known at each.

An origin is the position of the first row that is not known yet. The window of an
origin starts ``gap`` rows after it, and has ``horizon`` rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from skinformer.series.grid import CalendarGrid, Grid, RowGrid
from skinformer.series.history import Stretch
from skinformer.series.time_column import at_time

__all__ = [
    "AsKnown",
    "Reach",
    "WindowForecasts",
    "check_whole",
    "grid_stamps",
    "true_windows",
    "true_windows_of",
]


class WindowForecasts(NamedTuple):
    """Forecasts from several origins, and what came."""

    starts: np.ndarray  # (n_windows,)
    y_pred: np.ndarray  # (n_windows, horizon, n_targets)
    y_true: np.ndarray  # the same; NaN where a row is absent


def check_whole(name: str, value: Any, least: int = 1) -> None:
    """Refuse what is no whole number, or is below ``least``."""
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < least:
        raise ValueError(f"{name}={value!r} must be an int of at least {least}.")


@dataclass(frozen=True)
class Reach:
    """Which rows a window covers, and how far one is from the next.

    Attributes
    ----------
    horizon : int
        Rows of a window.
    gap : int
        Rows between the last known row and the window.
    stride : int
        Rows from one origin to the next.
    """

    horizon: int
    gap: int = 0
    stride: int = 1

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        check_whole("horizon", self.horizon)
        check_whole("gap", self.gap, 0)
        check_whole("stride", self.stride)

    @property
    def ahead(self) -> int:
        """Rows from the origin to the end of its window."""
        return self.gap + self.horizon

    def origins(self, first: int, stop: int) -> np.ndarray:
        """Return the origins from ``first`` on whose windows end before ``stop``.

        >>> Reach(horizon=3, gap=1, stride=2).origins(10, 17)
        array([10, 12])
        """
        starts = range(first, stop - self.ahead + 1, self.stride)
        origins = np.array(starts, dtype=np.int64)  # whatever the length of the stride
        if len(origins) == 0:
            raise ValueError(self.no_window(f"{stop - first} rows hold"))
        return origins

    def no_window(self, what: str) -> str:
        """Say that some rows hold no window."""
        gap = f" and gap={self.gap}" if self.gap else ""
        return (
            f"{what} no window of horizon={self.horizon}{gap}; give at least "
            f"{self.ahead}."
        )


def true_windows(targets: np.ndarray, starts: np.ndarray, horizon: int) -> np.ndarray:
    """Cut windows from targets (n_rows, n_targets); NaN beyond the last row.

    Returns
    -------
    ndarray of shape (n_windows, horizon, n_targets)

    Examples
    --------
    >>> true_windows(np.arange(4.0)[:, None], np.array([0, 2]), 3)[:, :, 0]
    array([[ 0.,  1.,  2.],
           [ 2.,  3., nan]])
    """
    short = max(int(starts.max()) + horizon - len(targets), 0)
    if short:
        absent = np.full((short, targets.shape[1]), np.nan, dtype=targets.dtype)
        targets = np.concatenate([targets, absent])
    # the view has the rows of a window last: (n_windows, n_targets, horizon)
    windows = sliding_window_view(targets, horizon, axis=0)[starts]
    return windows.swapaxes(1, 2).astype(np.float64, copy=False)


def true_windows_of(
    jobs: Sequence[tuple[Stretch, np.ndarray]], reach: Reach
) -> np.ndarray:
    """Cut the windows of the origins of each stretch, one stretch after another."""
    return np.concatenate(
        [
            true_windows(history.targets, origins + reach.gap, reach.horizon)
            for history, origins in jobs
        ]
    )


def grid_stamps(grid: Grid, start: int, stop: int) -> pd.Index:
    """Return the stamps of positions ``start`` to ``stop - 1``, from -1 on."""
    if start >= 0 or not isinstance(grid, CalendarGrid):
        return grid.stamps(start, stop)
    # a calendar counts forward from its first stamp
    before = pd.DatetimeIndex([grid.first.tz_localize(None) - grid.freq])
    if grid.first.tz is not None:
        before = before.tz_localize(
            grid.first.tz, ambiguous=np.array([True]), nonexistent="shift_forward"
        )
    return before.as_unit("ns").append(grid.stamps(0, stop))


@dataclass(frozen=True)
class AsKnown:
    """Covariates of rows ahead as they were known at an origin, by a user's function.

    Attributes
    ----------
    future_X : callable
        ``future_X(origin, index)`` returns the covariates of the rows ``index`` as
        they were known at ``origin``, the stamp of the last known row.
    index : Index of shape (n_rows,)
        Of the rows that ``X`` has.
    positions : ndarray of shape (n_rows,)
        Where they lie, counted as origins are.
    grid : Grid
    offset : int
        Position on the grid of the row from which is counted.
    time : object or None
        Column of what ``future_X`` returns that holds its time; None for the index.
    """

    future_X: Callable[[Any, pd.Index], Any]
    index: pd.Index
    positions: np.ndarray
    grid: Grid
    offset: int = 0
    time: Any = None

    def ask(self, origin: int, start: int, stop: int) -> tuple[np.ndarray, Any]:
        """Return which rows from ``start`` to ``stop - 1`` X has, and their covariates.

        Of no rows, the covariates are None.
        """
        asked = (self.positions >= start) & (self.positions < stop)
        positions, index = self.positions[asked], self.index[asked]
        if len(index) == 0:
            return positions, None
        stamp = self._stamp_before(origin)
        answer = self.future_X(stamp, index)
        check_answer(at_time(answer, self.time), stamp, index)
        return positions, answer

    def _stamp_before(self, origin: int) -> Any:
        """Return the stamp of the last known row; rows without time are numbered."""
        if not isinstance(self.grid, RowGrid):
            at = self.offset + origin
            return grid_stamps(self.grid, at - 1, at)[0]
        row = int(np.searchsorted(self.positions, origin))
        return self.index[row - 1] if row else self.index[0] - 1


def check_answer(answer: Any, stamp: Any, index: pd.Index) -> None:
    """Refuse covariates that are not those of the rows asked for."""
    n_rows = len(answer) if hasattr(answer, "__len__") else 0
    theirs = getattr(answer, "index", None)
    if n_rows != len(index):
        raise ValueError(
            f"future_X returned {n_rows} rows for origin {stamp}, where {len(index)} "
            f"were asked for, {index[0]} to {index[-1]}. Return one row for each."
        )
    if isinstance(theirs, pd.Index) and not theirs.equals(index):
        differs = (a != b for a, b in zip(theirs, index, strict=True))
        row = next((i for i, differ in enumerate(differs) if differ), 0)
        raise ValueError(
            f"future_X returned other rows than asked for at origin {stamp}: row {row} "
            f"is {theirs[row]}, expected {index[row]}. Return them as index has them, "
            "for example with .loc[index]."
        )

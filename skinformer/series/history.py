"""The rows of a series that a forecaster works on, and how they are stored."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from skinformer.exceptions import FilledRowsWarning

from .covariates import Covariates
from .frequency import make_grid
from .grid import Grid
from .timeline import check_order, place_history, rows_to_copy

__all__ = ["Stretch", "append_rows", "start_history"]

# a grid with this many times more rows than were given is a wrong grid
EMPTIEST = 20


@dataclass(frozen=True)
class Stretch:
    """Consecutive rows of one series: covariates of all, targets of the first ones.

    Attributes
    ----------
    targets : ndarray of shape (n_known, n_targets)
        In their own units; NaN where the row was not observed.
    covariates : Covariates of n_rows >= n_known rows
    grid : Grid
        The grid of the history.
    offset : int
        Position of the first row on that grid.
    """

    targets: np.ndarray
    covariates: Covariates
    grid: Grid
    offset: int = 0

    @property
    def n_known(self) -> int:
        """Number of rows whose targets are known."""
        return len(self.targets)

    @property
    def observed(self) -> np.ndarray:
        """Rows that were observed, shape (n_known,)."""
        return ~np.isnan(self.targets).any(axis=1)

    def with_targets(self, targets: np.ndarray) -> "Stretch":
        """Return the same rows with other targets known."""
        return replace(self, targets=targets)

    def ahead(
        self, positions: np.ndarray, given: Covariates, start: int, stop: int
    ) -> "Stretch":
        """Return rows ``start`` to ``stop - 1``, with the covariates that were given.

        Those given override stored ones; those of rows neither stored nor given repeat
        earlier rows (:func:`~skinformer.series.timeline.rows_to_copy`), be these before
        ``start`` or not: what a row holds does not hang on where the stretch begins.
        If ``start`` lies in a gap, the stretch begins at the observed row before it.
        """
        n, start = self.n_known, self._observed_before(start)
        inside = np.flatnonzero(positions < n)
        stored = self.covariates
        if len(inside):
            stored = override(stored, positions[inside], given.take(inside))
        later = np.flatnonzero((positions >= n) & (positions < stop))
        later = later[np.argsort(positions[later], kind="stable")]
        rows = np.concatenate([np.arange(n), positions[later]])
        told = np.concatenate([self.observed, np.ones(len(later), dtype=bool)])
        told[positions[inside]] = True
        whole = complete(self.grid, rows, stored.then(given.take(later)), stop, told)
        return Stretch(
            self.targets[start:],
            whole.take(slice(start, stop)),
            self.grid,
            self.offset + start,
        )

    def _observed_before(self, row: int) -> int:
        """Return the latest observed row up to ``row``: a gap is filled from there."""
        observed = np.flatnonzero(self.observed[: row + 1])
        return int(observed[-1]) if len(observed) else 0


def override(stored: Covariates, rows: np.ndarray, given: Covariates) -> Covariates:
    """Return a copy in which ``rows`` hold what was given."""
    dtype = np.result_type(stored.numeric, given.numeric)
    numeric, codes = stored.numeric.astype(dtype), stored.codes.copy()
    numeric[rows], codes[rows] = given.numeric, given.codes
    return Covariates(numeric, codes)


def complete(
    grid: Grid,
    rows: np.ndarray,
    covariates: Covariates,
    stop: int,
    told: np.ndarray | None = None,
) -> Covariates:
    """Spread the covariates of some positions, ``rows``, over all from 0 to stop - 1.

    Rows are only copied from those that the user told of, all by default: one that was
    itself filled in would pass on what the rule did not choose.
    """
    if len(rows) == stop:
        return covariates
    source = np.full(stop, -1)
    source[rows] = np.arange(len(rows))
    wanted = np.flatnonzero(source < 0)
    sources = np.arange(len(rows)) if told is None else np.flatnonzero(told)
    source[wanted] = sources[rows_to_copy(grid, rows[sources], wanted)]
    return covariates.take(source)


def start_history(
    index: pd.Index, targets: np.ndarray, covariates: Covariates, freq: object = None
) -> Stretch:
    """Make the history of the rows that ``fit`` is given.

    Parameters
    ----------
    index : Index of n stamps
    targets : ndarray of shape (n, n_targets)
    covariates : Covariates of n rows
    freq : str or offset, default=None
        Step of the grid; read off the index by default.

    Raises
    ------
    ValueError
        If the stamps lie on no grid, are repeated or out of order.
    """
    check_order(index)
    grid = make_grid(index, freq)
    positions = place_history(grid, index)
    n = int(positions[-1]) + 1
    return Stretch(
        spread(grid, positions, targets),
        complete(grid, positions, covariates, n),
        grid,
    )


def append_rows(
    history: Stretch, index: pd.Index, targets: np.ndarray, covariates: Covariates
) -> Stretch:
    """Return the history with rows appended that were observed after it.

    Raises
    ------
    ValueError
        If the rows do not all lie after the history, in order, on its grid.
    """
    check_order(index)
    n = history.n_known
    positions = place_history(history.grid, index, start=n)
    later = spread(history.grid, positions, targets, n)
    return Stretch(
        np.concatenate([history.targets, later]),
        history.ahead(positions, covariates, 0, n + len(later)).covariates,
        history.grid,
    )


def spread(
    grid: Grid, positions: np.ndarray, targets: np.ndarray, start: int = 0
) -> np.ndarray:
    """Put targets on the grid from ``start`` on; rows that it alone has are NaN."""
    n = int(positions[-1]) + 1 - start
    if n == len(positions):
        return targets.copy()  # the caller's array may change later
    warn_of_absent(grid, positions, n, start)
    spread = np.full((n, targets.shape[1]), np.nan, dtype=targets.dtype)
    spread[positions - start] = targets
    return spread


def warn_of_absent(grid: Grid, positions: np.ndarray, n: int, start: int) -> None:
    """Warn once with the number of absent rows; refuse a grid that is mostly empty."""
    step = grid.freq.freqstr
    if start + n > EMPTIEST * max(start + len(positions), 50):
        raise ValueError(
            f"A grid in steps of {step!r} would have {n} rows, of which "
            f"{len(positions)} are given. Give freq= if the step is longer."
        )
    expected = np.arange(start, start + len(positions))
    first = int(expected[(positions != expected).argmax()])
    warnings.warn(
        f"{n - len(positions)} of {n} rows are absent from the grid in steps of "
        f"{step!r}, the first at {grid.stamps(first, first + 1)[0]}: they are filled "
        "as inputs, and left out of the loss and the statistics.",
        FilledRowsWarning,
        stacklevel=2,
    )

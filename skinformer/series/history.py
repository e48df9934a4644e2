"""The rows of a series that a forecaster works on, and how they are stored."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from skinformer.exceptions import FilledRowsWarning, warn

from .chunks import is_mapped
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
        In their own units; NaN where the row was not given.
    given : ndarray of shape (n_known,), bool
        Rows that the user gave; the grid has the others alone.
    covariates : Covariates of n_rows >= n_known rows
    grid : Grid
        The grid of the history.
    offset : int
        Position of the first row on that grid.
    """

    targets: np.ndarray
    given: np.ndarray
    covariates: Covariates
    grid: Grid
    offset: int = 0

    @property
    def n_known(self) -> int:
        """Number of rows whose targets are known."""
        return len(self.targets)

    def with_targets(self, targets: np.ndarray) -> "Stretch":
        """Return the same rows with other targets, those of the first rows at least."""
        return replace(self, targets=targets, given=self.given[: len(targets)])

    def then_forecast(self, forecast: np.ndarray) -> "Stretch":
        """Return the same rows, with forecasts as the next known targets."""
        told = np.ones(len(forecast), dtype=bool)
        return replace(
            self,
            targets=np.concatenate([self.targets, forecast]),
            given=np.concatenate([self.given, told]),
        )

    def last_rows(self, n_context: int | None) -> "Stretch":
        """Cut all but the last ``n_context`` known rows off the front."""
        if n_context is None or n_context >= self.n_known:
            return self
        start = self._given_before(self.n_known - n_context)
        return replace(
            self,
            targets=self.targets[start:],
            given=self.given[start:],
            covariates=self.covariates.take(slice(start, None)),
            offset=self.offset + start,
        )

    def ahead(
        self, positions: np.ndarray, covariates: Covariates, start: int, stop: int
    ) -> "Stretch":
        """Return rows ``start`` to ``stop - 1``, with covariates for ``positions``.

        Those override stored ones; rows that have neither repeat earlier rows
        (:func:`~skinformer.series.timeline.rows_to_copy`), be these before ``start`` or
        not: what a row holds does not hang on where the stretch begins. If ``start``
        lies in a gap, the stretch begins at the row before it that was given.
        """
        n, start = self.n_known, self._given_before(start)
        source = np.arange(start, stop)
        wanted = source[(source >= n) & ~np.isin(source, positions)]
        if len(wanted):
            # a row that was itself filled in would pass on what the rule did not choose
            is_told = np.zeros(stop, dtype=bool)
            is_told[:n] = self.given
            is_told[positions[positions < stop]] = True
            told = np.flatnonzero(is_told)
            source[wanted - start] = told[rows_to_copy(self.grid, told, wanted)]
        return Stretch(
            self.targets[start:],
            self.given[start:],
            self._look_up(source, positions, covariates),
            self.grid,
            self.offset + start,
        )

    def _look_up(
        self, rows: np.ndarray, positions: np.ndarray, covariates: Covariates
    ) -> Covariates:
        """Return covariates of rows that are stored or passed; those passed prevail."""
        stored = self.covariates.take(np.minimum(rows, self.n_known - 1))
        if len(positions) == 0:
            return stored
        order = np.argsort(positions, kind="stable")
        place = np.searchsorted(positions[order], rows).clip(max=len(order) - 1)
        passed = positions[order[place]] == rows
        return override(stored, passed, covariates.take(order[place[passed]]))

    def _given_before(self, row: int) -> int:
        """Return the latest given row up to ``row``: a gap is filled from there."""
        if row >= self.n_known:
            row = self.n_known - 1
        return row - int(self.given[row::-1].argmax())


def override(stored: Covariates, rows: np.ndarray, given: Covariates) -> Covariates:
    """Return a copy in which ``rows`` hold what was given."""
    dtype = np.result_type(stored.numeric, given.numeric)
    numeric, codes = stored.numeric.astype(dtype), stored.codes.copy()
    numeric[rows], codes[rows] = given.numeric, given.codes
    return Covariates(numeric, codes)


def complete(
    grid: Grid, positions: np.ndarray, covariates: Covariates, stop: int
) -> Covariates:
    """Spread the covariates of ``positions`` over all rows from 0 to stop - 1."""
    if len(positions) == stop:
        return covariates
    source = np.full(stop, -1)
    source[positions] = np.arange(len(positions))
    wanted = np.flatnonzero(source < 0)
    source[wanted] = rows_to_copy(grid, positions, wanted)
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
    targets, given = spread(grid, positions, targets)
    covariates = complete(grid, positions, covariates, len(targets))
    return Stretch(targets, given, covariates, grid)


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
    later, given = spread(history.grid, positions, targets, n)
    return Stretch(
        np.concatenate([history.targets, later]),
        np.concatenate([history.given, given]),
        history.ahead(positions, covariates, 0, n + len(later)).covariates,
        history.grid,
    )


def spread(
    grid: Grid, positions: np.ndarray, targets: np.ndarray, start: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Put targets on the grid from ``start`` on, and say which rows were given."""
    n = int(positions[-1]) + 1 - start
    given = np.zeros(n, dtype=bool)
    given[positions - start] = True
    if n == len(positions):
        # The caller's array may change later; a file may be larger than memory.
        return targets if is_mapped(targets) else targets.copy(), given
    warn_of_absent(grid, positions, n, start)
    spread = np.full((n, targets.shape[1]), np.nan, dtype=targets.dtype)
    spread[positions - start] = targets
    return spread, given


def longer_step(grid: Grid, positions: np.ndarray) -> str:
    """Say what may make the grid of few rows a fuller one."""
    apart = np.unique_counts(np.diff(positions))
    usual = int(apart.values[apart.counts.argmax()]) if len(positions) > 1 else 1
    if usual == 1:
        return "Correct or drop the stamp that lies far from the others."
    return (
        f"Most of them are {usual} steps of {grid.freq.freqstr!r} apart: leave "
        "freq=None, which reads the step off the stamps, or give a longer one."
    )


def warn_of_absent(grid: Grid, positions: np.ndarray, n: int, start: int) -> None:
    """Warn once with the number of absent rows; refuse a grid that is mostly empty."""
    step = grid.freq.freqstr
    if start + n > EMPTIEST * max(start + len(positions), 50):
        raise ValueError(
            f"A grid in steps of {step!r} would have {n} rows, of which "
            f"{len(positions)} are given. {longer_step(grid, positions)}"
        )
    expected = np.arange(start, start + len(positions))
    first = int(expected[(positions != expected).argmax()])
    warn(
        f"{n - len(positions)} of {n} rows are absent from the grid in steps of "
        f"{step!r}, the first at {grid.stamps(first, first + 1)[0]}: they are filled "
        "as inputs, and left out of the statistics and of the loss of a network.",
        FilledRowsWarning,
    )

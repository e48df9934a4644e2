"""The rows of a series that a forecaster works on, and how they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from skinformer.exceptions import FilledRowsWarning, warn

from .chunks import is_mapped
from .covariates import Covariates
from .filled import Filled
from .filling import fill, first_row_needed
from .frequency import make_grid
from .grid import Grid
from .rows import edges_of
from .timeline import check_order, place_history, rows_to_copy

__all__ = [
    "Observed",
    "Place",
    "Stretch",
    "append_rows",
    "lay_out",
    "place_rows",
    "start_history",
    "warn_of_absent",
]

# a grid with this many times more rows than were given is a wrong grid
EMPTIEST = 20


@dataclass(frozen=True)
class Observed:
    """What was observed of n rows, beside what is known ahead of them.

    Attributes
    ----------
    values : ndarray of shape (n, n_targets + n_past)
        Targets, then the numeric covariates that are known only up to now; in their own
        units, NaN where missing.
    codes : ndarray of shape (n, n_past_categorical), int64
        Categories that are known only up to now; 0 where missing.
    weights : ndarray of shape (n,) or None
        How much each row counts in the loss; None for 1.
    """

    values: np.ndarray
    codes: np.ndarray
    weights: np.ndarray | None = None

    @classmethod
    def of(cls, values: np.ndarray) -> "Observed":
        """Return values beside which nothing else was observed."""
        return cls(values, np.empty((len(values), 0), dtype=np.int64))

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.values)

    def take(self, rows: slice | np.ndarray) -> "Observed":
        """Return those rows."""
        weights = None if self.weights is None else self.weights[rows]
        return Observed(self.values[rows], self.codes[rows], weights)


@dataclass(frozen=True)
class Stretch:
    """Consecutive rows of one series: covariates of all, observations of the first.

    Attributes
    ----------
    observed : Observed of n_known rows
    given : ndarray of shape (n_known,), bool
        Rows that the user gave; the grid has the others alone.
    covariates : Covariates of n_rows >= n_known rows
        Those that are known ahead.
    grid : Grid
        The grid of the history.
    n_targets : int
        How many of the observed values are targets.
    filled : Filled
        The observed values, with something in place of those that are missing.
    offset : int
        Position of the first row on that grid.
    series : int
        Number of the series, where there are many.
    """

    observed: Observed
    given: np.ndarray
    covariates: Covariates
    grid: Grid
    n_targets: int
    filled: Filled
    offset: int = 0
    series: int = 0

    @classmethod
    def of(
        cls, targets: np.ndarray, given: np.ndarray, covariates: Covariates, grid: Grid
    ) -> "Stretch":
        """Return rows of which nothing but the targets was observed."""
        filled = fill(targets, grid.season)
        rows = Observed.of(targets)
        return cls(rows, given, covariates, grid, targets.shape[1], filled)

    @property
    def targets(self) -> np.ndarray:
        """Targets of the rows that are known, (n_known, n_targets)."""
        return self.observed.values[:, : self.n_targets]

    @property
    def filled_targets(self) -> np.ndarray:
        """The same with something in place of those that are missing, once closed."""
        return self.filled.between[:, : self.n_targets]

    @property
    def n_known(self) -> int:
        """Number of rows whose targets are known."""
        return len(self.observed)

    def unweighted(self) -> "Stretch":
        """Return the same rows, all of which count the same."""
        return replace(self, observed=replace(self.observed, weights=None))

    def less(self, told: np.ndarray) -> "Stretch":
        """Return the first rows with what was told, (n, n_targets), taken off."""
        rows = self.observed.take(slice(len(told)))
        more = rows.values.shape[1] - self.n_targets
        off = np.pad(told, ((0, 0), (0, more))) if more else told
        return replace(
            self,
            observed=replace(rows, values=rows.values - off),
            given=self.given[: len(told)],
            filled=self.filled.first(len(told)).less(off),
        )

    def before(self, row: int) -> "Stretch":
        """Return the rows before one, and no covariates from it on."""
        return replace(
            self,
            observed=self.observed.take(slice(row)),
            given=self.given[:row],
            covariates=self.covariates.take(slice(row)),
            filled=self.filled.as_known(row),
        )

    def then_forecast(self, forecast: np.ndarray) -> "Stretch":
        """Return the same rows, with forecasts as the next known targets."""
        n, ours = len(forecast), self.observed
        values = np.full((n, ours.values.shape[1]), np.nan)
        values[:, : self.n_targets] = forecast
        codes = np.zeros((n, ours.codes.shape[1]), dtype=np.int64)
        values = np.concatenate([ours.values, values])
        # rows before the forecast stay as they were filled; a forecast closes no hole
        filled = self.filled.then(fill(values, self.grid.season), n)
        return replace(
            self,
            observed=Observed(values, np.concatenate([ours.codes, codes])),
            given=np.concatenate([self.given, np.ones(n, dtype=bool)]),
            filled=filled,
        )

    def last_rows(self, n_context: int | None) -> "Stretch":
        """Cut all but the last ``n_context`` known rows off the front."""
        if n_context is None or n_context >= self.n_known:
            return self
        return self.since(self._given_before(self.n_known - n_context))

    def last_filled(self, n: int) -> "Stretch":
        """Cut off rows without which the last n, and later ones, fill the same."""
        start = max(self.n_known - n, 0)
        if self.filled.last is not None:
            values, season = self.observed.values, self.grid.season
            start = first_row_needed(values, start, season)
        return self.since(self._given_before(start))

    def since(self, start: int) -> "Stretch":
        """Return the rows from ``start`` on."""
        rest = slice(start, None)
        return replace(
            self,
            observed=self.observed.take(rest),
            given=self.given[rest],
            covariates=self.covariates.take(rest),
            filled=self.filled.since(start),
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
            told, at = np.flatnonzero(is_told), self.offset
            source[wanted - start] = told[
                rows_to_copy(self.grid, told + at, wanted + at)
            ]
        return replace(
            self,
            observed=self.observed.take(slice(start, None)),
            given=self.given[start:],
            covariates=self._look_up(source, positions, covariates),
            filled=self.filled.since(start),
            offset=self.offset + start,
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


def sources(grid: Grid, positions: np.ndarray, stop: int) -> np.ndarray:
    """Say which of the rows at ``positions`` each row from 0 to stop - 1 repeats."""
    if len(positions) == stop:
        return np.arange(stop)
    source = np.full(stop, -1)
    source[positions] = np.arange(len(positions))
    wanted = np.flatnonzero(source < 0)
    source[wanted] = rows_to_copy(grid, positions, wanted)
    return source


class Place(NamedTuple):
    """The grid of a series, and where its rows lie on it, (n,)."""

    grid: Grid
    positions: np.ndarray

    def __len__(self) -> int:
        """Count the rows of the grid."""
        return int(self.positions[-1]) + 1


def place_rows(
    index: pd.Index, freq: object = None, snap: bool = True, like: Grid | None = None
) -> Place:
    """Place the rows that a history starts with; see :func:`make_grid`.

    Raises
    ------
    ValueError
        If the stamps lie on no grid, are repeated or out of order.
    """
    check_order(index)
    grid = make_grid(index, freq, snap, like)
    place = Place(grid, place_history(grid, index))
    refuse_empty_grid(grid, place.positions, len(place))
    return place


def lay_out(
    places: Sequence[Place], observed: Observed, covariates: Covariates, n_targets: int
) -> list[Stretch]:
    """Make histories of rows that stand series after series, in that order.

    All are views of one array each: windows of all series then need no copy.
    """
    rows, edges = [], edges_of(len(place) for place in places)
    for (_, positions), first in zip(places, edges, strict=False):
        rows.append(positions + first)
    observed, given = spread(np.concatenate(rows), observed)
    if len(given) > len(covariates):
        covariates = covariates.take(sources_of_all(places))
    stretches = []
    for i, (place, first) in enumerate(zip(places, edges, strict=False)):
        of, grid = slice(first, first + len(place)), place.grid
        ours = observed.take(of)
        filled = fill(ours.values, grid.season)
        known = covariates.take(of)
        stretches.append(
            Stretch(ours, given[of], known, grid, n_targets, filled, series=i)
        )
    return stretches


def sources_of_all(places: Sequence[Place]) -> np.ndarray:
    """Do what :func:`sources` does for series whose rows stand one after another."""
    first = edges_of(len(place.positions) for place in places)
    each = [sources(*place, len(place)) for place in places]
    return np.concatenate([of + at for of, at in zip(each, first, strict=False)])


def start_history(
    index: pd.Index,
    observed: Observed,
    covariates: Covariates,
    n_targets: int,
    freq: object = None,
    series: int = 0,
) -> Stretch:
    """Make the history of the rows that ``fit`` is given.

    Parameters
    ----------
    index : Index of n stamps
    observed : Observed of n rows
    covariates : Covariates of n rows
    n_targets : int
        How many of the observed values are targets.
    freq : str or offset, default=None
        Step of the grid; read off the index by default.
    series : int, default=0
        Number of the series.

    Raises
    ------
    ValueError
        If the stamps lie on no grid, are repeated or out of order.
    """
    place = place_rows(index, freq)
    history = lay_out([place], observed, covariates, n_targets)[0]
    return replace(history, series=series)


def append_rows(
    history: Stretch, index: pd.Index, observed: Observed, covariates: Covariates
) -> Stretch:
    """Return the history with rows appended that were observed after it.

    Raises
    ------
    ValueError
        If the rows do not all lie after the history, in order, on its grid.
    """
    check_order(index)
    n, offset, grid = history.n_known, history.offset, history.grid
    positions = place_history(grid, index, start=offset + n) - offset
    told = np.append(np.flatnonzero(history.given), positions)
    refuse_empty_grid(grid, told, int(positions[-1]) + 1)
    later, given = spread(positions, observed, n)
    values = np.concatenate([history.observed.values, later.values])
    return replace(
        history,
        observed=Observed(
            values, np.concatenate([history.observed.codes, later.codes])
        ),
        given=np.concatenate([history.given, given]),
        covariates=history.ahead(positions, covariates, 0, n + len(later)).covariates,
        filled=fill(values, grid.season),
    )


def spread(
    positions: np.ndarray, observed: Observed, start: int = 0
) -> tuple[Observed, np.ndarray]:
    """Put rows on the grid from ``start`` on, and say which of them were given.

    Rows that were not given are missing, and weigh nothing.
    """
    n = int(positions[-1]) + 1 - start
    given = np.zeros(n, dtype=bool)
    given[positions - start] = True
    if n == len(positions):
        # The caller's array may change later; a file may be larger than memory.
        kept = observed if is_mapped(observed.values) else observed.take(given)
        return kept, given
    values = np.full((n, observed.values.shape[1]), np.nan, observed.values.dtype)
    codes = np.zeros((n, observed.codes.shape[1]), dtype=np.int64)
    values[given], codes[given] = observed.values, observed.codes
    weights = None
    if observed.weights is not None:
        weights = np.zeros(n)
        weights[given] = observed.weights
    return Observed(values, codes, weights), given


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


def refuse_empty_grid(grid: Grid, positions: np.ndarray, n: int) -> None:
    """Refuse a grid of n rows that is mostly empty."""
    if n > EMPTIEST * max(len(positions), 50):
        raise ValueError(
            f"A grid in steps of {grid.freq.freqstr!r} would have {n} rows, of which "
            f"{len(positions)} are given. {longer_step(grid, positions)}"
        )


def warn_of_absent(stretches: list[Stretch], since: list[int]) -> None:
    """Warn once with the number of rows from ``since`` on that were not given."""
    given = [s.given[first:] for s, first in zip(stretches, since, strict=True)]
    absent = sum(int((~rows).sum()) for rows in given)
    if not absent:
        return
    which = next(i for i, rows in enumerate(given) if not rows.all())
    stretch = stretches[which]
    first = stretch.offset + since[which] + int((~given[which]).argmax())
    warn(
        f"{absent} of {sum(map(len, given))} rows are absent from the grid in steps of "
        f"{stretch.grid.freq.freqstr!r}, the first at "
        f"{stretch.grid.stamps(first, first + 1)[0]}: they count as missing, are "
        "filled as inputs, and left out of the statistics and of the loss of a "
        "network.",
        FilledRowsWarning,
    )

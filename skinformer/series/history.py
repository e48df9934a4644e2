"""The rows of a series that a forecaster works on."""

from dataclasses import dataclass, replace

import numpy as np

from .copying import rows_to_copy
from .covariates import Covariates
from .filled import Filled
from .filling import fill, first_row_needed
from .grid import Grid

__all__ = ["Observed", "Stretch", "override"]


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

    @property
    def end(self) -> int:
        """Position on the grid of the row after those that are known."""
        return self.offset + self.n_known

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
        has_gaps = np.isnan(values).any()  # of columns of the past nothing is forecast
        values = np.concatenate([ours.values, values])
        anew = fill(values, self.grid.season) if has_gaps else Filled.whole(values)
        # rows before the forecast stay as they were filled; a forecast closes no hole
        filled = self.filled.then(anew, n)
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
        (:func:`~skinformer.series.copying.rows_to_copy`), be these before ``start`` or
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

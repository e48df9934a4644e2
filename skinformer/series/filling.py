"""What stands in place of values that are missing (provisional)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from .chunks import chunks

__all__ = ["Filled", "fill"]


@dataclass(frozen=True)
class Filled:
    """Values with something in place of those that are missing.

    A window that starts at row s sees ``between`` where the gap of a row was closed
    before s, and ``ahead`` where it was not.

    Attributes
    ----------
    between : ndarray of shape (n, k)
        By the rows on both sides of a gap; NaN in a column without a value.
    ahead : ndarray of shape (n, k)
        By the rows before a gap alone; NaN before the first value of a column.
    last : ndarray of shape (n, k), int, or None
        The latest row up to each that was observed, -1 where there is none; None where
        nothing is missing, and both others are the values themselves.
    """

    between: np.ndarray
    ahead: np.ndarray
    last: np.ndarray | None

    def take(self, rows: slice) -> Self:
        """Return the first rows, up to where the slice ends."""
        last = None if self.last is None else self.last[rows]
        return type(self)(self.between[rows], self.ahead[rows], last)

    def since(self, start: int) -> Self:
        """Return the rows from ``start`` on."""
        last = None if self.last is None else np.maximum(self.last[start:] - start, -1)
        return type(self)(self.between[start:], self.ahead[start:], last)

    def then(self, longer: Self, n: int) -> Self:
        """Return these rows and, after them, the last n of a longer filling."""
        if self.last is None and longer.last is None:
            return longer
        return type(self)(
            np.concatenate([self.between, longer.between[-n:]]),
            np.concatenate([self.ahead, longer.ahead[-n:]]),
            np.concatenate([self.rows_observed(), longer.rows_observed()[-n:]]),
        )

    def rows_observed(self) -> np.ndarray:
        """Return the latest row up to each that was observed, (n, k)."""
        if self.last is not None:
            return self.last
        return np.broadcast_to(np.arange(len(self.between))[:, None], self.between.shape)

    @classmethod
    def of(cls, stretches: Sequence, values: np.ndarray) -> Self:
        """Put the fillings of stretches one after another; ``values`` are theirs."""
        each = [s.filled for s in stretches]
        if all(filled.last is None for filled in each):
            return cls(values, values, None)
        first = np.cumsum([0] + [len(filled.between) for filled in each])
        last = [
            np.where(filled.rows_observed() < 0, -1, filled.rows_observed() + at)
            for filled, at in zip(each, first, strict=False)
        ]
        return cls(
            np.concatenate([filled.between for filled in each]),
            np.concatenate([filled.ahead for filled in each]),
            np.concatenate(last),
        )

    def less(self, told: np.ndarray) -> Self:
        """Return the rows with what was told of them, (n, k), taken off."""
        between = self.between - told
        if self.last is None:
            return type(self)(between, between, None)
        return type(self)(between, self.ahead - told, self.last)


def fill(values: np.ndarray, season: int = 1) -> Filled:
    """Fill on a line."""
    missing = any(np.isnan(values[p]).any() for p in chunks(len(values)))
    if not missing:
        return Filled(values, values, None)
    n, k = values.shape
    rows = np.arange(n)
    known = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(known, rows[:, None], -1), axis=0)
    between, ahead = values.copy(), values.copy()
    for c in range(k):
        seen = np.flatnonzero(known[:, c])
        if len(seen):
            between[:, c] = np.interp(rows, seen, values[seen, c])
            ahead[:, c] = np.where(last[:, c] >= 0, values[np.maximum(last[:, c], 0), c], np.nan)
    return Filled(between, ahead, last)

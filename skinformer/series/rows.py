"""The rows of some stretches, one after another in one array each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from .chunks import any_missing
from .filled import Filled

__all__ = ["Rows", "run_together"]


def run_together(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Concatenate; without a copy where the arrays lie one after another in memory.

    >>> whole = np.arange(5.0)
    >>> np.shares_memory(run_together([whole[:2], whole[2:]]), whole)
    True
    """
    if len(arrays) == 1:
        # rows that lie one after another in memory are copied several times faster
        return np.ascontiguousarray(arrays[0])
    base = arrays[0].base
    # rows without columns lie nowhere, and seem to follow one another
    if base is not None and base.nbytes and all(a.base is base for a in arrays):
        ends = [a.ctypes.data + a.nbytes for a in arrays]
        follow = [a.ctypes.data for a in arrays[1:]] == ends[:-1]
        if follow and base.shape[1:] == arrays[0].shape[1:] and base.flags.c_contiguous:
            row = base[:1].nbytes
            first = (arrays[0].ctypes.data - base.ctypes.data) // row
            return base[first : first + sum(map(len, arrays))]
    return np.concatenate(arrays)


def edges_of(lengths: Iterable[int]) -> np.ndarray:
    """Return where each of some parts begins, and where the last one ends.

    >>> edges_of([2, 3])
    array([0, 2, 5])
    """
    return np.concatenate([[0], np.cumsum(list(lengths))]).astype(np.int64)


@dataclass(frozen=True)
class Rows:
    """What was observed of some stretches, and what is known ahead.

    Attributes
    ----------
    values : ndarray of shape (n_known, n_values)
        Targets, then other columns known only up to now; NaN where missing.
    filled : Filled
        The same with something in place of those that are missing.
    past_codes : ndarray of shape (n_known, n_past_categorical), int64
    weights : ndarray of shape (n_known,) or None
    numeric : ndarray of shape (n_rows, n_numeric)
    codes : ndarray of shape (n_rows, n_categorical), int64
    n_targets : int
    known, edges : ndarray of shape (n_stretches + 1,)
        First row of each stretch among the known ones, and among all; then the end.
    series : ndarray of shape (n_stretches,)
        Number of the series that each belongs to.
    """

    values: np.ndarray
    filled: Filled
    past_codes: np.ndarray
    weights: np.ndarray | None
    numeric: np.ndarray
    codes: np.ndarray
    n_targets: int
    known: np.ndarray
    edges: np.ndarray
    series: np.ndarray

    @classmethod
    def of(cls, stretches: Sequence) -> Self:
        """Put stretches one after another."""
        seen = [s.observed for s in stretches]
        weights = [o.weights for o in seen]
        values = run_together([o.values for o in seen])
        return cls(
            values,
            Filled.of([s.filled for s in stretches], values),
            run_together([o.codes for o in seen]),
            None if any(w is None for w in weights) else run_together(weights),
            run_together([s.covariates.numeric for s in stretches]),
            run_together([s.covariates.codes for s in stretches]),
            stretches[0].n_targets,
            edges_of(len(o) for o in seen),
            edges_of(len(s.covariates) for s in stretches),
            np.array([s.series for s in stretches]),
        )

    @property
    def has_gaps(self) -> bool:
        """Whether an observed value is missing."""
        return self.filled.last is not None

    @cached_property
    def lacks_numbers(self) -> bool:
        """Whether a number that is known ahead is missing."""
        return any_missing(self.numeric)

    @cached_property
    def missing(self) -> np.ndarray:
        """Which observed values are missing, (n_known, n_values)."""
        return np.isnan(self.values)

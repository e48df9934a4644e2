"""The rows of some stretches, one after another in one array each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from .chunks import any_missing, let_go_now, map_of
from .filled import Filled
from .together import run_together

__all__ = ["Rows", "edges_of"]


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
        The same with something in place of those that are missing. Its ``last`` counts
        from the first row of each stretch.
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
    def maps(self) -> list:
        """The files larger than memory, perhaps, that rows are read from."""
        filled = self.filled if self.has_gaps else ()
        arrays = [self.values, *filled, self.past_codes, self.numeric, self.codes]
        found = {id(mapped): mapped for mapped in map(map_of, arrays) if mapped}
        return list(found.values())

    def let_go(self) -> None:
        """Hand back the memory of what was read of files."""
        for mapped in self.maps:
            let_go_now(mapped)

"""Where windows start, as runs of consecutive rows: a few numbers for millions of them.

Windows of a file larger than memory would be too many to list.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["RunColumn", "Runs"]


class Runs:
    """Windows of some stretches, in runs whose starts are consecutive.

    Parameters
    ----------
    first : ndarray of shape (n_runs,)
        The first start of each run.
    sizes : ndarray of shape (n_runs,)
        How many windows it has.
    which : ndarray of shape (n_runs,), optional
        The stretch of each run; by default the first.

    Examples
    --------
    >>> runs = Runs.of([range(3, 5), np.array([7, 8, 10])])
    >>> runs.starts[1:4], runs.which[np.array([4, 0])]
    (array([4, 7, 8]), array([1, 0]))
    """

    def __init__(
        self, first: np.ndarray, sizes: np.ndarray, which: np.ndarray | None = None
    ):
        self.first = first
        self.of_run = np.zeros(len(first), dtype=np.int64) if which is None else which
        self.edges = np.concatenate([[0], np.cumsum(sizes)])  # windows before each run

    @classmethod
    def of(cls, parts: Sequence[Any]) -> "Runs":
        """Put the windows of some stretches one after another.

        Each part holds starts in ascending order: an array, a range, or runs.
        """
        each = [runs_of(part) for part in parts]
        n_runs = [len(first) for first, _ in each]
        return cls(
            np.concatenate([first for first, _ in each]),
            np.concatenate([sizes for _, sizes in each]),
            np.repeat(np.arange(len(each)), n_runs),
        )

    def __len__(self) -> int:
        """Count the windows."""
        return int(self.edges[-1])

    @property
    def starts(self) -> "RunColumn":
        """The starts, looked up as they are asked for."""
        return RunColumn(self, is_start=True)

    @property
    def which(self) -> "RunColumn":
        """The stretches, looked up as they are asked for."""
        return RunColumn(self, is_start=False)


class RunColumn:
    """The starts of windows, or their stretches; indexed like an array (n_windows,)."""

    def __init__(self, runs: Runs, is_start: bool):
        self.runs, self.is_start = runs, is_start

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.runs)

    def __getitem__(self, chosen: Any) -> np.ndarray:
        """Return those of some windows, by slice, mask or position."""
        if isinstance(chosen, slice):
            at = np.arange(*chosen.indices(len(self)))
        else:
            at = np.asarray(chosen)
            at = np.flatnonzero(at) if at.dtype == bool else at
        runs = self.runs
        run = np.searchsorted(runs.edges, at, side="right") - 1
        if self.is_start:
            return runs.first[run] + at - runs.edges[run]
        return runs.of_run[run]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """Write all of them out."""
        return self[:].astype(dtype or np.int64, copy=False)


def runs_of(starts: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the first starts and the sizes of the runs of ascending starts.

    >>> runs_of(np.array([3, 4, 6]))
    (array([3, 6]), array([2, 1]))
    """
    if isinstance(starts, Runs):
        return starts.first, np.diff(starts.edges)
    if isinstance(starts, range):
        some = len(starts) > 0
        return np.array([starts.start][:some]), np.array([len(starts)][:some])
    if len(starts) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    begins = np.concatenate([[0], np.flatnonzero(np.diff(starts) != 1) + 1])
    return starts[begins], np.diff(np.append(begins, len(starts)))

"""Some of the windows that validate, where a file has too many for each epoch."""

from typing import Any

import numpy as np

from skinformer.series.windows import Windows

from .jobs import Jobs

__all__ = ["evenly", "few_of"]

# windows that validate, for each one in an epoch of training; forecasts are cheap
PER_WINDOW = 4
# of one series, before others are left out: its parts of time are to be told apart
OF_SERIES = 32


def few_of(
    windows: Windows | None, jobs: Jobs, per_epoch: int | None
) -> Windows | Any:  # Any is None here
    """Return at most four times as many windows as an epoch trains on.

    They are spread evenly over each series, and over the series. Without a number of
    windows in an epoch, all of them.
    """
    if windows is None or per_epoch is None:
        return windows
    counts = np.array([len(starts) for _, starts in jobs])
    if counts.sum() <= PER_WINDOW * per_epoch:
        return windows
    few = windows.take(evenly(counts, PER_WINDOW * per_epoch))
    few.longest = int(counts.max())
    return few


def spread(n: int, n_kept: int) -> np.ndarray:
    """Return so many of n positions, evenly apart, with the first and the last."""
    return np.linspace(0, n - 1, min(n, n_kept)).round().astype(np.int64)


def evenly(counts: np.ndarray, most: int) -> np.ndarray:
    """Choose windows of some series that stand one after another, at most so many.

    Parameters
    ----------
    counts : ndarray of shape (n_series,)
        Windows of each series.
    most : int

    Examples
    --------
    >>> evenly(np.array([100, 0, 3]), most=64)[-5:]  # the last ones of the two series
    array([ 96,  99, 100, 101, 102])
    """
    filled = np.flatnonzero(counts)
    of_each = max(most // len(filled), min(OF_SERIES, most))
    chosen = filled[spread(len(filled), most // of_each)]
    first = np.cumsum(counts) - counts
    return np.concatenate([first[s] + spread(counts[s], of_each) for s in chosen])

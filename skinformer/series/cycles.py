"""Rows of the same weekday or time of day, where they come back after so many rows."""

import numpy as np

__all__ = ["latest_in_cycle"]


def latest_in_cycle(known: np.ndarray, wanted: np.ndarray, cycle: int) -> np.ndarray:
    """For each wanted row, find the latest known one whole cycles before it.

    Parameters
    ----------
    known : ndarray of shape (n_known,)
        Positions in ascending order.
    wanted : ndarray of shape (n_wanted,)
    cycle : int
        Rows after which the same slot comes again.

    Returns
    -------
    ndarray of shape (n_wanted,)
        Index into ``known``, -1 where there is none.

    Examples
    --------
    >>> latest_in_cycle(np.array([2, 3, 5]), np.array([4, 7, 8]), cycle=2)
    array([0, 2, 0])
    """
    first, last = known[0], max(known[-1], wanted.max())
    if cycle > last - first:
        return np.full(len(wanted), -1)
    n_cycles = -(-(last + 1 - first) // cycle)
    latest = np.full(n_cycles * cycle, -1)
    latest[known - first] = np.arange(len(known))
    # a row of the array is a cycle, a column the rows of one slot
    latest = np.maximum.accumulate(latest.reshape(n_cycles, cycle), axis=0).ravel()
    before = wanted - first - cycle
    return np.where(before < 0, -1, latest[np.maximum(before, 0)])

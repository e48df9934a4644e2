"""Which known rows those repeat whose covariates nobody has given."""

from collections.abc import Iterator

import numpy as np

from .cycles import latest_in_cycle
from .grid import Grid

__all__ = ["latest_match", "rows_to_copy"]

# rows in which a copy is looked for first; a fortnight of hours and more
RECENT = 512


def latest_match(
    known: np.ndarray, known_key: np.ndarray, before: np.ndarray, key: np.ndarray
) -> np.ndarray:
    """For each wanted row, find the latest known row of the same key before it.

    Parameters
    ----------
    known, known_key : ndarray of shape (n_known,)
        Positions in ascending order, and their keys.
    before, key : ndarray of shape (n_wanted,)
        Rows from ``before`` on do not count.

    Returns
    -------
    ndarray of shape (n_wanted,)
        Index into ``known``, -1 where there is none.

    Examples
    --------
    >>> known, weekday = np.array([0, 1, 2, 3]), np.array([5, 6, 5, 6])
    >>> latest_match(known, weekday, np.array([4, 2, 4]), np.array([5, 5, 0]))
    array([ 2,  0, -1])
    """
    if len(known) == 0 or len(key) == 0:
        return np.full(len(key), -1)
    codes = np.unique(np.concatenate([known_key, key]), return_inverse=True)[1]
    span = max(int(known[-1]), int(before.max())) + 1
    order = np.argsort(codes[: len(known)], kind="stable")
    ranked = codes[order] * span + known[order]
    wanted = codes[len(known) :]
    found = np.searchsorted(ranked, wanted * span + before) - 1
    fits = (found >= 0) & (codes[order][found] == wanted)
    return np.where(fits, order[found], -1)


def rows_to_copy(grid: Grid, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Choose, for rows whose covariates are not given, the known row they repeat.

    The latest before it of the same weekday and time of day, else of the same time of
    day, else the last; never a later row.

    Parameters
    ----------
    grid : Grid
    known : ndarray of shape (n_known,)
        Positions in ascending order; the first lies before every wanted one.
    wanted : ndarray of shape (n_wanted,)

    Returns
    -------
    ndarray of shape (n_wanted,)
        Index into ``known``.
    """
    size = RECENT
    while size < len(known):
        # a match among the last rows is the latest of all: most need no longer search
        if known[-size] < wanted.min(initial=known[-1]):
            choice, found = search_copies(grid, known[-size:], wanted)
            if found.all():
                return choice + len(known) - size
        size *= 8
    return search_copies(grid, known, wanted)[0]


def search_copies(
    grid: Grid, known: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Choose among all known rows; say where weekday and time of day are the same."""
    if len(wanted) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    choice = np.searchsorted(known, wanted) - 1
    for match in matches(grid, known, wanted):
        choice = np.where(match < 0, choice, match)
    return choice, match >= 0


def matches(grid: Grid, known: np.ndarray, wanted: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the latest known rows of the same time of day, then of weekday and time."""
    if grid.cycles is not None:  # much quicker than to read the clock
        yield from (latest_in_cycle(known, wanted, cycle) for cycle in grid.cycles)
        return
    first = min(known[0], wanted.min())
    weekday, time = grid.slots(first, int(max(known[-1], wanted.max())) + 1)
    for key in (time, np.unique(time, return_inverse=True)[1] * 7 + weekday):
        yield latest_match(known, key[known - first], wanted, key[wanted - first])

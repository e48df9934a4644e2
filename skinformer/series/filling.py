"""Holes in columns, filled before they have closed and once they have.

A window sees of a hole what was known at its start. So a missing value has two fills:
one for the time before the next observed row, one for the time from then on.
"""

from typing import NamedTuple

import numpy as np

from .chunks import any_missing, chunks
from .filled import Filled

__all__ = ["fill", "first_row_needed", "rows_before_a_hole"]

# chosen on ETTh1 before its test rows, and on bike sharing before its last folds
SEASONS = 7  # whose mean is the usual shape; a week, where a season is a day
KEPT = 0.3  # of a distance from that shape, after one season
PASSES = 2  # the second sees the seasons before with their own holes in shape


def rows_before_a_hole(season: int) -> int:
    """Return how many rows before a hole fill it: twice seven seasons.

    The seasons before may have holes themselves, which those before them fill.
    """
    return 2 * SEASONS * season if season > 1 else 0


class Around(NamedTuple):
    """Some rows of a column, each with the observed rows around it."""

    row: np.ndarray
    before: np.ndarray  # the latest observed row up to it, -1 where there is none
    after: np.ndarray  # the next observed row from it on, n where there is none
    first: np.ndarray  # the first observed row of the series, n where there is none

    def which(self, chosen: np.ndarray) -> "Around":
        """Keep some rows."""
        return Around(*(part[chosen] for part in self))


def fill(
    values: np.ndarray, season: int = 1, edges: np.ndarray | None = None
) -> Filled:
    """Fill the missing values of columns, each by its own rows.

    A hole has the mean shape of the last seven seasons before it, or of as many as
    there are; their own holes have been filled so too. The distance of the value before
    the hole from that shape fades along it: 0.3 of it is left after a season. Once the
    hole has closed, the distances at both ends are joined in the same way, which in a
    short one is almost a line. Without a season, or without a whole one before the
    hole, the value before it is repeated, and a line joins its ends once it has closed.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        NaN where missing.
    season : int, default=1
        Rows of a season; 1 for none.
    edges : ndarray of shape (n_series + 1,), optional
        First rows of several series that follow one another, and the end. Nothing
        passes from one to the next.

    Returns
    -------
    Filled
        A column that is missing throughout a series stays so there. Before its first
        observed row, ``between`` repeats that one. Where nothing is missing, the values
        themselves, without a copy.

    Notes
    -----
    The fill is that of a distance that loses the same share at every step and is pushed
    by noise (an autoregression of order one): its mean, given one end or both.

    Examples
    --------
    >>> values = np.array([1.0, np.nan, np.nan, 4.0, np.nan])[:, None]
    >>> filled = fill(values)
    >>> filled.between.ravel(), filled.ahead.ravel(), filled.last.ravel()
    (array([1., 2., 3., 4., 4.]), array([1., 1., 1., 4., 4.]), array([0, 0, 0, 3, 3]))

    A shape goes on:

    >>> values = np.array([0.0, 5.0, 0.0, 5.0, 0.0, np.nan, np.nan, 5.0])[:, None]
    >>> fill(values, season=2).between.ravel()
    array([0., 5., 0., 5., 0., 5., 0., 5.])
    """
    if not any_missing(values):
        return Filled.whole(values)
    edges = np.array([0, len(values)]) if edges is None else edges
    between, ahead = np.array(values), np.array(values)
    last = np.empty(values.shape, dtype=np.int64)
    for c in range(values.shape[1]):
        # row n, which -1 names too, stands for none
        x = np.append(between[:, c].astype(np.float64), np.nan)
        around = observed_around(~np.isnan(x[:-1]), edges)
        last[:, c] = around.before
        holes = around.which(np.flatnonzero(np.isnan(x[:-1])))
        between[holes.row, c], ahead[holes.row, c] = fill_holes(x, holes, season)
    return Filled(between, ahead, last)


def first_row_needed(values: np.ndarray, row: int, season: int = 1) -> int:
    """Return where one series may be cut so that ``row`` and later ones fill the same.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        NaN where missing.
    row : int
    season : int, default=1

    Examples
    --------
    The seven seasons before row 40 begin at row 26, which is missing, and is filled
    from the seven before row 25:

    >>> values = np.where(np.arange(50.0) == 26, np.nan, 1.0)[:, None]
    >>> first_row_needed(values, 40, season=2)
    11
    """
    return min((needed_of(x, row, season) for x in values.T), default=row)


def needed_of(x: np.ndarray, row: int, season: int) -> int:
    """Return the first row needed of one column (n,)."""
    needed = last_seen(x, row)
    if needed < 0:
        return row
    for _ in range(PASSES if season > 1 else 0):
        oldest = max(needed - SEASONS * season, 0)
        needed = last_seen(x, oldest)
        if needed < 0:
            return oldest
    return needed


def last_seen(x: np.ndarray, row: int) -> int:
    """Return the latest observed row of x (n,) up to ``row``, -1 if there is none.

    >>> last_seen(np.array([1.0, np.nan, np.nan, 2.0]), 2)
    0
    """
    for part in reversed(list(chunks(row + 1))):
        seen = np.flatnonzero(~np.isnan(x[part]))
        if len(seen):
            return part.start + int(seen[-1])
    return -1


def observed_around(seen: np.ndarray, edges: np.ndarray) -> Around:
    """Find the observed rows around every row of a column.

    Parameters
    ----------
    seen : ndarray of shape (n,), bool
    edges : ndarray of shape (n_series + 1,)
        First rows of the series, and the end.

    Examples
    --------
    >>> seen = np.array([1, 0, 0, 1], dtype=bool)
    >>> around = observed_around(seen, np.array([0, 2, 4]))
    >>> around.before, around.after
    (array([ 0,  0, -1,  3]), array([0, 4, 3, 3]))
    """
    n = len(seen)
    row, sizes = np.arange(n), np.diff(edges)
    begin, stop = np.repeat(edges[:-1], sizes), np.repeat(edges[1:], sizes)
    before = np.maximum.accumulate(np.where(seen, row, -1))
    after = np.minimum.accumulate(np.where(seen, row, n)[::-1])[::-1]
    before[before < begin] = -1
    after[after >= stop] = n
    return Around(row, before, after, after[begin])


def fill_holes(
    x: np.ndarray, holes: Around, season: int
) -> tuple[np.ndarray, np.ndarray]:
    """Fill the m missing rows of one column, closed and ahead: (m,) each.

    Parameters
    ----------
    x : ndarray of shape (n + 1,)
        The column, and NaN.
    holes : Around
    season : int
    """
    between, ahead = on_a_line(x, holes), x[holes.before]
    n_seasons = np.minimum((holes.before - holes.first) // season, SEASONS)
    shaped = np.flatnonzero((n_seasons > 0) & (season > 1))
    if len(shaped):
        full, within, n_seasons = x.copy(), holes.which(shaped), n_seasons[shaped]
        for _ in range(PASSES):
            full[holes.row] = between
            between[shaped], ahead[shaped] = in_shape(full, within, season, n_seasons)
    return between, ahead


def on_a_line(x: np.ndarray, holes: Around) -> np.ndarray:
    """Join the observed rows around holes; repeat the one, where there is one only."""
    left, right = x[holes.before], x[holes.after]
    left, right = (
        np.where(np.isnan(left), right, left),
        np.where(np.isnan(right), left, right),
    )
    way = (holes.row - holes.before) / (holes.after - holes.before)
    return left + way * (right - left)


def in_shape(
    full: np.ndarray, holes: Around, season: int, n_seasons: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give holes the mean shape of the seasons before them: closed and ahead, (m,).

    Parameters
    ----------
    full : ndarray of shape (n + 1,)
        The column, its holes filled as well as they are yet, and NaN.
    holes : Around
    season : int
    n_seasons : ndarray of shape (m,)
        How many seasons to average.
    """
    row, before, after, _ = holes
    start, end = full[before], full[after]
    at_row, at_start, at_end = (
        usual(full, at, before, season, n_seasons) for at in (row, before, after)
    )
    rate = -np.log(KEPT) / season
    gone, length = row - before, after - before
    closed = (
        at_row
        - faded(gone, length, rate) * at_start
        + faded(length - gone, length, rate) * (end - start - at_end)
    )
    ahead = start + at_row - faded(gone, np.inf, rate) * at_start
    return np.where(np.isnan(end), ahead, start + closed), ahead


def usual(
    full: np.ndarray,
    row: np.ndarray,
    before: np.ndarray,
    season: int,
    n_seasons: np.ndarray,
) -> np.ndarray:
    """Return the mean of earlier rows, less the value of row ``before``, (m,).

    They lie whole seasons before ``row``, the latest at or before row ``before``, and
    never at ``row`` itself. Differences are added up: what never moved stays exact.
    """
    start = full[before]
    latest = row - np.maximum(-((before - row) // season), 1) * season
    total = np.zeros(len(row))
    for k in range(SEASONS):
        # those that are not used may lie before the first row
        at = np.where(k < n_seasons, latest - k * season, before)
        total += full[at] - start
    return total / n_seasons


def faded(steps: np.ndarray, length: np.ndarray | float, rate: float) -> np.ndarray:
    """Return what is left of a distance after some steps, if after ``length`` none is.

    >>> faded(np.array([0, 1, 2]), 2, rate=1e-9).round(6)  # hardly fades: on a line
    array([1. , 0.5, 0. ])
    >>> faded(np.array([0, 1, 2]), np.inf, rate=np.log(2))
    array([1.  , 0.5 , 0.25])
    """
    # sinh(rate * (length - steps)) / sinh(rate * length), without an overflow
    left = np.expm1(-2 * rate * (length - steps)) / np.expm1(-2 * rate * length)
    return np.exp(-rate * steps) * left

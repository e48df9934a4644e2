"""How large errors are: by step ahead and season slot, and lately.

Errors grow with the step ahead and go with the hour of day. Forecasts made once a day
meet each step at the same hour, so that neither can be left out. Scores are errors in
units of this scale, and much more alike than errors are.

n windows, horizon H, K targets, S slots of the season, G series.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

__all__ = ["Levels", "SlotScale", "recent_levels"]

# Chosen on ETTh1 and bike sharing, rows before their tests
PRIOR_WINDOWS = 10.0  # what the product of step and slot counts for, in windows
PRIOR_SLOT = 4.0  # what a slot without a profile counts for, in windows
HALF_LIFE = 24.0  # rows, of the mean that says how large errors were lately
PRIOR_ROWS = 6.0  # what the usual size counts for in it
# of slots, steps and targets; a day of split seconds has more than a history tells of
MOST_VALUES = 2**24
LEAST = np.finfo(np.float64).tiny  # forecasts that are always right have scale zero


def slots_ahead(slots: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Return the slot of every row of windows that start in ``slots``, (n, horizon).

    >>> slots_ahead(np.array([0, 2]), horizon=4, season=3)
    array([[0, 1, 2, 0],
           [2, 0, 1, 2]])
    """
    return (slots[:, None] + np.arange(horizon)) % season


def by_slot(values: np.ndarray, slots: np.ndarray, season: int) -> np.ndarray:
    """Add up values (n, ...) that have the same slot, (season, ...).

    >>> by_slot(np.array([[1.0], [2.0], [4.0]]), np.array([1, 0, 1]), season=3)
    array([[2.],
           [5.],
           [0.]])
    """
    kept = values.shape[1:]
    size = int(np.prod(kept))
    # a number for each slot and place: many times as fast as np.add.at
    at = slots[:, None] * size + np.arange(size)
    sums = np.bincount(at.ravel(), values.ravel(), minlength=season * size)
    return sums.reshape(season, *kept)


def step_times_slot(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return mean sizes as a product: of the step, and of the slot of the row.

    Parameters
    ----------
    sums, counts : ndarray of shape (S, H, K)
        Sizes of errors added up, and their numbers, by the slot of a window's start.

    Returns
    -------
    ndarray of shape (S, H, K)
    """
    season, horizon, n_targets = sums.shape
    of_step = sums.sum(axis=0) / np.maximum(counts.sum(axis=0), 1.0)  # (H, K)
    relative = sums / np.maximum(of_step, LEAST)
    rows = slots_ahead(np.arange(season), horizon, season)  # (S, H)
    # (S, H, K) -> (S * H, K) -> (S, K), counted in windows
    total, n = (
        by_slot(part.reshape(-1, n_targets), rows.ravel(), season) / horizon
        for part in (relative, counts)
    )
    return of_step * ((total + PRIOR_SLOT) / (n + PRIOR_SLOT))[rows]


class SlotScale(NamedTuple):
    """Mean size of errors by the slot of a window's start, step and target.

    Where a slot has few windows, its means are drawn to the product of the step's and
    the row's slot. A season of too many slots is taken as one slot.
    """

    sums: np.ndarray  # (S, H, K)
    counts: np.ndarray  # (S, H, K)
    product: np.ndarray  # (S, H, K)

    @classmethod
    def of(cls, sizes: np.ndarray, slots: np.ndarray, season: int) -> "SlotScale":
        """Learn from sizes (n, H, K), NaN where not known, of windows from ``slots``.

        >>> sizes = np.array([2.0, 4.0, 2.0, 4.0])[:, None, None]
        >>> scale = SlotScale.of(sizes, np.array([0, 1, 0, 1]), season=2)
        >>> scale.ahead(np.array([0, 1])).ravel().round(1)
        array([2.6, 3.4])
        """
        if season * math.prod(sizes.shape[1:]) > MOST_VALUES:
            season, slots = 1, np.zeros_like(slots)
        known = ~np.isnan(sizes)
        sums = by_slot(np.where(known, sizes, 0.0), slots, season)
        counts = by_slot(known.astype(np.float64), slots, season)
        return cls(sums, counts, step_times_slot(sums, counts))

    def ahead(self, slots: np.ndarray) -> np.ndarray:
        """Return the scale of new windows, (m, H, K)."""
        slots = slots % len(self.sums)
        return self._drawn(self.sums[slots], self.counts[slots], slots)

    def of_learned(self, sizes: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """Return the scale of windows learned from, each without itself, (n, H, K).

        An error that its own scale knows looks smaller than a new one.
        """
        known, slots = ~np.isnan(sizes), slots % len(self.sums)
        # what is left of a sum after rounding is no less than nothing
        sums = np.maximum(self.sums[slots] - np.where(known, sizes, 0.0), 0.0)
        return self._drawn(sums, self.counts[slots] - known, slots)

    def _drawn(
        self, sums: np.ndarray, counts: np.ndarray, slots: np.ndarray
    ) -> np.ndarray:
        drawn = sums + PRIOR_WINDOWS * self.product[slots]
        return np.maximum(drawn / (counts + PRIOR_WINDOWS), LEAST)


class Levels(NamedTuple):
    """How large errors were lately, against what is usual for step and slot: about 1.

    A row counts from the moment on that it is known.
    """

    before: np.ndarray  # (n, K): at the origin of each window
    now: np.ndarray  # (G, K): after the last row that is known of each series


def recent_levels(
    scores: np.ndarray, origins: np.ndarray, series: np.ndarray
) -> Levels:
    """Follow the size of each series' errors, row by row.

    Parameters
    ----------
    scores : ndarray of shape (n, H, K)
        Sizes of errors in units of their scale, NaN where not known.
    origins : ndarray of shape (n,)
        First row of each window, rows counted in each series.
    series : ndarray of shape (n,)
        Number of each window's series, from 0 on; all of them occur.
    """
    n_series = series.max() + 1
    first = np.full(n_series, origins.max())
    np.minimum.at(first, series, origins)
    row = origins - first[series]
    levels = running_levels(*row_means(scores, row, series, n_series))
    last = np.zeros(n_series, dtype=int)
    np.maximum.at(last, series, ends_known(scores, row))
    return Levels(levels[row, series], levels[last, np.arange(n_series)])


def ends_known(scores: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Return the row after each window's last known one, (n,); 0 where none is.

    >>> scores = np.array([[1.0, np.nan], [np.nan, np.nan]])[..., None]
    >>> ends_known(scores, np.array([3, 4]))
    array([4, 0])
    """
    known = ~np.isnan(scores).all(axis=2)  # (n, H)
    rows = row[:, None] + np.arange(1, known.shape[1] + 1)
    return (known * rows).max(axis=1)


def row_means(
    scores: np.ndarray, row: np.ndarray, series: np.ndarray, n_series: int
) -> tuple[np.ndarray, np.ndarray]:
    """Average the scores of each row over all windows that forecast it.

    Returns
    -------
    means, given : ndarray of shape (n_rows, G, K)
        ``given`` is False where no score of a row is known; its mean is 0 there.
    """
    _, horizon, n_targets = scores.shape
    known = ~np.isnan(scores)
    values = np.where(known, scores, 0.0)
    sums = np.zeros((row.max() + horizon, n_series, n_targets))
    counts = np.zeros_like(sums)
    for h in range(horizon):  # a step of a series' windows meets each row but once
        sums[row + h, series] += values[:, h]
        counts[row + h, series] += known[:, h]
    return sums / np.maximum(counts, 1.0), counts > 0


def running_levels(means: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return exponentially weighted means up to each row, (n_rows + 1, G, K).

    They begin at 1, and go back to it over rows of which nothing is known.
    """
    keep = 0.5 ** (1.0 / HALF_LIFE)
    sums = np.zeros((len(means) + 1, 2, *means.shape[1:]))  # of means, and of weights
    sums[1:, 0], sums[1:, 1] = means, given
    for before, now in pairwise(sums):  # as little as can be: rows are many
        now += keep * before
    return (sums[:, 0] + PRIOR_ROWS) / (sums[:, 1] + PRIOR_ROWS)

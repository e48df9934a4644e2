"""Lags, rolling means and covariates as columns, by arithmetic on positions.

An offset counts rows back from an origin, the first row that is not known: offset 1 is
the last known row.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from skinformer.series.covariates import Covariates

__all__ = [
    "auto_lags",
    "auto_windows",
    "covariate_matrix",
    "direct_offsets",
    "known_mean",
    "lag_matrix",
    "trailing_means",
]


def up_to(rows: Iterable[int], longest: int) -> np.ndarray:
    """Sort the numbers of rows, each once, and leave out those above ``longest``."""
    rows = np.unique(np.fromiter(rows, dtype=np.int64))
    return rows[rows <= longest]


def auto_lags(season: int, longest: int) -> np.ndarray:
    """Choose lags that suit a season: the last rows, and whole seasons ago.

    >>> auto_lags(season=24, longest=1000)
    array([  1,   2,   3,  23,  24,  25,  48, 168])
    >>> auto_lags(season=1, longest=1000)
    array([1, 2, 3, 7])
    """
    around = (season - 1, season, season + 1)
    lags = up_to((1, 2, 3, *around, 2 * season, 7 * season), longest)
    return lags[lags > 0]


def auto_windows(season: int, longest: int) -> np.ndarray:
    """Choose the windows of rolling means: one season, and seven.

    >>> auto_windows(season=24, longest=1000)
    array([ 24, 168])
    """
    windows = up_to((season, 7 * season), longest)
    return windows[windows > 1]


def direct_offsets(lags: np.ndarray, step: int, season: int) -> np.ndarray:
    """Return the offsets that stand for the lags, ``step`` rows after the origin.

    A lag shorter than a season counts from the origin. A longer one counts from the row
    itself, put back by whole seasons until it is known: a lag of a day stays at the
    hour of the row.

    >>> direct_offsets(np.array([1, 24, 48]), step=0, season=24)
    array([ 1, 24, 48])
    >>> direct_offsets(np.array([1, 24, 48]), step=30, season=24)
    array([ 1, 18, 42])
    """
    seasons = -(-max(step + 1 - season, 0) // season)
    return np.where(lags < season, lags, lags + seasons * season - step)


def lag_matrix(
    values: np.ndarray, origins: np.ndarray, offsets: np.ndarray
) -> np.ndarray:
    """Return the values at each offset before each origin, (n_origins, n_offsets).

    NaN stands for rows before the first one.

    >>> lag_matrix(np.array([5.0, 6, 7]), np.array([1, 3]), np.array([1, 2]))
    array([[ 5., nan],
           [ 7.,  6.]])
    """
    rows = origins[:, None] - offsets  # (n_origins, n_offsets)
    return np.where(rows < 0, np.nan, values[np.maximum(rows, 0)])


def trailing_means(values: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Return means of the known rows that end before each origin, (n + 1, n_windows).

    The first rows take those that there are; NaN where none is known.

    >>> trailing_means(np.array([4.0, 6, np.nan, 1]), np.array([2, 3])).T
    array([[nan, 4. , 5. , 6. , 1. ],
           [nan, 4. , 5. , 5. , 3.5]])
    """
    series = pd.Series(values, dtype=np.float64)
    means = np.full((len(values) + 1, len(windows)), np.nan)
    for column, window in zip(means.T, windows, strict=True):
        column[1:] = series.rolling(int(window), min_periods=1).mean()
    return means


def known_mean(values: np.ndarray) -> np.ndarray:
    """Return means over the last axis of what is not NaN; NaN where nothing is.

    >>> known_mean(np.array([[1.0, np.nan, 3.0], [np.nan] * 3]))
    array([ 2., nan])
    """
    known = ~np.isnan(values)
    count = known.sum(axis=-1)
    total = np.where(known, values, 0.0).sum(axis=-1)
    return np.where(count, total / np.maximum(count, 1), np.nan)


def covariate_matrix(
    covariates: Covariates, cardinalities: tuple[int, ...], as_codes: bool
) -> np.ndarray:
    """Return numbers and, after them, categories as columns, (n_rows, n_columns).

    A category is one column of codes, or else a column of 0 and 1 for each value; an
    unknown value has 0 in all.

    >>> covariates = Covariates(np.array([[0.5], [0.7]]), np.array([[1], [2]]))
    >>> covariate_matrix(covariates, (2,), as_codes=False)
    array([[0.5, 0. , 1. ],
           [0.7, 0. , 0. ]])
    """
    columns = [covariates.numeric]
    for codes, size in zip(covariates.codes.T, cardinalities, strict=True):
        columns.append(
            codes[:, None] if as_codes else codes[:, None] == np.arange(size)
        )
    return np.concatenate(columns, axis=1).astype(np.float64, copy=False)

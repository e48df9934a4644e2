"""What a linear map says before it has learned: what a penalty draws it to.

Nothing would be the last value, once more. Of a series with a season, a better guess is
the shape of its last seasons, at half its height, around their mean; without a season
(one row) that is the mean of the last seven rows.
"""

import numpy as np

from .moments import cosines

__all__ = ["seasonal_prior"]

SEASONS = 7  # a week, where a season is a day
HEIGHT = 0.5


def seasonal_map(
    seq_len: int, pred_len: int, season: int, n_seasons: int
) -> np.ndarray:
    """Return the map from context to horizon, (seq_len, pred_len), of weights.

    >>> seasonal_map(5, 3, season=2, n_seasons=2)
    array([[0.   , 0.   , 0.   ],
           [0.375, 0.125, 0.375],
           [0.125, 0.375, 0.125],
           [0.375, 0.125, 0.375],
           [0.125, 0.375, 0.125]])
    """
    n = n_seasons * season
    weights = np.zeros((seq_len, pred_len))
    weights[seq_len - n :] = (1 - HEIGHT) / n
    phase = np.arange(pred_len) % season
    for back in range(1, n_seasons + 1):
        rows = seq_len - back * season + phase
        weights[rows, np.arange(pred_len)] += HEIGHT / n_seasons
    return weights


def seasonal_prior(seq_len: int, pred_len: int, season: int) -> np.ndarray:
    """Return coefficients (seq_len + 1, pred_len), of the regression's inputs.

    Zeros where the context has no whole season.
    """
    coef = np.zeros((seq_len + 1, pred_len))
    n_seasons = min(seq_len // season, SEASONS)
    if n_seasons:
        coef[:-1] = seasonal_map(seq_len, pred_len, season, n_seasons)
    return coef @ cosines(pred_len)

"""How far a series goes back to its mean, or else drifts, as one number.

The regression is that of the augmented Dickey-Fuller test (Dickey and Fuller,
*Distribution of the Estimators for Autoregressive Time Series with a Unit Root*,
Journal of the American Statistical Association 74, 1979), with a constant and no trend.
"""

import numpy as np

from .lazy_arrays import Arrays, lengths_of

__all__ = ["mean_reverted_share", "reverted_share"]

LAGS = 7  # a week, where a season is a day
AHEAD = 30  # seasons
LEAST = 60  # seasons; in fewer, walks and series with a mean look too much alike
# minus the slope of a random walk times its length, on average, by simulation
# (tests/forecasting/test_reversion.py): it seems to go back to the mean it happened
# to have
OF_A_WALK = 5.3


def season_means(z: np.ndarray, season: int) -> np.ndarray:
    """Return the mean of each whole season of z (n,), the last ones.

    >>> season_means(np.array([9.0, 1.0, 3.0, 5.0, 7.0]), season=2)
    array([2., 6.])
    """
    n = len(z) // season
    # (n * season,) -> (n, season)
    return z[len(z) - n * season :].reshape(n, season).mean(axis=1)


def slope_of_change(x: np.ndarray) -> float:
    """Return how x (n,) changes with the value before, all else being equal.

    Changes are regressed on the value before, a constant and the last changes.

    >>> round(slope_of_change(np.array([-1.0, 0.0, 1.0, 1.0, 0.0])), 6)
    -1.0
    """
    change, n_lags = np.diff(x), min(LAGS, len(x) // 4)
    past = [change[n_lags - k : len(change) - k] for k in range(1, n_lags + 1)]
    before = x[n_lags:-1]
    inputs = np.stack([before, np.ones_like(before), *past], axis=1)
    return float(np.linalg.lstsq(inputs, change[n_lags:])[0][0])


def reversion_rate(x: np.ndarray) -> float:
    """Return the part of its distance from the mean that x (n,) loses at a step.

    From 0, where x never goes back, to 1. What a random walk seems to lose is left out.
    It is the rate of a series that goes back at one pace; of others a rough guess.
    """
    return float(np.clip(-slope_of_change(x) - OF_A_WALK / len(x), 0.0, 1.0))


def reverted_share(z: np.ndarray, season: int, horizon: int) -> float:
    """Return how much of a distance from the mean is gone after a while.

    The while is 30 seasons, or the horizon if that is longer. It is not the horizon of
    a few hours: how much is gone by then a map can tell; this tells whether there is a
    mean to go back to at all.

    Parameters
    ----------
    z : ndarray of shape (n,)
    season, horizon : int
        Rows.

    Returns
    -------
    float
        From 0, for a series that drifts or has fewer than 60 seasons, to 1.
    """
    x = season_means(z, season)
    if len(x) < LEAST:
        return 0.0
    return 1.0 - (1.0 - reversion_rate(x)) ** max(AHEAD, horizon / season)


def mean_reverted_share(zs: Arrays, season: int, horizon: int) -> float:
    """Return the mean of the shares of those series that have sixty seasons.

    0 if there are none.
    """
    shares = [
        reverted_share(zs[i], season, horizon)
        for i, n in enumerate(lengths_of(zs))
        if n >= LEAST * season
    ]
    return float(np.mean(shares)) if shares else 0.0

"""How much of a network's correction to trust, by the rows that validate."""

import numpy as np

from skinformer.series.windows import Windows

from .training import ForecastNet, forecast_windows

__all__ = ["blend_weights"]

# parts of the validation windows, in time, in each of which a correction must help
N_PARTS = 4


def best_weights(products: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Return the share of a correction that leaves the least squared error.

    Parameters
    ----------
    products, squares : ndarray of shape (n_targets,)
        Sums of correction times residual, and of the correction squared.

    Returns
    -------
    ndarray of shape (n_targets,)
        In [0, 1].

    Examples
    --------
    >>> best_weights(np.array([1.0, -1.0, 3.0]), np.array([2.0, 2.0, 2.0]))
    array([0.5, 0. , 1. ])
    """
    return np.clip(products / np.maximum(squares, np.finfo(float).tiny), 0.0, 1.0)


def part_weights(net: ForecastNet, windows: Windows, batch_size: int) -> np.ndarray:
    """Weigh a network on some windows, shape (n_targets,)."""
    products, squares = 0.0, 0.0
    for first in range(0, len(windows), batch_size):
        part = windows.at(windows.starts[first : first + batch_size])
        residual = part.batch(slice(None))[1].astype(np.float64)
        correction = forecast_windows(net, part, batch_size).astype(np.float64)
        known = ~np.isnan(residual)
        products += np.where(known, correction * residual, 0.0).sum(axis=(0, 1))
        squares += np.where(known, correction**2, 0.0).sum(axis=(0, 1))
    return best_weights(products, squares)


def blend_weights(net: ForecastNet, windows: Windows, batch_size: int) -> np.ndarray:
    """Weigh a network on windows whose targets are what it should have said.

    The windows also chose the epoch, and so flatter the network: it gets what the less
    favourable quarter of them, in time, would give it.

    Returns
    -------
    ndarray of shape (n_targets,)
        In [0, 1].
    """
    parts = [part for part in np.array_split(windows.starts, N_PARTS) if len(part)]
    return np.min(
        [part_weights(net, windows.at(part), batch_size) for part in parts], axis=0
    )

"""How much of a network's correction to trust, by the rows that validate."""

import numpy as np

from skinformer.series.windows import Windows

from .shares import best_shares
from .training import ForecastNet, forecast_windows

__all__ = ["blend_weights"]

# parts of the validation windows, in time, in each of which a correction must help
N_PARTS = 4


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
    return best_shares(products, squares)


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

"""How much of a network's correction to trust, by the rows that validate."""

from typing import Any

import numpy as np

from skinformer.series.windows import Windows

from .net_forecasts import forecast_windows
from .training import ForecastNet

__all__ = ["blend_weights", "cautious_shares"]

# parts of the validation windows, in time: what they disagree about is not trusted
N_PARTS = 4
# standard errors of the share over the parts that are taken off it
CAUTION = 1.5


def cautious_shares(
    products: np.ndarray, squares: np.ndarray, overlap: float = 1.0
) -> np.ndarray:
    """Return a low guess at the shares of a correction that leave the least error.

    The best share over all parts, less 1.5 of its standard errors: those of a ratio of
    sums, from what each part would add to them.

    Parameters
    ----------
    products, squares : ndarray of shape (n_parts, n_targets)
        Sums over each part of correction times residual, and of the correction squared.
    overlap : float, default=1.0
        Parts that say the same for sharing rows, to one that speaks for itself.

    Returns
    -------
    ndarray of shape (n_targets,)
        In [0, 1]; 0 where fewer than two parts can tell.

    Examples
    --------
    Parts that agree are believed, parts that do not are not:

    >>> cautious_shares(np.array([[1.0, 0.0], [1.0, 2.0]]), np.full((2, 2), 2.0))
    array([0.5, 0. ])
    """
    n_telling = (squares > 0).sum(axis=0)  # (n_targets,)
    total = np.maximum(squares.sum(axis=0), np.finfo(float).tiny)
    share = products.sum(axis=0) / total
    apart = products - share * squares  # (n_parts, n_targets), of sum zero
    spread = overlap * n_telling / np.maximum(n_telling - 1, 1)
    error = np.sqrt((apart**2).sum(axis=0) * spread) / total
    low = np.clip(share - CAUTION * error, 0.0, 1.0)
    return np.where(n_telling > 1, low, 0.0)


def part_sums(
    net: ForecastNet, windows: Windows, batch_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return what some windows add to the sums, each of shape (n_targets,)."""
    products: Any = 0.0
    squares: Any = 0.0
    for first in range(0, len(windows), batch_size):
        part = windows.take(slice(first, first + batch_size))
        residual = part.batch(slice(None))[1].astype(np.float64)
        correction = forecast_windows(net, part, batch_size).astype(np.float64)
        known = ~np.isnan(residual)
        products += np.where(known, correction * residual, 0.0).sum(axis=(0, 1))
        squares += np.where(known, correction**2, 0.0).sum(axis=(0, 1))
    return products, squares


def time_parts(windows: Windows) -> list[np.ndarray]:
    """Cut windows into parts of time, each series by itself.

    Of many series the same part of each stands together: they witness one time.
    """
    of_series = np.asarray(windows.which)
    order = np.argsort(of_series, kind="stable")
    _, first = np.unique(of_series[order], return_index=True)
    each = np.split(order, first[1:])
    cut = [np.array_split(which, N_PARTS) for which in each]
    return [np.concatenate(parts) for parts in zip(*cut, strict=True)]


def blend_weights(net: ForecastNet, windows: Windows, batch_size: int) -> np.ndarray:
    """Weigh a network on windows whose targets are what it should have said.

    The windows also chose the epoch, and so flatter the network: hence a low guess. A
    target gets no more than is right for all of them together, for the correction of
    one among many may fit these windows by chance. Windows are as many witnesses as
    there is room for side by side; one alone tells nothing of chance.

    Returns
    -------
    ndarray of shape (n_targets,)
        In [0, 1].
    """
    parts = [part for part in time_parts(windows) if len(part)]
    sums = [part_sums(net, windows.take(part), batch_size) for part in parts]
    products, squares = (np.stack(each) for each in zip(*sums, strict=True))
    longest = windows.longest or np.bincount(np.asarray(windows.which)).max()
    side_by_side = (longest + windows.pred_len - 1) / windows.pred_len
    if side_by_side < 2:
        return np.zeros(products.shape[1])
    overlap = max(N_PARTS / side_by_side, 1.0)
    of_all = cautious_shares(
        products.sum(axis=1, keepdims=True), squares.sum(axis=1, keepdims=True), overlap
    )
    return np.minimum(cautious_shares(products, squares, overlap), of_all)

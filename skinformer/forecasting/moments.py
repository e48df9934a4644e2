"""Sums over all windows of some series that a regression of horizon on context needs.

Every window gives one row. Its inputs are the values of the context less the last one,
and minus the last one itself, whose coefficient is the pull back to the mean; its
outputs are the values of the horizon less the last one, as coefficients of a cosine
transform along the horizon.

Products of rows ``lag`` apart differ from one pair of window positions to the next by
two terms only. So only the sums of the windows' first rows with all others are added up
row by row; the rest is exact too, and costs the same for a million rows as for a
thousand. Weights break that rule: then the windows themselves are multiplied.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct, dctn

__all__ = ["Moments", "cosines", "output_squares", "raw_products", "window_moments"]

CHUNK = 2**21  # numbers in the windows, or ends of series, that are multiplied together

Arrays = list[np.ndarray]


class Moments(NamedTuple):
    """Sums over windows; those of two sets of windows add up.

    Attributes
    ----------
    gram : ndarray of shape (p, p)
        Products of inputs.
    cross : ndarray of shape (p, pred_len)
        Products of inputs with outputs.
    n : int or float
        Number of windows, or the sum of their weights.
    """

    gram: np.ndarray
    cross: np.ndarray
    n: float

    def plus(self, other: "Moments", sign: int = 1) -> "Moments":
        """Add those of other windows, or take them off with ``sign=-1``."""
        return Moments(
            self.gram + sign * other.gram,
            self.cross + sign * other.cross,
            self.n + sign * other.n,
        )

    def of_outputs(self, which: np.ndarray) -> "Moments":
        """Keep some outputs."""
        return self._replace(cross=self.cross[:, which])

    def less(self, coef: np.ndarray) -> "Moments":
        """Return the sums with what a map explains taken off the outputs."""
        return self._replace(cross=self.cross - self.gram @ coef)

    def without_pull(self) -> "Moments":
        """Return the sums with zeros for the last input, so that it gets none."""
        kept = np.ones(len(self.gram))
        kept[-1] = 0.0
        return self._replace(
            gram=self.gram * kept * kept[:, None], cross=self.cross * kept[:, None]
        )


def steps_down(zs: Arrays, length: int) -> np.ndarray:
    """Return how products of rows change from one pair of rows to the next.

    One step down the diagonal, one product enters and one leaves.

    Returns
    -------
    ndarray of shape (length - 1, length - 1)
        What is added to the products of rows i and j for those of i + 1 and j + 1.
    """
    steps = np.zeros((length - 1, length - 1))
    size = max(CHUNK // length, 1)
    for first in range(0, len(zs), size):
        part = zs[first : first + size]
        # (n_series, length - 1)
        enters = np.stack([z[len(z) - length + 1 :] for z in part])
        leaves = np.stack([z[: length - 1] for z in part])
        steps += enters.T @ enters
        steps -= leaves.T @ leaves
    return steps


def plain_products(zs: Arrays, length: int) -> np.ndarray:
    """Return :func:`raw_products` of windows that count alike."""
    products = np.empty((length, length))
    # products of the windows' first rows with all others
    first = sum(np.correlate(z, z[: len(z) - length + 1], "valid") for z in zs)
    products[0] = products[:, 0] = first
    products[1:, 1:] = steps_down(zs, length)
    for i in range(1, length):
        products[i, i:] += products[i - 1, i - 1 : -1]
        products[i:, i] = products[i, i:]
    return products


def rooted_windows(zs: Arrays, length: int, weights: Arrays) -> Iterator[np.ndarray]:
    """Yield windows times the roots of their weights, (n, length), some together.

    Those of no weight are left out.
    """
    counted = [np.flatnonzero(w) for w in weights]
    roots = np.concatenate([w[i] for i, w in zip(counted, weights, strict=True)]) ** 0.5
    # one series after the other; no window that starts here reaches into the next
    windows = sliding_window_view(np.concatenate(zs), length)
    firsts = np.cumsum([0, *map(len, zs[:-1])])
    starts = np.concatenate([i + at for i, at in zip(counted, firsts, strict=True)])
    size = max(CHUNK // length, 1)
    for first in range(0, len(starts), size):
        part = slice(first, first + size)
        yield windows[starts[part]] * roots[part, None]


def raw_products(zs: Arrays, length: int, weights: Arrays | None = None) -> np.ndarray:
    """Sum, over all windows of some series, the products of their rows.

    Parameters
    ----------
    zs : list of ndarray of shape (n,)
        With a window each, at least; n may differ.
    length : int
        Rows of a window.
    weights : list of ndarray of shape (n - length + 1,), or None
        Of the windows; None counts each once.

    Returns
    -------
    ndarray of shape (length, length)
        ``sum(z[t + i] * z[t + j] for t in range(n - length + 1))`` at (i, j), times
        weights, added up over the series.

    Examples
    --------
    >>> raw_products([np.array([1.0, 2.0, 3.0])], length=2)  # windows (1, 2) and (2, 3)
    array([[ 5.,  8.],
           [ 8., 13.]])
    """
    if weights is None:
        return plain_products(zs, length)
    products = np.zeros((length, length))
    for windows in rooted_windows(zs, length, weights):
        products += windows.T @ windows
    return products


def less_last(products: np.ndarray, last: int) -> np.ndarray:
    """Turn products of rows i and j into those of their distances from row ``last``."""
    with_last = products[last]
    return products - with_last - with_last[:, None] + products[last, last]


def with_windows(
    zs: Arrays, length: int, weights: Arrays | None
) -> tuple[Arrays, Arrays | None]:
    """Keep the series that have a window, and the weights of their windows."""
    kept = [i for i, z in enumerate(zs) if len(z) >= length]
    of_kept = None if weights is None else [weights[i] for i in kept]
    return [zs[i] for i in kept], of_kept


def output_squares(
    zs: Arrays, seq_len: int, pred_len: int, weights: Arrays | None = None
) -> np.ndarray:
    """Sum the squared outputs over all windows of some series, shape (pred_len,).

    They are the error of repeating the last value, cosine by cosine.

    >>> output_squares([np.array([1.0, 2.0, 4.0])], seq_len=1, pred_len=1)
    array([5.])
    """
    zs, weights = with_windows(zs, seq_len + pred_len, weights)
    if not zs:
        return np.zeros(pred_len)
    # only the last row of the context counts
    zs = [z[seq_len - 1 :] for z in zs]
    products = less_last(raw_products(zs, 1 + pred_len, weights), 0)[1:, 1:]
    return np.diag(dctn(products, norm="ortho"))


def window_moments(
    zs: Arrays, seq_len: int, pred_len: int, weights: Arrays | None = None
) -> Moments:
    """Sum over all windows of some series what the regression needs.

    Parameters
    ----------
    zs : list of ndarray of shape (n,)
        Those that are too short for a window add nothing.
    seq_len, pred_len : int
    weights : list of ndarray of shape (n - seq_len - pred_len + 1,), or None
        Of the windows; None counts each once.
    """
    length = seq_len + pred_len
    zs, weights = with_windows(zs, length, weights)
    if not zs:
        empty = np.zeros((seq_len + 1, seq_len + 1)), np.zeros((seq_len + 1, pred_len))
        return Moments(*empty, 0)
    sums = moments_of(raw_products(zs, length, weights), seq_len)
    if weights is None:
        return Moments(*sums, sum(len(z) - length + 1 for z in zs))
    return Moments(*sums, float(sum(w.sum() for w in weights)))


def moments_of(products: np.ndarray, seq_len: int) -> tuple[np.ndarray, np.ndarray]:
    """Turn products of the windows' rows into those of inputs and outputs."""
    last = seq_len - 1
    with_last, square = products[last], products[last, last]
    centred = less_last(products, last)
    pull = square - with_last  # -last times (z_j - last)
    gram = np.empty((seq_len + 1, seq_len + 1))
    gram[:-1, :-1] = centred[:seq_len, :seq_len]
    gram[-1, :-1] = gram[:-1, -1] = pull[:seq_len]
    gram[-1, -1] = square
    cross = np.vstack([centred[:seq_len, seq_len:], pull[seq_len:]])
    # outputs as cosines along the horizon, quicker than by a product with their matrix
    return gram, dct(cross, norm="ortho", axis=1)


def cosines(pred_len: int) -> np.ndarray:
    """Return the orthonormal cosine transform, (pred_len, pred_len), slowest first."""
    return dct(np.eye(pred_len), norm="ortho", axis=0).T

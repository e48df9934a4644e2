"""Sums over all windows of a series that a regression of horizon on context needs.

Every window gives one row. Its inputs are the values of the context less the last one,
and minus the last one itself, whose coefficient is the pull back to the mean; its
outputs are the values of the horizon less the last one, as coefficients of a cosine
transform along the horizon.

Products of rows ``lag`` apart differ from one pair of window positions to the next by
two terms only. So only the sums of the windows' first rows with all others are added up
row by row; the rest is exact too, and costs the same for a million rows as for a
thousand.
"""

from typing import NamedTuple

import numpy as np
from scipy.fft import dct, dctn

__all__ = ["Moments", "cosines", "output_squares", "raw_products", "window_moments"]


class Moments(NamedTuple):
    """Sums over windows; those of two sets of windows add up.

    Attributes
    ----------
    gram : ndarray of shape (p, p)
        Products of inputs.
    cross : ndarray of shape (p, pred_len)
        Products of inputs with outputs.
    n : int
        Number of windows.
    """

    gram: np.ndarray
    cross: np.ndarray
    n: int

    def plus(self, other: "Moments", sign: int = 1) -> "Moments":
        """Add those of other windows, or take them off with ``sign=-1``."""
        return Moments(*(a + sign * b for a, b in zip(self, other, strict=True)))

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


def raw_products(z: np.ndarray, length: int) -> np.ndarray:
    """Sum, over all windows of z (n,), the products of their rows.

    Returns
    -------
    ndarray of shape (length, length)
        ``sum(z[t + i] * z[t + j] for t in range(n - length + 1))`` at (i, j).

    Examples
    --------
    >>> raw_products(np.array([1.0, 2.0, 3.0]), length=2)  # windows (1, 2) and (2, 3)
    array([[ 5.,  8.],
           [ 8., 13.]])
    """
    n = len(z) - length + 1
    # products of the windows' first rows with all others
    first = np.correlate(z, z[:n], "valid")
    # one step down the diagonal, one product enters and one leaves
    enters, leaves = z[n : n + length - 1], z[: length - 1]
    products = np.empty((length, length))
    products[0] = products[:, 0] = first
    for i in range(1, length):
        step = enters[i - 1] * enters[i - 1 :] - leaves[i - 1] * leaves[i - 1 :]
        products[i, i:] = products[i - 1, i - 1 : -1] + step
        products[i:, i] = products[i, i:]
    return products


def less_last(products: np.ndarray, last: int) -> np.ndarray:
    """Turn products of rows i and j into those of their distances from row ``last``."""
    with_last = products[last]
    return products - with_last - with_last[:, None] + products[last, last]


def output_squares(z: np.ndarray, seq_len: int, pred_len: int) -> np.ndarray:
    """Sum the squared outputs over all windows of z (n,), shape (pred_len,).

    They are the error of repeating the last value, cosine by cosine.

    >>> output_squares(np.array([1.0, 2.0, 4.0]), seq_len=1, pred_len=1)
    array([5.])
    """
    if len(z) < seq_len + pred_len:
        return np.zeros(pred_len)
    # only the last row of the context counts
    z = z[seq_len - 1 :]
    products = less_last(raw_products(z, 1 + pred_len), 0)[1:, 1:]
    return np.diag(dctn(products, norm="ortho"))


def window_moments(z: np.ndarray, seq_len: int, pred_len: int) -> Moments:
    """Sum over all windows of a series z (n,) what the regression needs."""
    length = seq_len + pred_len
    if len(z) < length:
        empty = np.zeros((seq_len + 1, seq_len + 1)), np.zeros((seq_len + 1, pred_len))
        return Moments(*empty, 0)
    products = raw_products(z, length)
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
    return Moments(gram, dct(cross, norm="ortho", axis=1), len(z) - length + 1)


def cosines(pred_len: int) -> np.ndarray:
    """Return the orthonormal cosine transform, (pred_len, pred_len), slowest first."""
    return dct(np.eye(pred_len), norm="ortho", axis=0).T

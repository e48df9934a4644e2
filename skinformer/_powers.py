"""Units in which the squares of extreme values are numbers."""

from typing import Any

import numpy as np

__all__ = ["power_near", "root_mean_square"]

# sizes between which squares, and sums of many, are neither infinite nor zero
SMALL, LARGE = 1e-140, 1e140


def power_near(values: np.ndarray, axis: Any = None) -> np.ndarray:
    """Return the power of two near the largest size, NaN apart.

    To divide by it rounds nothing. It is 1 where the squares of the values are ordinary
    numbers, so that nothing changes there.

    >>> power_near(np.array([[1e200, 3.0], [-1e199, np.nan]]), axis=0).tolist()
    [7.654505172902098e+199, 1.0]
    """
    largest = np.fmax.reduce(np.abs(values), axis=axis, initial=0.0)
    largest = np.asarray(largest, dtype=np.float64)
    # the least exponent leaves its inverse a number
    exponent = np.maximum(np.frexp(largest)[1] - 1, -1020)
    usual = ((largest > SMALL) & (largest < LARGE)) | (largest == 0)
    return np.ldexp(1.0, np.where(usual | ~np.isfinite(largest), 0, exponent))


def root_mean_square(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the root mean square of columns (n, k), NaN as zero, (k,).

    Parameters
    ----------
    values : ndarray of shape (n, k)
    counts : ndarray of shape (k,)
        What the sums are divided by.

    Examples
    --------
    >>> root_mean_square(np.array([[3e-300], [4e-300], [np.nan]]), np.array([1.0]))
    array([5.e-300])
    """
    power = power_near(values, axis=0)
    squares = np.nan_to_num(values / power) ** 2
    return np.sqrt(squares.sum(axis=0) / counts) * power

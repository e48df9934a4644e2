"""How much of a correction to apply, by what it would have done."""

import numpy as np

__all__ = ["best_shares"]


def best_shares(products: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Return the share of a correction that leaves the least squared error.

    Parameters
    ----------
    products, squares : float or ndarray of shape (n_targets,)
        Sums of correction times residual, and of the correction squared.

    Returns
    -------
    float or ndarray of shape (n_targets,)
        In [0, 1].

    Examples
    --------
    >>> best_shares(np.array([1.0, -1.0, 3.0]), np.array([2.0, 2.0, 2.0]))
    array([0.5, 0. , 1. ])
    """
    return np.clip(products / np.maximum(squares, np.finfo(float).tiny), 0.0, 1.0)

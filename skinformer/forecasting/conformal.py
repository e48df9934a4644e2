"""Quantiles of scores with the ranks of conformal prediction.

Of n scores that could have come in any order as well as in theirs, and one more, the
one of rank ``ceil((n + 1) p)`` is exceeded by the new one with a chance of at most
1 - p (Vovk, Gammerman and Shafer, *Algorithmic Learning in a Random World*, 2005).
"""

from numbers import Real
from typing import Any

import numpy as np

__all__ = ["check_coverage", "two_sided", "windows_needed"]

ROUNDING = 1e-9  # (1 + 0.9) / 2 * 20 is no more than 19


def check_coverage(coverage: Any) -> None:
    """Refuse what is no share between 0 and 1."""
    number = isinstance(coverage, Real) and not isinstance(coverage, bool | np.bool_)
    if not number or not 0.0 < coverage < 1.0:
        raise ValueError(
            f"coverage={coverage!r} must be a number between 0 and 1, both excluded: "
            "0.9 for intervals that hold nine values in ten."
        )


def windows_needed(coverage: float) -> int:
    """Return how many scores it takes for both ends of an interval to be among them.

    >>> windows_needed(0.9), windows_needed(0.95)
    (19, 39)
    """
    share = (1.0 + coverage) / 2.0
    return int(np.ceil(share / (1.0 - share) - ROUNDING))


def two_sided(scores: np.ndarray, coverage: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what as many scores fall below as above, at each step and target.

    Parameters
    ----------
    scores : ndarray of shape (n, H, K)
        Signed, NaN where not known; at least ``windows_needed(coverage)`` are.
    coverage : float
        Share of scores between both ends.

    Returns
    -------
    lower, upper : ndarray of shape (H, K)

    Examples
    --------
    >>> scores = np.arange(1.0, 20.0)[:, None, None]
    >>> [end.item() for end in two_sided(scores, 0.8)]  # ranks 2 and 18 of 19
    [2.0, 18.0]
    """
    ordered = np.sort(scores, axis=0)  # NaN last
    n = np.count_nonzero(~np.isnan(scores), axis=0)
    rank = np.ceil((n + 1) * (1.0 + coverage) / 2.0 - ROUNDING).astype(int)
    lower = np.take_along_axis(ordered, (n - rank)[None], axis=0)[0]
    upper = np.take_along_axis(ordered, (rank - 1)[None], axis=0)[0]
    return lower, upper

"""Bounds of what a target can be: counts, prices, shares."""

from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Bounds", "read_bounds"]


class Bounds(NamedTuple):
    """Lowest and highest value of each target, (n_targets,)."""

    low: np.ndarray
    high: np.ndarray

    def clip(self, values: np.ndarray) -> np.ndarray:
        """Keep values (..., n_targets) within."""
        return np.clip(values, self.low, self.high)

    def check(self, values: np.ndarray, names: Sequence, rows: Any) -> None:
        """Refuse the first of some values (n, n_targets) that lies outside.

        ``rows[i]`` is what row i is called.
        """
        outside = (values < self.low) | (values > self.high)
        if outside.any():
            row, target = np.argwhere(outside)[0]
            raise ValueError(
                f"Target {names[target]!r} is {values[row, target]:.6g} at "
                f"{rows[row]}, outside of bounds=({self.low[target]:g}, "
                f"{self.high[target]:g}). Correct the value, or widen the bounds."
            )


def read_bounds(bounds: Any, n_targets: int) -> Bounds | None:
    """Read a pair of bounds, or one pair for each target.

    >>> read_bounds((0, None), n_targets=2)
    Bounds(low=array([0., 0.]), high=array([inf, inf]))

    Raises
    ------
    ValueError
        If they are no pairs of numbers or None, or the low one is not below the other.
    """
    if bounds is None:
        return None
    each = [bounds] * n_targets if is_pair(bounds) else list(bounds)
    if len(each) != n_targets or not all(is_pair(pair) for pair in each):
        raise ValueError(
            f"bounds={bounds!r} must be a pair (low, high) of numbers or None, or one "
            f"such pair for each of the {n_targets} targets."
        )
    low = [-np.inf if low is None else float(low) for low, _ in each]
    high = [np.inf if high is None else float(high) for _, high in each]
    if not all(a < b for a, b in zip(low, high, strict=True)):
        raise ValueError(f"bounds={bounds!r}: the low one must be below the high one.")
    return Bounds(np.array(low), np.array(high))


def is_pair(pair: Any) -> bool:
    """Tell whether this is a low and a high bound."""
    if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2:
        return False
    return all(end is None or is_number(end) for end in pair)


def is_number(end: Any) -> bool:
    """Tell whether this is a number that a float can hold."""
    if not isinstance(end, Real) or isinstance(end, bool):
        return False
    try:
        float(end)
    except OverflowError:
        return False
    return True

"""One covariate as columns of a linear model: its levels, or a curve.

A level of a category, or of a number that takes few values (an hour, a weekday), has a
column of 0 and 1. Other numbers are curves.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.preprocessing import SplineTransformer

__all__ = ["Discrete", "Spline", "discrete_values", "learn_part", "one_hot", "products"]

MOST_VALUES = 31  # of a number that counts as discrete: the days of a month
UNEVEN_VALUES = 7  # of one whose values are not evenly spaced
MOST_LEVELS = 254  # of a category; HistGradientBoosting takes no more
N_KNOTS = 6
FARTHEST = 3.0  # standard deviations: a number beyond acts as one there
SAME = 1e-6  # of the range of a number: values so close are one


def one_hot(codes: np.ndarray, n_levels: int) -> np.ndarray:
    """Return a column of 0 and 1 for each level, (n, n_levels).

    >>> one_hot(np.array([1, 0, 2]), n_levels=2)  # 2 is no level
    array([[0., 1.],
           [1., 0.],
           [0., 0.]])
    """
    return (codes[:, None] == np.arange(n_levels)).astype(np.float64)


def products(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return each column of one times each column of the other, (n, l * r).

    >>> products(np.array([[1, 0], [0, 1]]), np.array([[2, 3], [4, 5]]))
    array([[2, 3, 0, 0],
           [0, 0, 4, 5]])
    """
    # (n, l, 1) * (n, 1, r) -> (n, l, r) -> (n, l * r)
    return (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)


def discrete_values(numbers: np.ndarray) -> np.ndarray | None:
    """Return the values of a number that counts as discrete, sorted; None for others.

    It takes two values; or a few, each more than once on average; or up to 31 that
    are evenly spaced, as the steps of a clock or a calendar are and measurements that
    were rounded mostly are not.

    >>> discrete_values(np.array([3.0, 1.0, 2.0, 1.0, 2.0, 3.0]))
    array([1., 2., 3.])
    >>> discrete_values(np.array([1.0, 2.0, 3.0])) is None
    True
    """
    values = np.unique(numbers).astype(np.float64)
    if len(values) <= 2:
        return values
    if len(values) > MOST_VALUES or 2 * len(values) > len(numbers):
        return None
    steps = np.diff(values)
    is_even = np.ptp(steps) <= SAME * (values[-1] - values[0])
    return values if is_even or len(values) <= UNEVEN_VALUES else None


@dataclass(frozen=True)
class Discrete:
    """The levels of a discrete column.

    Attributes
    ----------
    levels : ndarray of shape (n_levels,)
        Numbers, or codes of categories, sorted.
    """

    levels: np.ndarray

    @classmethod
    def of_codes(cls, codes: np.ndarray) -> Self:
        """Take the categories that occur, of very many those that occur most."""
        counts = np.bincount(codes)
        most = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
        return cls(np.sort(most[counts[most] > 0]).astype(np.float64))

    def __len__(self) -> int:
        """Count the levels."""
        return len(self.levels)

    def codes(self, values: np.ndarray) -> np.ndarray:
        """Number the values; one past the last for a value that is no level."""
        middles = (self.levels[1:] + self.levels[:-1]) / 2
        nearest = np.searchsorted(middles, values)
        room = SAME * (self.levels[-1] - self.levels[0])
        known = np.abs(values - self.levels[nearest]) <= room
        return np.where(known, nearest, len(self))

    def columns(self, values: np.ndarray) -> np.ndarray:
        """Return a column for each level, of two levels one, of a single one none."""
        hot = one_hot(self.codes(values), len(self))
        return hot if len(self) > 2 else hot[:, 1:]


@dataclass(frozen=True)
class Spline:
    """A number as a curve, constant beyond the values that were seen."""

    transformer: SplineTransformer
    mean: float
    std: float

    @classmethod
    def learn(cls, numbers: np.ndarray) -> Self:
        """Put the knots at quantiles of the distinct values, so that no two agree."""
        knots = np.quantile(np.unique(numbers), np.linspace(0, 1, N_KNOTS))[:, None]
        curve = SplineTransformer(
            degree=2, knots=knots, extrapolation="constant", include_bias=False
        )
        return cls(curve.fit(knots), float(numbers.mean()), float(numbers.std()) or 1.0)

    def columns(self, numbers: np.ndarray) -> np.ndarray:
        """Return the pieces of the curve, (n, n_pieces)."""
        return self.transformer.transform(numbers[:, None])

    def line(self, numbers: np.ndarray) -> np.ndarray:
        """Return the number itself, standardised and cut off far out, (n, 1)."""
        z = (numbers - self.mean) / self.std
        return np.clip(z, -FARTHEST, FARTHEST)[:, None]


def learn_part(column: np.ndarray, is_number: bool) -> Discrete | Spline:
    """Read levels or knots off a column, (n,); a category comes as codes."""
    if not is_number:
        return Discrete.of_codes(column.astype(np.int64))
    values = discrete_values(column)
    return Spline.learn(column) if values is None else Discrete(values)

"""All covariates as columns of a linear model: which ones, and which act together.

One discrete column, the *main* one, explains most of the target: for an hourly series
mostly the hour. It is multiplied with the numbers, the flags and one other discrete
column, so that a warm afternoon may mean something other than a warm night, and five
o'clock something else on a Sunday. A column of many levels that foretells nothing in
other stretches of time (the day of the month, mostly) is left out: each of its levels
would learn the noise of the few days that it was seen on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from skinformer.series.covariates import Covariates

from .covariate_parts import Discrete, Spline, learn_part, products

__all__ = ["CovariateDesign", "explained_share", "helps_elsewhere", "level_means"]

FEW_LEVELS = 7  # of a column that need not prove itself: the days of a week
MOST_LEVELS = 31  # of the main column
MOST_PRODUCTS = 200  # of two discrete columns; hours of the week are 168
N_STRETCHES = 4


def level_means(codes: np.ndarray, y: np.ndarray, n_levels: int) -> np.ndarray:
    """Return the mean of y at each level, 0 where a level does not occur.

    >>> level_means(np.array([0, 0, 2]), np.array([1.0, 3.0, 5.0]), n_levels=3)
    array([2., 0., 5.])
    """
    counts = np.bincount(codes, minlength=n_levels)
    return np.bincount(codes, y, n_levels) / np.maximum(counts, 1)


def explained_share(codes: np.ndarray, y: np.ndarray) -> float:
    """Return the share of the variance of y between the levels, less that of chance.

    >>> explained_share(np.array([0, 0, 1, 1]), np.array([1.0, 1.0, 5.0, 5.0]))
    1.0
    >>> explained_share(np.array([0, 1, 2, 3]), np.array([1.0, 1.0, 5.0, 5.0]))
    0.0
    """
    spread = ((y - y.mean()) ** 2).sum()
    n_rest = len(y) - len(np.unique(codes))
    if spread == 0 or n_rest == 0:
        return 0.0
    means = level_means(codes, y, codes.max() + 1)
    within = ((y - means[codes]) ** 2).sum()
    return float(1 - (within / n_rest) / (spread / (len(y) - 1)))


def helps_elsewhere(codes: np.ndarray, y: np.ndarray) -> bool:
    """Tell whether means of the levels foretell y in stretches that they are not from.

    Rows are in order of time. Of each of four stretches its own mean is taken off
    first; the level means of the other three must lower the squared error in each.

    >>> codes = np.tile([0, 1], 8)
    >>> helps_elsewhere(codes, codes + np.repeat([0.0, 5.0], 8))
    True
    >>> helps_elsewhere(codes, np.repeat([1.0, -1.0], 8) * codes)
    False
    """
    stretches = np.array_split(np.arange(len(y)), min(N_STRETCHES, len(y)))
    y = np.concatenate([y[rows] - y[rows].mean() for rows in stretches])
    for rows in stretches:
        means = level_means(np.delete(codes, rows), np.delete(y, rows), codes.max() + 1)
        rest = y[rows] - means[codes[rows]]
        if not (rest**2).sum() < (y[rows] ** 2).sum():
            return False
    return True


@dataclass(frozen=True)
class CovariateDesign:
    """What becomes of each column, learned from the rows of ``fit``.

    Attributes
    ----------
    n_numeric : int
        How many of the columns are numbers.
    parts : tuple of Discrete, Spline or None
        One for each column, numbers before categories; None for one left out.
    main : int or None
        The discrete column that acts together with others, if there is one.
    partner : int or None
        The other one that acts together with it, level by level.
    """

    n_numeric: int
    parts: tuple[Discrete | Spline | None, ...]
    main: int | None
    partner: int | None

    @classmethod
    def learn(cls, covariates: Covariates, y: np.ndarray) -> Self:
        """Read all off the covariates and the target, rows in order of time."""
        columns = each_column(covariates)
        n_numeric = covariates.numeric.shape[1]
        parts: list[Any] = [learn_part(c, i < n_numeric) for i, c in enumerate(columns)]
        main = choose_main(parts, columns, y)
        if main is not None:
            codes = parts[main].codes(columns[main])
            y = y - level_means(codes, y, len(parts[main]) + 1)[codes]
        for i, part in enumerate(parts):
            has_many = isinstance(part, Discrete) and len(part) > FEW_LEVELS
            if has_many and i != main:
                helps = helps_elsewhere(part.codes(columns[i]), y)
                parts[i] = part if helps else None
        return cls(n_numeric, tuple(parts), main, choose_partner(parts, main))

    def kept(
        self, covariates: Covariates
    ) -> Iterator[tuple[int, Discrete | Spline, np.ndarray]]:
        """Yield the position, the part and the values of each column not left out."""
        values = each_column(covariates)
        for i, (part, column) in enumerate(zip(self.parts, values, strict=True)):
            if part is not None:
                yield i, part, column

    def matrix(self, covariates: Covariates) -> np.ndarray:
        """Return the columns of the linear model, (n, n_columns)."""
        alone = {i: part.columns(v) for i, part, v in self.kept(covariates)}
        together = []
        for i, part, v in self.kept(covariates):
            if isinstance(part, Spline):
                together.append(self.with_main(part.line(v), alone))
            elif self.main not in (None, i) and (len(part) == 2 or i == self.partner):
                together.append(self.with_main(alone[i], alone))
        # of no columns, (n, 0)
        nothing = np.empty((len(covariates), 0))
        return np.concatenate([nothing, *alone.values(), *together], axis=1)

    def with_main(self, columns: np.ndarray, alone: dict) -> np.ndarray:
        """Multiply columns with those of the main one, if there is one."""
        return columns if self.main is None else products(alone[self.main], columns)

    def tree_matrix(self, covariates: Covariates) -> np.ndarray:
        """Return numbers, and codes of categories, NaN for unknown, (n, n_kept)."""
        columns = [
            v if i < self.n_numeric else known_codes(part, v)
            for i, part, v in self.kept(covariates)
        ]
        # trees want one column at least
        return np.stack(columns or [np.zeros(len(covariates))], axis=1)

    def tree_categories(self) -> np.ndarray:
        """Return the mask of the categories in ``tree_matrix``, (n_kept,)."""
        kept = [i for i, part in enumerate(self.parts) if part is not None]
        return np.array([i >= self.n_numeric for i in kept or [-1]])


def each_column(covariates: Covariates) -> list[np.ndarray]:
    """List the columns as floats, numbers before categories."""
    both = (*covariates.numeric.T, *covariates.codes.T)
    return [column.astype(np.float64, copy=False) for column in both]


def known_codes(part: Any, values: np.ndarray) -> np.ndarray:
    """Return codes as floats, NaN for an unknown one."""
    codes = part.codes(values)
    return np.where(codes < len(part), codes, np.nan)


def choose_main(
    parts: list[Discrete | Spline], columns: list[np.ndarray], y: np.ndarray
) -> int | None:
    """Return the discrete column of 3 to 31 levels that explains most of y."""
    shares = {
        i: explained_share(part.codes(column), y)
        for i, (part, column) in enumerate(zip(parts, columns, strict=True))
        if isinstance(part, Discrete) and 2 < len(part) <= MOST_LEVELS
    }
    return max(shares, key=shares.__getitem__) if shares else None


def choose_partner(parts: list[Any], main: int | None) -> int | None:
    """Return the column of most levels whose products with the main one are few."""
    if main is None:
        return None
    sizes = {
        i: len(part)
        for i, part in enumerate(parts)
        if isinstance(part, Discrete)
        and i != main
        and 2 < len(part) <= MOST_PRODUCTS / len(parts[main])
    }
    return max(sizes, key=sizes.__getitem__) if sizes else None

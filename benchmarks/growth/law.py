"""How a cost grows with a size: a line, and what speaks against it.

A cost is a start, which any size has, and so much for each more. It is fitted so that
relative errors are small: by absolute ones the largest size would settle everything.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import nnls

__all__ = ["Growth", "Law", "fit", "growth_of"]

# below four sizes a start, a slope and an exponent are not told apart
FEWEST_FOR_EXPONENT = 4
# of the least figure
FLAT = 1.1
# none below 1: what seems to flatten is the noise of small sizes
EXPONENTS = np.arange(100, 201) / 100


class Law(NamedTuple):
    """``start + slope * size ** exponent``."""

    start: float
    slope: float
    exponent: float = 1.0

    def at(self, size: float) -> float:
        """Return the cost of a size.

        >>> Law(3.0, 2.0).at(10)
        23.0
        """
        return self.start + self.slope * size**self.exponent


def fit(sizes: Sequence[float], figures: Sequence[float], exponent: float = 1.0) -> Law:
    """Fit start and slope, neither below zero, to the least squared relative errors.

    >>> law = fit([1, 10, 100], [5.0, 23.0, 203.0])
    >>> round(law.start, 6), round(law.slope, 6)
    (3.0, 2.0)
    """
    n, y = np.asarray(sizes, float), np.asarray(figures, float)
    grown = (n / n.max()) ** exponent  # numbers of like size for the solver
    (start, slope), _ = nnls(np.column_stack([1 / y, grown / y]), np.ones(len(y)))
    return Law(float(start), float(slope / n.max() ** exponent), exponent)


def error_of(law: Law, sizes: Sequence[float], figures: Sequence[float]) -> float:
    """Return the root of the mean squared relative error of a law."""
    errors = [law.at(n) / y - 1 for n, y in zip(sizes, figures, strict=True)]
    return math.sqrt(sum(e**2 for e in errors) / len(errors))


def fit_exponent(sizes: Sequence[float], figures: Sequence[float]) -> Law:
    """Fit the exponent too, in hundredths.

    >>> fit_exponent([1, 4, 16, 64], [5 + n**1.5 for n in (1, 4, 16, 64)]).exponent
    1.5
    """
    laws = [fit(sizes, figures, float(p)) for p in EXPONENTS]
    return min(laws, key=lambda law: error_of(law, sizes, figures))


class Growth(NamedTuple):
    """What was measured of a cost, and what is made of it.

    Attributes
    ----------
    sizes, figures : sequence of float
        Measured, from the least size on.
    line : Law
    power : Law or None
        With an exponent of its own; None where sizes are too few to tell, and where
        the cost is flat: the exponent would be that of the noise.
    miss : float or None
        The largest size by the line of the smaller ones, relative to what was measured,
        less one.
    """

    sizes: Sequence[float]
    figures: Sequence[float]
    line: Law
    power: Law | None
    miss: float | None

    def at(self, size: float) -> float:
        """Return the cost of a size: measured, or else by the line."""
        if size in self.sizes:
            return self.figures[list(self.sizes).index(size)]
        return self.line.at(size)

    def span(self, size: float) -> tuple[float, float]:
        """Return the cost by the line and by the power, the lower one first."""
        if size in self.sizes or self.power is None:
            return (self.at(size),) * 2
        low, high = sorted([self.line.at(size), self.power.at(size)])
        return low, high

    @property
    def is_flat(self) -> bool:
        """Whether the largest size costs hardly more than the least.

        Memory does not show what a size takes until it exceeds what a fit took anyhow.
        """
        return self.figures[-1] < FLAT * self.figures[0]

    def beyond(self, size: float) -> float:
        """Return how many times as large as the largest that was measured it is."""
        return size / self.sizes[-1]


def growth_of(sizes: Sequence[float], figures: Sequence[float]) -> Growth:
    """Fit a cost, and try the line on the largest size.

    >>> growth = growth_of([1, 2, 3], [2.0, 3.0, 5.0])
    >>> growth.miss  # 1 + n makes 4 of what is 5
    -0.2
    """
    enough = len(sizes) >= FEWEST_FOR_EXPONENT
    miss = None
    if len(sizes) > 2:
        smaller = fit(sizes[:-1], figures[:-1])
        miss = round(smaller.at(sizes[-1]) / figures[-1] - 1, 9)
    growth = Growth(sizes, figures, fit(sizes, figures), None, miss)
    if not enough or growth.is_flat:
        return growth
    return growth._replace(power=fit_exponent(sizes, figures))

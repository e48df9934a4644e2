"""How effects combine: they multiply (logarithmic link) or add up (identity)."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.linear_model import PoissonRegressor, Ridge

__all__ = ["IdentityLink", "LogLink", "choose_link"]


@dataclass(frozen=True)
class LogLink:
    """Effects multiply: counts, loads, whatever varies more where it is high.

    Attributes
    ----------
    scale : float
        Mean of the target. The penalty of the linear part holds for a mean of 1.
    """

    scale: float
    loss = "poisson"

    @classmethod
    def learn(cls, y: np.ndarray, weight: np.ndarray) -> Self:
        """Read the scale off the target, (n,)."""
        return cls(float(np.average(y, weights=weight)))

    def standardize(self, y: np.ndarray) -> np.ndarray:
        """Bring a target to the scale that the parts work on."""
        return y / self.scale

    def restore(self, z: np.ndarray) -> np.ndarray:
        """Undo :meth:`standardize`."""
        return z * self.scale

    def linear_model(self, alpha: float, total_weight: float) -> PoissonRegressor:
        """Return the linear part; alpha weighs as much as the loss of one row."""
        # scikit-learn divides the loss by the total weight here, not so in Ridge
        return PoissonRegressor(
            alpha=alpha / total_weight, solver="newton-cholesky", max_iter=100, tol=1e-4
        )

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return what a linear predictor stands for."""
        return np.exp(eta)

    def remove(self, z: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Take the level off a standardised target."""
        return z * np.exp(-level)

    def add(self, z: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Undo :meth:`remove`."""
        return z * np.exp(level)

    def weight(self, level: np.ndarray) -> np.ndarray:
        """Return what a row without its level weighs: a count varies as its mean."""
        return np.exp(level)


@dataclass(frozen=True)
class IdentityLink:
    """Effects add up: temperatures, differences, whatever may be negative.

    Attributes
    ----------
    mean_y, std : float
        Mean and standard deviation of the target.
    """

    mean_y: float
    std: float
    loss = "squared_error"

    @classmethod
    def learn(cls, y: np.ndarray, weight: np.ndarray) -> Self:
        """Read mean and standard deviation off the target, (n,)."""
        mean = np.average(y, weights=weight)
        std = np.average((y - mean) ** 2, weights=weight) ** 0.5
        # a constant has the standard deviation of its rounding at most
        return cls(float(mean), float(std) if np.ptp(y) and std else 1.0)

    def standardize(self, y: np.ndarray) -> np.ndarray:
        """Bring a target to the scale that the parts work on."""
        return (y - self.mean_y) / self.std

    def restore(self, z: np.ndarray) -> np.ndarray:
        """Undo :meth:`standardize`."""
        return z * self.std + self.mean_y

    def linear_model(self, alpha: float, total_weight: float) -> Ridge:
        """Return the linear part; alpha weighs as much as the loss of one row."""
        return Ridge(alpha=alpha)

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Return what a linear predictor stands for."""
        return eta

    def remove(self, z: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Take the level off a standardised target."""
        return z - level

    def add(self, z: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Undo :meth:`remove`."""
        return z + level

    def weight(self, level: np.ndarray) -> np.ndarray:
        """Return what a row without its level weighs: all the same."""
        return np.ones_like(level)


def choose_link(link: str, y: np.ndarray, weight: np.ndarray) -> LogLink | IdentityLink:
    """Return the link of that name, fitted; "auto" chooses by the sign of y.

    Raises
    ------
    ValueError
        If the logarithmic link meets a negative target, or one that is 0 throughout.

    Examples
    --------
    >>> choose_link("auto", np.array([0.0, 4.0]), weight=np.ones(2))
    LogLink(scale=2.0)
    >>> choose_link("auto", np.array([-1.0, 5.0]), weight=np.ones(2))
    IdentityLink(mean_y=2.0, std=3.0)
    """
    fits_log = y.min() >= 0 and y.max() > 0
    if link == "log" and not fits_log:
        raise ValueError(
            f"link='log' needs a target of at least 0 that is not 0 throughout; y "
            f"reaches from {y.min():g} to {y.max():g}. Use link='identity' or 'auto'."
        )
    if link == "identity" or not fits_log:
        return IdentityLink.learn(y, weight)
    return LogLink.learn(y, weight)

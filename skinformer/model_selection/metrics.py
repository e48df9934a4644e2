"""Errors of forecasts, as ratios of two sums over windows, steps and targets.

With e = forecast − truth over the rows whose truth is known:

======= ================= ================= ====== ====================================
metric  sum above         sum below         root   remark
======= ================= ================= ====== ====================================
mse     e²                1                        mean squared error
rmse    e²                1                 yes
mae     abs(e)            1                        mean absolute error
bias    e                 1                        positive where forecasts are too high
wape    abs(e)            abs(truth)               weighted absolute percentage error
mase    abs(e) / q₁       1                        mean absolute scaled error
rmsse   (e / q₂)²         1                 yes    root mean squared scaled error
======= ================= ================= ====== ====================================

q₁ and q₂ are the mean absolute and the root mean squared error, in the training rows,
of the forecast that repeats the last season. Where the sum below or q is zero, the
metric is NaN.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from skinformer._powers import power_near, root_mean_square
from skinformer._validation import did_you_mean

__all__ = [
    "METRICS",
    "Sums",
    "TrainingScale",
    "check_metric",
    "evaluate",
    "training_scale",
]


@dataclass(frozen=True)
class TrainingScale:
    """What the training rows say of the size of errors, each of shape (n_targets,).

    Of windows of many series, (n_windows, 1, n_targets).

    Attributes
    ----------
    std : ndarray
        Standard deviation; NaN if zero.
    mae, rmse : ndarray
        Mean absolute and root mean squared error of the last season repeated, q₁ and
        q₂; NaN if zero, or if there is no pair of rows.
    season : int or ndarray
        Rows in that season; an array, where series differ.
    """

    std: np.ndarray
    mae: np.ndarray
    rmse: np.ndarray
    season: int | np.ndarray


def zero_to_nan(values: np.ndarray) -> np.ndarray:
    """Return values by which one can divide."""
    values = np.asarray(values, dtype=np.float64)
    return np.where(values == 0, np.nan, values)


def ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Divide; NaN where the lower one is zero."""
    return above / zero_to_nan(below)


def training_scale(y_train: np.ndarray, season: int = 1) -> TrainingScale:
    """Measure training rows (n_rows, n_targets); NaN rows are left out.

    Examples
    --------
    >>> rows = np.array([[1.0], [3.0], [2.0], [4.0]])
    >>> training_scale(rows, season=1).mae.round(3)  # steps of 2, 1 and 2
    array([1.667])
    >>> training_scale(rows, season=2).mae
    array([1.])
    """
    y_train = np.asarray(y_train, dtype=np.float64)
    known = ~np.isnan(y_train)
    mean = ratio(np.where(known, y_train, 0).sum(axis=0), known.sum(axis=0))
    steps = y_train[season:] - y_train[: max(len(y_train) - season, 0)]
    return TrainingScale(
        zero_to_nan(root_mean_known(y_train - mean)),
        zero_to_nan(mean_known(np.abs(steps))),
        zero_to_nan(root_mean_known(steps)),
        season,
    )


def root_mean_known(values: np.ndarray) -> np.ndarray:
    """Return the root mean square of each column, as :func:`mean_known` the mean."""
    return root_mean_square(values, zero_to_nan((~np.isnan(values)).sum(axis=0)))


def mean_known(values: np.ndarray) -> np.ndarray:
    """Return the mean of each column over the rows that are not NaN; NaN of none."""
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0).sum(axis=0), known.sum(axis=0))


class Sums(NamedTuple):
    """The two sums of a metric; that of squares is in units of a power, squared."""

    above: np.ndarray
    below: np.ndarray
    power: float = 1.0

    def join(self, other: "Sums", put: Callable[..., np.ndarray]) -> "Sums":
        """Return the sums of both, in the larger unit of the two, put together.

        >>> few = Sums(np.array([3.0]), np.array([1.0]), 2.0)
        >>> few.join(Sums(np.array([4.0]), np.array([1.0]), 4.0), np.add)
        Sums(above=array([4.75]), below=array([2.]), power=4.0)
        """
        # sums of zeros have none
        units = [sums.power for sums in (self, other) if sums.above.any()]
        power = max(units, default=1.0)
        above = put(*(s.above * min(s.power / power, 1.0) ** 2 for s in (self, other)))
        return Sums(above, put(self.below, other.below), power)


class Metric(NamedTuple):
    """A ratio of two sums; its terms take error, truth and training scale."""

    above: Callable[..., np.ndarray]
    below: Callable[..., np.ndarray]
    root: bool = False
    scaled: bool = False  # whether it needs the training rows
    degree: int = 0  # of a unit of the errors in it, where errors are squared

    def power(self, y_true: np.ndarray, y_pred: np.ndarray, unit: Any) -> float:
        """Return a unit, beside the one given, in which squares are numbers."""
        if not self.degree:
            return 1.0
        return float(power_near((y_pred - y_true) / unit))

    def finish(
        self, above: np.ndarray, below: np.ndarray, power: float = 1.0
    ) -> np.ndarray:
        """Return the metric from its two sums, which are in units of a power."""
        value = ratio(above, below)
        value = np.sqrt(value) if self.root else value
        with np.errstate(over="ignore"):  # some squares are no numbers
            return value * np.float64(power) ** self.degree


def squares(error: np.ndarray, truth: np.ndarray, scale: Any) -> np.ndarray:
    """Return e²."""
    return error**2


def sizes(error: np.ndarray, truth: np.ndarray, scale: Any) -> np.ndarray:
    """Return abs(e)."""
    return np.abs(error)


def signed(error: np.ndarray, truth: np.ndarray, scale: Any) -> np.ndarray:
    """Return e."""
    return error


def truth_sizes(error: np.ndarray, truth: np.ndarray, scale: Any) -> np.ndarray:
    """Return abs(truth)."""
    return np.abs(truth)


def scaled_sizes(error: np.ndarray, truth: np.ndarray, scale: Any) -> np.ndarray:
    """Return abs(e) / q₁."""
    return np.abs(error) / scale.mae


def scaled_squares(error: np.ndarray, truth: np.ndarray, scale: Any) -> np.ndarray:
    """Return (e / q₂)²."""
    return (error / scale.rmse) ** 2


def ones(error: np.ndarray, truth: np.ndarray, scale: Any) -> np.ndarray:
    """Return 1 for each row."""
    return np.ones_like(error)


METRICS = {
    "mse": Metric(squares, ones, degree=2),
    "mae": Metric(sizes, ones),
    "rmse": Metric(squares, ones, root=True, degree=1),
    "bias": Metric(signed, ones),
    "wape": Metric(sizes, truth_sizes),
    "mase": Metric(scaled_sizes, ones, scaled=True),
    "rmsse": Metric(scaled_squares, ones, root=True, scaled=True),
}


def check_metric(name: Any) -> Metric:
    """Look a metric up by its name."""
    if not isinstance(name, str) or name not in METRICS:
        raise ValueError(
            f"metric={name!r} is unknown. Known are {', '.join(map(repr, METRICS))}."
            f"{did_you_mean(name, METRICS)}"
        )
    return METRICS[name]


def sums(
    name: str,
    y_true: np.ndarray,
    y_pred: np.ndarray,
    axis: tuple[int, ...] | None = None,
    scale: TrainingScale | None = None,
    unit: ArrayLike = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the two sums of a metric over ``axis``; arguments as in `evaluate`."""
    metric = check_metric(name)
    if metric.scaled and scale is None:
        raise ValueError(f"{name!r} needs the training rows; give their scale.")
    # scaled metrics have no unit
    unit = 1.0 if metric.scaled else np.asarray(unit, dtype=np.float64)
    known = ~np.isnan(y_true)
    terms = ((y_pred - y_true) / unit, y_true / unit, scale)
    above = np.where(known, metric.above(*terms), 0).sum(axis=axis)
    below = np.where(known, metric.below(*terms), 0).sum(axis=axis)
    return above, below


def evaluate(
    name: str,
    y_true: np.ndarray,
    y_pred: np.ndarray,
    axis: tuple[int, ...] | None = None,
    scale: TrainingScale | None = None,
    unit: ArrayLike = 1.0,
) -> np.ndarray:
    """Compute a metric over the given axes of windows, steps and targets.

    Parameters
    ----------
    name : str
        One of ``METRICS``.
    y_true, y_pred : ndarray of shape (n_windows, horizon, n_targets)
        Where the truth is NaN, the row is left out.
    axis : tuple of int or None, default=None
        Axes over which is summed; None for all.
    scale : TrainingScale or None, default=None
        What mase and rmsse divide by.
    unit : array-like or float, default=1.0
        Of shape (n_targets,) or (n_windows, 1, n_targets). What errors and truths are
        divided by first.

    Returns
    -------
    ndarray
        Of the axes that are left.

    Examples
    --------
    >>> truth = np.array([1.0, np.nan, 3.0]).reshape(1, 3, 1)
    >>> forecast = np.array([2.0, 5.0, 0.0]).reshape(1, 3, 1)
    >>> [float(evaluate(name, truth, forecast)) for name in ("mse", "bias", "wape")]
    [5.0, -1.0, 1.0]
    """
    metric = check_metric(name)
    unit = np.asarray(unit, dtype=np.float64)  # pandas would divide along its index
    power = metric.power(y_true, y_pred, unit)
    above, below = sums(name, y_true, y_pred, axis, scale, unit * power)
    return metric.finish(above, below, power)

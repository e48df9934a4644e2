"""Centre and scale of the columns of many series, each from its own rows.

Arrays have a row for each series and a column for each column that is measured,
(n_series, n_columns). NaN is left out of all statistics. What counts as constant is
what scikit-learn's ``StandardScaler``, ``RobustScaler`` and ``MinMaxScaler`` take for
it; these would need minutes for a thousand series.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from .series_column import SeriesRows

__all__ = ["Moments", "Scales", "SeriesScales", "learn_series"]

EPS = np.finfo(np.float64).eps


class Moments(NamedTuple):
    """What rows say of a column; rows of further batches can be added."""

    count: np.ndarray  # type: ignore[assignment]  # a tuple counts too; no one asks it
    mean: np.ndarray
    squares: np.ndarray  # sum of squared distances to the mean
    low: np.ndarray
    high: np.ndarray


class Scales(NamedTuple):
    """What is taken off, and what is divided by then."""

    center: np.ndarray
    scale: np.ndarray


def moments_of_rows(values: np.ndarray) -> Moments:
    """Return the moments of each row by itself, (n_rows, n_columns)."""
    known = ~np.isnan(values)
    return Moments(known.astype(float), values, np.zeros_like(values), values, values)


def pool(parts: Moments, codes: np.ndarray) -> Moments:
    """Return the moments of all parts of one code together; codes count from 0.

    Squares are summed around the mean of each code, so that values far from zero lose
    no digits.

    Examples
    --------
    >>> rows = moments_of_rows(np.array([[1.0], [5.0], [np.nan], [3.0]]))
    >>> pooled = pool(rows, np.array([0, 1, 0, 0]))
    >>> pooled.mean.ravel(), pooled.squares.ravel()
    (array([2., 5.]), array([2., 0.]))
    """
    groups = [pd.DataFrame(part).groupby(codes) for part in parts]
    count = groups[0].sum().to_numpy()
    total = pd.DataFrame(parts.count * parts.mean).groupby(codes).sum().to_numpy()
    mean = np.divide(total, count, where=count > 0, out=np.full_like(total, np.nan))
    distance = parts.mean - mean[codes]
    squares = parts.squares + parts.count * distance**2
    squares = pd.DataFrame(squares).groupby(codes).sum().to_numpy()
    low, high = groups[3].min().to_numpy(), groups[4].max().to_numpy()
    return Moments(count, mean, squares, low, high)


def static_columns(moments: Moments) -> np.ndarray:
    """Return a mask of the columns that are constant within every series.

    Examples
    --------
    >>> rows = moments_of_rows(np.array([[1.0, 5.0], [7.0, 5.0], [1.0, 6.0]]))
    >>> static_columns(pool(rows, np.array([0, 1, 0]))).tolist()
    [True, False]
    """
    return np.all(~(moments.low < moments.high), axis=0)


def scales_of_moments(moments: Moments, method: str) -> Scales:
    """Return centre and scale of "standard" or "minmax".

    Examples
    --------
    >>> rows = moments_of_rows(np.array([[2.0], [4.0], [9.0]]))
    >>> moments = pool(rows, np.array([0, 0, 1]))  # the second one is constant
    >>> scales_of_moments(moments, "minmax").scale.ravel()
    array([2., 1.])
    """
    count, mean, squares, low, high = moments
    if method == "minmax":
        center, scale = low, high - low
        is_constant = scale < 10 * EPS
    else:
        center, variance = mean, squares / np.maximum(count, 1)
        scale = np.sqrt(variance)
        rounding = count * EPS * variance + (count * mean * EPS) ** 2
        is_constant = np.isfinite(variance) & (variance <= rounding)
    # of equal values the mean can be a digit off
    center = np.where(low == high, low, center)
    return Scales(center, np.where(is_constant | (low == high), 1.0, scale))


def scales_of_quartiles(values: np.ndarray, codes: np.ndarray) -> Scales:
    """Return centre and scale of "robust", from all rows (n_rows, n_columns).

    Examples
    --------
    >>> values = np.array([[1.0], [7.0], [2.0], [5.0]])
    >>> center, scale = scales_of_quartiles(values, np.array([0, 1, 0, 0]))
    >>> center.ravel(), scale.ravel()  # quartiles 1.5, 2 and 3.5
    (array([2., 7.]), array([2., 1.]))
    """
    groups = pd.DataFrame(values).groupby(codes)
    first, median, third = (groups.quantile(q).to_numpy() for q in (0.25, 0.5, 0.75))
    scale = third - first
    return Scales(median, np.where(scale < 10 * EPS, 1.0, scale))


def find_scales(
    moments: Moments, values: np.ndarray, codes: np.ndarray, method: str
) -> Scales:
    """Return the scales of each series, those of static columns from all rows."""

    def scales(moments: Moments, codes: np.ndarray) -> Scales:
        is_robust = method == "robust"
        center, scale = (
            scales_of_quartiles(values, codes)
            if is_robust
            else scales_of_moments(moments, method)
        )
        has_value = moments.count > 0
        return Scales(np.where(has_value, center, 0.0), np.where(has_value, scale, 1.0))

    own, is_static = scales(moments, codes), static_columns(moments)
    if not is_static.any():
        return own
    series_of_all = np.zeros(len(moments.count), dtype=int)
    of_all = scales(pool(moments, series_of_all), np.zeros_like(codes))
    pairs = zip(of_all, own, strict=True)
    return Scales(*(np.where(is_static, both, each) for both, each in pairs))


@dataclass(frozen=True)
class SeriesScales:
    """The scales of the series that were seen.

    Attributes
    ----------
    names : Index of shape (n_series,)
    moments : Moments
    scales : Scales
    """

    names: pd.Index
    moments: Moments
    scales: Scales

    def unknown(self, rows: SeriesRows) -> pd.Index:
        """Return the series that were not seen."""
        return rows.names[self.names.get_indexer(rows.names) < 0]

    def places(self, rows: SeriesRows) -> np.ndarray:
        """Return the position of the series of each row, all of them seen."""
        return self.names.get_indexer(rows.names)[rows.codes]


@np.errstate(over="ignore", invalid="ignore")  # the caller looks for what is not finite
def learn_series(
    values: np.ndarray,
    rows: SeriesRows,
    method: str,
    before: SeriesScales | None = None,
) -> SeriesScales:
    """Learn the scales of each series, going on from ``before`` if it is given.

    Examples
    --------
    >>> rows = SeriesRows(np.array([0, 0, 1, 1]), pd.Index(["a", "b"]))
    >>> values = np.array([[1.0], [3.0], [10.0], [30.0]])
    >>> learn_series(values, rows, "standard").scales.center.ravel()
    array([ 2., 20.])
    """
    moments, names = pool(moments_of_rows(values), rows.codes), rows.names
    if before is not None:
        parts = zip(before.moments, moments, strict=True)
        both = Moments(*map(np.concatenate, parts))
        codes, names = pd.factorize(before.names.append(names))
        moments = pool(both, codes)
    scales = find_scales(moments, values, rows.codes, method)
    return SeriesScales(pd.Index(names), moments, scales)

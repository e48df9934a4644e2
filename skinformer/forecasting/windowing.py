"""From histories to standardised windows, and from their forecasts back to units.

What any forecaster that learns from windows needs, whatever learns.
"""

import copy
from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from skinformer.exceptions import OutlierWarning, warn
from skinformer.series.chunks import chunks, let_go
from skinformer.series.history import Stretch
from skinformer.series.rows import Rows
from skinformer.series.windows import AS_IT_IS, Scale, Windows

from .jobs import Jobs, starts_of
from .splitting import rows_to_learn

__all__ = ["LARGEST", "ColumnScale", "WindowScaler"]

# deviations from the mean, beyond which single precision overflows in a network: what
# is further away counts as so far
LARGEST = 1e15
# variances below have lost digits; the factor is a power of two, and rounds nothing
FAINT, LARGER = 1e-290, 2.0**600
TINY = np.finfo(np.float64).tiny
TARGET, COLUMN = "target", "numeric column of X"  # what errors call them


class ColumnScale(NamedTuple):
    """Mean and spread of columns, each of shape (k,), or (n_series, k).

    Attributes
    ----------
    mean_, var_ : ndarray
    scale_ : ndarray
        Standard deviation; 1 for a column that never moved.
    """

    mean_: np.ndarray
    var_: np.ndarray
    scale_: np.ndarray

    def first(self, n_columns: int) -> "ColumnScale":
        """Return those of the first columns."""
        return ColumnScale(*(of[..., :n_columns] for of in self))

    def of(self, series: np.ndarray) -> "ColumnScale":
        """Return those of blocks (B,), for forecasts (B, rows, k)."""
        if self.mean_.ndim < 2:
            return self
        return ColumnScale(*(of[series][:, None] for of in self))

    def put(self, series: int, scale: "ColumnScale") -> "ColumnScale":
        """Return those of many series with one replaced, or added at the end."""
        pairs = zip(self, scale, strict=True)
        return ColumnScale(
            *(np.concatenate([a[:series], b[None], a[series + 1 :]]) for a, b in pairs)
        )


class WindowScaler:
    """Standardise what is observed and numeric covariates, for float32 windows.

    Parameters
    ----------
    seq_len, pred_len : int
        Rows of context and of horizon.
    per_series : bool, default=False
        Whether each series is standardised by its own statistics. Covariates are
        standardised by those of all.

    Attributes
    ----------
    value_scaler_ : ColumnScale
        Of the known training rows: of targets, then of columns of the past.
    target_scaler_ : ColumnScale
        Of the targets alone.
    covariate_scaler_ : ColumnScale or None
        None where no column is numeric.
    """

    def __init__(self, seq_len: int, pred_len: int, per_series: bool = False):
        self.seq_len, self.pred_len, self.per_series = seq_len, pred_len, per_series

    def fit(self, histories: Sequence[Stretch], n_train: Sequence[int]) -> Self:
        """Learn means and deviations of the rows of each history that train."""
        pairs = list(zip(histories, n_train, strict=True))
        self._learn_values([values_to_learn(*pair) for pair in pairs], histories[0])
        self.covariate_scaler_ = None
        if histories[0].covariates.numeric.shape[1]:
            numeric = [
                (h.covariates.numeric[:n], rows_to_learn(h, n)) for h, n in pairs
            ]
            self.covariate_scaler_ = learn_scale(numeric, COLUMN)
        return self

    def admit(self, history: Stretch) -> Self:
        """Return a scaler that knows a series more, or knows it by more rows."""
        other = copy.copy(self)
        if self.per_series:
            values = values_to_learn(history, history.n_known)
            learned = learn_scale([values], TARGET, history.n_targets)
            put = self.value_scaler_.put(history.series, learned)
            other._set_values(put, history.n_targets)
        return other

    def _learn_values(self, parts: list[tuple], like: Stretch) -> None:
        if self.per_series:
            each = [learn_scale([part], TARGET, like.n_targets) for part in parts]
            learned = ColumnScale(*map(np.stack, zip(*each, strict=True)))
        else:
            learned = learn_scale(parts, TARGET, like.n_targets)
        self._set_values(learned, like.n_targets)

    def raise_scale(self, least: np.ndarray) -> None:
        """Let the unit of each target be at least so large, (n_targets,)."""
        learned, n = self.value_scaler_, len(least)
        scale = learned.scale_.copy()
        scale[..., :n] = np.maximum(scale[..., :n], least)
        self._set_values(learned._replace(scale_=scale), n)

    def _set_values(self, learned: ColumnScale, n_targets: int) -> None:
        self.value_scaler_, self.target_scaler_ = learned, learned.first(n_targets)

    def windows(self, jobs: Jobs, seq_len: int | None = None) -> Windows:
        """Cut windows at the starts, counted from the first row of each stretch.

        Their context is that of the scaler, or ``seq_len`` rows.
        """
        rows, (starts, which) = Rows.of([s for s, _ in jobs]), starts_of(jobs)
        return Windows(
            rows,
            starts,
            seq_len or self.seq_len,
            self.pred_len,
            scale_of(self.value_scaler_, rows.values, TARGET),
            scale_of(self.covariate_scaler_, rows.numeric, COLUMN),
            which,
        )

    def restore(self, scaled: np.ndarray, series: np.ndarray) -> np.ndarray:
        """Return forecasts in the unit of the targets, float64.

        Of shape (B, pred_len, n_targets); series (B,) are the numbers of the blocks'.
        """
        scaler = self.target_scaler_.of(series)
        # a target that never moved has no deviation to measure a forecast by
        deviation = np.where(scaler.var_ == 0, 0.0, scaler.scale_)
        return scaled.astype(np.float64) * deviation + scaler.mean_


def values_to_learn(history: Stretch, n_train: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values that train, and which rows of them count.

    A series no value of which trains is learned from all of its rows.
    """
    values = history.observed.values
    rows = rows_to_learn(history, n_train)
    targets = values[:n_train, : history.n_targets]
    is_whole = history.filled.last is None and rows.any()
    if is_whole or not np.isnan(targets[rows]).all(axis=0).any():
        return values[:n_train], rows
    return values, rows_to_learn(history, history.n_known)


def learn_scale(
    parts: Sequence[tuple[np.ndarray, np.ndarray]], what: str, n_needed: int = 0
) -> ColumnScale:
    """Learn mean and deviation of the rows (n,) of values (n, k) that count.

    Missing values are left out. The first ``n_needed`` columns must have one; others
    without any have the mean 0 and never move.
    """
    count, mean, var, low, high = statistics(parts)
    absent = count == 0
    if absent[:n_needed].any():
        raise ValueError(
            f"The {what} number {int(absent.argmax())} has no value that counts among "
            "the rows that train. Give rows in which it is known, or leave it out."
        )
    low[absent], high[absent], mean[absent], var[absent] = 0.0, 0.0, 0.0, 0.0
    deviation = np.sqrt(var)
    faint = (low < high) & (var < FAINT)
    if faint.any():  # of a square that is no number any more the root still is one
        larger = statistics(parts, np.where(faint, LARGER, 1.0))[2]
        deviation[faint] = np.sqrt(larger[faint]) / LARGER
        var[faint] = np.maximum(deviation[faint] ** 2, TINY)
    if not np.isfinite(var).all():
        refuse_variance(var, np.maximum(-low, high), what)
    # Added up part by part, a constant may seem to vary by a rounding error.
    constant = low == high
    mean[constant], var[constant] = low[constant], 0.0
    # ... and what varies little beside its mean seem constant, to scikit-learn
    return ColumnScale(mean, var, np.where(var > 0, deviation, 1.0))


def statistics(
    parts: Sequence[tuple[np.ndarray, np.ndarray]], factor: np.ndarray | None = None
) -> list[np.ndarray]:
    """Return number, mean, variance, least and largest value of columns, each (k,).

    Of the rows that count, times a factor (k,).
    """
    zeros = np.zeros(parts[0][0].shape[1])  # where no row counts, they stay
    sums, low, high = (zeros, zeros, zeros), zeros * np.nan, zeros * np.nan
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        for values, counts in parts:
            for part in chunks(len(counts)):
                rows, which = values[part], counts[part]
                rows = rows if which.all() else rows[which]
                if len(rows):
                    rows = rows.astype(np.float64, copy=False)
                    rows = rows if factor is None else rows * factor
                    sums = add_rows(sums, rows)
                    least, most = extent(rows)
                    low, high = np.fmin(low, least), np.fmax(high, most)
                let_go(values[part])
        count, mean, squares = map(np.array, sums)
        return [count, mean, squares / np.maximum(count, 1), low, high]


def add_rows(sums: tuple, rows: np.ndarray) -> tuple:
    """Add rows (n, k) to a count, a mean and a sum of squares about it, each (k,).

    After Chan, Golub & LeVeque (1983): as exact as two passes over all rows.
    """
    count, mean, squares = sums
    missing = np.isnan(rows)
    has_gaps = missing.any()
    n = (~missing).sum(axis=0) if has_gaps else np.full(rows.shape[1], len(rows))
    seen = np.where(missing, 0.0, rows) if has_gaps else rows
    of_rows = seen.sum(axis=0) / np.maximum(n, 1)
    away = np.where(missing, 0.0, rows - of_rows) if has_gaps else rows - of_rows
    apart = (away**2).sum(axis=0)
    total, step = count + n, of_rows - mean
    share = n / np.maximum(total, 1)
    return total, mean + step * share, squares + apart + step**2 * count * share


def extent(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest value of each column, NaN apart, each (k,).

    Column by column, which takes a tenth of the time of all at once.
    """
    columns = values.T
    low = np.array([np.fmin.reduce(column) for column in columns])
    return low, np.array([np.fmax.reduce(column) for column in columns])


def refuse_variance(variance: np.ndarray, reach: np.ndarray, what: str) -> None:
    """Raise for the first column whose variance is no number."""
    column = int((~np.isfinite(variance)).argmax())
    raise ValueError(
        f"The variance of {what} number {column}, which reaches {reach[column]:.3g}, "
        "is too large for a float. Scale it down, or look for outliers."
    )


def scale_of(scaler: ColumnScale | None, values: np.ndarray, what: str) -> Scale:
    """Return what to standardise with, limited where values are out of all reach."""
    if scaler is None:
        return AS_IT_IS
    scale = Scale(scaler.mean_, scaler.scale_)
    widest = scale
    if scaler.mean_.ndim == 2:  # the least deviation of all series; means count little
        widest = Scale(scaler.mean_.mean(axis=0), scaler.scale_.min(axis=0))
    for part in chunks(len(values)):
        if has_outlier(widest, values[part], what):
            return scale._replace(limit=LARGEST)
        let_go(values[part])
    return scale


def has_outlier(scale: Scale, values: np.ndarray, what: str) -> bool:
    """Say whether values (n, k) lie too far from the mean; warn of the first."""
    with np.errstate(over="ignore"):
        ends = np.array(extent(values), dtype=np.float64)  # (2, k)
        ends = (ends - scale.mean) / scale.deviation
        if not (np.abs(ends) > LARGEST).any():
            return False
        scaled = (values.astype(np.float64) - scale.mean) / scale.deviation
    row, column = np.argwhere(np.abs(scaled) > LARGEST)[0]
    warn(
        f"A value of {what} number {column}, {values[row, column]:.6g}, is "
        f"{abs(scaled[row, column]):.1g} standard deviations from the mean of the "
        f"training rows; it counts as {LARGEST:.0e}, which is more than any forecast "
        "can make use of. Look for outliers.",
        OutlierWarning,
    )
    return True

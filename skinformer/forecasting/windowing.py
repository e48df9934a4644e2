"""From a history to standardised windows, and from their forecasts back to units.

What any forecaster that learns from windows needs, whatever learns.
"""

from numbers import Integral
from typing import NamedTuple, Self

import numpy as np
from sklearn.preprocessing import StandardScaler

from skinformer.exceptions import NoValidationWarning, warn
from skinformer.series.chunks import chunks
from skinformer.series.history import Stretch
from skinformer.series.windows import AS_IT_IS, Scale, Windows, windows_within

__all__ = ["Split", "WindowScaler", "split_in_time"]

# deviations from the mean, beyond which single precision overflows in a network
LARGEST = 1e15
TARGET, COLUMN = "target", "numeric column of X"  # what errors call them


class Split(NamedTuple):
    """Starts of the windows that train and that validate."""

    train: np.ndarray
    valid: np.ndarray
    n_train: int  # rows from the first on that train


def split_in_time(
    given: np.ndarray,
    validation: float | int | None,
    seq_len: int,
    pred_len: int,
) -> Split:
    """Split windows in time: targets of the last rows validate, and never train.

    Parameters
    ----------
    given : ndarray of shape (n_rows,), bool
        Rows whose targets are known; a window without one is left out.
    validation : float, int or None
        How many of the last rows validate, as a fraction or a number.
    seq_len, pred_len : int

    Warns
    -----
    NoValidationWarning
        If one of the parts would have no window; all windows train then.
    """
    n = len(given)
    n_train = n - validation_rows(n, validation)
    bounds = (0, n_train), (n_train, n)
    train, valid = (
        with_targets(windows_within(*rows, seq_len, pred_len), given, pred_len)
        for rows in bounds
    )
    if n_train == n or (len(train) and len(valid)):
        return Split(train, valid, n_train)
    message = too_few_windows(n, n_train, seq_len, pred_len)
    warn(message, NoValidationWarning)
    return split_in_time(given, None, seq_len, pred_len)


def validation_rows(n: int, validation: float | int | None) -> int:
    """Return how many of the last of n rows validate.

    >>> validation_rows(10, 0.25), validation_rows(10, 4), validation_rows(10, None)
    (3, 4, 0)
    """
    if validation is None:
        return 0
    if isinstance(validation, Integral):
        return min(int(validation), n)
    return int(np.ceil(validation * n))


def with_targets(starts: np.ndarray, given: np.ndarray, pred_len: int) -> np.ndarray:
    """Keep the windows that have at least one given row to forecast."""
    seen = np.concatenate([[0], np.cumsum(given)])
    return starts[seen[starts + pred_len] > seen[starts]]


def too_few_windows(n: int, n_train: int, seq_len: int, pred_len: int) -> str:
    """Say why there is no validation part."""
    return (
        f"Of {n} rows the last {n - n_train} would validate; that leaves no window of "
        f"seq_len + pred_len = {seq_len + pred_len} rows to train on, or none of "
        f"pred_len = {pred_len} rows to validate. All rows are trained on, for all "
        "max_epochs, and a network beside a highway counts for nothing. Give more "
        "rows, lower seq_len or pred_len, or choose validation_fraction."
    )


class WindowScaler:
    """Standardise targets and numeric covariates, in float64, for float32 windows.

    Parameters
    ----------
    seq_len, pred_len : int
        Rows of context and of horizon.

    Attributes
    ----------
    target_scaler_, covariate_scaler_ : StandardScaler
        Fitted on the observed training rows; the latter is None where no column is
        numeric.
    """

    def __init__(self, seq_len: int, pred_len: int):
        self.seq_len, self.pred_len = seq_len, pred_len

    def fit(self, history: Stretch, n_train: int) -> Self:
        """Learn means and deviations of the given rows before row ``n_train``."""
        given, numeric = history.given[:n_train], history.covariates.numeric
        self.target_scaler_ = fit_scaler(history.targets, given, TARGET)
        self.covariate_scaler_ = None
        if numeric.shape[1]:
            self.covariate_scaler_ = fit_scaler(numeric, given, COLUMN)
        return self

    def windows(
        self, stretch: Stretch, starts: np.ndarray, seq_len: int | None = None
    ) -> Windows:
        """Cut windows at ``starts``, counted from the first row of the stretch.

        Their context is that of the scaler, or ``seq_len`` rows.
        """
        return Windows(
            stretch.targets,
            stretch.covariates.numeric,
            stretch.covariates.codes,
            starts,
            seq_len or self.seq_len,
            self.pred_len,
            scale_of(self.target_scaler_, stretch.targets, TARGET),
            scale_of(self.covariate_scaler_, stretch.covariates.numeric, COLUMN),
        )

    def restore(self, scaled: np.ndarray) -> np.ndarray:
        """Return forecasts in the unit of the targets, (..., n_targets), float64."""
        scaler = self.target_scaler_
        # a target that never moved has no deviation to measure a forecast by
        deviation = np.where(scaler.var_ == 0, 0.0, scaler.scale_)
        return scaled.astype(np.float64) * deviation + scaler.mean_


def fit_scaler(values: np.ndarray, given: np.ndarray, what: str) -> StandardScaler:
    """Learn mean and deviation of the given rows; refuse one without a deviation."""
    scaler = StandardScaler()
    low, high = np.inf, -np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        for part in chunks(len(given)):
            rows = values[part][given[part]].astype(np.float64, copy=False)
            if len(rows):
                scaler.partial_fit(rows)
                low, high = (
                    np.fmin(low, rows.min(axis=0)),
                    np.fmax(high, rows.max(axis=0)),
                )
    if not np.isfinite(scaler.var_).all():
        refuse_variance(scaler.var_, np.maximum(-low, high), what)
    # Added up part by part, a constant may seem to vary by a rounding error.
    constant = low == high
    scaler.mean_[constant], scaler.var_[constant] = low[constant], 0.0
    # ... and what varies little beside its mean seem constant, to scikit-learn
    moves = scaler.var_ > 0
    scaler.scale_ = np.where(moves, np.sqrt(scaler.var_), 1.0)
    return scaler


def refuse_variance(variance: np.ndarray, reach: np.ndarray, what: str) -> None:
    """Raise for the first column whose variance is no number."""
    column = int((~np.isfinite(variance)).argmax())
    raise ValueError(
        f"The variance of {what} number {column}, which reaches {reach[column]:.3g}, "
        "is too large for a float. Scale it down, or look for outliers."
    )


def scale_of(scaler: StandardScaler | None, values: np.ndarray, what: str) -> Scale:
    """Return what to standardise with; refuse values that no network can read."""
    if scaler is None:
        return AS_IT_IS
    scale = Scale(scaler.mean_, scaler.scale_)
    for part in chunks(len(values)):
        refuse_outliers(scale, values[part], what)
    return scale


def refuse_outliers(scale: Scale, values: np.ndarray, what: str) -> None:
    """Raise for the first value (n, k) too many deviations from the mean."""
    low, high = np.fmin.reduce(values), np.fmax.reduce(values)  # (k,), NaN apart
    ends = (np.array([low, high], dtype=np.float64) - scale.mean) / scale.deviation
    if not (np.abs(ends) > LARGEST).any():
        return
    scaled = (values.astype(np.float64) - scale.mean) / scale.deviation
    row, column = np.argwhere(np.abs(scaled) > LARGEST)[0]
    raise ValueError(
        f"A value of {what} number {column}, {values[row, column]:.6g}, is "
        f"{abs(scaled[row, column]):.1g} standard deviations from the mean of the "
        "training rows, which no network can read. Look for outliers."
    )

"""From histories to standardised windows, and from their forecasts back to units.

What any forecaster that learns from windows needs, whatever learns.
"""

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import NamedTuple, Self

import numpy as np

from skinformer.exceptions import NoValidationWarning, warn
from skinformer.series.chunks import chunks
from skinformer.series.history import Stretch
from skinformer.series.rows import Rows
from skinformer.series.windows import AS_IT_IS, Scale, Windows, windows_within

from .jobs import Jobs, starts_of

__all__ = [
    "ColumnScale",
    "Split",
    "WindowScaler",
    "known_rows",
    "split_in_time",
    "with_targets",
]

# deviations from the mean, beyond which single precision overflows in a network
LARGEST = 1e15
TARGET, COLUMN = "target", "numeric column of X"  # what errors call them


class Split(NamedTuple):
    """The windows that train and that validate, and the rows that train.

    Attributes
    ----------
    train, valid : list of (stretch, starts)
        Those of every series.
    n_train : list of int
        Rows of each series, from the first on, that train.
    """

    train: Jobs
    valid: Jobs
    n_train: list[int]

    @property
    def n_valid(self) -> int:
        """Count the windows that validate."""
        return sum(len(starts) for _, starts in self.valid)


def known_rows(history: Stretch) -> np.ndarray:
    """Return the rows of which a target is known and counts, (n_known,) of bool."""
    if history.filled.last is None:
        known = history.given  # none is missing, and so none was left out
    else:
        known = ~np.isnan(history.targets).all(axis=1)
    weights = history.observed.weights
    return known if weights is None else known & (weights > 0)


def split_in_time(
    histories: Sequence[Stretch],
    validation: float | int | None,
    seq_len: int,
    pred_len: int,
) -> Split:
    """Split windows in time: targets of the last rows validate, and never train.

    Parameters
    ----------
    histories : sequence of Stretch
        Each is split by itself; one too short for both parts trains only.
    validation : float, int or None
        How many of the last rows of each validate, as a fraction or a number.
    seq_len, pred_len : int

    Warns
    -----
    NoValidationWarning
        If one of the parts would have no window; all windows train then.
    """
    lengths = seq_len, pred_len
    parts = [split_one(history, validation, *lengths) for history in histories]
    train, valid = (
        [(h, part[i]) for h, part in zip(histories, parts, strict=True)]
        for i in range(2)
    )
    split = Split(train, valid, [part[2] for part in parts])
    if validation is None or (split.n_valid and sum(len(s) for _, s in train)):
        return split
    n = sum(history.n_known for history in histories)
    n_valid = sum(validation_rows(h.n_known, validation) for h in histories)
    warn(too_few_windows(n, n_valid, *lengths), NoValidationWarning)
    return split_in_time(histories, None, *lengths)


def split_one(
    history: Stretch, validation: float | int | None, seq_len: int, pred_len: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the starts that train and validate, and how many rows train."""
    n = history.n_known
    known = known_rows(history)

    def starts(first: int, stop: int) -> np.ndarray:
        found = windows_within(first, stop, seq_len, pred_len)
        return with_targets(found, known, pred_len)

    n_train = n - validation_rows(n, validation)
    train = starts(0, n_train)
    if len(train) == 0:  # too short for both parts
        return starts(0, n), np.empty(0, dtype=np.int64), n
    return train, starts(n_train, n), n_train


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


def with_targets(starts: np.ndarray, known: np.ndarray, pred_len: int) -> np.ndarray:
    """Keep the windows that have at least one known row to forecast."""
    seen = np.concatenate([[0], np.cumsum(known)])
    return starts[seen[starts + pred_len] > seen[starts]]


def too_few_windows(n: int, n_valid: int, seq_len: int, pred_len: int) -> str:
    """Say why there is no validation part."""
    return (
        f"Of {n} rows the last {n_valid} would validate; that leaves no window of "
        f"seq_len + pred_len = {seq_len + pred_len} rows to train on, or none of "
        f"pred_len = {pred_len} rows to validate. All rows are trained on, for all "
        "max_epochs, and a network beside a highway counts for nothing. Give more "
        "rows, lower seq_len or pred_len, or choose validation_fraction."
    )


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

    def then(self, other: "ColumnScale") -> "ColumnScale":
        """Return those of more series."""
        return ColumnScale(*map(np.concatenate, zip(self, other, strict=True)))


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
        """Return a scaler that knows a series more, by all of its rows."""
        other = WindowScaler(self.seq_len, self.pred_len, self.per_series)
        vars(other).update(vars(self))
        if self.value_scaler_.mean_.ndim == 2:
            values = values_to_learn(history, history.n_known)
            other._learn_values([values], history)
            known = ColumnScale(*(of[: history.series] for of in self.value_scaler_))
            other._set_values(known.then(other.value_scaler_), history.n_targets)
        return other

    def _learn_values(self, parts: list[tuple], like: Stretch) -> None:
        if self.per_series:
            each = [learn_scale([part], TARGET, like.n_targets) for part in parts]
            learned = ColumnScale(*map(np.stack, zip(*each, strict=True)))
        else:
            learned = learn_scale(parts, TARGET, like.n_targets)
        self._set_values(learned, like.n_targets)

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


def rows_to_learn(history: Stretch, n_train: int) -> np.ndarray:
    """Return which of the rows that train were given and count, (n_train,) of bool."""
    given, weights = history.given[:n_train], history.observed.weights
    return given if weights is None else given & (weights[:n_train] > 0)


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
    parts: Iterable[tuple[np.ndarray, np.ndarray]], what: str, n_needed: int = 0
) -> ColumnScale:
    """Learn mean and deviation of the rows (n,) of values (n, k) that count.

    Missing values are left out. The first ``n_needed`` columns must have one; others
    without any have the mean 0 and never move.
    """
    sums, low, high = (0.0, 0.0, 0.0), np.nan, np.nan
    with np.errstate(over="ignore", invalid="ignore"):
        for values, counts in parts:
            for part in chunks(len(counts)):
                rows, which = values[part], counts[part]
                rows = rows if which.all() else rows[which]
                if len(rows):
                    rows = rows.astype(np.float64, copy=False)
                    sums = add_rows(sums, rows)
                    least, most = extent(rows)
                    low, high = np.fmin(low, least), np.fmax(high, most)
        count, mean, squares = map(np.array, sums)
        var = squares / np.maximum(count, 1)
    absent = count == 0
    if absent[:n_needed].any():
        raise ValueError(
            f"The {what} number {int(absent.argmax())} has no value that counts among "
            "the rows that train. Give rows in which it is known, or leave it out."
        )
    low[absent], high[absent], mean[absent], var[absent] = 0.0, 0.0, 0.0, 0.0
    if not np.isfinite(var).all():
        refuse_variance(var, np.maximum(-low, high), what)
    # Added up part by part, a constant may seem to vary by a rounding error.
    constant = low == high
    mean[constant], var[constant] = low[constant], 0.0
    # ... and what varies little beside its mean seem constant, to scikit-learn
    return ColumnScale(mean, var, np.where(var > 0, np.sqrt(var), 1.0))


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
    """Return what to standardise with; refuse values that no network can read."""
    if scaler is None:
        return AS_IT_IS
    scale = Scale(scaler.mean_, scaler.scale_)
    widest = scale
    if scaler.mean_.ndim == 2:  # the least deviation of all series; means count little
        widest = Scale(scaler.mean_.mean(axis=0), scaler.scale_.min(axis=0))
    for part in chunks(len(values)):
        refuse_outliers(widest, values[part], what)
    return scale


def refuse_outliers(scale: Scale, values: np.ndarray, what: str) -> None:
    """Raise for the first value (n, k) too many deviations from the mean."""
    ends = np.array(extent(values), dtype=np.float64)  # (2, k)
    ends = (ends - scale.mean) / scale.deviation
    if not (np.abs(ends) > LARGEST).any():
        return
    scaled = (values.astype(np.float64) - scale.mean) / scale.deviation
    row, column = np.argwhere(np.abs(scaled) > LARGEST)[0]
    raise ValueError(
        f"A value of {what} number {column}, {values[row, column]:.6g}, is "
        f"{abs(scaled[row, column]):.1g} standard deviations from the mean of the "
        "training rows, which no network can read. Look for outliers."
    )

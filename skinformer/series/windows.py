"""Sliding windows over arrays: views, copied a batch at a time.

A window is named by its start, the first row to be forecast: the ``seq_len`` rows
before it are known, the ``pred_len`` rows from it on are asked for.
"""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .rows import Rows

__all__ = ["AS_IT_IS", "Scale", "Windows", "windows_within"]


class Scale(NamedTuple):
    """What columns are standardised with: (values - mean) / deviation.

    With a limit, what is further from the mean counts as so far.

    >>> scale = Scale(np.array([1.0]), np.array([2.0]), limit=100.0)
    >>> scale.apply(np.array([[5.0], [-1e300]])).tolist()
    [[2.0], [-100.0]]
    """

    mean: np.ndarray  # (k,), or (n_series, k)
    deviation: np.ndarray  # the same
    limit: float | None = None  # in deviations

    def standardise(self, values: np.ndarray) -> np.ndarray:
        """Standardise values (..., k) in float64."""
        values = values.astype(np.float64, copy=False)
        if self.limit is None:
            return (values - self.mean) / self.deviation
        with np.errstate(over="ignore"):
            scaled = (values - self.mean) / self.deviation
        return np.clip(scaled, -self.limit, self.limit)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Standardise values (..., k) in float64, for a network to see float32."""
        return self.standardise(values).astype(np.float32)

    def of(self, series: np.ndarray) -> "Scale":
        """Return the scale of windows (B,), to be applied to (B, rows, k)."""
        if np.ndim(self.mean) < 2:
            return self
        mean, deviation = self.mean[series][:, None], self.deviation[series][:, None]
        return Scale(mean, deviation, self.limit)

    def first(self, n_columns: int) -> "Scale":
        """Return the scale of the first columns."""
        if np.ndim(self.mean) == 0:
            return self
        mean, deviation = self.mean[..., :n_columns], self.deviation[..., :n_columns]
        return Scale(mean, deviation, self.limit)


AS_IT_IS = Scale(np.array(0.0), np.array(1.0))


def windows_within(
    first: int, stop: int, seq_len: int, pred_len: int, stride: int = 1
) -> np.ndarray:
    """Return starts of the windows whose targets lie in rows first to stop - 1.

    Their contexts begin at row 0 or later.

    >>> windows_within(0, 10, seq_len=4, pred_len=3)
    array([4, 5, 6, 7])
    """
    return np.arange(max(first, seq_len), stop - pred_len + 1, stride)


def view(values: np.ndarray, length: int) -> np.ndarray:
    """Return every run of ``length`` rows as a view, (n - length + 1, length, k)."""
    return sliding_window_view(values, length, axis=0).swapaxes(1, 2)


def rows_around(
    array: np.ndarray, at: np.ndarray, before: int, after: int, first: np.ndarray
) -> np.ndarray:
    """Copy rows at - before to at + after - 1, (n, before + after, k).

    Before row ``first`` (n,), which is that of the series, it is repeated.
    """
    if (at - first).min() >= before:
        return view(array, before + after)[at - before]
    rows = at[:, None] + np.arange(-before, after)
    return array[np.maximum(rows, first[:, None])]


class Places(NamedTuple):
    """Where some windows lie, each of shape (B,)."""

    starts: np.ndarray  # counted from the first row of their stretch
    seen: np.ndarray  # the same among the known rows of all stretches,
    first_seen: np.ndarray  # and the first row of their stretch there
    row: np.ndarray  # ... and among all rows
    first_row: np.ndarray
    which: np.ndarray  # number of the stretch


class Windows:
    """Windows of some stretches, in the order of ``starts``; skorch's dataset.

    Parameters
    ----------
    rows : Rows
    starts : ndarray of shape (n_windows,)
        First rows to be forecast, counted from the first row of their stretch.
    seq_len, pred_len : int
    scale : Scale, optional
        Of the observed values.
    numeric_scale : Scale, optional
    which : ndarray of shape (n_windows,), optional
        The stretch of each window; by default the first.

    Notes
    -----
    Rows are copied, and standardised, a batch at a time. Arrays in C order may be maps
    of files larger than memory; where values are missing, filled copies are held.

    A batch is a pair: a dict whose keys are the arguments of the network's ``forward``
    (and the weights of the rows to be forecast), and the targets, NaN where they are
    not known. Nothing of a window at or after its start reaches its values: a gap that
    is not closed before the start is filled by the rows before it alone. A window
    never reads another series: before the first row of its own this row is repeated. A
    window that has no row before its start sees zeros, the training mean, and so does
    one of a value before the first one that is known.
    """

    def __init__(
        self,
        rows: Rows,
        starts: np.ndarray,
        seq_len: int,
        pred_len: int,
        scale: Scale = AS_IT_IS,
        numeric_scale: Scale = AS_IT_IS,
        which: np.ndarray | None = None,
    ):
        self.rows: Rows = rows
        self.starts: Any = starts  # Any is an array, or what is indexed like one
        self.which: Any = which
        if which is None:
            self.which = np.zeros(len(starts), dtype=np.int64)
        self.seq_len, self.pred_len = seq_len, pred_len
        self.scale, self.numeric_scale = scale, numeric_scale
        # windows of the longest series, where some of these have been left out
        self.longest: int | None = None

    @property
    def has_gaps(self) -> bool:
        """Whether a target may be missing."""
        return self.rows.has_gaps

    @property
    def n_targets(self) -> int:
        """Number of targets."""
        return self.rows.n_targets

    @property
    def series(self) -> np.ndarray:
        """Number of the series of each window, (n_windows,)."""
        return self.rows.series[np.asarray(self.which)]

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.starts)

    def take(self, chosen: Any) -> "Windows":
        """Return some of the windows."""
        other = copy.copy(self)
        other.starts, other.which = self.starts[chosen], self.which[chosen]
        return other

    def at(self, starts: np.ndarray, which: np.ndarray | None = None) -> "Windows":
        """Return windows of the same rows at other starts."""
        other = copy.copy(self)
        other.starts = starts
        other.which = np.zeros(len(starts), dtype=np.int64) if which is None else which
        return other

    def __getitem__(self, i: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return one window, without a batch axis."""
        inputs, targets = self.batch(np.array([i]))
        return {name: array[0] for name, array in inputs.items()}, targets[0]

    def batch(
        self, chosen: np.ndarray | Sequence[int] | slice
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Copy a batch of B windows.

        Returns
        -------
        inputs : dict
            As of :meth:`inputs`, and ``weights`` (B, pred_len) if rows have any.
        targets : ndarray of shape (B, pred_len, n_targets), float32
            Only as long as the known rows reach; NaN where not observed.
        """
        places, rows = self._places(chosen), self.rows
        inputs, targets = self._inputs(places), self._targets(places)
        if rows.weights is not None and targets.shape[1]:
            ahead = view(rows.weights[:, None], self.pred_len)[places.seen]
            inputs["weights"] = ahead[..., 0].astype(np.float32)
        rows.let_go()
        return inputs, targets

    def inputs(
        self, chosen: np.ndarray | Sequence[int] | slice
    ) -> dict[str, np.ndarray]:
        """Copy what a network sees of some windows.

        Returns
        -------
        dict
            ``values`` (B, seq_len, n_values) and, where there are such columns,
            ``covariates`` (B, seq_len + pred_len, n_numeric) and ``categories``
            (B, seq_len + pred_len, n_categorical), those of the past last. Numbers are
            standardised, float32. Where something is missing, ``missing_values`` and
            ``missing_covariates``, of 0 and 1, say what.
        """
        inputs = self._inputs(self._places(chosen))
        self.rows.let_go()
        return inputs

    def context(self, chosen: np.ndarray | Sequence[int] | slice) -> np.ndarray:
        """Copy the values of the targets before the starts, (B, seq_len, n_targets)."""
        context = self._context(self._places(chosen), self.n_targets)
        self.rows.let_go()
        return context

    def _places(self, chosen: np.ndarray | Sequence[int] | slice) -> Places:
        starts, which = self.starts[chosen], self.which[chosen]
        first_seen, first_row = self.rows.known[which], self.rows.edges[which]
        return Places(
            starts,
            first_seen + starts,
            first_seen,
            first_row + starts,
            first_row,
            which,
        )

    def _inputs(self, places: Places) -> dict[str, np.ndarray]:
        rows, inputs = self.rows, {"values": self._context(places)}
        if rows.has_gaps:
            inputs["missing_values"] = self._missing(places)
        if rows.numeric.shape[1]:
            ahead = self.numeric_scale.apply(self._around(rows.numeric, places))
            if rows.lacks_numbers:
                missing = np.isnan(ahead)
                ahead[missing] = 0.0
                inputs["missing_covariates"] = missing.astype(np.float32)
            inputs["covariates"] = ahead
        if rows.codes.shape[1] or rows.past_codes.shape[1]:
            inputs["categories"] = self._categories(places)
        return inputs

    def _around(self, array: np.ndarray, places: Places) -> np.ndarray:
        """Copy the rows of windows, context and horizon, (B, seq_len + pred_len, k)."""
        lengths = self.seq_len, self.pred_len
        return rows_around(array, places.row, *lengths, places.first_row)

    def _missing(self, places: Places) -> np.ndarray:
        """Say which values of the context are missing, as numbers, (B, seq_len, k)."""
        at = places.seen, self.seq_len, 0, places.first_seen
        missing = np.isnan(rows_around(self.rows.values, *at))
        missing[places.starts == 0] = False
        return missing.astype(np.float32)

    def _categories(self, places: Places) -> np.ndarray:
        """Copy codes, (B, seq_len + pred_len, n); 0 for those of the past to come."""
        known, past = self._around(self.rows.codes, places), self.rows.past_codes
        known = known.astype(np.int64, copy=False)  # files have shorter ones
        if past.shape[1] == 0:
            return known
        seen = rows_around(past, places.seen, self.seq_len, 0, places.first_seen)
        hidden = ((0, 0), (0, self.pred_len), (0, 0))
        return np.concatenate([known, np.pad(seen, hidden)], axis=2)

    def _context(self, places: Places, n_columns: int | None = None) -> np.ndarray:
        """Copy the rows before the starts, (B, seq_len, n_columns), standardised."""
        rows, columns = self.rows, slice(n_columns)
        between = rows.filled.between[:, columns]
        at = places.seen, self.seq_len, 0, places.first_seen
        context = rows_around(between, *at)
        if rows.has_gaps:
            self._open_gaps(context, places, columns)
        scale = self.scale if n_columns is None else self.scale.first(n_columns)
        context = scale.of(rows.series[places.which]).apply(context)
        if rows.has_gaps:
            np.nan_to_num(context, copy=False)
        context[places.starts == 0] = 0.0
        return context

    def _open_gaps(self, context: np.ndarray, places: Places, columns: slice) -> None:
        """Put, in place, what was known of rows whose gap is not closed at a start."""
        filled, first = self.rows.filled, places.first_seen
        # the latest row before the start that was observed, (B, k)
        last = filled.latest()[np.maximum(places.seen - 1, first), columns]
        last = np.where(last < 0, -1, last + first[:, None])
        is_open = (last < places.seen[:, None] - 1).any(axis=1)
        at, last = places.seen[is_open, None], last[is_open, None]
        rows = np.maximum(at + np.arange(-self.seq_len, 0), first[is_open, None])
        context[is_open] = np.where(
            rows[:, :, None] > last, filled.ahead[rows, columns], context[is_open]
        )

    def _targets(self, places: Places) -> np.ndarray:
        """Copy the rows to be forecast, (B, pred_len, n_targets)."""
        rows, n = self.rows, self.n_targets
        known = np.diff(rows.known)[places.which]
        if (places.starts + self.pred_len > known).any():
            return np.empty((len(places.starts), 0, n), dtype=np.float32)
        targets = view(rows.values[:, :n], self.pred_len)[places.seen]
        return self.scale.first(n).of(rows.series[places.which]).apply(targets)

"""Sliding windows over arrays: views, copied a batch at a time.

A window is named by its start, the first row to be forecast: the ``seq_len`` rows
before it are known, the ``pred_len`` rows from it on are asked for.
"""

import copy
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .chunks import chunks

__all__ = ["Scale", "Windows", "fill_gaps", "last_observed", "windows_within"]


class Scale(NamedTuple):
    """What columns are standardised with: (values - mean) / deviation."""

    mean: np.ndarray  # (k,)
    deviation: np.ndarray  # (k,)

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Standardise values (..., k) in float64, for a network to see float32."""
        scaled = (values.astype(np.float64, copy=False) - self.mean) / self.deviation
        return scaled.astype(np.float32)


AS_IT_IS = Scale(np.float64(0.0), np.float64(1.0))


def windows_within(
    first: int, stop: int, seq_len: int, pred_len: int, stride: int = 1
) -> np.ndarray:
    """Return starts of the windows whose targets lie in rows first to stop - 1.

    Their contexts begin at row 0 or later.

    >>> windows_within(0, 10, seq_len=4, pred_len=3)
    array([4, 5, 6, 7])
    """
    return np.arange(max(first, seq_len), stop - pred_len + 1, stride)


def last_observed(observed: np.ndarray) -> np.ndarray:
    """Return for every row the latest observed one up to it, shape (n,).

    >>> last_observed(np.array([True, False, False, True]))
    array([0, 0, 0, 3])
    """
    return np.maximum.accumulate(np.where(observed, np.arange(len(observed)), 0))


def fill_gaps(values: np.ndarray) -> np.ndarray:
    """Fill rows of NaN on a line between their neighbours, shape (n, k).

    Rows after the last observed one repeat it.

    >>> fill_gaps(np.array([[1.0], [np.nan], [3.0], [np.nan]])).ravel()
    array([1., 2., 3., 3.])
    """
    missing = np.concatenate(
        [np.isnan(values[part]).any(axis=1) for part in chunks(len(values))]
        or [np.empty(0, dtype=bool)]
    )
    if not missing.any():
        return values
    rows, filled = np.arange(len(values)), values.copy()
    for column in range(values.shape[1]):
        seen = values[~missing, column]
        filled[missing, column] = np.interp(rows[missing], rows[~missing], seen)
    return filled


def view(values: np.ndarray, length: int) -> np.ndarray:
    """Return every run of ``length`` rows as a view, (n - length + 1, length, k)."""
    return sliding_window_view(values, length, axis=0).swapaxes(1, 2)


def rows_around(
    array: np.ndarray, starts: np.ndarray, before: int, after: int
) -> np.ndarray:
    """Copy rows start - before to start + after - 1, (n_starts, before + after, k).

    Before the first row it is repeated.
    """
    if starts.min() >= before:
        return view(array, before + after)[starts - before]
    rows = starts[:, None] + np.arange(-before, after)
    return array[np.maximum(rows, 0)]


class Windows:
    """Windows of one stretch, in the order of ``starts``; skorch takes it as a dataset.

    Parameters
    ----------
    values : ndarray of shape (n_known, n_targets)
        Targets, NaN where not observed.
    numeric : ndarray of shape (n_rows, n_numeric)
    codes : ndarray of shape (n_rows, n_categorical), int64
    starts : ndarray of shape (n_windows,)
        First rows to be forecast.
    seq_len, pred_len : int
    scale : Scale, optional
        Of the targets.
    numeric_scale : Scale, optional

    Notes
    -----
    Rows are copied, and standardised, a batch at a time. Arrays in C order may be maps
    of files larger than memory; where targets are missing, a filled copy is held.

    A batch is a pair: a dict whose keys are the arguments of the network's ``forward``,
    and the targets, NaN where they are not known. Nothing of a window at or after its
    start reaches its values: an unfinished gap before the start repeats the last row
    that was observed, and is not drawn on a line towards the next one. Before the
    first row of the stretch its first row is repeated; a window that has no row
    before its start sees zeros, the training mean.
    """

    def __init__(
        self,
        values: np.ndarray,
        numeric: np.ndarray,
        codes: np.ndarray,
        starts: np.ndarray,
        seq_len: int,
        pred_len: int,
        scale: Scale = AS_IT_IS,
        numeric_scale: Scale = AS_IT_IS,
    ):
        # rows that lie one after another in memory are copied several times faster
        values = np.ascontiguousarray(values)
        self.values, self.filled = values, fill_gaps(values)
        self.numeric = np.ascontiguousarray(numeric)
        self.codes, self.starts = np.ascontiguousarray(codes), starts
        self.seq_len, self.pred_len = seq_len, pred_len
        self.scale, self.numeric_scale = scale, numeric_scale
        self.has_gaps = self.filled is not values
        if self.has_gaps:
            self.last_observed = last_observed(~np.isnan(values).any(axis=1))

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.starts)

    def at(self, starts: np.ndarray) -> "Windows":
        """Return windows of the same rows at other starts."""
        other = copy.copy(self)
        other.starts = starts
        return other

    def __getitem__(self, i: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Return one window, without a batch axis."""
        inputs, targets = self.batch(np.array([i]))
        return {name: array[0] for name, array in inputs.items()}, targets[0]

    def batch(
        self, which: np.ndarray | Sequence[int] | slice
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Copy a batch of B windows.

        Returns
        -------
        inputs : dict
            ``values`` (B, seq_len, n_targets) and, where there are such columns,
            ``covariates`` (B, seq_len + pred_len, n_numeric) and ``categories``
            (B, seq_len + pred_len, n_categorical). Numbers are standardised, float32.
        targets : ndarray of shape (B, pred_len, n_targets), float32
            Only as long as the known rows reach; NaN where not observed.
        """
        return self.inputs(which), self._targets(self.starts[which])

    def inputs(
        self, which: np.ndarray | Sequence[int] | slice
    ) -> dict[str, np.ndarray]:
        """Copy the first part of :meth:`batch` alone."""
        starts, lengths = self.starts[which], (self.seq_len, self.pred_len)
        inputs = {"values": self._context_before(starts)}
        if self.numeric.shape[1]:
            rows = rows_around(self.numeric, starts, *lengths)
            inputs["covariates"] = self.numeric_scale.apply(rows)
        if self.codes.shape[1]:
            inputs["categories"] = rows_around(self.codes, starts, *lengths)
        return inputs

    def context(self, which: np.ndarray | Sequence[int] | slice) -> np.ndarray:
        """Copy the values of the context alone, (B, seq_len, n_targets)."""
        return self._context_before(self.starts[which])

    def _context_before(self, starts: np.ndarray) -> np.ndarray:
        """Copy the rows before the starts, (B, seq_len, n_targets)."""
        context = rows_around(self.filled, starts, self.seq_len, 0)
        if self.has_gaps:
            self._hide_unfinished_gaps(context, starts)
        context = self.scale.apply(context)
        context[starts == 0] = 0.0
        return context

    def _hide_unfinished_gaps(self, context: np.ndarray, starts: np.ndarray) -> None:
        """Repeat, in place, the last observed row where the line leads past a start."""
        last = self.last_observed[np.maximum(starts - 1, 0)]
        unfinished = np.flatnonzero(last < starts - 1)
        rows = starts[unfinished, None] + np.arange(-self.seq_len, 0)
        last = last[unfinished, None]
        context[unfinished] = np.where(
            (rows > last)[:, :, None], self.filled[last], context[unfinished]
        )

    def _targets(self, starts: np.ndarray) -> np.ndarray:
        """Copy the rows to be forecast, (B, pred_len, n_targets)."""
        if len(self.values) < starts.max() + self.pred_len:
            return np.empty((len(starts), 0, self.values.shape[1]), dtype=np.float32)
        return self.scale.apply(view(self.values, self.pred_len)[starts])

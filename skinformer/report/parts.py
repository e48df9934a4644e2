"""Which rows a report trains on, and which it tests: a cut in time."""

from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from skinformer.series.panel import Given
from skinformer.series.timeline import last_part

__all__ = ["Parts", "check_test_size", "cut_in_time"]

TimeIndex = pd.DatetimeIndex | pd.PeriodIndex


@dataclass(frozen=True)
class Parts:
    """The rows before a cut in time, and those after it.

    Attributes
    ----------
    stamps : Index of shape (n_stamps,)
        Every stamp once, in order; row numbers where there is no time.
    n_train : int
        How many of them come before the cut.
    codes : ndarray of shape (n_rows,)
        Which of the stamps each row has.
    labels : Index of shape (n_rows,) or None
        The series of each row, where there are many.
    train, test : ndarray of int
        Numbers of the rows on either side, in their order.
    unseen : list
        Series that have no row before the cut, and are left out.
    """

    stamps: pd.Index
    n_train: int
    codes: np.ndarray
    labels: pd.Index | None
    train: np.ndarray
    test: np.ndarray
    unseen: list

    @property
    def n_test(self) -> int:
        """How many stamps come after the cut."""
        return len(self.stamps) - self.n_train

    @property
    def has_time(self) -> bool:
        """Whether rows have stamps."""
        return isinstance(self.stamps, TimeIndex)


def check_test_size(test_size: Any) -> None:
    """Refuse what is neither a share nor a number of rows."""
    is_number = isinstance(test_size, Real) and not isinstance(test_size, bool)
    if (
        is_number
        and test_size > 0
        and (isinstance(test_size, Integral) or test_size < 1)
    ):
        return
    raise ValueError(
        f"test_size={test_size!r} must be a share between 0 and 1, such as 0.2, or a "
        "whole number of rows."
    )


def cut_in_time(rows: Given, test_size: float | int, horizon: int) -> Parts:
    """Cut rows so that the last ``test_size`` of their stamps are the test part.

    Raises
    ------
    ValueError
        If a part has too few rows, or many series have no time in common.
    """
    index = index_in_time(rows)
    codes, stamps = pd.factorize(index, sort=True)
    n_test = last_part(len(stamps), test_size)
    check_sizes(len(stamps), n_test, test_size, horizon)
    n_train = len(stamps) - n_test
    is_test = codes >= n_train
    known, unseen = seen_before(rows.labels, is_test)
    train, test = np.flatnonzero(~is_test), np.flatnonzero(is_test & known)
    return Parts(stamps, n_train, codes, rows.labels, train, test, unseen)


def index_in_time(rows: Given) -> pd.Index:
    """Return the stamps of rows, row numbers where they have no time."""
    if isinstance(rows.index, TimeIndex):
        return rows.index
    if rows.labels is not None:
        raise ValueError(
            f"X has a {type(rows.index).__name__}: many series without time have no "
            "last part in common. Give X a DatetimeIndex or a PeriodIndex."
        )
    return pd.RangeIndex(len(rows.index))


def check_sizes(n: int, n_test: int, test_size: float | int, horizon: int) -> None:
    """Refuse a test part without a window, or one that leaves nothing to train on."""
    if n_test < horizon:
        raise ValueError(
            f"test_size={test_size!r} of {n:,} rows are {n_test:,}, fewer than the "
            f"{horizon} of one forecast (pred_len). Give a larger test_size, more "
            "rows, or a lower pred_len."
        )
    if n_test >= n:
        raise ValueError(
            f"test_size={test_size!r} leaves no row to train on: X has {n:,}. Give a "
            "lower test_size."
        )


def seen_before(
    labels: pd.Index | None, is_test: np.ndarray
) -> tuple[np.ndarray, list]:
    """Tell of each row whether its series has rows before the cut; name the others."""
    if labels is None:
        return np.ones(len(is_test), dtype=bool), []
    known = labels.isin(labels[~is_test].unique())
    return known, labels[~known].unique().tolist()

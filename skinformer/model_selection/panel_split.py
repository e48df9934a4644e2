"""``PanelTimeSeriesSplit``: many series split at the same instants."""

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.model_selection import BaseCrossValidator
from sklearn.utils import indexable

from skinformer.forecasting.origins import check_whole
from skinformer.preprocessing.series_column import read_series
from skinformer.series.time_column import at_time

__all__ = ["PanelTimeSeriesSplit"]


class Cut(NamedTuple):
    """A fold, as positions among the sorted stamps."""

    train: range
    test: range


def cut_stamps(
    n_stamps: int,
    n_splits: int,
    max_train_size: int | None,
    test_size: int | None,
    gap: int,
) -> list[Cut]:
    """Cut stamps as scikit-learn's ``TimeSeriesSplit`` cuts rows.

    Examples
    --------
    >>> cut_stamps(7, 2, 3, 2, 1)
    [Cut(train=range(0, 2), test=range(3, 5)), Cut(train=range(1, 4), test=range(5, 7))]
    """
    size = n_stamps // (n_splits + 1) if test_size is None else test_size
    first = n_stamps - n_splits * size
    if size < 1 or first - gap < 1:
        size = max(size, 1)
        raise ValueError(
            f"X has {n_stamps} different stamps; n_splits={n_splits} test parts of "
            f"{size}, gap={gap} and one to train on are {n_splits * size + gap + 1}. "
            "Lower n_splits, test_size or gap, or give more rows. Sizes count stamps, "
            "not rows."
        )
    ends = range(first - gap, n_stamps - gap, size)
    most = n_stamps if max_train_size is None else max_train_size
    return [
        Cut(range(max(end - most, 0), end), range(end + gap, end + gap + size))
        for end in ends
    ]


def rows_in(stamps: np.ndarray, part: range) -> np.ndarray:
    """Return a mask of the rows whose stamp, a position, lies in a part."""
    return (stamps >= part.start) & (stamps < part.stop)


def place_rows(X: Any) -> tuple[np.ndarray, int]:
    """Return the position of each row's stamp among the sorted ones, and their number.

    Examples
    --------
    >>> days = pd.DatetimeIndex(["2024-01-02", "2024-01-01", "2024-01-02"])
    >>> place_rows(pd.DataFrame(index=days))
    (array([1, 0, 1]), 2)
    """
    index = getattr(X, "index", None)
    if not isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        found = type(X if index is None else index).__name__
        raise ValueError(
            "PanelTimeSeriesSplit splits by the stamps of X, which needs a "
            f"DatetimeIndex or a PeriodIndex; got a {found}. Set one with "
            "X.set_index(...), or name a column with time=. For the rows of a single "
            "series without time, take scikit-learn's TimeSeriesSplit."
        )
    missing = np.flatnonzero(index.isna())
    if len(missing):
        raise ValueError(
            f"The index of X is missing a stamp (NaT) in {len(missing)} row(s), the "
            f"first of them row {missing[0]}: drop these rows or fill in their time."
        )
    positions, stamps = pd.factorize(index, sort=True)
    return positions, len(stamps)


class PanelTimeSeriesSplit(BaseCrossValidator):
    """Split the rows of many series by time, not by their position.

    The different stamps of ``X``, sorted, are split as ``TimeSeriesSplit`` splits rows,
    and each row goes where its stamp goes: all series are cut at the same instants,
    and no row of any series is trained on that is later than a row tested. Rows may be
    in any order. With ``n_splits=2, test_size=1`` over the stamps 1 to 4::

                       x train, o test, - unused, / left out with series="store"

        stamp          1 2 3 4                1 2 3 4
        store a        x x o -                x x x o
        store b          x o -                  x x o
        store c            / -                    x o

    Parameters
    ----------
    n_splits : int, default=5
        Number of folds, 1 or more.
    max_train_size : int or None, default=None
        Stamps that a training part spans at the most, the last ones.
    test_size : int or None, default=None
        Stamps of a test part; by default the number of stamps divided by
        ``n_splits + 1``.
    gap : int, default=0
        Stamps left out between training part and test part.
    series : hashable or None, default=None
        The column of ``X`` that says which series a row belongs to. A series without a
        row in the training part is then left out of the test part: to a model that was
        fitted there it is unknown, and forecasters refuse it. By default all rows
        stay.
    time : hashable or None, default=None
        The column of ``X`` that says when each row was, of datetimes or periods, as
        forecasters take it; None for the index.

    See Also
    --------
    sklearn.model_selection.TimeSeriesSplit : The same for one series, by position.
    backtest : Forecasts from every origin, with one fit or many.

    Examples
    --------
    >>> import pandas as pd
    >>> from skinformer import PanelTimeSeriesSplit
    >>> days = pd.date_range("2024-01-01", periods=4, freq="D")
    >>> X = pd.concat(
    ...     [
    ...         pd.DataFrame({"store": "a"}, index=days),
    ...         pd.DataFrame({"store": "b"}, index=days[1:]),
    ...         pd.DataFrame({"store": "c"}, index=days[2:]),
    ...     ]
    ... )
    >>> cv = PanelTimeSeriesSplit(2, test_size=1, series="store")
    >>> for train, test in cv.split(X):
    ...     print(train, test)
    [0 1 4] [2 5]
    [0 1 2 4 5 7] [3 6 8]
    """

    def __init__(
        self,
        n_splits: int = 5,
        *,
        max_train_size: int | None = None,
        test_size: int | None = None,
        gap: int = 0,
        series: Any = None,
        time: Any = None,
    ) -> None:
        check_whole("n_splits", n_splits)
        if max_train_size is not None:
            check_whole("max_train_size", max_train_size)
        if test_size is not None:
            check_whole("test_size", test_size)
        check_whole("gap", gap, 0)
        self.n_splits = n_splits
        self.max_train_size = max_train_size
        self.test_size = test_size
        self.gap = gap
        self.series = series
        self.time = time

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds.

        Parameters
        ----------
        X : object, default=None
            Ignored.
        y : object, default=None
            Ignored.
        groups : object, default=None
            Ignored.

        Returns
        -------
        int
        """
        return self.n_splits

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Return the folds, after all has been checked.

        Parameters
        ----------
        X : DataFrame of shape (n_rows, n_columns)
            Rows of all series, with their time as a DatetimeIndex or PeriodIndex, or
            in the column ``time``.
        y : array-like of shape (n_rows,) or (n_rows, n_targets), default=None
            Ignored, but for its length.
        groups : object, default=None
            Ignored.

        Returns
        -------
        iterator of (train, test)
            Row numbers of ``X``, ascending.

        Raises
        ------
        ValueError
            If ``X`` has no time or a stamp is missing; if there are too few stamps; if
            the column ``series`` is absent, or misses a value; if a test part has no
            series that was trained on.
        """
        if groups is not None:
            warnings.warn(
                "The groups parameter is ignored by PanelTimeSeriesSplit",
                UserWarning,
                stacklevel=2,
            )
        indexable(X, y)
        stamps, n_stamps = place_rows(at_time(X, self.time))
        cuts = cut_stamps(
            n_stamps, self.n_splits, self.max_train_size, self.test_size, self.gap
        )
        codes = None if self.series is None else read_series(X, self.series).codes
        if codes is not None:
            self._refuse_empty(cuts, stamps, codes)
        return self._folds(cuts, stamps, codes)

    def _refuse_empty(
        self, cuts: list[Cut], stamps: np.ndarray, codes: np.ndarray
    ) -> None:
        """Refuse a fold that has nothing to test but series that are new in it."""
        for number, cut in enumerate(cuts):
            if not fold_rows(cut, stamps, codes)[1].any():
                raise ValueError(
                    f"Fold {number}: no series of the test part has a row in the "
                    f"training part, so that series={self.series!r} leaves nothing to "
                    "test. Lower n_splits, test_size or gap, or raise max_train_size."
                )

    def _folds(
        self, cuts: list[Cut], stamps: np.ndarray, codes: np.ndarray | None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for cut in cuts:
            train, test = fold_rows(cut, stamps, codes)
            yield np.flatnonzero(train), np.flatnonzero(test)


def fold_rows(
    cut: Cut, stamps: np.ndarray, codes: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return masks of the rows of training and test part.

    ``codes`` are the series of the rows, if those new in the test part are left out.
    """
    train, test = rows_in(stamps, cut.train), rows_in(stamps, cut.test)
    if codes is None:
        return train, test
    is_known = np.zeros(codes.max() + 1, dtype=bool)
    is_known[codes[train]] = True
    return train, test & is_known[codes]

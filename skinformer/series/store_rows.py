"""Tables of whole series, read as frames are read by ``fit``."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from .column_choice import choose_past
from .covariates import Columns, Covariates
from .grid import Grid
from .history import Observed, Stretch
from .indexes import check_index, repeated_message
from .layout import lay_out
from .number_columns import check_finite, read_numbers
from .panel import naming, place_each
from .snapping import snap_alike
from .store_columns import grown, told_missing, with_missing
from .store_roles import Roles
from .store_source import edges_of_labels

__all__ = ["TableReader"]

Ranges = list[tuple[Any, slice]]  # the label of each series, and its rows


class TableReader:
    """Make histories of tables of whole series, one table after another.

    Parameters
    ----------
    roles : Roles
    freq : str, offset or None
    transform : transformer or None

    Attributes
    ----------
    columns : list of str
        Those of X, once the first table has been read.
    known, past : Columns
        With the categories that have been seen so far.
    labels : dict
        The series so far, in their order.
    """

    columns: list[str]
    known: Columns | None = None
    past: Columns
    _like: Grid | None = None

    def __init__(self, roles: Roles, freq: Any, transform: Any):
        self.roles, self.freq, self.transform = roles, freq, transform
        self.labels: dict[Any, None] = {}
        self._n_read = 0

    def read(self, table: Any) -> tuple[list[Stretch], list[pd.Index]]:
        """Return the histories of the series of a table, and their stamps as given.

        The codes of missing categories are -1 for those that are known ahead: the
        number that they are to have shows when all categories are known.
        """
        # an index that pandas has written is a column here like any other
        frame = table.to_pandas(ignore_metadata=True)
        series = self._name_series(frame[self.roles.series])
        self._n_read += len(frame)
        X = self._transformed(self._by_time(frame, series))
        known, past = self._columns_of(X)
        observed, covariates = self._arrays(
            known, past, X, frame[self.roles.targets], series
        )
        indexes = [X.index[rows] for _, rows in series]
        if self.roles.time is None:
            indexes = [pd.RangeIndex(len(index)) for index in indexes]
        stretches = self._lay_out(indexes, series, observed, covariates)
        return stretches, indexes

    def _name_series(self, column: pd.Series) -> Ranges:
        """Return the series of some rows; none of them may have been there before."""
        name = self.roles.series
        if column.isna().any():
            row = self._n_read + int(column.isna().argmax())
            raise ValueError(
                f"Column {name!r}, which names the series of each row, has no value in "
                f"row {row} of the source, counted from 0. Fill it, or drop the row."
            )
        series = each_series(column)
        for label, _ in series:
            if label in self.labels:
                raise ValueError(
                    f"The rows of series {label!r} do not stand together: those of "
                    f"another series come between them. Sort the source by {name!r}, "
                    "and then by time."
                )
            if not isinstance(label, str | int) or isinstance(label, bool):
                raise ValueError(
                    f"Column {name!r} holds {column.dtype} values such as {label!r}; "
                    "series are named by text or whole numbers."
                )
            self.labels[label] = None
        return series

    def _by_time(self, frame: pd.DataFrame, series: Ranges) -> pd.DataFrame:
        """Return the columns of X, with the time of each row as their index."""
        X, time = frame[self.roles.columns], self.roles.time
        if time is None:
            return X
        index = pd.DatetimeIndex(frame[time])
        for label, rows in series:
            with naming(f"Series {label!r}: "):
                self._check_stamps(index[rows])
        return X.set_axis(index)

    def _check_stamps(self, index: pd.DatetimeIndex) -> None:
        """Refuse stamps that are missing, repeated or out of order."""
        if (index.asi8[1:] > index.asi8[:-1]).all() and not index.hasnans:
            return  # as most are
        check_index(index, f"Column {self.roles.time!r}")
        repeated = index.duplicated()
        if repeated.any():
            raise ValueError(repeated_message(index, index[int(repeated.argmax())]))
        i = int((index.asi8[1:] < index.asi8[:-1]).argmax())
        raise ValueError(
            f"The rows are not in time order: {index[i + 1]} follows {index[i]}. Sort "
            f"the source by {self.roles.series!r}, and then by {self.roles.time!r}."
        )

    def _transformed(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return what the transformer makes of some rows."""
        if self.transform is None:
            return X
        name, made = type(self.transform).__name__, self.transform.transform(X)
        if not isinstance(made, pd.DataFrame) or len(made) != len(X):
            raise ValueError(
                f"transform={name} made {type(made).__name__} of a frame of {len(X)} "
                "rows; it has to return a frame of as many. "
                "set_output(transform='pandas') lets those of scikit-learn do so."
            )
        if self.roles.series not in made:
            raise ValueError(
                f"transform={name} dropped {self.roles.series!r}, the column of the "
                "series; let it through."
            )
        return made

    def _columns_of(self, X: pd.DataFrame) -> tuple[Columns, Columns]:
        """Learn the columns from the first rows, and new categories from all."""
        known = self.known
        if known is None:
            self.columns = [str(name) for name in X]
            frame = X.drop(columns=self.roles.series)
            is_past = choose_past(frame, self.roles.past or None)
            known = with_missing(Columns.learn(frame.loc[:, ~is_past]))
            self.past = with_missing(Columns.learn(frame.loc[:, is_past]))
        if list(X) != self.columns:
            raise ValueError(
                f"transform={type(self.transform).__name__} made the columns {list(X)} "
                f"of some rows, and {self.columns} of the first ones. Fit it first, so "
                "that all rows get the same."
            )
        self.known, self.past = grown(known, X), grown(self.past, X)
        return self.known, self.past

    def _arrays(
        self,
        known: Columns,
        past: Columns,
        X: pd.DataFrame,
        y: pd.DataFrame,
        series: Ranges,
    ) -> tuple[Observed, Covariates]:
        """Turn rows into arrays; an error says of which series."""
        try:
            return read_arrays(known, past, X, y)
        except ValueError:
            for label, rows in series:
                with naming(f"Series {label!r}: "):
                    read_arrays(known, past, X.iloc[rows], y.iloc[rows])
            raise

    def _lay_out(
        self,
        indexes: list[pd.Index],
        series: Ranges,
        observed: Observed,
        covariates: Covariates,
    ) -> list[Stretch]:
        """Put the rows of each series on its grid."""
        keys = pd.Index([label for label, _ in series])
        places = place_each(indexes, keys, self.freq, snap=True, like=self._like)
        self._like = places[-1].grid
        n_targets = len(self.roles.targets)
        return snap_alike(lay_out(places, observed, covariates, n_targets))


def read_arrays(
    known: Columns, past: Columns, X: pd.DataFrame, y: pd.DataFrame
) -> tuple[Observed, Covariates]:
    """Turn rows into arrays."""
    targets = [read_numbers(y[name], name) for name in y]
    for name, column in zip(y, targets, strict=True):
        check_finite(column[:, None], X.index, [name], "y", allow_missing=True)
    ahead = known.read(X[list(known.names)])
    seen = past.read(X[list(past.names)])
    values = np.stack([*targets, *seen.numeric.T], axis=1)
    # a missing category is the first one of those of the past
    observed = Observed(values, told_missing(seen.codes, past) + 1)
    return observed, Covariates(ahead.numeric, told_missing(ahead.codes, known))


def each_series(labels: pd.Series) -> Ranges:
    """Return the label of each series, and where its rows stand.

    >>> each_series(pd.Series(["a", "a", "b"]))
    [('a', slice(0, 2, None)), ('b', slice(2, 3, None))]
    """
    pairs = pairwise(edges_of_labels(labels).tolist())
    return [(labels.iloc[a : a + 1].tolist()[0], slice(a, b)) for a, b in pairs]

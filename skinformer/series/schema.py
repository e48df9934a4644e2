"""What each column of X is: known ahead, known only up to now, the time or the series.

Learned once, in ``fit``, and held against every frame that follows.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from .chunks import is_mapped
from .column_choice import choose_categorical, choose_past, is_missing, is_same, locate
from .covariates import Columns, Covariates, as_frame
from .indexes import RowNames
from .time_column import at_time, locate_time

__all__ = ["Schema"]


def with_absent(frame: pd.DataFrame, names: tuple, absent_allowed: set) -> pd.DataFrame:
    """Return the frame with columns of NaN for those that may be absent."""
    if not absent_allowed - set(frame.columns):
        return frame
    if not set(frame.columns) <= set(names):
        return frame  # it has others: to be refused as it is
    return frame.reindex(
        columns=[n for n in names if n in frame or n in absent_allowed]
    )


def missing_first(codes: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Return codes (n, k) in which a missing value, now after the known ones, is 0.

    >>> missing_first(np.array([[0], [1], [2], [3]]), np.array([2])).ravel()
    array([1, 2, 0, 3])
    """
    return np.where(codes < missing, codes + 1, np.where(codes == missing, 0, codes))


def refuse_unhashable(labels: pd.Index, name: Any) -> None:
    """Refuse lists and the like, which name nothing; text is known to be fine."""
    if labels.dtype != object or pd.api.types.infer_dtype(labels) == "string":
        return
    for row, label in enumerate(labels):
        try:
            hash(label)
        except TypeError:
            raise ValueError(
                f"Column {name!r} of X, which names the series of each row, holds "
                f"{label!r} in row {row}, which can be no name. Make text of it with "
                f"X[{name!r}].astype(str)."
            ) from None


def refuse_other_use(time: Any, is_past: bool, is_series: bool) -> None:
    """Refuse a column of the time that is to be something else too."""
    if is_past or is_series:
        parameter = "past_covariates" if is_past else "series"
        raise ValueError(
            f"{parameter} names {time!r}, the column that says when each row was; "
            "leave it out."
        )


@dataclass(frozen=True)
class Schema:
    """The columns of X by what they are.

    Attributes
    ----------
    names : tuple
        All columns, in their order.
    known : Columns
        Those whose values are known ahead.
    past : Columns
        Those that are observed with the targets.
    series : object or None
        Name of the column that says which series a row belongs to.
    time : object or None
        Name of the column that says when each row was; None where the index does.
    """

    names: tuple
    known: Columns
    past: Columns
    series: Any = None
    time: Any = None

    @classmethod
    def learn(
        cls,
        X: Any,
        *,
        categorical_features: Any = "from_dtype",
        past_covariates: Any = None,
        series: Any = None,
        time: Any = None,
        allow_missing: bool = True,
    ) -> "Schema":
        """Read the columns of the X that ``fit`` is given.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n, n_columns)
        categorical_features : "from_dtype", None or sequence, default="from_dtype"
        past_covariates : None, sequence, slice or callable, default=None
            Names, positions, or a mask; a callable is given the frame.
        series : object or None, default=None
            Name or position of one column.
        time : object or None, default=None
            Name or position of one column.
        allow_missing : bool, default=True
            Whether numbers and categories may be missing.

        Raises
        ------
        ValueError
            If a column is named that X lacks, or the column of the series, or of the
            time, is named for something else too.
        """
        when = locate_time(X, time)
        frame = as_frame(X)
        categorical = choose_categorical(frame, categorical_features)
        past, at = choose_past(frame, past_covariates), None
        rest = np.ones(frame.shape[1], dtype=bool)
        if series is not None:
            at = locate(frame, series, "series")
            rest[at] = False
            if past[at]:
                raise ValueError(
                    f"past_covariates names {series!r}, the column that says which "
                    "series a row belongs to; leave it out."
                )
        if when is not None:
            refuse_other_use(frame.columns[when], past[when], when == at)
            rest[when] = False

        def learned(which: np.ndarray, hides: bool) -> Columns:
            part = frame if which.all() else frame.loc[:, which]
            return Columns.learn(part, categorical[which], allow_missing, hides)

        return cls(
            tuple(frame.columns),
            learned(rest & ~past, hides=False),
            learned(rest & past, hides=True),
            None if at is None else frame.columns[at],
            None if when is None else frame.columns[when],
        )

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Number of codes of each categorical column, those known ahead first."""
        return self.known.cardinalities + self.past.cardinalities

    @property
    def is_plain(self) -> bool:
        """Whether all columns are known ahead."""
        return self.series is None and self.time is None and not self.past.names

    def complete(self, X: Any) -> Any:
        """Return X; a frame without columns of the past has them, all missing."""
        if not self.past.names or not isinstance(X, pd.DataFrame):
            return X
        return with_absent(X, self.names, set(self.past.names))

    def check_time(self, X: Any) -> None:
        """Refuse X if it lacks the column that says when each row was."""
        locate_time(X, self.time)

    def at_time(self, X: Any) -> Any:
        """Return X with its time as its index; see :func:`at_time`."""
        return at_time(X, self.time)

    def _part(self, X: Any, names: tuple) -> pd.DataFrame:
        """Return columns of an X by its time, by the places that they had in fit.

        Names were compared before; where these are no text, they do not count.
        """
        held = [n for n in self.names if self.time is None or not is_same(n, self.time)]
        places = {name: i for i, name in enumerate(held)}
        missing = next((i for i, n in enumerate(held) if is_missing(n)), None)
        chosen: list[Any] = [places.get(name, missing) for name in names]
        return as_frame(X).iloc[:, chosen]

    def read_known(self, X: Any) -> Covariates:
        """Read the columns that are known ahead."""
        if self.is_plain:
            return self.known.read(X)
        part = self._part(X, self.known.names)
        return self.known.read(part, self.rows_of(X, part.index))

    def read_past(self, X: Any) -> Covariates:
        """Read the columns that are observed with the targets; no category has code 0.

        It is that of a missing one, and of all in rows that are yet to come.
        """
        if not self.past.names:
            return Covariates.none_of(len(X) if is_mapped(X) else len(as_frame(X)))
        part = self._part(X, self.past.names)
        read = self.past.read(part, self.rows_of(X, part.index))
        return replace(read, codes=missing_first(read.codes, self.past.missing_codes))

    def rows_of(self, X: Any, index: pd.Index) -> Any:
        """Return what errors call the rows of X, which has the given index."""
        if self.series is None:
            return index
        return RowNames(index, pd.Index(self._part(X, (self.series,)).iloc[:, 0]))

    def read_labels(self, X: Any) -> pd.Index | None:
        """Read the series of each row; None where there is one series only.

        Raises
        ------
        ValueError
            If the label of a row is missing.
        """
        if self.series is None:
            return None
        column: Any = self._part(X, (self.series,)).iloc[:, 0]
        missing: Any = column.isna().to_numpy()
        if missing.any():
            first = column.index[int(missing.argmax())]
            raise ValueError(
                f"Column {self.series!r} of X, which names the series of each row, has "
                f"no value at {first}. Fill it, or drop the row."
            )
        labels = pd.Index(column)
        refuse_unhashable(labels, self.series)
        return labels

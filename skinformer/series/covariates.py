"""Columns of X as arrays: numbers as they are, categories as codes.

The columns are learned once, in ``fit``, and hold for every frame that follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skinformer._validation import refuse_twice

from .arrays import read_array
from .category_columns import domain, read_codes
from .chunks import is_mapped
from .column_choice import choose_categorical
from .number_columns import check_finite, missing_message, read_numbers

__all__ = ["Columns", "Covariates", "as_frame"]


@dataclass(frozen=True)
class Covariates:
    """What is known of n rows besides the targets.

    Attributes
    ----------
    numeric : ndarray of shape (n, n_numeric)
        Numbers, at the precision given.
    codes : ndarray of shape (n, n_categorical)
        Row of each category in its table; one past the last for an unknown one.
    """

    numeric: np.ndarray
    codes: np.ndarray

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.numeric)

    def take(self, rows: slice | np.ndarray) -> "Covariates":
        """Return those rows."""
        return Covariates(self.numeric[rows], self.codes[rows])

    @classmethod
    def none_of(cls, n: int) -> "Covariates":
        """Return n rows of which nothing is known but themselves."""
        return cls(np.empty((n, 0)), np.empty((n, 0), dtype=np.int64))


@dataclass(frozen=True)
class Columns:
    """Which columns of X are numbers, which are categories, and of what domain.

    Attributes
    ----------
    names : tuple
        Names of the columns, their positions for an array.
    categories : tuple of Index or None
        The domain of each column, None for a numeric one.
    missing : tuple of bool
        Which categorical columns have a code of their own for a missing value, the one
        after those of the domain; in the others it counts as an unknown category.
    allow_missing : bool, default=True
        Whether values may be missing.
    """

    names: tuple
    categories: tuple[pd.Index | None, ...]
    missing: tuple[bool, ...]
    allow_missing: bool = True

    @classmethod
    def learn(
        cls,
        X: Any,
        categorical_features: Any = "from_dtype",
        allow_missing: bool = True,
        hides: bool = False,
    ) -> "Columns":
        """Read the columns of the X that ``fit`` is given.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n, n_columns)
        categorical_features : "from_dtype", None or sequence, default="from_dtype"
            Columns of dtype "category"; none; or names, positions, or a mask.
        allow_missing : bool, default=True
            Whether values may be missing.
        hides : bool, default=False
            Whether every category may be hidden, as a missing value is.

        Raises
        ------
        ValueError
            If ``categorical_features`` names a column that X lacks, or one whose
            values can be no categories; if two columns have one name.
        """
        frame = as_frame(X)
        chosen = choose_categorical(frame, categorical_features)
        categories = [
            domain(frame.iloc[:, i]) if is_category else None
            for i, is_category in enumerate(chosen)
        ]
        missing = [
            bool(is_category and (hides or (allow_missing and has_missing(frame, i))))
            for i, is_category in enumerate(chosen)
        ]
        return cls(
            tuple(frame.columns), tuple(categories), tuple(missing), allow_missing
        )

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Number of codes of each categorical column, the unknown ones aside."""
        return tuple(
            len(c) + has_own
            for c, has_own in zip(self.categories, self.missing, strict=True)
            if c is not None
        )

    @property
    def missing_codes(self) -> np.ndarray:
        """Code of a missing value in each categorical column, (n_categorical,)."""
        codes = [len(c) for c in self.categories if c is not None]
        return np.array(codes, dtype=np.int64)

    @property
    def n_numeric(self) -> int:
        """Number of numeric columns."""
        return sum(c is None for c in self.categories)

    def read(self, X: Any, rows: Any = None) -> Covariates:
        """Turn rows of X into arrays; errors name ``rows``, its index if None.

        Raises
        ------
        ValueError
            For infinite values, and missing ones where they are not allowed; for text,
            and for categories that are all of another type than in ``fit``; with the
            name of the column.
        """
        frame = as_frame(X)
        rows = frame.index if rows is None else rows
        if is_mapped(X) and X.dtype.kind == "f" and not self.cardinalities:
            # larger than memory, perhaps: what a batch needs is read from the file
            self._check_values(X, rows, self.names)
            return Covariates(np.asarray(X), stack([], len(frame), np.int64))
        numbers, codes = [], []
        for i, (name, categories) in enumerate(
            zip(self.names, self.categories, strict=True)
        ):
            column = frame.iloc[:, i]
            if categories is None:
                values = read_numbers(column, name)
                self._check_values(values[:, None], rows, [name])
                numbers.append(values)
            else:
                self._refuse_missing(column, name, rows)
                codes.append(read_codes(column, categories, self.missing[i], name))
        return Covariates(
            stack(numbers, len(frame), np.float64), stack(codes, len(frame), np.int64)
        )

    def _check_values(self, values: np.ndarray, rows: Any, names: Sequence) -> None:
        check_finite(values, rows, names, "X", self.allow_missing)

    def _refuse_missing(self, column: pd.Series, name: Any, rows: Any) -> None:
        missing = column.isna().to_numpy()
        if missing.any() and not self.allow_missing:
            raise ValueError(missing_message("X", name, rows[int(missing.argmax())]))


def has_missing(frame: pd.DataFrame, column: int) -> bool:
    """Tell whether a value of a column is missing."""
    return bool(frame.iloc[:, column].isna().any())


def stack(columns: Sequence[np.ndarray], n: int, dtype: type) -> np.ndarray:
    """Join columns to (n, n_columns); of no columns, (n, 0)."""
    return np.stack(columns, axis=1) if columns else np.empty((n, 0), dtype=dtype)


def as_frame(X: Any) -> pd.DataFrame:
    """Return X as a frame; arrays are checked as scikit-learn checks them.

    Raises
    ------
    ValueError
        If X has no rows, or two columns of one name.
    """
    if isinstance(X, pd.DataFrame):
        refuse_twice(X)
        if len(X) == 0:
            raise ValueError(
                f"Found array with 0 sample(s) (shape={X.shape}) while a minimum of 1 "
                "is required."
            )
        return X
    return pd.DataFrame(read_array(X, "X"), copy=False)

"""Columns of X as arrays: numbers as they are, categories as codes.

The columns are learned once, in ``fit``, and hold for every frame that follows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import check_array

from skinformer._validation import did_you_mean

from .chunks import chunks, is_mapped

__all__ = ["Columns", "Covariates", "as_frame", "check_finite"]


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

    def unknown(self, n: int) -> Covariates:
        """Return n rows in which every value is missing."""
        codes = np.tile(self.missing_codes, (n, 1))
        return Covariates(np.full((n, self.n_numeric), np.nan), codes)

    @property
    def n_numeric(self) -> int:
        """Number of numeric columns."""
        return sum(c is None for c in self.categories)

    def read(self, X: Any) -> Covariates:
        """Turn rows of X into arrays.

        Raises
        ------
        ValueError
            For infinite values, and missing ones where they are not allowed; for text,
            and for categories that are all of another type than in ``fit``; with the
            name of the column.
        """
        frame = as_frame(X)
        if is_mapped(X) and X.dtype.kind == "f" and not self.cardinalities:
            # larger than memory, perhaps: what a batch needs is read from the file
            self._check_values(X, frame.index, self.names)
            return Covariates(np.asarray(X), stack([], len(frame), np.int64))
        numbers, codes = [], []
        for i, (name, categories) in enumerate(
            zip(self.names, self.categories, strict=True)
        ):
            column = frame.iloc[:, i]
            if categories is None:
                values = read_numbers(column, name)
                self._check_values(values[:, None], column.index, [name])
                numbers.append(values)
            else:
                self._refuse_missing(column, name)
                codes.append(read_codes(column, categories, self.missing[i], name))
        return Covariates(
            stack(numbers, len(frame), np.float64), stack(codes, len(frame), np.int64)
        )

    def _check_values(
        self, values: np.ndarray, index: pd.Index, names: Sequence
    ) -> None:
        check_finite(values, index, names, "X", self.allow_missing)

    def _refuse_missing(self, column: pd.Series, name: Any) -> None:
        missing = column.isna().to_numpy()
        if missing.any() and not self.allow_missing:
            raise ValueError(missing_message("X", name, column.index[missing.argmax()]))


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
        if not X.columns.is_unique:
            twice = list(X.columns[X.columns.duplicated()].unique())
            raise ValueError(
                f"X has more than one column of the name {', '.join(map(repr, twice))};"
                " rename or drop them, so that each name is there once."
            )
        if len(X) == 0:
            raise ValueError(
                f"Found array with 0 sample(s) (shape={X.shape}) while a minimum of 1 "
                "is required."
            )
        return X
    checked = check_array(X, dtype="numeric", ensure_all_finite=False, input_name="X")
    return pd.DataFrame(checked, copy=False)


def choose_categorical(frame: pd.DataFrame, chosen: Any) -> np.ndarray:
    """Return a mask of the categorical columns, shape (n_columns,)."""
    if chosen is None:
        return np.zeros(frame.shape[1], dtype=bool)
    if isinstance(chosen, np.ndarray) and chosen.dtype == bool:
        return checked_mask(chosen, frame)
    if isinstance(chosen, str) and chosen == "from_dtype":
        return np.array(
            [isinstance(dtype, pd.CategoricalDtype) for dtype in frame.dtypes],
            dtype=bool,
        )
    chosen = [chosen] if isinstance(chosen, str) else list(chosen)
    if chosen and all(isinstance(c, bool | np.bool_) for c in chosen):
        return checked_mask(np.array(chosen, dtype=bool), frame)
    return choose_named(frame, chosen, "categorical_features")


def choose_named(frame: pd.DataFrame, chosen: list, parameter: str) -> np.ndarray:
    """Return a mask of the columns that a parameter names, shape (n_columns,)."""
    mask = np.zeros(frame.shape[1], dtype=bool)
    for column in chosen:
        mask[locate(frame, column, parameter)] = True
    return mask


def checked_mask(
    mask: np.ndarray, frame: pd.DataFrame, parameter: str = "categorical_features"
) -> np.ndarray:
    """Hold a mask against the number of columns."""
    if len(mask) != frame.shape[1]:
        raise ValueError(
            f"{parameter} is a mask of {len(mask)} columns, X has {frame.shape[1]}."
        )
    return mask


def locate(frame: pd.DataFrame, column: Any, parameter: str) -> int:
    """Find one column by its name, or else by its position."""
    for i, name in enumerate(frame.columns):
        if name == column:
            return i
    if isinstance(column, Integral) and 0 <= column < frame.shape[1]:
        return int(column)
    raise ValueError(
        f"{parameter} names {column!r}, which X lacks; its columns are "
        f"{list(frame.columns)}.{did_you_mean(column, map(str, frame.columns))}"
    )


def domain(column: pd.Series) -> pd.Index:
    """List the categories of a column: those it declares, or else those it shows."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories
    try:
        shown = pd.Index(column.dropna().unique())
    except TypeError as error:
        raise ValueError(
            f"Column {column.name!r} of X holds values that can be no categories "
            f"({error}). Leave it out of categorical_features, or make text of it with "
            f"X[{column.name!r}].astype(str)."
        ) from error
    try:
        return shown.sort_values()
    except TypeError as error:
        raise ValueError(
            f"The categories of column {column.name!r} of X have no order ({error}). "
            f"Make them of one type, or use X[{column.name!r}].astype('category')."
        ) from error


def read_codes(
    column: pd.Series, categories: pd.Index, has_missing: bool, name: Any
) -> np.ndarray:
    """Number the categories, shape (n,), then the missing ones, then the unknown."""
    missing = column.isna().to_numpy()
    # looked up as they are: to convert them first would make 1.5 the category 1
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = np.append(categories.get_indexer(column.cat.categories), -1)
        codes = known[column.cat.codes]
    else:
        codes = look_up_plain(column, categories, name)
    if (codes < 0).all() and not missing.all():
        refuse_other_kind(pd.Index(column.dropna().unique()), categories, name)
    codes = np.where(codes < 0, len(categories) + has_missing, codes)
    codes[missing] = len(categories)
    return codes.astype(np.int64)


def look_up_plain(column: pd.Series, categories: pd.Index, name: Any) -> np.ndarray:
    """Return where each value stands among the categories, -1 for nowhere."""
    try:
        return categories.get_indexer(pd.Index(column))
    except TypeError as error:
        raise ValueError(
            f"Column {name!r} of X holds values that can be no categories ({error}). "
            f"Those seen in fit are {some_of(categories)}: give values of that type."
        ) from error


def refuse_other_kind(shown: pd.Index, categories: pd.Index, name: Any) -> None:
    """Refuse a column in which no category is known because its type is another."""
    kinds = {kind_of(shown), kind_of(categories)}
    if len(kinds) == 1 or kinds & {"empty", "mixed", "mixed-integer"}:
        return
    raise ValueError(
        f"No category of column {name!r} of X is known: fit saw {some_of(categories)}, "
        f"and {some_of(shown)} came. Convert X[{name!r}] to the type that it had in "
        "fit."
    )


def kind_of(values: pd.Index) -> str:
    """Name the type of categories: numbers of any type are one, and so are times."""
    values = getattr(values, "categories", values)
    kind = pd.api.types.infer_dtype(values)
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        return "number"
    return "datetime" if kind in ("datetime64", "date") else kind


def some_of(values: pd.Index) -> str:
    """Write out the first few values."""
    shown = ", ".join(map(repr, values[:5].tolist()))
    return f"{shown}, ... ({len(values)} in all)" if len(values) > 5 else shown


def read_numbers(column: pd.Series, name: Any) -> np.ndarray:
    """Return a numeric column as floats, shape (n,), single precision if it is."""
    refuse_other_types(column, name)
    dtype = np.float32 if column.dtype == np.float32 else np.float64
    return to_floats(column, name, dtype)


def refuse_other_types(column: pd.Series, name: Any) -> None:
    """Raise for types that are no numbers, though some convert without complaint."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        raise ValueError(
            f"Column {name!r} of X is categorical, and is read as numbers, as it was "
            "in fit or because categorical_features leaves it out. Convert it with "
            f"X[{name!r}].astype(float), or fit with it named in categorical_features."
        )
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        raise ValueError(
            f"Column {name!r} of X holds datetimes. Make it the index with "
            f"X.set_index({name!r}), or drop it."
        )
    if not holds_numbers(column):
        raise ValueError(no_numbers_message(column, name))


def holds_numbers(column: pd.Series) -> bool:
    """Tell whether a column may be read as numbers."""
    if pd.api.types.is_object_dtype(column.dtype):
        kind = pd.api.types.infer_dtype(column, skipna=True)
        return kind not in ("string", "bytes", "complex", "timedelta", "timedelta64")
    is_number = pd.api.types.is_numeric_dtype(column.dtype)  # True for bool, complex
    return is_number and not pd.api.types.is_complex_dtype(column.dtype)


def to_floats(column: pd.Series, name: Any, dtype: type) -> np.ndarray:
    """Convert, and say which column it was if that cannot be done."""
    try:
        return column.to_numpy(dtype=dtype, na_value=np.nan)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(no_numbers_message(column, name, f" ({error})")) from error


def first_text(column: pd.Series) -> str:
    """Name the first value that cannot be read as a number, and its row."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    text = np.flatnonzero(np.isnan(numbers) & column.notna().to_numpy())
    if len(text) == 0:
        return ""
    return f", the first {column.iloc[text[0]]!r} at {column.index[text[0]]}"


def no_numbers_message(column: pd.Series, name: Any, reason: str = "") -> str:
    """Say what a column holds instead of numbers, and what to make of it."""
    if pd.api.types.infer_dtype(column, skipna=True) == "string":
        reason = first_text(column) + reason
    return (
        f"Column {name!r} of X holds {column.dtype} values that are no numbers{reason}."
        f" Make it a category with X[{name!r}].astype('category'), numbers with "
        f"pd.to_numeric, time the index with X.set_index({name!r}), or drop the column."
    )


def check_finite(
    values: np.ndarray,
    index: pd.Index,
    names: Sequence,
    owner: str,
    allow_missing: bool = False,
) -> None:
    """Raise for the first value that is infinite, or missing; values are (n, k)."""
    is_bad = np.isinf if allow_missing else lambda part: ~np.isfinite(part)
    for part in chunks(len(values)):
        bad = is_bad(values[part])
        if bad.any():
            break
    else:
        return
    row, column = np.argwhere(bad)[0] + (part.start, 0)
    if np.isnan(values[row, column]):
        raise ValueError(missing_message(owner, names[column], index[row]))
    raise ValueError(
        f"Input {owner} contains infinity: column {names[column]!r} at {index[row]}. "
        "Replace it, for example by clipping."
    )


def missing_message(owner: str, name: Any, row: Any) -> str:
    """Say where a value is missing, and how to fill it."""
    return (
        f"Input {owner} contains NaN: column {name!r} at {row}. This forecaster takes "
        "no missing covariates: fill them first, for example with interpolate(), or "
        "leave the row out: absent rows are allowed."
    )

"""A column of numbers as floats, and what is no number."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .chunks import chunks

__all__ = ["check_finite", "holds_numbers", "missing_message", "read_numbers"]


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
            f"Column {name!r} of X holds datetimes. Name it with time={name!r}, make "
            f"it the index with X.set_index({name!r}), or drop it."
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
        f"pd.to_numeric, time the index with X.set_index({name!r}), the name of the "
        f"series with series={name!r}, or drop the column."
    )


def check_finite(
    values: np.ndarray,
    rows: Any,
    names: Sequence,
    owner: str,
    allow_missing: bool = False,
) -> None:
    """Raise for the first value that is infinite, or missing; values are (n, k).

    ``rows[i]`` is what row i is called, as an index has it.
    """
    is_bad = np.isinf if allow_missing else lambda part: ~np.isfinite(part)
    for part in chunks(len(values)):
        bad = is_bad(values[part])
        if bad.any():
            break
    else:
        return
    row, column = np.argwhere(bad)[0] + (part.start, 0)
    if np.isnan(values[row, column]):
        raise ValueError(missing_message(owner, names[column], rows[row]))
    raise ValueError(
        f"Input {owner} contains infinity: column {names[column]!r} at {rows[row]}. "
        "Replace it, for example by clipping."
    )


def missing_message(owner: str, name: Any, row: Any) -> str:
    """Say where a value is missing, and how to fill it."""
    return (
        f"Input {owner} contains NaN: column {name!r} at {row}. Missing covariates are "
        "not taken here: fill them first, for example with interpolate(), or leave the "
        "row out: absent rows are allowed."
    )

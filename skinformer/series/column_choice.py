"""Which columns of X a parameter names."""

from numbers import Integral, Number
from typing import Any

import numpy as np
import pandas as pd

from skinformer._validation import did_you_mean

__all__ = ["choose_categorical", "choose_past", "is_missing", "is_same", "locate"]


def choose_categorical(frame: pd.DataFrame, chosen: Any) -> np.ndarray:
    """Return a mask of the categorical columns, (n_columns,)."""
    if isinstance(chosen, str) and chosen == "from_dtype":
        is_category = [isinstance(t, pd.CategoricalDtype) for t in frame.dtypes]
        return np.array(is_category, dtype=bool)
    return choose(frame, chosen, "categorical_features")


def choose_past(frame: pd.DataFrame, chosen: Any) -> np.ndarray:
    """Return a mask of the columns that are known only in the past, (n_columns,)."""
    if callable(chosen):
        chosen = chosen(frame)
    if isinstance(chosen, slice):
        chosen = named_by_slice(frame, chosen)
    return choose(frame, chosen, "past_covariates")


def choose(frame: pd.DataFrame, chosen: Any, parameter: str) -> np.ndarray:
    """Return a mask of the columns that a parameter names, (n_columns,).

    By name, by position, or by a mask; None for none of them.
    """
    mask = np.zeros(frame.shape[1], dtype=bool)
    if chosen is None:
        return mask
    one = isinstance(chosen, str | Number) or not hasattr(chosen, "__iter__")
    chosen = [chosen] if one else list(chosen)
    if chosen and all(isinstance(c, bool | np.bool_) for c in chosen):
        return checked_mask(np.array(chosen, dtype=bool), frame, parameter)
    for column in chosen:
        mask[locate(frame, column, parameter)] = True
    return mask


def named_by_slice(frame: pd.DataFrame, chosen: slice) -> list:
    """Return the columns from one name to another, or from one position to another.

    The last name is among them, the last position is not, as in ``ColumnTransformer``.
    """
    ends = [end for end in (chosen.start, chosen.stop) if end is not None]
    if all(isinstance(end, Integral) for end in ends):
        return list(frame.columns[chosen])
    for end in ends:
        locate(frame, end, "past_covariates")
    return list(frame.loc[:, chosen].columns)


def checked_mask(mask: np.ndarray, frame: pd.DataFrame, parameter: str) -> np.ndarray:
    """Hold a mask against the number of columns."""
    if len(mask) != frame.shape[1]:
        raise ValueError(
            f"{parameter} is a mask of {len(mask)} columns, X has {frame.shape[1]}; "
            "give one entry for each."
        )
    return mask


def is_same(name: Any, wanted: Any) -> bool:
    """Compare two names; arrays, which answer with neither yes nor no, are none.

    A missing name is the same as any other: a frame makes NaN of None.
    """
    try:
        return bool(name == wanted) or (is_missing(name) and is_missing(wanted))
    except (TypeError, ValueError):
        return is_missing(name) and is_missing(wanted)


def is_missing(name: Any) -> bool:
    """Tell None, NaN, NA and NaT from a name."""
    return pd.api.types.is_scalar(name) and bool(pd.isna(name))


def locate(frame: pd.DataFrame, column: Any, parameter: str) -> int:
    """Find one column by its name, or else by its position."""
    for i, name in enumerate(frame.columns):
        if is_same(name, column):
            return i
    if isinstance(column, Integral) and 0 <= int(column) < frame.shape[1]:
        return int(column)
    raise ValueError(
        f"{parameter} names {column!r}, which X lacks; its columns are "
        f"{list(frame.columns)}.{did_you_mean(column, map(str, frame.columns))}"
    )

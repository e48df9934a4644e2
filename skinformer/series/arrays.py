"""Arrays and lists of numbers, checked as scikit-learn checks them."""

from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from sklearn.utils import check_array

__all__ = ["read_array"]


def read_array(values: Any, name: str, ensure_2d: bool = True) -> np.ndarray:
    """Return numbers as an array; NaN and infinity stay.

    Parameters
    ----------
    values : array-like
    name : str
        What errors call it: "X" or "y".
    ensure_2d : bool, default=True
        Whether one axis alone is refused.

    Raises
    ------
    ValueError, TypeError
        If rows have different lengths, or a value is no number; as scikit-learn does.
    """
    is_text = isinstance(values, pd.Series) and not is_numeric_dtype(values.dtype)
    if is_text or isinstance(values, np.ndarray | list | tuple | pd.Index):
        values = to_numbers(values, name)
    return check_array(
        values,
        ensure_2d=ensure_2d,
        allow_nd=False,
        dtype="numeric",
        ensure_all_finite=False,
        input_name=name,
    )


def to_numbers(values: Any, name: str) -> np.ndarray:
    """Make an array, of numbers where it holds objects; numpy's errors name neither."""
    try:
        if isinstance(values, np.ma.MaskedArray):  # its mask would get lost
            values = np.ma.filled(values.astype(float, casting="same_kind"), np.nan)
        array = np.asarray(values)
        if array.dtype == object:
            return array.astype(np.float64)
        # pandas looks up in the byte order of the machine alone
        return array.astype(array.dtype.newbyteorder("="), copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"{name} holds what cannot be made numbers ({error}). Give the same number "
            "of values in each row, all of them numbers; a frame may hold categories."
        ) from error

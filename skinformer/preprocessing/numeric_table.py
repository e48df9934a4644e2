"""Which columns of the rows that ``SeriesScaler`` is given are numbers, and these."""

import numpy as np
import pandas as pd
from sklearn.utils import check_array

from .._validation import refuse_ragged

__all__ = [
    "as_table",
    "flag_columns",
    "numbers_of",
    "numeric_columns",
    "refuse_no_rows",
]


def numeric_columns(X: pd.DataFrame | np.ndarray) -> np.ndarray:
    """Return a mask of the columns that hold numbers, booleans aside.

    Examples
    --------
    >>> X = pd.DataFrame({"load": [1.5], "open": [True], "kind": pd.Categorical([3])})
    >>> numeric_columns(X).tolist()
    [True, False, False]
    """
    if not isinstance(X, pd.DataFrame):
        return np.ones(X.shape[1], dtype=bool)
    is_numeric, is_bool = pd.api.types.is_numeric_dtype, pd.api.types.is_bool_dtype
    return np.array([is_numeric(t) and not is_bool(t) for t in X.dtypes], dtype=bool)


def flag_columns(values: np.ndarray) -> np.ndarray:
    """Return a mask of the columns that hold nothing but 0, 1 and NaN.

    Examples
    --------
    >>> flag_columns(np.array([[0.0, 0.0], [np.nan, 2.0], [1.0, 1.0]])).tolist()
    [True, False]
    """
    return ((values == 0) | (values == 1) | np.isnan(values)).all(axis=0)


def refuse_no_rows(X: pd.DataFrame | np.ndarray) -> None:
    """Raise scikit-learn's error for a frame without rows; arrays have been checked."""
    if len(X) == 0:
        raise ValueError(
            f"Found array with 0 sample(s) (shape={X.shape}) while a minimum of 1 is "
            "required by SeriesScaler."
        )


def as_table(X: object) -> pd.DataFrame | np.ndarray:
    """Return a frame as it is, anything else as an array of float64."""
    if isinstance(X, pd.DataFrame):
        if any(pd.api.types.is_complex_dtype(dtype) for dtype in X.dtypes):
            raise ValueError("Complex data not supported by SeriesScaler.")
        return X
    refuse_ragged(X)
    return check_array(
        X, dtype=np.float64, ensure_all_finite="allow-nan", estimator="SeriesScaler"
    )


def numbers_of(X: pd.DataFrame | np.ndarray, numeric: np.ndarray) -> np.ndarray:
    """Return the numeric columns in float64, without infinity."""
    if isinstance(X, np.ndarray):
        return X[:, numeric]
    values = X.loc[:, numeric].to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        first = X.columns[numeric][np.isinf(values).any(axis=0)][0]
        raise ValueError(
            f"The column {first!r} contains infinity: replace it, by NaN for example."
        )
    return values

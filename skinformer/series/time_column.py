"""Frames whose time is a column: the same rows, with that time as their index."""

from typing import Any

import pandas as pd

from skinformer._validation import check_frame

from .column_choice import locate
from .indexes import check_index

__all__ = ["at_time", "locate_time", "targets_at_time"]


def locate_time(X: Any, time: Any) -> int | None:
    """Return the position of the column of X that says when each row was.

    None where no column does.

    Raises
    ------
    ValueError
        If X is no frame, or lacks the column.
    """
    if time is None:
        return None
    check_frame(X, time, "time")
    return locate(X, time, "time")


def at_time(X: Any, time: Any) -> Any:
    """Return the other columns of X with the time as their index.

    Whatever index X has is dropped. Without ``time``, X comes back as it is.

    Parameters
    ----------
    X : DataFrame or array-like of shape (n, n_columns)
    time : object or None
        Name or position of one column.

    Raises
    ------
    ValueError
        If X lacks the column, if it holds no times, or a row has none.

    Examples
    --------
    >>> X = pd.DataFrame({"day": pd.to_datetime(["2024-01-02"]), "load": [1.5]})
    >>> at_time(X, "day")
                load
    day
    2024-01-02   1.5
    """
    at = locate_time(X, time)
    if at is None:
        return X
    column = X.iloc[:, at]
    stamps = pd.Index(column, dtype=column.dtype)
    if getattr(column.dtype, "kind", "") == "M":  # those of pyarrow too
        stamps = pd.DatetimeIndex(stamps)
    if not isinstance(stamps, pd.DatetimeIndex | pd.PeriodIndex):
        raise ValueError(no_times_message(stamps, X.columns[at]))
    check_index(stamps, f"Column {X.columns[at]!r} of X")
    return X.iloc[:, [i for i in range(X.shape[1]) if i != at]].set_axis(stamps)


def targets_at_time(y: Any, X: Any, by_time: Any) -> Any:
    """Return y with the index of ``by_time``, if it has had the one of X."""
    ours, theirs = getattr(X, "index", None), getattr(y, "index", None)
    if by_time is X or not isinstance(theirs, pd.Index) or not theirs.equals(ours):
        return y
    return y.set_axis(by_time.index)


def no_times_message(stamps: pd.Index, name: Any) -> str:
    """Say what a column holds instead of times, and how to convert it."""
    kind = pd.api.types.infer_dtype(stamps, skipna=True)
    holds = f"time names {name!r}, a column of {stamps.dtype} values"
    # 7, where stamps[0] is np.int64(7)
    holds += "".join(f" such as {stamp!r}" for stamp in stamps[:1].tolist())
    column = f"X[{name!r}]"
    if kind == "period":
        return f"{holds}: make it a column of periods with pd.PeriodIndex({column})."
    zones = {str(getattr(stamp, "tzinfo", None)) for stamp in stamps}
    if len(zones) > 1:
        return (
            f"{holds}, which mixes time zones. Make them one: {column} = "
            f"pd.to_datetime({column}, utc=True).dt.tz_convert(zone)."
        )
    unit = ", unit=...)" if pd.api.types.is_numeric_dtype(stamps.dtype) else ")"
    return f"{holds}. Convert it first: {column} = pd.to_datetime({column}{unit}."

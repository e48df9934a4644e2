"""Observed rows, forecasts and intervals as a user gives them, checked."""

from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

__all__ = ["check_history", "one_column", "read_forecasts", "read_intervals"]


def check_history(history: Any) -> None:
    """Refuse a number of rows that is no whole number of at least 0."""
    if isinstance(history, bool) or not isinstance(history, Integral) or history < 0:
        raise ValueError(f"history={history!r} must be an int of at least 0.")


def one_column(y_true: Any) -> pd.Series:
    """Return the only column there is; rows without an index are numbered."""
    if isinstance(y_true, pd.Series):
        return y_true
    frame = pd.DataFrame(y_true)
    if not isinstance(y_true, pd.DataFrame):
        frame.columns = ["target"] if frame.shape[1] == 1 else frame.columns
    if frame.shape[1] != 1:
        raise ValueError(
            f"y_true has {frame.shape[1]} columns, {list(frame.columns)}; a picture "
            "shows one: give y_true[column] and the forecasts of that column."
        )
    return frame.iloc[:, 0]


def read_forecasts(
    forecasts: dict[str, ArrayLike] | ArrayLike, y_true: pd.Series
) -> dict[str, pd.Series]:
    """Return forecasts of the last rows of ``y_true`` by name, with their index."""
    if not isinstance(forecasts, dict):
        forecasts = {"forecast": forecasts}
    if not forecasts:
        raise ValueError("forecasts is empty; give at least one, by its name.")
    values = {name: one_axis(name, given) for name, given in forecasts.items()}
    longest = max(len(forecast) for forecast in values.values())
    if longest > len(y_true):
        raise ValueError(
            f"A forecast has {longest} rows, y_true only {len(y_true)}; y_true "
            "holds the rows that were forecast, and those before them."
        )
    return {
        name: pd.Series(forecast, index=y_true.index[-len(forecast) :])
        for name, forecast in values.items()
    }


def one_axis(name: str, forecast: ArrayLike) -> np.ndarray:
    """Return a forecast of one target, shape (n_forecast,), at least one row of it."""
    values = np.asarray(forecast)
    if values.size == 0:
        raise ValueError(
            f"forecasts[{name!r}] has no rows; give those of at least one, or "
            "leave it out."
        )
    if values.size != len(np.atleast_1d(values)):
        raise ValueError(
            f"forecasts[{name!r}] has the shape {values.shape}; a picture shows one "
            "target: give the column of the one that y_true holds."
        )
    return values.ravel()


def read_intervals(
    intervals: dict[str, ArrayLike] | ArrayLike | None, forecasts: dict[str, pd.Series]
) -> dict[str, pd.DataFrame]:
    """Return intervals by the name of their forecast, with columns low and high."""
    if intervals is None:
        return {}
    if not isinstance(intervals, dict):
        intervals = {next(iter(forecasts)): intervals}
    strange = [name for name in intervals if name not in forecasts]
    if strange:
        raise ValueError(
            f"interval has {strange[0]!r}, which is no forecast; forecasts are "
            f"{list(forecasts)}. Name each interval as its forecast."
        )
    return {
        name: two_ends(name, given, forecasts[name].index)
        for name, given in intervals.items()
    }


def two_ends(name: str, interval: ArrayLike, index: pd.Index) -> pd.DataFrame:
    """Return the ends of the interval of one forecast."""
    ends = np.asarray(interval, dtype=np.float64)
    if ends.shape != (len(index), 2):
        raise ValueError(
            f"The interval of {name!r} has the shape {ends.shape}; it must be "
            f"({len(index)}, 2): lower and upper end of each row of the forecast, of "
            "one target."
        )
    return pd.DataFrame(ends, index=index, columns=["low", "high"])

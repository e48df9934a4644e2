"""Columns of all features and events that some rows get."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from .calendar_fields import (
    CALENDAR_FLAGS,
    CLOCK,
    day_numbers,
    encode_clock,
    encode_day,
    flag_of_day,
    split_days,
)
from .holiday_calendar import HOLIDAY_FEATURES, encode_holiday

__all__ = ["calendar_columns"]


def calendar_columns(
    wall: np.ndarray,
    encodings: Mapping[str, str],
    events: Mapping[str, np.ndarray],
    holidays_around: Callable[[np.ndarray], np.ndarray],
) -> dict:
    """Return the columns of all features and events, one value for each row.

    Parameters
    ----------
    wall : ndarray of shape (n_rows,)
        Wall time, in nanoseconds.
    encodings : mapping
        From feature to encoding, in the order of the columns.
    events : mapping
        From event to the numbers of its days.
    holidays_around : callable
        Returns, for the numbers of some days, the sorted holidays around them.

    Examples
    --------
    >>> noon = np.array([12 * 3600 * 10**9])
    >>> encodings = {"hour": "linear", "weekend": "flag"}
    >>> calendar_columns(noon, encodings, {"fair": np.array([0])}, lambda days: days)
    {'hour': array([0.02173913]), 'weekend': array([0.]), 'fair': array([1.])}
    """
    days = split_days(wall)
    numbers = day_numbers(days.stamps)
    holidays = holidays_around(numbers)
    columns: dict = {}
    for name, encoding in encodings.items():
        if name in CLOCK:
            columns |= encode_clock(name, wall, encoding)
            continue
        daily = daily_columns(name, encoding, days.stamps, holidays)
        columns |= {key: values.take(days.rows) for key, values in daily.items()}
    for name, event in events.items():
        columns[name] = np.isin(numbers, event).astype(np.float64).take(days.rows)
    return columns


def daily_columns(
    name: str, encoding: str, days: pd.DatetimeIndex, holidays: np.ndarray
) -> dict:
    """Return the columns of a feature that changes from day to day, one value a day."""
    if name in HOLIDAY_FEATURES:
        return encode_holiday(name, day_numbers(days), holidays, encoding)
    if name in CALENDAR_FLAGS:
        return {name: flag_of_day(name, days)}
    return encode_day(name, days, encoding)

"""Calendar fields of local wall time, and how they are encoded.

Wall time is an int64 array: nanoseconds since 1970-01-01 00:00 on the local clock, as
though that clock had never been put forward or back. Fields of the clock follow from
it by division; those of the calendar are worked out once for each day.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

__all__ = [
    "CALENDAR_FLAGS",
    "CLOCK",
    "DAY_VALUES",
    "FIELDS",
    "NANOSECONDS",
    "Days",
    "Field",
    "column_names",
    "day_numbers",
    "encode",
    "encode_clock",
    "encode_day",
    "flag_of_day",
    "split_days",
]

NANOSECONDS = {
    "W": 7 * 86400 * 10**9,
    "D": 86400 * 10**9,
    "h": 3600 * 10**9,
    "m": 60 * 10**9,
    "s": 10**9,
    "ms": 10**6,
    "us": 10**3,
    "ns": 1,
}


class Field(NamedTuple):
    """The whole numbers from ``low`` to ``high`` that a field can take."""

    low: int
    high: int


CLOCK = {name: NANOSECONDS[name[0]] for name in ("second", "minute", "hour")}
FIELDS = {
    "second": Field(0, 59),
    "minute": Field(0, 59),
    "hour": Field(0, 23),
    "weekday": Field(0, 6),
    "day_of_month": Field(1, 31),
    "day_of_year": Field(1, 366),
    "week_of_year": Field(1, 53),
    "week_of_month": Field(1, 5),
    "month": Field(1, 12),
    "quarter": Field(1, 4),
}

Stamps = pd.DatetimeIndex
DAY_VALUES: dict[str, Callable[[Stamps], object]] = {
    "weekday": lambda days: days.day_of_week,
    "day_of_month": lambda days: days.day,
    "day_of_year": lambda days: days.day_of_year,
    "week_of_year": lambda days: days.isocalendar()["week"].to_numpy(dtype=np.int64),
    "week_of_month": lambda days: (days.day - 1) // 7 + 1,
    "month": lambda days: days.month,
    "quarter": lambda days: days.quarter,
}
CALENDAR_FLAGS: dict[str, Callable[[Stamps], object]] = {
    "weekend": lambda days: days.day_of_week >= 5,
    "month_start": lambda days: days.day == 1,
    "month_end": lambda days: days.day == days.days_in_month,
}
# Cycles whose length is the calendar's, so that a cycle always closes: 28 February is
# as near to 1 March in a common year as 29 February is in a leap year.
CYCLE_LENGTHS: dict[str, Callable[[Stamps], object]] = {
    "day_of_month": lambda days: days.days_in_month,
    "day_of_year": lambda days: 365 + days.is_leap_year,
    "week_of_year": lambda days: _weeks_in_iso_year(days),
    "week_of_month": lambda days: (days.days_in_month + 6) // 7,
}


class Days(NamedTuple):
    """The different days of some rows, and which of them each row falls on."""

    stamps: Stamps  # (n_days,) in order of first appearance
    rows: np.ndarray  # (n_rows,) position in ``stamps``


def split_days(wall: np.ndarray) -> Days:
    """Return the days of wall time, each one once.

    Examples
    --------
    >>> split_days(np.array([0, 3_600, 86_400]) * 10**9).rows.tolist()
    [0, 0, 1]
    """
    rows, days = pd.factorize(wall // NANOSECONDS["D"])
    return Days(pd.DatetimeIndex(days.astype("datetime64[D]")), rows)


def day_numbers(days: Stamps) -> np.ndarray:
    """Return whole days since 1970-01-01, whatever the unit of the stamps."""
    return days.to_numpy().astype("datetime64[D]").astype(np.int64)


def encode_clock(name: str, wall: np.ndarray, encoding: str) -> dict:
    """Return the columns of a field of the clock, one value for each row."""
    low, high = FIELDS[name]
    # Every value that a clock can show is encoded once; the rows look theirs up.
    whole = encode(name, np.arange(low, high + 1), encoding)
    shown = wall // CLOCK[name] % (high + 1)
    return {column: values.take(shown) for column, values in whole.items()}


def encode_day(name: str, days: Stamps, encoding: str) -> dict:
    """Return the columns of a field of the calendar, one value for each day."""
    values = np.asarray(DAY_VALUES[name](days), dtype=np.int64)
    length = None
    if encoding == "cyclic" and name in CYCLE_LENGTHS:
        length = np.asarray(CYCLE_LENGTHS[name](days), dtype=np.int64)
    return encode(name, values, encoding, length=length)


def flag_of_day(name: str, days: Stamps) -> np.ndarray:
    """Return 1.0 for the days that a flag of the calendar marks, else 0.0."""
    return np.asarray(CALENDAR_FLAGS[name](days), dtype=np.float64)


def encode(
    name: str,
    values: np.ndarray,
    encoding: str,
    *,
    field: Field | None = None,
    length: np.ndarray | None = None,
) -> dict:
    """Return the columns that stand for ``values``, by name.

    Examples
    --------
    >>> encode("hour", np.array([0, 23]), "linear")
    {'hour': array([-0.5,  0.5])}
    >>> list(encode("hour", np.array([0, 23]), "cyclic"))
    ['hour_sin', 'hour_cos']
    """
    low, high = FIELDS[name] if field is None else field
    if encoding == "linear":
        return {name: (values - low) / (high - low) - 0.5}
    if encoding == "ordinal":
        domain = pd.CategoricalDtype(list(range(low, high + 1)))
        return {name: pd.Categorical.from_codes(values - low, dtype=domain)}
    angle = 2 * np.pi * (values - low) / (high - low + 1 if length is None else length)
    sine, cosine = column_names(name, encoding)
    return {sine: np.sin(angle), cosine: np.cos(angle)}


def column_names(name: str, encoding: str) -> list[str]:
    """Return the names of the columns that a feature becomes."""
    return [f"{name}_sin", f"{name}_cos"] if encoding == "cyclic" else [name]


def _weeks_in_iso_year(days: Stamps) -> np.ndarray:
    """Return 52 or 53: an ISO year is long if it holds 53 Thursdays."""
    year = days.isocalendar()["year"].to_numpy(dtype=np.int64)
    ends_on_thursday = _weekday_of_last_december(year) == 4
    began_on_thursday = _weekday_of_last_december(year - 1) == 3
    return 52 + (ends_on_thursday | began_on_thursday)


def _weekday_of_last_december(year: np.ndarray) -> np.ndarray:
    """Return the weekday of 31 December in the Gregorian calendar, Sunday = 0."""
    return (year + year // 4 - year // 100 + year // 400) % 7

"""Dates as people write them: which of two readings all values of a column allow."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from .date_parts import NUMBERS, from_parts
from .date_spans import from_spans, span_format
from .date_values import Dates, refuse_missing, refuse_other, shown

__all__ = ["looks_like_dates", "read_dates"]

FIRST_VALUES = 50
# whole numbers that are digits of a date, such as 20240131, by how many there are
DIGITS = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
# and units since 1970, with their least number: a time in 1973
SINCE_1970 = {"s": 1e8, "ms": 1e11, "us": 1e14, "ns": 1e17}


def looks_like_dates(column: pd.Series) -> bool:
    """Tell by the first values whether a column holds dates."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return True
    values = column.dropna().head(FIRST_VALUES)
    if len(values) == 0 or pd.api.types.is_bool_dtype(column.dtype):
        return False
    if pd.api.types.is_numeric_dtype(column.dtype):
        return number_unit(values) is not None
    values = values.astype(str)
    if values.str.match(NUMBERS).all():
        return True
    return word_format(values) is not None or span_format(values) is not None


def read_dates(
    column: pd.Series, format: str | None = None, prefer: str | None = None
) -> Dates:
    """Read a column of dates, all in one way.

    ``prefer``, an order, decides where the values leave it open.

    The index of the column numbers its rows, and is named "line" or "row".

    Raises
    ------
    ValueError
        If a value is missing or no date, if values are written in several ways, or if
        neither the day nor the month can come first throughout.
    """
    refuse_missing(column)
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return of_dtype(column)
    if format is not None:
        return by_format(column, format)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return from_numbers(column)
    text = column.astype(str)
    parts = text.str.extract(NUMBERS)
    if parts["a"].isna().all():
        return in_words(text)
    refuse_other(text, parts["a"].isna())
    return from_parts(text, parts, prefer)


# Dtypes, formats, numbers, words


def of_dtype(column: pd.Series) -> Dates:
    """Return times that a table holds as such."""
    if column.dt.tz is None:
        return Dates(column, "times")
    zone = str(column.dt.tz)
    return Dates(column.dt.tz_convert("UTC"), f"times in {zone}", (zone,))


def by_format(column: pd.Series, format: str) -> Dates:
    """Read dates by a format that the user gave."""
    text, aware = column.astype(str), "%z" in format
    try:
        stamps = pd.to_datetime(text, format=format, errors="coerce", utc=aware)
    except ValueError as error:
        raise ValueError(
            f"--date-format {format!r} is no format ({error}); give one such as "
            "%d.%m.%Y %H:%M."
        ) from error
    if stamps.isna().any():
        row = stamps.isna().idxmax()
        raise ValueError(
            f"Column {column.name!r} holds {shown(text, row)}, which does not have the "
            f"form {format!r}. Correct it, or --date-format."
        )
    return Dates(stamps, f"as {format}", ("%z",) if aware else ())


def number_unit(values: pd.Series) -> str | None:
    """Say what whole numbers are: a format of their digits, a unit, or None."""
    numbers = values.to_numpy(np.float64)
    if (numbers % 1 != 0).any():
        return None
    text = values.astype(np.int64).astype(str)
    format = DIGITS.get(len(text.iloc[0]))
    if format is not None:
        read = pd.to_datetime(text, format=format, errors="coerce")
        if read.notna().all() and read.dt.year.between(1900, 2200).all():
            return format
    for unit, least in SINCE_1970.items():
        if (numbers >= least).all() and (numbers < 100 * least).all():
            return unit
    return None


def from_numbers(column: pd.Series) -> Dates:
    """Read digits such as 20240131, or seconds, or thousandths, since 1970."""
    unit: Any = number_unit(column)
    if unit is None:
        raise ValueError(
            f"Column {column.name!r} holds numbers that are no times, such as "
            f"{shown(column, odd_number(column))}. Correct it, name another column "
            "with --time, or give --date-format, such as %Y for years."
        )
    numbers = column.astype(np.int64)
    if unit.startswith("%"):
        stamps = pd.to_datetime(numbers.astype(str), format=unit)
        return Dates(stamps, f"digits as {unit}")
    stamps = pd.to_datetime(numbers, unit=unit, utc=True)
    return Dates(stamps, f"{unit} since 1970, UTC", ("UTC",))


def odd_number(column: pd.Series) -> Hashable:
    """Return the row that is to blame: the first that is no date where most are."""
    whole = column.where(column % 1 == 0).astype("Int64").astype(str)
    first = whole.iloc[0]
    format = DIGITS.get(len(first)) if isinstance(first, str) else None
    dates = pd.to_datetime(whole, format=format, errors="coerce") if format else None
    if dates is None or dates.isna().mean() > 0.5:
        return column.index[0]
    return dates.isna().idxmax()


def word_format(values: pd.Series) -> str | None:
    """Return the format of dates with the name of a month, None if pandas has none."""
    found = pd.tseries.api.guess_datetime_format(str(values.iloc[0]).strip())
    has_date = found is not None and "%d" in found and ("%b" in found or "%B" in found)
    return found if has_date else None


def in_words(text: pd.Series) -> Dates:
    """Read dates such as "31 Jan 2024 10:00", months, quarters and weeks."""
    span = span_format(text)
    if span is not None:
        return from_spans(text, span)
    format = word_format(text)
    if format is None:
        raise ValueError(
            f"Column {text.name!r} holds {shown(text, text.index[0])}, which is no "
            "date. Name another column with --time, or its form with --date-format."
        )
    stamps = pd.to_datetime(text.str.strip(), format=format, errors="coerce", utc=False)
    refuse_other(text, stamps.isna())
    return Dates(stamps, f"as {format}")

"""Dates as people write them: which of two readings all values of a column allow."""

import re
from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

__all__ = ["Dates", "at", "looks_like_dates", "offset_of", "read_dates", "shown"]

# 2024-01-31, 31.01.2024, 1/31/24, with a time of day and an offset or without
NUMBERS = re.compile(
    r"^\s*(?P<a>\d{1,4})(?P<mark>[-./])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})"
    r"(?:(?:T|\s+)(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}(?:[.,]\d+)?))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?\s*$"
)
FIRST_VALUES = 50
# whole numbers that are digits of a date, such as 20240131, by how many there are
DIGITS = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
# and units since 1970, with their least number: a time in 1973
SINCE_1970 = {"s": 1e8, "ms": 1e11, "us": 1e14, "ns": 1e17}
ORDERS = {
    "ymd": "year-month-day",
    "dmy": "day first",
    "mdy": "month first",
}


class Dates(NamedTuple):
    """The times of a column.

    Attributes
    ----------
    stamps : Series of datetime64
        Naive; or, where values had offsets, in UTC.
    how : str
        How they were read, in words; to be said to the user.
    offsets : tuple of str
        The different offsets that were written, none for naive times.
    order : str or None
        "dmy" or "mdy" where day or month stood first.
    """

    stamps: pd.Series
    how: str
    offsets: tuple[str, ...] = ()
    order: str | None = None


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
    return bool(values.str.match(NUMBERS).all()) or word_format(values) is not None


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
        raise ValueError(f"--date-format {format!r} is no format: {error}.") from error
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
            f"{column.iloc[0]:g}. Name another one with --time."
        )
    numbers = column.astype(np.int64)
    if unit.startswith("%"):
        stamps = pd.to_datetime(numbers.astype(str), format=unit)
        return Dates(stamps, f"digits as {unit}")
    stamps = pd.to_datetime(numbers, unit=unit, utc=True)
    return Dates(stamps, f"{unit} since 1970, UTC", ("UTC",))


def word_format(values: pd.Series) -> str | None:
    """Return the format of dates with the name of a month, None if pandas has none."""
    found = pd.tseries.api.guess_datetime_format(str(values.iloc[0]).strip())
    has_date = found is not None and "%d" in found and ("%b" in found or "%B" in found)
    return found if has_date else None


def in_words(text: pd.Series) -> Dates:
    """Read dates such as "31 Jan 2024 10:00"."""
    format = word_format(text)
    if format is None:
        raise ValueError(
            f"Column {text.name!r} holds {shown(text, text.index[0])}, which is no "
            "date. Name another column with --time, or its form with --date-format."
        )
    stamps = pd.to_datetime(text.str.strip(), format=format, errors="coerce", utc=False)
    refuse_other(text, stamps.isna())
    return Dates(stamps, f"as {format}")


# Dates of three numbers


def from_parts(text: pd.Series, parts: pd.DataFrame, prefer: str | None) -> Dates:
    """Read dates of three numbers, in the order that all of them allow."""
    wrong = parts["mark"] != parts["mark"].iloc[0]
    refuse_other(text, wrong)
    has_zone = parts["zone"].notna()
    refuse_other(text, has_zone != has_zone.iloc[0])
    order, how = find_order(text, parts, prefer)
    stamps = assemble(text, parts, order)
    offsets = tuple(parts["zone"].dropna().unique())
    if offsets:
        stamps = (stamps - offset_of(parts["zone"])).dt.tz_localize("UTC")
        stamps.name = text.name
    return Dates(stamps, how, offsets, None if order == "ymd" else order)


def find_order(
    text: pd.Series, parts: pd.DataFrame, prefer: str | None
) -> tuple[str, str]:
    """Say in which order day, month and year stand, and how that is known."""
    first_has_four = parts["a"].str.len() == 4
    refuse_other(text, first_has_four != first_has_four.iloc[0])
    if first_has_four.iloc[0]:
        return "ymd", ORDERS["ymd"]
    long = parts["c"].str.len() == 4
    refuse_other(text, long != long.iloc[0])
    a, b = (parts[name].astype(np.int64) for name in "ab")
    refuse_contradiction(text, a, b)
    if (a > 12).any():
        return "dmy", ORDERS["dmy"]
    if (b > 12).any():
        return "mdy", ORDERS["mdy"]
    if prefer is not None:
        return prefer, ORDERS[prefer]
    return by_steps(text, parts)


def refuse_contradiction(text: pd.Series, a: pd.Series, b: pd.Series) -> None:
    """Refuse a column in which the day is first here, and second there."""
    if not ((a > 12).any() and (b > 12).any()):
        return
    first, second = (a > 12).idxmax(), (b > 12).idxmax()
    raise ValueError(
        f"Column {text.name!r} mixes two ways to write dates: {shown(text, first)} "
        f"has the day first, {shown(text, second)} the month. Write all in one way, "
        "best as 2024-01-31."
    )


def by_steps(text: pd.Series, parts: pd.DataFrame) -> tuple[str, str]:
    """Take the order whose times have the more regular steps; day first of equals."""
    steps = {order: n_steps(assemble(text, parts, order)) for order in ("dmy", "mdy")}
    order = min(steps, key=lambda order: steps[order])
    other = format_of("mdy" if order == "dmy" else "dmy", parts.iloc[0])
    return order, (
        f"{ORDERS[order]}, a guess, as {text.iloc[0]!r} can be both (for the other: "
        f"--date-format {other!r})"
    )


def format_of(order: str, parts: pd.Series) -> str:
    """Return the format of a date of three numbers."""
    year = "%Y" if len(parts["c"]) == 4 else "%y"
    date = parts["mark"].join({"d": "%d", "m": "%m", "y": year}[part] for part in order)
    clock = "" if pd.isna(parts["h"]) else " %H:%M"
    if not pd.isna(parts["half"]):
        clock = " %I:%M %p"
    return date + (clock if pd.isna(parts["s"]) else clock.replace("%M", "%M:%S"))


def n_steps(stamps: pd.Series) -> int:
    """Count the different steps between neighbours in time."""
    return len(np.unique(np.diff(np.unique(stamps.to_numpy()))))


def assemble(text: pd.Series, parts: pd.DataFrame, order: str) -> pd.Series:
    """Make naive times of the parts of dates."""
    date = dict(zip(order, (parts[name] for name in "abc"), strict=True))
    year = date["y"].astype(np.int64)
    year = year.where(date["y"].str.len() > 2, year + np.where(year < 70, 2000, 1900))
    fields = {
        "year": year,
        "month": date["m"].astype(np.int64),
        "day": date["d"].astype(np.int64),
    }
    days = pd.to_datetime(pd.DataFrame(fields), errors="coerce")
    clock = clock_of(parts)
    refuse_wrong(text, days.isna() | clock.isna())
    stamps = days + clock
    stamps.name = text.name
    return stamps


def clock_of(parts: pd.DataFrame) -> pd.Series:
    """Return the time of day, zero where there is none, NaT where it is none."""
    hour = parts["h"].fillna("0").astype(np.int64)
    minute = parts["m"].fillna("0").astype(np.int64)
    second = parts["s"].fillna("0").str.replace(",", ".").astype(np.float64)
    half = parts["half"].fillna("").str.lower().str[:1]
    wrong = (hour > 24) | (minute > 59) | (second >= 60)
    hour = hour.where(half == "", hour % 12 + 12 * (half == "p"))
    wrong |= (hour == 24) & ((minute > 0) | (second > 0))  # 24:00 is the next midnight
    milliseconds = (hour * 3600 + minute * 60) * 1000 + (second * 1000).round()
    clock = pd.to_timedelta(milliseconds.astype(np.int64), unit="ms")
    return clock.mask(wrong)


def offset_of(zone: pd.Series) -> pd.Series:
    """Read offsets such as +01:00."""
    parts = zone.replace({"Z": "+0000", "UTC": "+0000"}).str.replace(":", "")
    sign: Any = np.where(parts.str[0] == "-", -1, 1)
    minutes: pd.Series = parts.str[1:3].astype(int) * 60 + parts.str[3:5].astype(int)
    return pd.to_timedelta(minutes * sign, unit="min")


# What is refused


def at(column: pd.Series, row: Hashable) -> str:
    """Name a row as the user finds it: "line 7"."""
    return f"{column.index.name} {row}"


def shown(column: pd.Series, row: Hashable) -> str:
    """Quote a value, and say where it stands."""
    [value] = column[
        column.index == row
    ].tolist()  # 25, where column[row] is np.int64(25)
    return f"{value!r} in {at(column, row)}"


def refuse_missing(column: pd.Series) -> None:
    """Refuse rows without a time."""
    missing = column.isna()
    if missing.any():
        raise ValueError(
            f"Column {column.name!r} has no time in {at(column, missing.idxmax())}. "
            "Fill it in, or take the row out."
        )


def refuse_other(text: pd.Series, other: pd.Series) -> None:
    """Refuse the first date that is written in another way than the first one."""
    if other.any():
        row = other.idxmax()
        raise ValueError(
            f"Column {text.name!r} mixes two ways to write dates: "
            f"{shown(text, text.index[0])} and {shown(text, row)}. Write all in one "
            "way, best as 2024-01-31."
        )


def refuse_wrong(text: pd.Series, wrong: pd.Series) -> None:
    """Refuse dates that no calendar has."""
    if wrong.any():
        row = wrong.idxmax()
        raise ValueError(
            f"Column {text.name!r} holds {shown(text, row)}, which no calendar has. "
            " Correct it, or say how dates are written with --date-format."
        )

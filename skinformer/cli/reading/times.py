"""The time of each row: which column has it, in what form, in order and once."""

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .date_values import Dates, shown
from .dates import looks_like_dates, read_dates
from .zones import in_zone

__all__ = ["Clock", "find_time", "read_times", "refuse_repeated"]

NAMES = ("time", "date", "datetime", "timestamp", "date_time", "stamp", "ds")
PARTS = ("time", "date", "stamp", "datum", "zeit", "fecha", "day", "month")
HOURS = ("hour", "hr", "time", "clock", "stunde", "uhrzeit", "hora", "heure", "period")
CLOCK = r"^\s*(\d{1,2})(?::(\d{2}))?(?::(\d{2}))?\s*$"


@dataclass(frozen=True)
class Clock:
    """How times were read, to read later ones alike.

    Attributes
    ----------
    columns : tuple of str
        That of the time; or those of the date and the hour.
    how : str
        In words, for the user.
    format, order : str or None
        That was given; and the order that was found, see :class:`Dates`.
    """

    columns: tuple[str, ...]
    how: str
    format: str | None = None
    order: str | None = None


def find_time(frame: pd.DataFrame, name: str) -> str:
    """Guess the column of the time, by its values first and then by its name."""
    names = list(map(str, frame.columns))
    numbers = [c for c in names if pd.api.types.is_numeric_dtype(frame[c].dtype)]
    found = [
        column
        for column in names
        if (column not in numbers or rank(column) < 2)
        and looks_like_dates(frame[column])
    ]
    # a date that is misspelt in the first rows is better named than overlooked
    found = found or [c for c in names if c not in numbers and rank(c) < 2]
    if not found:
        raise ValueError(
            f"{name} has no column of times; the rows need one, with values such as "
            "2024-01-31 13:00. If it is there, name it with --time; the columns are "
            f"{', '.join(frame.columns)}."
        )
    return min(found, key=rank)


def rank(column: str) -> int:
    """Say how much a name suggests that a column holds times; 0 is most."""
    name = column.lower()
    if name in NAMES:
        return 0
    return 1 if any(part in name for part in PARTS) else 2


def read_times(
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    zone: str | datetime.tzinfo | None = None,
    series: str | None = None,
    format: str | None = None,
    order: str | None = None,
    guess_hour: bool = False,
) -> tuple[pd.DatetimeIndex, Clock]:
    """Read the time of each row.

    With ``guess_hour`` a column of the hour is looked for where dates repeat.
    """
    dates = read_dates(frame[columns[0]], format, order)
    if guess_hour and len(columns) == 1:
        columns += tuple(find_hour(frame, columns[0], dates, series))
    if len(columns) == 2:
        stamps = (dates.stamps + clock_times(frame[columns[1]])).rename(columns[0])
        dates = dates._replace(stamps=stamps)
    labels = None if series is None else frame[series]
    index = in_zone(dates, zone, labels).rename(columns[0])
    return index, Clock(columns, dates.how, format, dates.order)


# The hour in a column of its own


def find_hour(
    frame: pd.DataFrame, time: str, dates: Dates, series: str | None
) -> list[str]:
    """Return the column of the hour, if dates repeat and one tells them apart."""
    keys = dates.stamps.to_frame("date")
    if series is not None:
        keys["series"] = frame[series]
    if (
        not keys.duplicated().any()
        or (dates.stamps.dt.normalize() != dates.stamps).any()
    ):
        return []
    for column in map(str, frame.columns):
        if column in (time, series) or column.lower() not in HOURS:
            continue
        if (
            is_clock(frame[column]).all()
            and not keys.assign(h=frame[column]).duplicated().any()
        ):
            return [column]
    return []


def is_clock(column: pd.Series) -> pd.Series:
    """Tell which values are hours from 0 to 24, or times such as 13:30."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.between(0, 24)
    hour = column.astype(str).str.extract(CLOCK)[0]
    return pd.to_numeric(hour).between(0, 24)


def clock_times(column: pd.Series) -> pd.Series:
    """Read hours, or times of day."""
    fits = is_clock(column)
    if not fits.all():
        row = (~fits).idxmax()
        raise ValueError(
            f"Column {column.name!r} holds {shown(column, row)}, which is no hour from "
            "0 to 24 and no time such as 13:30. Name another one after the comma of "
            "--time."
        )
    if pd.api.types.is_numeric_dtype(column.dtype):
        return pd.to_timedelta(column, unit="h")
    parts = column.astype(str).str.extract(CLOCK).fillna("0").astype(np.int64)
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    return pd.to_timedelta(seconds, unit="s")


# Rows of one time


def refuse_repeated(
    index: pd.DatetimeIndex, frame: pd.DataFrame, clock: Clock, series: str | None
) -> None:
    """Refuse two rows of one time and series, and say what may be meant."""
    keys = pd.DataFrame({"time": index})
    if series is not None:
        keys["series"] = frame[series].to_numpy()
    twice = keys.duplicated(keep=False).to_numpy()
    if not twice.any():
        return
    first = int(twice.argmax())
    same = np.flatnonzero((keys == keys.iloc[first]).all(axis=1))
    rows = ", ".join(str(frame.index[row]) for row in same[:3])
    of = "" if series is None else f" of {series} {frame[series].iloc[first]!r}"
    raise ValueError(
        f"The time {index[first]}{of} is there {len(same)} times, in "
        f"{frame.index.name}s {rows}{'...' * (len(same) > 3)}: "
        f"{remedy(index, frame, clock, series)}"
    )


def remedy(
    index: pd.DatetimeIndex, frame: pd.DataFrame, clock: Clock, series: str | None
) -> str:
    """Say what to do about times that repeat, the likeliest reason first."""
    time = clock.columns[0]
    dates = pd.Series(index, frame.index)
    hour = find_hour(frame, time, Dates(dates, ""), series)
    if hour:
        return f"give the column of the hour too, --time {time},{hour[0]}."
    many = 2 * index.duplicated().sum() >= len(index)  # as with two series or more
    if many and series is None:
        keys = [
            column
            for column in frame
            if column not in clock.columns
            and frame[column].nunique() <= len(frame) / 3
            and not frame[[column]].assign(time=index).duplicated().any()
        ]
        if keys:
            return (
                f"if they are of several series, tell them apart by --series {keys[0]}."
            )
    if index.tz is None and not many:
        return (
            "keep one of them; if it is the hour that the clock repeats in autumn, "
            "name the zone, --tz Europe/Berlin, and if rows are of several series, "
            "their column, --series."
        )
    return "keep one row of each, or name the column that tells series apart, --series."

"""Dates of three numbers: in which order day, month and year stand."""

import re
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from .date_values import Dates, refuse_other, refuse_wrong, shown

__all__ = ["NUMBERS", "from_parts", "offset_of"]

# 2024-01-31, 31.01.2024, 1/31/24, with a time of day and an offset or without
NUMBERS = re.compile(
    r"^\s*(?P<a>\d{1,4})(?P<mark>[-./])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})"
    r"(?:(?:T|\s+)(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}(?:[.,]\d+)?))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?\s*$"
)
ORDERS = {
    "ymd": "year-month-day",
    "dmy": "day first",
    "mdy": "month first",
}


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
        ahead = offset_of(parts["zone"])
        refuse_wrong(text, ahead.abs() >= pd.Timedelta(days=1))
        stamps = (stamps - ahead).dt.tz_localize("UTC")
        stamps.name = text.name
    return Dates(stamps, how, offsets, None if how == ORDERS["ymd"] else order)


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
    if not long.iloc[0] and year_first(text, parts, prefer):
        return "ymd", f"{ORDERS['ymd']}, a guess"
    refuse_contradiction(text, a, b)
    if (a > 12).any():
        return "dmy", ORDERS["dmy"]
    if (b > 12).any():
        return "mdy", ORDERS["mdy"]
    if prefer is not None:
        return prefer, ORDERS[prefer]
    return by_steps(text, parts)


def year_first(text: pd.Series, parts: pd.DataFrame, prefer: str | None) -> bool:
    """Tell 24-01-31: its steps are more regular than those of any other order."""
    if prefer is not None:
        return prefer == "ymd"
    steps = {}
    for order in ORDERS:
        with suppress(ValueError):  # a month 13
            steps[order] = n_steps(assemble(text, parts, order))
    others = [n for order, n in steps.items() if order != "ymd"]
    return "ymd" in steps and steps["ymd"] < min(others, default=len(text) + 1)


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
    microseconds = (hour * 3600 + minute * 60) * 1_000_000 + (second * 1e6).round()
    clock = pd.to_timedelta(microseconds.astype(np.int64), unit="us")
    return clock.mask(wrong)


def offset_of(zone: pd.Series) -> pd.Series:
    """Read offsets such as +01:00."""
    parts = zone.replace({"Z": "+0000", "UTC": "+0000"}).str.replace(":", "")
    sign: Any = np.where(parts.str[0] == "-", -1, 1)
    minutes: pd.Series = parts.str[1:3].astype(int) * 60 + parts.str[3:5].astype(int)
    return pd.to_timedelta(minutes * sign, unit="min")

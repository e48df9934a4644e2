"""Steps of a grid, as pandas' offsets: reading them, and what they add up to."""

from typing import Any

import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset, DateOffset, Day, Hour, Tick

__all__ = ["DAY", "HOUR", "as_offset", "clock_step", "season_of", "tick", "whole_days"]

HOUR = 3_600_000_000_000  # nanoseconds
DAY = 24 * HOUR


def as_offset(freq: Any) -> BaseOffset:
    """Read a frequency as pandas writes it; 24 hours are a day."""
    try:
        offset: Any = to_offset(freq)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"freq={freq!r} is no frequency that pandas knows; give one such as 'h', "
            "'15min', 'D', 'B', 'W-SUN', 'MS' or 'ME'."
        ) from error
    if offset.n <= 0:
        raise ValueError(f"freq={freq!r} must step forward; give a positive one.")
    try:
        pd.Timestamp("2000").as_unit("ns") + offset
    except (OverflowError, ValueError):
        raise ValueError(
            f"freq={freq!r} steps beyond the year 2261, where stamps cannot be "
            "counted; give a shorter one."
        ) from None
    return whole_days(offset)


def whole_days(offset: BaseOffset) -> BaseOffset:
    """Return hours that make whole days as days of the calendar."""
    step = clock_step(offset)
    return offset if step is None or step % DAY else Day(step // DAY)


def tick(step: int) -> BaseOffset:
    """Return nanoseconds as an offset that is never a calendar day."""
    if step % DAY == 0:
        return Hour(step // HOUR)
    return to_offset(pd.Timedelta(step, unit="ns"))


def clock_step(offset: BaseOffset) -> int | None:
    """Return the nanoseconds of a step in hours or less, None for days and longer."""
    # a day is a Tick of 24 hours in pandas 2, and none in pandas 3
    if isinstance(offset, Day) or not isinstance(offset, Tick):
        return None
    return pd.Timedelta(offset).as_unit("ns").value


def season_of(freq: BaseOffset) -> int:
    """Return rows in a day, for hours; in a week, for days; in a year, for longer.

    1 where the season is no whole number of rows.

    >>> [season_of(to_offset(freq)) for freq in ("D", "B", "W-SUN", "MS", "QE", "YE")]
    [7, 5, 52, 12, 4, 1]
    >>> [season_of(to_offset(freq)) for freq in ("15min", "3h", "5h", "2D", "6MS")]
    [96, 8, 1, 1, 2]
    """
    freq = whole_days(freq)
    step = clock_step(freq)
    if step is not None:
        return 1 if DAY % step else DAY // step
    rows = rows_in_a_season(freq)
    return 1 if rows % freq.n else rows // freq.n


def rows_in_a_season(freq: BaseOffset) -> int:
    """Return the season of a single step of a calendar offset."""
    seasons = {"D": 7, "B": 5, "W": 52, "MS": 12, "ME": 12, "QS": 4, "QE": 4}
    seasons |= {"WOM": 12, "LWOM": 12}
    if type(freq) is DateOffset:  # it alone has no name
        months = freq.kwds.get("months", 0)
        return 12 // months if months and 12 % months == 0 else 1
    # business ("B") and custom ("C") months are months, a custom day a business day
    return seasons.get(freq.rule_code.split("-")[0].lstrip("BC") or "B", 1)

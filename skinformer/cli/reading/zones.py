"""Times of a table in a zone: offsets, changes of the clock."""

import datetime
import zoneinfo

import numpy as np
import pandas as pd

from skinformer._validation import did_you_mean

from .date_parts import offset_of
from .date_values import Dates

__all__ = ["check_zone", "in_zone"]

UTC_NAMES = {"Z", "UTC", "+00:00", "+0000", "-00:00", "-0000"}


def check_zone(zone: str | None) -> None:
    """Refuse a zone that does not exist."""
    if zone is None or zone == "UTC":
        return
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        raise ValueError(
            f"--tz {zone} is no time zone; give one such as Europe/Berlin or UTC."
            f"{did_you_mean(zone, known)}"
        ) from None


def in_zone(
    dates: Dates, zone: str | datetime.tzinfo | None, labels: pd.Series | None = None
) -> pd.DatetimeIndex:
    """Return times as an index, in a zone if there is one.

    Parameters
    ----------
    dates : Dates
        As they were read.
    zone : str, tzinfo or None
        The one asked for; None leaves times as they are.
    labels : Series or None
        The series of each row.
    """
    index = pd.DatetimeIndex(dates.stamps)
    if index.tz is not None:
        return index.tz_convert(zone if zone is not None else only_zone(dates))
    if zone is None:
        return index
    return localized(dates.stamps, zone, labels)


def only_zone(dates: Dates) -> str | datetime.tzinfo:
    """Return the one zone that was written."""
    offsets = set(dates.offsets)
    if offsets <= UTC_NAMES:
        return "UTC"
    if len(offsets) > 1 or "%z" in offsets:
        raise ValueError(
            f"Column {dates.stamps.name!r} has times with different offsets from UTC "
            f"({', '.join(sorted(offsets))}); name their zone: --tz Europe/Berlin, or "
            "--tz UTC."
        )
    [offset] = offsets
    if offset[0] not in "+-":
        return offset  # a name, from a table that holds times as such
    return datetime.timezone(offset_of(pd.Series([offset]))[0].to_pytimedelta())


def localized(
    stamps: pd.Series, zone: str | datetime.tzinfo, labels: pd.Series | None
) -> pd.DatetimeIndex:
    """Read naive times on the clock of a zone.

    Of an hour that is there twice, the first row is that of summer.
    """
    keys = stamps if labels is None else pd.concat([stamps, labels], axis=1)
    naive = pd.DatetimeIndex(stamps)
    summer = ~np.asarray(keys.duplicated())
    index = naive.tz_localize(zone, ambiguous=summer, nonexistent="NaT")
    if not index.hasnans:
        return index
    row = stamps.index[int(index.isna().argmax())]
    raise ValueError(
        f"The time {stamps[row]} in {stamps.index.name} {row} does not exist in "
        f"{zone}: the clock is put forward over it. If the table keeps winter time all "
        "year, give --tz Etc/GMT-1 (for UTC+1), or UTC."
    )

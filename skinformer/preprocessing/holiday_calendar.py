"""Holidays as day numbers (days since 1970-01-01), and the features they give."""

import datetime
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from .._validation import did_you_mean
from .calendar_fields import Field, encode

__all__ = [
    "DAYS_TO_HOLIDAY",
    "HOLIDAY_FEATURES",
    "check_country",
    "country_holidays",
    "encode_holiday",
    "parse_days",
    "parse_events",
]

DAYS_TO_HOLIDAY = Field(0, 30)
HOLIDAY_FEATURES = (
    "holiday",
    "day_before_holiday",
    "day_after_holiday",
    "days_to_holiday",
)
EPOCH = datetime.date(1970, 1, 1).toordinal()
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}($|[ T])")
DATES = (str, datetime.date, np.datetime64, pd.Period)


def check_country(country: str | None, subdivision: str | None) -> None:
    """Raise an error if the ``holidays`` package does not know the place."""
    if country is None:
        if subdivision is not None:
            raise ValueError(f"subdivision={subdivision!r} is given without a country.")
        return
    try:
        _holidays_of_decade(country, subdivision, 202)
    except NotImplementedError:
        raise ValueError(_unknown_place(country, subdivision)) from None


def _unknown_place(country: str, subdivision: str | None) -> str:
    import holidays

    known = holidays.list_supported_countries()
    if country in known:
        return (
            f"subdivision={subdivision!r} of country={country!r} is unknown to the "
            f"holidays package.{did_you_mean(subdivision, known[country])} It knows "
            f"{sorted(known[country])}."
        )
    # "germany" -> the class holidays.Germany, which carries the code.
    named = getattr(holidays, country.title().replace(" ", ""), None)
    likely = getattr(named, "country", None) or country.upper()
    return (
        f"country={country!r} is unknown to the holidays package."
        f"{did_you_mean(likely, known)} Give an ISO 3166-1 code such as 'US', or None; "
        "TimeFeatures takes your own dates with extra_holidays."
    )


def country_holidays(
    country: str, subdivision: str | None, days: np.ndarray
) -> np.ndarray:
    """Return the sorted holidays that the features of ``days`` may ask for."""
    # The neighbours too: 31 December is the day before a holiday of the next year.
    reach = np.concatenate([days - 1, days, days + DAYS_TO_HOLIDAY.high])
    years = np.unique(reach.astype("datetime64[D]").astype("datetime64[Y]"))
    decades = np.unique((years.astype(np.int64) + 1970) // 10)
    found = [
        _holidays_of_decade(country, subdivision, decade) for decade in decades.tolist()
    ]
    return np.concatenate([np.empty(0, dtype=np.int64), *found])


@lru_cache(maxsize=1024)
def _holidays_of_decade(
    country: str, subdivision: str | None, decade: int
) -> np.ndarray:
    """Return the holidays that fall in ten years, 2020 to 2029 for 202.

    A holiday can be observed in the year before its own (1 January on 31 December), so
    the neighbouring years are expanded as well: what a row gets does not depend on
    the years of other rows.
    """
    import holidays

    around = range(10 * decade - 1, 10 * decade + 11)
    listed = holidays.country_holidays(country, subdiv=subdivision, years=around)
    numbers = [day.toordinal() - EPOCH for day in listed if day.year // 10 == decade]
    found = np.array(sorted(numbers), dtype=np.int64)
    found.flags.writeable = False  # the cache hands the same array to everybody
    return found


def encode_holiday(
    name: str, days: np.ndarray, holidays: np.ndarray, encoding: str
) -> dict:
    """Return the columns of a holiday feature, one value for each day.

    Examples
    --------
    >>> days, holidays = np.array([9, 10]), np.array([10])
    >>> encode_holiday("day_before_holiday", days, holidays, "linear")
    {'day_before_holiday': array([1., 0.])}
    """
    if name == "days_to_holiday":
        waiting = days_until(holidays, days)
        return encode(name, waiting, encoding, field=DAYS_TO_HOLIDAY)
    shift = {"day_before_holiday": 1, "day_after_holiday": -1}.get(name, 0)
    return {name: np.isin(days + shift, holidays).astype(np.float64)}


def days_until(holidays: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return the days up to the next holiday, 0 on one, at most 30.

    Examples
    --------
    >>> days_until(np.array([10]), np.array([8, 9, 10, 11])).tolist()
    [2, 1, 0, 30]
    """
    far = DAYS_TO_HOLIDAY.high
    ahead = np.append(holidays, days.max(initial=0) + far)
    following = ahead[np.searchsorted(ahead, days)]
    return np.minimum(following - days, far)


def parse_days(dates: object, parameter: str) -> np.ndarray:
    """Return the sorted day numbers of a date or of many, without time of day.

    Examples
    --------
    >>> parse_days(["1970-01-05", datetime.date(1970, 1, 2)], "extra_holidays").tolist()
    [1, 4]
    >>> parse_days(pd.Period("1970-01-01", "W"), "extra_holidays").tolist()
    [-3, -2, -1, 0, 1, 2, 3]
    """
    if isinstance(dates, np.ndarray) and dates.ndim == 0:
        dates = dates[()]
    if isinstance(dates, DATES):
        dates = [dates]
    if not isinstance(dates, Iterable):
        raise TypeError(f"{parameter} must be dates; got {dates!r}.")
    numbers = {day for date in dates for day in _days_of(date, parameter)}
    return np.array(sorted(numbers), dtype=np.int64)


def parse_events(events: Mapping[str, object]) -> dict[str, np.ndarray]:
    """Return the sorted day numbers of each event, by its name.

    Examples
    --------
    >>> parse_events({"fair": "1970-01-03"})
    {'fair': array([2])}
    """
    for name in events:
        if not isinstance(name, str):
            raise TypeError(f"events: a name must be a string; got {name!r}.")
    return {
        name: parse_days(days, f"events[{name!r}]") for name, days in events.items()
    }


def _days_of(date: object, parameter: str) -> range:
    """Return the day of a date, or the days of a period."""
    # A bare number would pass as nanoseconds since 1970 and mean 1 January 1970.
    if not isinstance(date, DATES):
        raise TypeError(
            f"{parameter} must hold dates, such as '2024-07-04'; got {date!r}."
        )
    date = str(date) if isinstance(date, str) else date  # pandas 2 wants no numpy.str_
    # pandas would read "now", and "2024" as a day, and "01/02" in the American order.
    if isinstance(date, str) and not ISO_DATE.match(date):
        raise ValueError(
            f"{parameter} holds {date!r}: write a date in ISO format, such as "
            "'2024-07-04', or give a date object; a month or a year is a pd.Period."
        )
    try:
        stamps = (
            [date.start_time, date.end_time]
            if isinstance(date, pd.Period)
            else [pd.Timestamp(date)] * 2
        )
    except ValueError as error:
        raise ValueError(f"{parameter} holds {date!r}: {error}.") from error
    if stamps[0] is pd.NaT:
        raise ValueError(f"{parameter} holds a missing date (NaT): leave it out.")
    first, last = (stamp.toordinal() - EPOCH for stamp in stamps)
    return range(first, last + 1)

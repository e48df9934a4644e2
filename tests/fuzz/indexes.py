"""What the index of a frame may be instead, and its rows."""

import datetime
from collections.abc import Callable

import numpy as np
import pandas as pd

__all__ = ["ORDERS", "SAME_STAMPS", "STAMPS"]


def rows(choose: Callable) -> Callable:
    """Take other rows, or the same in another order."""
    return lambda frame: frame.iloc[choose(np.arange(len(frame)))]


def shuffled(numbers: np.ndarray) -> np.ndarray:
    return np.random.default_rng(len(numbers)).permutation(numbers)


# X and y alike
ORDERS = {
    "reversed": rows(lambda n: n[::-1]),
    "shuffled": rows(shuffled),
    "two swapped": rows(lambda n: np.r_[n[:2], n[2:4][::-1], n[4:]]),
    "one twice": rows(lambda n: np.sort(np.r_[n, n[2:3]])),
    "one again at the end": rows(lambda n: np.r_[n, n[:1]]),
    "all twice": rows(lambda n: np.repeat(n, 2)),
    "a hole": rows(lambda n: np.delete(n, slice(2, 4))),
    "a large hole": rows(lambda n: n[(n < 3) | (n > 0.8 * len(n))]),
    "every second": rows(lambda n: n[::2]),
    "a few of them": rows(lambda n: n[np.random.default_rng(1).random(len(n)) < 0.3]),
    "none": rows(lambda n: n[:0]),
    "one": rows(lambda n: n[:1]),
    "two": rows(lambda n: n[:2]),
    "three": rows(lambda n: n[:3]),
    "just enough": rows(lambda n: n[-12:]),
    "one too few": rows(lambda n: n[-11:]),
    "the last": rows(lambda n: n[-1:]),
}


def timed(change: Callable) -> Callable:
    """Change a time index; leave others alone."""

    def changed(index: pd.Index) -> pd.Index:
        is_time = isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)
        return change(index) if is_time else index

    return changed


def stamps(change: Callable) -> Callable:
    """Change a DatetimeIndex; leave others alone."""
    return lambda index: change(index) if isinstance(index, pd.DatetimeIndex) else index


def with_stamp(stamp: object, row: int = 2) -> Callable:
    """Put another stamp into one row."""

    def changed(index: pd.Index) -> pd.Index:
        values = list(index)
        if len(values) > row:
            values[row] = pd.NaT if stamp is None else stamp(values[row])
        return pd.Index(values)

    return changed


def mixed_offsets(index: pd.DatetimeIndex) -> pd.Index:
    index = index if index.tz is not None else index.tz_localize("UTC")
    zones = ["Europe/Berlin", "UTC"]
    return pd.Index([s.tz_convert(zones[i % 2]) for i, s in enumerate(index)], object)


def shifted(by: str) -> Callable:
    return stamps(lambda index: index + pd.Timedelta(by))


def jittered(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    seconds = np.random.default_rng(0).integers(0, 50, len(index))
    return index + pd.to_timedelta(seconds, unit="s")


def in_zone(zone: str | None) -> Callable:
    def changed(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
        if index.tz is None and zone is not None:
            return index.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
        return index.tz_convert(zone) if zone else index.tz_localize(None)

    return stamps(changed)


def far(year: int) -> Callable:
    def changed(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
        start = pd.Timestamp(year, 1, 1, tz=index.tz).as_unit("s")
        return start + (index.as_unit("s") - index[:1].as_unit("s").repeat(len(index)))

    return stamps(lambda index: changed(index) if len(index) else index)


# what says the same as before
SAME_STAMPS = {
    **{
        f"in {unit}": stamps(lambda i, u=unit: i.as_unit(u))
        for unit in ("s", "ms", "us")
    },
    "without freq": stamps(lambda i: pd.DatetimeIndex(i.to_list(), name=i.name)),
    "named": lambda i: i.rename("clock"),
}

STAMPS = SAME_STAMPS | {
    "NaT": timed(with_stamp(None)),
    "NaT, in order": stamps(
        lambda i: pd.DatetimeIndex(i.where(np.arange(len(i)) != 2))
    ),
    "text": timed(lambda i: i.astype(str)),
    "text of dates": timed(
        lambda i: pd.Index([f"{s:%d/%m/%Y %H:%M}" for s in i], object)
    ),
    "floats": lambda i: pd.Index(np.arange(len(i)) * 0.5),
    "NaN": lambda i: pd.Index(np.r_[np.nan, np.arange(len(i))[1:]][: len(i)]),
    "whole floats": lambda i: pd.Index(np.arange(len(i), dtype=float)),
    "bool": lambda i: pd.Index(np.arange(len(i)) > 3),
    "complex": lambda i: pd.Index(np.arange(len(i)) * 1j),
    "row numbers": lambda i: pd.RangeIndex(len(i)),
    "row numbers, backwards": lambda i: pd.RangeIndex(len(i), 0, -1),
    "negative numbers": lambda i: pd.RangeIndex(-5, len(i) - 5),
    "unsigned": lambda i: pd.Index(np.arange(len(i), dtype="uint64")),
    "Int64": lambda i: pd.Index(np.arange(len(i)), dtype="Int64"),
    "Int64 with NA": lambda i: pd.Index(
        [pd.NA, *range(1, len(i))][: len(i)], dtype="Int64"
    ),
    "numbers of 1970": timed(lambda i: pd.Index(i.asi8)),
    "levels": lambda i: pd.MultiIndex.from_arrays([np.arange(len(i)), i]),
    "one level": lambda i: pd.MultiIndex.from_arrays([i]),
    "timestamps as objects": timed(lambda i: i.astype(object)),
    "dates as objects": timed(lambda i: pd.Index([datetime.date(2024, 1, 1)] * len(i))),
    "datetimes as objects": stamps(lambda i: pd.Index(i.to_pydatetime(), dtype=object)),
    "category": timed(lambda i: pd.CategoricalIndex(i)),
    "timedelta": lambda i: pd.timedelta_range(0, periods=len(i), freq="h"),
    "interval": lambda i: pd.interval_range(0, len(i)) if len(i) else i,
    "timestamp[pyarrow]": stamps(
        lambda i: i.tz_localize(None).astype("timestamp[ns][pyarrow]")
    ),
    "int64[pyarrow]": lambda i: pd.Index(np.arange(len(i)), dtype="int64[pyarrow]"),
    "mixed": timed(with_stamp(lambda s: "later")),
    "mixed with numbers": timed(with_stamp(lambda s: 7)),
    "mixed offsets": stamps(mixed_offsets),
    "one naive": stamps(
        with_stamp(lambda s: s.tz_localize(None) if s.tz else s.tz_localize("UTC"))
    ),
    "Berlin": in_zone("Europe/Berlin"),
    "New York": in_zone("America/New_York"),
    "UTC": in_zone("UTC"),
    "Lord Howe": in_zone("Australia/Lord_Howe"),
    "fixed offset": in_zone("+05:30"),
    "no zone": in_zone(None),
    "year 2261": far(2261),
    "year 2262": far(2262),
    "year 9999": far(9999),
    "year 1677": far(1677),
    "year 1": far(1),
    "one in 2262": stamps(with_stamp(lambda s: s.replace(year=2262, month=4), row=-1)),
    "one in 1900": stamps(with_stamp(lambda s: s.replace(year=1900), row=0)),
    "one a second late": stamps(with_stamp(lambda s: s + pd.Timedelta("1s"))),
    "last a year late": stamps(with_stamp(lambda s: s + pd.Timedelta("366D"), row=-1)),
    "jitter": stamps(jittered),
    "one nanosecond": shifted("1ns"),
    "half an hour": shifted("30min"),
    "a day later": shifted("1D"),
    "a year later": shifted("366D"),
    "a century later": shifted("36525D"),
    "before": shifted("-1000D"),
    "all the same": timed(lambda i: i[:1].repeat(len(i))),
    "nanoseconds": stamps(lambda i: pd.date_range("2024", periods=len(i), freq="ns")),
    "seconds": stamps(lambda i: pd.date_range("2024", periods=len(i), freq="s")),
    "quarters": stamps(lambda i: pd.date_range("2000", periods=len(i), freq="QE")),
    "years": stamps(lambda i: pd.date_range("1900", periods=len(i), freq="YS")),
    "decades": stamps(lambda i: pd.date_range("1700", periods=len(i), freq="10YS")),
    "random": stamps(
        lambda i: (
            i[:1].repeat(len(i))
            + pd.to_timedelta(
                np.cumsum(np.random.default_rng(0).integers(1, 10**6, len(i))), unit="s"
            )
        )
    ),
    "growing": stamps(
        lambda i: (
            i[:1].repeat(len(i)) + pd.to_timedelta(np.arange(len(i)) ** 3, unit="min")
        )
    ),
    "periods": stamps(lambda i: i.tz_localize(None).to_period("D")),
    "periods of hours": stamps(lambda i: i.tz_localize(None).to_period("h")),
    "other periods": timed(
        lambda i: i.asfreq("D") if isinstance(i, pd.PeriodIndex) else i
    ),
    "periods of two": timed(
        lambda i: pd.period_range("2024", periods=len(i), freq="2h")
    ),
    "stamps of periods": timed(
        lambda i: i.to_timestamp() if isinstance(i, pd.PeriodIndex) else i
    ),
    "named as a column": lambda i: i.rename("temp"),
    "named by a tuple": lambda i: i.rename(("a", 1)),
}

"""Stamps, periods, offsets and time zones of pandas, as tagged JSON."""

import datetime
import importlib
import zoneinfo
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries import offsets
from pandas.tseries.offsets import BaseOffset

from .kinds import Kind, need, refuse, register
from .plain import read_pairs, write_pairs

__all__ = ["OFFSET", "TIMES", "UNITS", "ZONE", "is_zone", "periods"]

UNITS = ("s", "ms", "us", "ns")
# offsets by name; those that hold a calendar hold what it was made of, too
OFFSETS = {
    name: made
    for name, made in vars(offsets).items()
    if isinstance(made, type) and issubclass(made, BaseOffset) and name[0] != "_"
}


def is_zone(value: Any) -> bool:
    """Say whether this is a time zone."""
    return isinstance(value, datetime.tzinfo)


def write_zone(value: datetime.tzinfo, path: str, writer: Any) -> list:
    """Write who made the zone, and its name."""
    if value is datetime.UTC:
        return ["utc"]
    if type(value) is zoneinfo.ZoneInfo and value.key:
        return ["zoneinfo", value.key]
    if type(value) is datetime.timezone:
        return ["fixed", value.utcoffset(None).total_seconds()]
    name = getattr(value, "zone", None)
    if type(value).__module__.split(".")[0] == "pytz" and name:
        return ["pytz", name]
    raise refuse(path, value, "Convert to a named zone, such as 'Europe/Paris'.")


def read_zone(node: Any, reader: Any) -> datetime.tzinfo:
    """Make a zone anew from its name."""
    maker, *rest = node
    if maker == "utc":
        return datetime.UTC
    (name,) = rest
    if maker == "fixed":
        return datetime.timezone(datetime.timedelta(seconds=name))
    need(maker in ("zoneinfo", "pytz") and type(name) is str, "a time zone")
    return zone_of_pytz(name) if maker == "pytz" else zoneinfo.ZoneInfo(name)


def zone_of_pytz(name: str) -> datetime.tzinfo:
    """Return the zone as pytz has it, where there is pytz."""
    try:
        pytz = importlib.import_module("pytz")
    except ImportError:
        return zoneinfo.ZoneInfo(name)
    return pytz.timezone(name)


def write_offset(value: Any, path: str, writer: Any) -> list:
    """Write the name of the class, and what it is made of."""
    name = type(value).__name__
    if type(value) not in OFFSETS.values():
        raise refuse(path, value, "Give an offset of pandas.")
    kwds = {k: v for k, v in value.kwds.items() if k != "calendar"}
    return [name, value.n, value.normalize, write_pairs(kwds, path, writer)]


def read_offset(node: Any, reader: Any) -> BaseOffset:
    """Make an offset anew."""
    name, n, normalize, pairs = node
    need(name in OFFSETS, f"an offset, not {name!r}")
    need(type(n) is int and type(normalize) is bool, "an offset")
    kwds = read_pairs(pairs, reader)
    if normalize:
        kwds["normalize"] = True  # Day of pandas 3 takes nothing else than False
    return OFFSETS[name](n, **kwds)


def count(value: Any, unit: str, kind: str) -> int:
    """Return what a stamp or a duration is stored as."""
    return int(np.array(value, dtype=f"{kind}8[{unit}]").astype(np.int64))


def write_stamp(value: pd.Timestamp, path: str, writer: Any) -> list:
    """Write the count in UTC, its unit, and the zone."""
    number = count(value.to_datetime64(), value.unit, "M")
    return [number, value.unit, writer.write(value.tzinfo, path)]


def read_stamp(node: Any, reader: Any) -> pd.Timestamp:
    """Read a stamp."""
    number, unit, zone = node
    need(unit in UNITS and type(number) is int, "a stamp")
    stamp = pd.Timestamp(np.datetime64(number, unit))
    zone = reader.read(zone)
    if zone is None:
        return stamp
    need(is_zone(zone), "a time zone")
    return stamp.tz_localize("UTC").tz_convert(zone)


def write_delta(value: pd.Timedelta, path: str, writer: Any) -> list:
    """Write the count and its unit."""
    return [count(value.to_timedelta64(), value.unit, "m"), value.unit]


def read_delta(node: Any, reader: Any) -> pd.Timedelta:
    """Read a duration."""
    number, unit = node
    need(unit in UNITS and type(number) is int, "a duration")
    return pd.Timedelta(np.timedelta64(number, unit))


def write_period(value: pd.Period, path: str, writer: Any) -> list:
    """Write the ordinal and its frequency."""
    return [value.ordinal, writer.write(value.freq, path)]


def read_period(node: Any, reader: Any) -> pd.Period:
    """Read a period."""
    ordinal, freq = node
    freq = reader.read(freq)
    need(type(ordinal) is int and isinstance(freq, BaseOffset), "a period")
    return periods([ordinal], freq)[0]


def periods(ordinals: Any, freq: BaseOffset) -> pd.PeriodIndex:
    """Return periods by their ordinals."""
    made: Any = pd.PeriodIndex  # the method has no types
    return made.from_ordinals(ordinals, freq=freq)


ZONE = register("zone", write_zone, read_zone)
OFFSET = register("offset", write_offset, read_offset)

# by exact type
TIMES: dict[type, Kind] = {
    pd.Timestamp: register("stamp", write_stamp, read_stamp),
    pd.Timedelta: register("timedelta", write_delta, read_delta),
    pd.Period: register("period", write_period, read_period),
    type(pd.NaT): register("nat", lambda v, p, w: None, lambda n, r: pd.NaT),
    type(pd.NA): register("na", lambda v, p, w: None, lambda n, r: pd.NA),
}

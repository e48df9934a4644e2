"""Indexes, series and frames of pandas, as tagged JSON and arrays."""

from typing import Any

import numpy as np
import pandas as pd

from .kinds import Kind, need, refuse, register
from .plain import read_array, read_items, write_array, write_items
from .times import UNITS, periods

__all__ = ["FRAMES"]

EXTENSIONS = {
    *(f"{kind}{bits}" for kind in ("Int", "UInt") for bits in (8, 16, 32, 64)),
    "Float32",
    "Float64",
    "boolean",
}


def write_index(value: pd.Index, path: str, writer: Any) -> list:
    """Write labels without a time."""
    name, dtype = writer.write(value.name, path), value.dtype
    if isinstance(dtype, np.dtype):
        return ["numpy", name, write_array(value.to_numpy(), path, writer)]
    if isinstance(dtype, pd.StringDtype) or str(dtype) in EXTENSIONS:
        kind = "text" if isinstance(dtype, pd.StringDtype) else str(dtype)
        labels = [None if pd.isna(label) else label for label in value.tolist()]
        # "str" where missing labels are NaN, as pandas 3 has it by itself
        missing = "na" if getattr(dtype, "na_value", pd.NA) is pd.NA else "nan"
        return [kind, name, write_items(labels, path, writer), missing]
    remedy = "Convert its labels to text or numbers."
    raise refuse(f"{path}, of dtype {dtype},", value, remedy)


def read_index(node: Any, reader: Any) -> pd.Index:
    """Read labels without a time."""
    kind, name, labels, *missing = node
    name = reader.read(name)
    if kind == "numpy":
        array = read_array(labels, reader)
        return pd.Index(array, dtype=array.dtype, name=name)
    items = read_items(labels, reader)
    if kind == "text":
        dtype = text_dtype(missing[0])
        return pd.Index(np.array(items, dtype=object), dtype=dtype, name=name)
    need(kind in EXTENSIONS, f"labels, not {kind!r}")
    return pd.Index(pd.array(items, dtype=kind), name=name)


def text_dtype(missing: Any) -> Any:
    """Return the dtype of text in this release of pandas."""
    need(missing in ("na", "nan"), "what stands for missing text")
    if missing == "na":
        return "string"
    return pd.StringDtype(na_value=np.nan) if int(pd.__version__[0]) >= 3 else object


def write_range(value: pd.RangeIndex, path: str, writer: Any) -> list:
    """Write the ends and the step."""
    return [value.start, value.stop, value.step, writer.write(value.name, path)]


def read_range(node: Any, reader: Any) -> pd.RangeIndex:
    """Read a range."""
    start, stop, step, name = node
    made = pd.RangeIndex(start, stop, step, name=reader.read(name))
    reader.spend(8 * len(made))
    return made


def write_stamps(value: pd.DatetimeIndex, path: str, writer: Any) -> list:
    """Write counts in UTC, their unit, the zone, the frequency, and the name."""
    rest = [writer.write(part, path) for part in (value.tz, value.freq, value.name)]
    return [write_array(value.asi8, path, writer), value.unit, *rest]


def read_stamps(node: Any, reader: Any) -> pd.DatetimeIndex:
    """Read stamps."""
    numbers, unit, *rest = node
    zone, freq, name = (reader.read(part) for part in rest)
    need(unit in UNITS, "a unit")
    index = pd.DatetimeIndex(counts(numbers, reader).view(f"M8[{unit}]"))
    if zone is not None:
        index = index.tz_localize("UTC").tz_convert(zone)
    return pd.DatetimeIndex(index, freq=freq, name=name)


def write_deltas(value: pd.TimedeltaIndex, path: str, writer: Any) -> list:
    """Write counts, their unit, and the name."""
    name = writer.write(value.name, path)
    return [write_array(value.asi8, path, writer), value.unit, name]


def read_deltas(node: Any, reader: Any) -> pd.TimedeltaIndex:
    """Read durations."""
    numbers, unit, name = node
    need(unit in UNITS, "a unit")
    values = counts(numbers, reader).view(f"m8[{unit}]")
    return pd.TimedeltaIndex(values, name=reader.read(name))


def write_periods(value: pd.PeriodIndex, path: str, writer: Any) -> list:
    """Write ordinals, their frequency, and the name."""
    rest = [writer.write(part, path) for part in (value.freq, value.name)]
    return [write_array(value.asi8, path, writer), *rest]


def read_periods(node: Any, reader: Any) -> pd.PeriodIndex:
    """Read periods."""
    numbers, freq, name = node
    ordinals, freq = counts(numbers, reader), reader.read(freq)
    return periods(ordinals, freq).rename(reader.read(name))


def counts(node: Any, reader: Any) -> np.ndarray:
    """Read what stamps are stored as."""
    numbers = read_array(node, reader)
    need(numbers.dtype == np.int64 and numbers.ndim == 1, "counts")
    return numbers


def write_intervals(value: pd.IntervalIndex, path: str, writer: Any) -> list:
    """Write both ends, which of them are inside, and the name."""
    parts = value.left, value.right, value.closed, value.name
    return [writer.write(part, path) for part in parts]


def read_intervals(node: Any, reader: Any) -> pd.IntervalIndex:
    """Read intervals."""
    left, right, closed, name = read_items(node, reader)
    return pd.IntervalIndex.from_arrays(left, right, closed=closed, name=name)


def write_levels(value: pd.MultiIndex, path: str, writer: Any) -> list:
    """Write levels, codes and names."""
    parts = list(value.levels), list(value.codes), list(value.names)
    codes = [np.asarray(code, dtype=np.int64) for code in parts[1]]
    return [writer.write(part, path) for part in (parts[0], codes, parts[2])]


def read_levels(node: Any, reader: Any) -> pd.MultiIndex:
    """Read labels of several levels."""
    levels, codes, names = read_items(node, reader)
    return pd.MultiIndex(levels=levels, codes=codes, names=names)


def write_series(value: pd.Series, path: str, writer: Any) -> list:
    """Write values as an index holds them, labels, and the name."""
    parts = pd.Index(value), value.index, value.name
    return [writer.write(part, path) for part in parts]


def read_series(node: Any, reader: Any) -> pd.Series:
    """Read a series."""
    values, index, name = read_items(node, reader)
    need(are_labels(values, index), "a series")
    return pd.Series(values, index=index, name=name)


def write_frame(value: pd.DataFrame, path: str, writer: Any) -> list:
    """Write columns one by one."""
    columns = [pd.Index(value.iloc[:, i]) for i in range(value.shape[1])]
    return [writer.write(part, path) for part in (columns, value.index, value.columns)]


def read_frame(node: Any, reader: Any) -> pd.DataFrame:
    """Read a frame."""
    values, index, columns = read_items(node, reader)
    need(are_labels(index, columns, *values), "a frame")
    data = {i: pd.Series(column, index=index) for i, column in enumerate(values)}
    frame = pd.DataFrame(data, index=index)
    frame.columns = columns
    return frame


def are_labels(*parts: Any) -> bool:
    """Say whether these are indexes, which pandas does not repeat over the rows."""
    return all(isinstance(part, pd.Index) for part in parts)


# by exact type
FRAMES: dict[type, Kind] = {
    pd.Index: register("index", write_index, read_index),
    pd.RangeIndex: register("range_index", write_range, read_range),
    pd.DatetimeIndex: register("stamps", write_stamps, read_stamps),
    pd.TimedeltaIndex: register("deltas", write_deltas, read_deltas),
    pd.PeriodIndex: register("periods", write_periods, read_periods),
    pd.IntervalIndex: register("intervals", write_intervals, read_intervals),
    pd.MultiIndex: register("levels", write_levels, read_levels),
    pd.Series: register("series", write_series, read_series),
    pd.DataFrame: register("frame", write_frame, read_frame),
}

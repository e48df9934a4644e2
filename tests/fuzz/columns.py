"""What a column of numbers, or one of labels, may be instead."""

import datetime
import decimal
import fractions
from collections.abc import Callable

import numpy as np
import pandas as pd

__all__ = ["LABELS", "NUMBERS", "SAME_NUMBERS", "as_objects", "with_one"]


def as_objects(change: Callable) -> Callable:
    """Change each value, and keep them as they are."""

    def changed(column: pd.Series) -> pd.Series:
        return pd.Series([change(v) for v in column], column.index, object, column.name)

    return changed


def with_one(value: object, dtype: object = None, row: int = 3) -> Callable:
    """Put another value into one row."""

    def changed(column: pd.Series) -> pd.Series:
        column = column.astype(object if dtype is None else dtype)
        if len(column) > row:
            column.iloc[row] = value
        return column

    return changed


def cast(dtype: object) -> Callable:
    return lambda column: column.astype(dtype)


def made(make: Callable) -> Callable:
    """Make a column anew, of its values as an array."""
    return lambda column: pd.Series(make(column.to_numpy()), column.index, name="temp")


def days(values: np.ndarray) -> pd.DatetimeIndex:
    return pd.Timestamp("2024-01-01") + pd.to_timedelta(values, unit="D")


# whole numbers from 0 to 99 are the same in all of these
SAME_NUMBERS = {
    **{
        name: cast(name)
        for name in (
            "int8", "int64", "uint8", "uint64", "float16", "float32", "longdouble",
            "Int8", "Int64", "UInt32", "Float32", "Float64", "object",
            "Sparse[float64]", "Sparse[int64]", "double[pyarrow]", "int16[pyarrow]",
            "float[pyarrow]",
        )
    },
    "decimals": as_objects(lambda v: decimal.Decimal(int(v))),
    "ints as objects": as_objects(int),
    "fractions": as_objects(lambda v: fractions.Fraction(int(v), 1)),
    "numpy objects": as_objects(np.int16),
}  # fmt: skip

NUMBERS = SAME_NUMBERS | {
    "bool": lambda column: column > 50,
    "boolean": lambda column: (column > 50).astype("boolean"),
    "bool with NA": lambda column: with_one(pd.NA, "boolean")(column > 50),
    "bool[pyarrow]": lambda column: (column > 50).astype("bool[pyarrow]"),
    "bools as objects": as_objects(lambda v: v > 50),
    "NaN": with_one(np.nan, "float64"),
    "all NaN": lambda column: column * np.nan,
    "all None": as_objects(lambda v: None),
    "Int64 with NA": with_one(pd.NA, "Int64"),
    "Float64 with NA": with_one(pd.NA, "Float64"),
    "pyarrow with NA": with_one(None, "int64[pyarrow]"),
    "None": with_one(None),
    "NA as object": with_one(pd.NA),
    "NaT as object": with_one(pd.NaT),
    "inf": with_one(np.inf, "float64"),
    "-inf": with_one(-np.inf, "float32"),
    "inf as object": with_one(float("inf")),
    "decimal inf": with_one(decimal.Decimal("Infinity")),
    "decimal NaN": with_one(decimal.Decimal("NaN")),
    "1e300": with_one(1e300, "float64"),
    "1e200, all": lambda column: column * 1e200,
    "1e-300, all": lambda column: column * 1e-300,
    "denormal": with_one(5e-324, "float64"),
    "beyond float": with_one(10**400),
    "beyond int64": with_one(2**70),
    "constant": lambda column: column * 0 + 7,
    "text": cast(str),
    "text among numbers": with_one("seven"),
    "a number as text": with_one("7"),
    "empty text": with_one(""),
    "bytes": as_objects(lambda v: str(v).encode()),
    "string[python]": cast("string[python]"),
    "string[pyarrow]": cast("string[pyarrow]"),
    "category": cast("category"),
    "ordered": lambda column: column.astype("category").cat.as_ordered(),
    "category of text": lambda column: column.astype(str).astype("category"),
    "category with NaN": lambda column: with_one(np.nan)(column).astype("category"),
    "complex": cast(complex),
    "complex as object": with_one(1j),
    "datetime": made(days),
    "datetime in a zone": made(lambda v: days(v).tz_localize("Asia/Tokyo")),
    "datetime objects": with_one(datetime.datetime(2024, 1, 1)),
    "date objects": as_objects(lambda v: datetime.date(2024, 1, 1 + int(v) % 28)),
    "numpy datetimes": with_one(np.datetime64("2024-01-01")),
    "timestamp[pyarrow]": made(lambda v: days(v).astype("timestamp[ns][pyarrow]")),
    "timedelta": made(lambda v: pd.to_timedelta(v, unit="h")),
    "a timedelta": with_one(pd.Timedelta("1h")),
    "period": made(lambda v: pd.PeriodIndex(days(v), freq="D")),
    "interval": made(lambda v: pd.IntervalIndex.from_arrays(v, v + 1)),
    "lists": as_objects(lambda v: [v]),
    "arrays": as_objects(lambda v: np.array([v, v])),
    "arrays of one": as_objects(lambda v: np.array([v])),
    "one list": with_one([1.0, 2.0]),
    "one dict": with_one({"a": 1}),
    "one set": with_one({1}),
    "one function": with_one(len),
    "one frame": as_objects(lambda v: pd.DataFrame([[v]])),
    "list[pyarrow]": as_objects(lambda v: [v, v]),
}

LABELS = {
    "None": with_one(None),
    "NaN": with_one(np.nan),
    "NA": with_one(pd.NA, "string"),
    "numbers": lambda column: (column == "a").astype(int),
    "floats": lambda column: (column == "a") + 0.5,
    "bool": lambda column: column == "a",
    "mixed types": with_one(1),
    "1 and True": lambda column: column.map({"a": 1, "b": True}).astype(object),
    "category": cast("category"),
    "unused category": lambda column: column.astype(pd.CategoricalDtype(list("cab"))),
    "ordered": lambda column: column.astype(pd.CategoricalDtype(list("ba"), True)),
    "string": cast("string[python]"),
    "string[pyarrow]": cast("string[pyarrow]"),
    "object": cast(object),
    "bytes": as_objects(str.encode),
    "tuples": as_objects(lambda v: (v, 1)),
    "lists": as_objects(lambda v: [v]),
    "dicts": as_objects(lambda v: {v: 1}),
    "datetimes": lambda column: column.map(
        {"a": pd.Timestamp("2024"), "b": pd.Timestamp("2025")}
    ),
    "periods": lambda column: column.map(
        {"a": pd.Period("2024"), "b": pd.Period("2025")}
    ),
    "one series": lambda column: column.map(lambda v: "a"),
    "a third": with_one("c"),
    "each its own": lambda column: pd.Series(
        [f"{i}" for i in range(len(column))], column.index
    ),
    "empty text": lambda column: column.replace("a", ""),
    "blanks": lambda column: column.replace("a", " a "),
    "a new line": lambda column: column.replace("a", "a\nb"),
    "very long": lambda column: column.replace("a", "ä" * 5000),
    "surrogate": lambda column: column.astype(object).where(column != "a", "\ud800"),
    "complex": lambda column: (column == "a") * 1j,
    "inf": lambda column: column.map({"a": np.inf, "b": 0.0}),
    "functions": as_objects(lambda v: len),
    "frozensets": as_objects(lambda v: frozenset([v])),
}

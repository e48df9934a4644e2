"""Python's own values and numpy's, as tagged JSON and arrays."""

import datetime
import math
import re
from collections import OrderedDict
from functools import partial
from typing import Any

import numpy as np

from .kinds import Kind, need, refuse, register

__all__ = ["ARRAY", "PLAIN", "SCALAR", "is_by_columns"]

# of the arrays that go among the arrays of the file, by letter of numpy
NUMERIC = "biuf"
DTYPE = re.compile(r"[<>|=]?[a-zA-Z]\d{0,8}(\[\w+\])?")
TIMES = "mM"
# torch cannot hold these back; float128 is another number on other machines
MOST_BYTES = 8
MOST_TEXT = 2**26  # numpy gives each text the room of the longest
MOST_AXES = 32  # of the oldest numpy
LENGTH_MT = 624  # of the numbers of the generator


def read_float(node: Any, reader: Any) -> float:
    """Read what JSON has no number for: nan, inf or -inf."""
    need(node in ("nan", "inf", "-inf"), "a float")
    return float(node)


def write_items(value: Any, path: str, writer: Any) -> list:
    """Write the items of a sequence."""
    return [writer.write(item, f"{path}[{i}]") for i, item in enumerate(value)]


def read_items(node: Any, reader: Any) -> list:
    """Read a list of nodes."""
    need(type(node) is list, "a list")
    return [reader.read(item) for item in node]


def write_pairs(value: dict, path: str, writer: Any) -> list:
    """Write keys and values, in their order."""
    return [
        [writer.write(key, path), writer.write(item, f"{path}[{key!r}]")]
        for key, item in value.items()
    ]


def read_pairs(node: Any, reader: Any) -> dict:
    """Read keys and values."""
    need(type(node) is list, "a list of pairs")
    need(all(type(pair) is list and len(pair) == 2 for pair in node), "pairs")
    return {reader.read(key): reader.read(item) for key, item in node}


def write_set(value: Any, path: str, writer: Any) -> list:
    """Write the items of a set in an order that is always the same."""
    return write_items(sorted(value, key=repr), path, writer)


def write_slice(value: slice, path: str, writer: Any) -> list:
    """Write the ends and the step."""
    return write_items((value.start, value.stop, value.step), path, writer)


def read_tuple(node: Any, reader: Any) -> tuple:
    """Read a tuple."""
    made = tuple(read_items(node, reader))
    reader.tell_apart(made, node)
    return made


def read_frozen(node: Any, reader: Any) -> frozenset:
    """Read a set that may be in another."""
    made = frozenset(read_items(node, reader))
    reader.tell_apart(made, node)
    return made


def read_numbers(node: Any, reader: Any) -> range:
    """Read a range, which takes room as soon as an array is made of it."""
    made = range(*node)
    reader.spend(8 * (len(made) if made else 0))
    return made


def read_slice(node: Any, reader: Any) -> slice:
    """Read the ends and the step."""
    return slice(*read_items(node, reader))


def write_clock(value: Any, path: str, writer: Any) -> list:
    """Write what the clock shows, on a day or on any, its fold and its zone."""
    naive = value.replace(tzinfo=None)
    return [naive.isoformat(), value.fold, writer.write(value.tzinfo, path)]


def read_clock(made: Any, node: Any, reader: Any) -> Any:
    """Read what the clock shows, its fold and its zone."""
    text, fold, zone = node
    return made.fromisoformat(text).replace(fold=fold, tzinfo=reader.read(zone))


def write_timedelta(value: datetime.timedelta, path: str, writer: Any) -> list:
    """Write days, seconds and microseconds."""
    return [value.days, value.seconds, value.microseconds]


# Numbers of numpy


def write_scalar(value: np.generic, path: str, writer: Any) -> list:
    """Write the dtype and the value as Python has it."""
    kind = value.dtype.kind
    if kind in TIMES:
        return [value.dtype.str, int(value.astype(np.int64))]
    if (kind in NUMERIC and value.dtype.itemsize <= MOST_BYTES) or kind == "U":
        return [value.dtype.str, writer.write(value.item(), path)]
    raise refuse(path, value, "Give a float, int, bool or str.")


def read_scalar(node: Any, reader: Any) -> Any:
    """Read a number of numpy."""
    text, value = node
    dtype = plain_dtype(text)
    need(dtype.kind != "O" and dtype.itemsize <= MOST_TEXT, "a dtype of numbers")
    if dtype.kind in TIMES:
        return np.array(value, dtype=np.int64).view(dtype)[()]
    reader.spend(dtype.itemsize)
    return np.array(reader.read(value), dtype=dtype)[()]


def plain_dtype(text: Any) -> np.dtype:
    """Return the dtype of a name, if it is one that is written."""
    need(type(text) is str and DTYPE.fullmatch(text), "the name of a dtype")
    dtype = np.dtype(text)
    allowed = dtype.kind in NUMERIC and dtype.itemsize <= MOST_BYTES
    need(allowed or dtype.kind in TIMES + "UO", f"a dtype, not {text!r}")
    return dtype


# Arrays


def write_array(value: np.ndarray, path: str, writer: Any) -> list:
    """Write numbers to the arrays of the file, text and objects here."""
    kind = value.dtype.kind
    if kind in "OU":
        flat = write_items(value.ravel().tolist(), path, writer)
        return [value.dtype.str, list(value.shape), flat]
    if kind not in NUMERIC + TIMES or value.dtype.itemsize > MOST_BYTES:
        remedy = "Give numbers, stamps or text."
        raise refuse(f"{path}, of dtype {value.dtype},", value, remedy)
    # the order too: sums over other strides may end in other last digits
    order = "F" if is_by_columns(value) else "C"
    dtype = value.dtype.newbyteorder("<").str
    return [dtype, list(value.shape), writer.add_array(value), order]


def is_by_columns(value: np.ndarray) -> bool:
    """Say whether the numbers of an array stand column by column."""
    return value.flags.f_contiguous and not value.flags.c_contiguous


def read_array(node: Any, reader: Any) -> np.ndarray:
    """Read an array."""
    dtype, shape = plain_dtype(node[0]), tuple(node[1])
    need(len(shape) <= MOST_AXES, "a shape")
    need(all(type(n) is int and 0 <= n < 2**63 for n in shape), "a shape")
    if dtype.kind in "OU":
        items = read_items(node[2], reader)
        need(math.prod(shape) == len(items), "as many items as the shape has")
        reader.spend(dtype.itemsize * len(items))
        return filled(dtype, items).reshape(shape)
    _, _, number, order = node
    need(order in ("C", "F"), "an order")
    array = reader.array(number, order)
    if dtype.kind in TIMES:
        need(array.dtype == np.int64, "stamps as int64")
        array = array.view(dtype)
    need(array.dtype == dtype and array.shape == shape, f"an array {dtype} {shape}")
    return array


def filled(dtype: np.dtype, items: list) -> np.ndarray:
    """Return an array of text or objects, (n,)."""
    array = np.empty(len(items), dtype=dtype)
    for i, item in enumerate(items):  # at once, tuples would become a further axis
        array[i] = item
    return array


def write_random_state(value: np.random.RandomState, path: str, writer: Any) -> list:
    """Write what the generator will draw from."""
    return write_items(value.get_state(legacy=True), path, writer)


def read_random_state(node: Any, reader: Any) -> np.random.RandomState:
    """Read a generator."""
    state = read_items(node, reader)
    need(state[0] == "MT19937", "a generator MT19937")
    # numpy reads where it is told to, be it beyond its numbers
    need(type(state[2]) is int and 0 <= state[2] <= LENGTH_MT, "a place in it")
    made = np.random.RandomState(0)
    made.set_state(tuple(state))
    return made


ARRAY = register("array", write_array, read_array)
SCALAR = register("scalar", write_scalar, read_scalar)

# by exact type
PLAIN: dict[type, Kind] = {
    float: register("float", lambda v, p, w: repr(v), read_float),
    np.ndarray: ARRAY,
    np.memmap: ARRAY,  # read into memory, and held with the rest
    tuple: register("tuple", write_items, read_tuple),
    dict: register("dict", write_pairs, read_pairs),
    OrderedDict: register(
        "ordered", write_pairs, lambda n, r: OrderedDict(read_pairs(n, r))
    ),
    set: register("set", write_set, lambda n, r: set(read_items(n, r))),
    frozenset: register("frozen", write_set, read_frozen),
    slice: register("slice", write_slice, read_slice),
    range: register("range", lambda v, p, w: [v.start, v.stop, v.step], read_numbers),
    datetime.date: register(
        "date",
        lambda v, p, w: v.isoformat(),
        lambda n, r: datetime.date.fromisoformat(n),
    ),
    datetime.time: register("time", write_clock, partial(read_clock, datetime.time)),
    datetime.datetime: register(
        "datetime", write_clock, partial(read_clock, datetime.datetime)
    ),
    datetime.timedelta: register(
        "duration", write_timedelta, lambda n, r: datetime.timedelta(*n)
    ),
    np.random.RandomState: register(
        "random_state", write_random_state, read_random_state
    ),
}

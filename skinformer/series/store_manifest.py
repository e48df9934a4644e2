"""What the manifest of a panel store says, held against itself.

It comes from a file that others may have written or changed. Names of arrays are those
that we write, so that no other file is opened, and types are those of plain numbers.
"""

from math import prod
from typing import Any

__all__ = ["FILLS", "check_manifest", "size_of"]

NUMBERS = {"<f4": 4, "<f8": 8}
SIZES = NUMBERS | {"<i4": 4, "<i8": 8, "|b1": 1}  # bytes of a value
FILLS = ("between", "ahead", "last")  # written from the first missing value on


def size_of(dtype: str, shape: list[int]) -> int:
    """Return the bytes of an array.

    >>> size_of("<i4", [3, 5])
    60
    """
    return SIZES[dtype] * prod(shape)


def check_manifest(manifest: dict[str, Any]) -> None:
    """Refuse a manifest that is none of ours, or contradicts itself.

    Raises
    ------
    ValueError
        With the name of what is wrong, and no more.
    """
    for name, (kind, is_right) in PARTS.items():
        value = manifest.get(name)
        if name == "time" and name in manifest and value is None:
            continue
        if type(value) is not kind or not is_right(value):
            raise ValueError(f"{name!r} is absent, or is not what it has to be")
    check_names(manifest)
    check_arrays(manifest)


def is_text(values: list) -> bool:
    """Tell whether all values are text, each there once."""
    return all(type(v) is str for v in values) and len(set(values)) == len(values)


def are_columns(values: list) -> bool:
    """Tell whether values are columns as they are written."""
    wanted = {"name", "categories", "missing"}
    return all(type(v) is dict and set(v) == wanted and is_column(v) for v in values)


def is_column(value: dict) -> bool:
    """Tell whether a column has a name and categories."""
    categories = value["categories"]
    kinds = str | bool | int | float
    listed = type(categories) is list and all(isinstance(c, kinds) for c in categories)
    named = type(value["name"]) is str and type(value["missing"]) is bool
    return named and (categories is None or listed)


def are_labels(values: list) -> bool:
    """Tell whether values name series, each another one."""
    plain = all(type(v) in (str, int) for v in values)
    return plain and 0 < len(values) == len(set(values))


def is_grid(value: dict) -> bool:
    """Tell whether a value says of grids what is common to them."""
    steps, zone = value.get("steps"), value.get("zone")
    named = steps is None or (type(steps) is list and len(steps) > 0 and is_text(steps))
    return named and (zone is None or type(zone) is str) and "snaps" in value


def are_arrays(value: dict) -> bool:
    """Tell whether a value gives the type and the shape of arrays."""
    pairs = all(type(v) is list and len(v) == 2 for v in value.values())
    return pairs and "given" in value and all(is_array(*v) for v in value.values())


def is_array(dtype: Any, shape: Any) -> bool:
    """Tell whether there are arrays of a type and a shape."""
    whole = type(shape) is list and all(type(n) is int and n >= 0 for n in shape)
    return type(dtype) is str and dtype in SIZES and whole and 0 < len(shape) <= 2


def anything(_: Any) -> bool:
    """Tell that all is well."""
    return True


# the type of each part, and what tells whether it is one
PARTS: dict[str, tuple[type, Any]] = {
    "series": (str, anything),
    "time": (str, anything),
    "time_at": (int, lambda at: at >= 0),
    "targets": (list, lambda names: names and is_text(names)),
    "one_axis": (bool, anything),
    "columns": (list, is_text),
    "known": (list, are_columns),
    "past": (list, are_columns),
    "labels": (list, are_labels),
    "grid": (dict, is_grid),
    "arrays": (dict, are_arrays),
}


def check_names(manifest: dict[str, Any]) -> None:
    """Refuse columns that do not go together."""
    features = [c["name"] for part in ("known", "past") for c in manifest[part]]
    if sorted([manifest["series"], *features]) != sorted(manifest["columns"]):
        raise ValueError("'columns' are not those of 'series', 'known' and 'past'")
    if manifest["time_at"] > len(manifest["columns"]):
        raise ValueError("'time_at' is beyond the last of 'columns'")
    if manifest["one_axis"] and len(manifest["targets"]) != 1:
        raise ValueError("'one_axis' is of one target alone")


def check_arrays(manifest: dict[str, Any]) -> None:
    """Refuse arrays that are not those of the series and the columns."""
    arrays = manifest["arrays"]
    expected = arrays_of(manifest, arrays["given"][1][0])
    if "last" in arrays:
        expected |= fills_of(*expected["values"])
    if set(arrays) != set(expected):
        raise ValueError("'arrays' has other names")
    for name, (dtypes, shape) in expected.items():
        dtype, found = arrays[name]
        if dtype not in dtypes or found != shape:
            raise ValueError(f"the array {name!r} has another type or shape")


def arrays_of(manifest: dict[str, Any], n: int) -> dict[str, tuple[Any, list[int]]]:
    """Return the types and the shape that each array has to have, of n rows."""
    known, past = manifest["known"], manifest["past"]
    n_series, k = len(manifest["labels"]), len(manifest["targets"])
    return {
        "values": (NUMBERS, [n, k + count_numbers(past)]),
        "past_codes": (["<i4"], [n, len(past) - count_numbers(past)]),
        "numeric": (NUMBERS, [n, count_numbers(known)]),
        "codes": (["<i4"], [n, len(known) - count_numbers(known)]),
        "given": (["|b1"], [n]),
        "lengths": (["<i8"], [n_series]),
        "firsts": (["<i8"], [n_series, 2]),
    }


def fills_of(dtypes: Any, shape: list[int]) -> dict[str, tuple[Any, list[int]]]:
    """Return the same of the fills of values."""
    return {
        "between": (dtypes, shape),
        "ahead": (dtypes, shape),
        "last": (["<i4"], shape),
    }


def count_numbers(columns: list[dict]) -> int:
    """Count the columns that are no categories."""
    return sum(column["categories"] is None for column in columns)

"""Arrays that may lie in a file larger than memory, looked at part by part."""

import mmap
from collections.abc import Iterator

import numpy as np

__all__ = ["any_missing", "chunks", "is_mapped"]

CHUNK = 2**16  # rows that are looked at together


def chunks(n_rows: int) -> Iterator[slice]:
    """Cut n rows into slices of so many that their copies take little memory.

    >>> [(part.start, part.stop) for part in chunks(100_000)]
    [(0, 65536), (65536, 100000)]
    """
    for first in range(0, n_rows, CHUNK):
        yield slice(first, min(first + CHUNK, n_rows))


def any_missing(values: np.ndarray) -> bool:
    """Tell whether a value is NaN."""
    return any(bool(np.isnan(values[part]).any()) for part in chunks(len(values)))


def is_mapped(array: object) -> bool:
    """Tell whether an array is a view of a file."""
    while isinstance(array, np.ndarray):
        array = array.base
    return isinstance(array, mmap.mmap)

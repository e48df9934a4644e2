"""Arrays that may lie in a file larger than memory, looked at part by part."""

import mmap
from collections.abc import Iterator

import numpy as np

__all__ = ["any_missing", "chunks", "is_mapped", "let_go", "let_go_now", "map_of"]

CHUNK = 2**16  # rows that are looked at together
LET_GO = 2**24  # bytes after which a pass over a file hands back what it has read


def chunks(n_rows: int) -> Iterator[slice]:
    """Cut n rows into slices of so many that their copies take little memory.

    >>> [(part.start, part.stop) for part in chunks(100_000)]
    [(0, 65536), (65536, 100000)]
    """
    for first in range(0, n_rows, CHUNK):
        yield slice(first, min(first + CHUNK, n_rows))


def any_missing(values: np.ndarray) -> bool:
    """Tell whether a value is NaN."""
    for part in chunks(len(values)):
        missing = bool(np.isnan(values[part]).any())
        let_go(values[part])
        if missing:
            return True
    return False


def map_of(array: object) -> mmap.mmap | None:
    """Return the mapped file that an array is a view of, None if it is of none."""
    while isinstance(array, np.ndarray):
        array = array.base
    return array if isinstance(array, mmap.mmap) else None


def is_mapped(array: object) -> bool:
    """Tell whether an array is a view of a file."""
    return map_of(array) is not None


def let_go(read: np.ndarray) -> None:
    """Hand back the memory of a file, every 16 MB of a pass over it.

    Pages that were read count as memory of this process until it says that it is done
    with them. They stay in the cache of the system, as long as that has room.
    """
    if isinstance(read.base, np.ndarray):  # of most arrays that is all there is to do
        first = read.__array_interface__["data"][0]
        if first // LET_GO != (first + read.nbytes) // LET_GO:
            let_go_now(map_of(read))


def let_go_now(mapped: mmap.mmap | None) -> None:
    """Hand back all memory of a mapped file."""
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)

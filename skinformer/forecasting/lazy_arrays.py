"""Arrays of many series that are made when one is asked for, and not kept.

Together they may be larger than memory.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

__all__ = ["Arrays", "LazyArrays", "each", "lengths_of"]


class LazyArrays:
    """Arrays made one by one; indexed and iterated like a list of them.

    Parameters
    ----------
    make : callable
        Returns the array of a number.
    lengths : sequence of int
        How long each will be.

    Examples
    --------
    >>> made = LazyArrays(lambda i: np.full(i, 7.0), [0, 1, 2])
    >>> made[2], len(made[1:])
    (array([7., 7.]), 2)
    """

    def __init__(self, make: Callable[[int], np.ndarray], lengths: Sequence[int]):
        self.make, self.lengths = make, lengths

    def __len__(self) -> int:
        """Count the arrays."""
        return len(self.lengths)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]  # an array, or some of them
        """Make one array, or return some that are not made yet."""
        if not isinstance(i, slice):
            return self.make(i)
        return self.pick(range(*i.indices(len(self))))

    def __iter__(self) -> Iterator[np.ndarray]:
        """Make one after another."""
        return map(self.make, range(len(self)))

    def pick(self, which: Sequence[int]) -> "LazyArrays":
        """Return some arrays, not made yet."""
        return LazyArrays(
            lambda i: self.make(which[i]), [self.lengths[i] for i in which]
        )


Arrays: TypeAlias = list[np.ndarray] | LazyArrays


def lengths_of(arrays: Arrays) -> Sequence[int]:
    """Return how long arrays are, without making them."""
    if isinstance(arrays, LazyArrays):
        return arrays.lengths
    return [len(array) for array in arrays]


def each(
    arrays: Arrays,
    change: Callable[[int, np.ndarray], np.ndarray],
    lengths: Sequence[int] | None = None,
) -> Arrays:
    """Change arrays, given with their number: at once, or as they are made.

    ``lengths`` are those of the results, where they differ.

    >>> each([np.array([1.0, 2.0])], lambda i, x: x + i)
    [array([1., 2.])]
    """
    if not isinstance(arrays, LazyArrays):
        return [change(i, array) for i, array in enumerate(arrays)]
    return LazyArrays(
        lambda i: change(i, arrays[i]), arrays.lengths if lengths is None else lengths
    )

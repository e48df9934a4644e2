"""Arrays of many series that are made when one is asked for, and not kept.

Together they may be larger than memory.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import numpy as np

__all__ = ["Arrays", "LazyArrays", "each", "lengths_of"]


class LazyArrays:
    """Arrays made one by one; got at and iterated like a list of them.

    Parameters
    ----------
    make : callable
        Returns the array of a number.
    lengths : sequence of int
        How long each will be.

    Examples
    --------
    >>> made = LazyArrays(lambda i: np.full(i, 7.0), [0, 1, 2])
    >>> made[2], len(made)
    (array([7., 7.]), 3)
    """

    def __init__(self, make: Callable[[int], np.ndarray], lengths: Sequence[int]):
        self.make, self.lengths = make, lengths

    def __len__(self) -> int:
        """Count the arrays."""
        return len(self.lengths)

    def __getitem__(self, i: int) -> np.ndarray:
        """Make one array."""
        return self.make(i)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Make one after another."""
        return map(self.make, range(len(self)))


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

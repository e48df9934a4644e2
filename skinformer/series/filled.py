"""Values with something in place of those that are missing."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .together import run_together

__all__ = ["Filled"]


class Filled(NamedTuple):
    """What stands at each row, where values were missing.

    A window that starts at row s sees ``between`` up to row ``last[s - 1]``, and
    ``ahead`` after it. So nothing at or after its start reaches it.

    Attributes
    ----------
    between : ndarray of shape (n, k)
        Once the next row of the column is observed: by the rows up to that one.
    ahead : ndarray of shape (n, k)
        Before: by the rows before the hole alone. NaN before the first observed row.
    last : ndarray of shape (n, k), int, or None
        The latest observed row up to each row, -1 before the first. None where nothing
        is missing: each row is its own, and both others are the values themselves.
    """

    between: np.ndarray
    ahead: np.ndarray
    last: np.ndarray | None

    @classmethod
    def whole(cls, values: np.ndarray) -> "Filled":
        """Return values none of which is missing."""
        return cls(values, values, None)

    @classmethod
    def of(cls, parts: Sequence["Filled"], values: np.ndarray) -> "Filled":
        """Put the fills of some rows one after another; ``values`` are all of these.

        The latest observed rows stay counted from the first row of each part.
        """
        if all(part.last is None for part in parts):
            return cls.whole(values)
        if len(parts) == 1:
            return parts[0]
        return cls(
            run_together([part.between for part in parts]),
            run_together([part.ahead for part in parts]),
            run_together([part.latest() for part in parts]),
        )

    def latest(self) -> np.ndarray:
        """Return the latest observed row up to each row, (n, k)."""
        if self.last is not None:
            return self.last
        rows = np.arange(len(self.between))[:, None]
        return np.broadcast_to(rows, self.between.shape)

    def first(self, n: int) -> "Filled":
        """Return the first n rows, whatever came after them."""
        last = None if self.last is None else self.last[:n]
        return Filled(self.between[:n], self.ahead[:n], last)

    def as_known(self, n: int) -> "Filled":
        """Return the first n rows as they were known before the next one."""
        if self.last is None or n == 0:
            return self.first(n)
        is_open = np.arange(n)[:, None] > self.last[n - 1]
        between = np.where(is_open, self.ahead[:n], self.between[:n])
        return Filled(between, self.ahead[:n], self.last[:n])

    def then(self, longer: "Filled", n: int) -> "Filled":
        """Return these rows and, after them, the last n of all rows, filled anew."""
        if self.last is None and longer.last is None:
            return longer
        both = ((*rows[:2], rows.latest()) for rows in (self, longer))
        pairs = zip(*both, strict=True)
        return Filled(*(np.concatenate([ours, last[-n:]]) for ours, last in pairs))

    def since(self, start: int) -> "Filled":
        """Return the rows from ``start`` on."""
        last = None if self.last is None else np.maximum(self.last[start:] - start, -1)
        return Filled(self.between[start:], self.ahead[start:], last)

    def less(self, told: np.ndarray) -> "Filled":
        """Return the rows with what was told of them, (n, k), taken off."""
        between = self.between - told
        if self.last is None:
            return Filled.whole(between)
        return Filled(between, self.ahead - told, self.last)

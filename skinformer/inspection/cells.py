"""Positions of a network, as stretches of the rows that they stand for."""

from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from .style import as_axis

__all__ = ["Cells", "stamp_text"]


class Cells(NamedTuple):
    """Positions that attend, or are attended to, and the rows that they stand for.

    Attributes
    ----------
    index : Index of n_rows stamps
    edges : ndarray of shape (n_positions + 1,)
        Where the positions begin and end; row i reaches from i - 0.5 to i + 0.5.
    """

    index: pd.Index  # type: ignore[assignment]  # a tuple has index(); no one calls it
    edges: np.ndarray

    @classmethod
    def of_rows(cls, name: str, index: pd.Index | None, n: int) -> Self:
        """Return a position for each of n stamps, or of n numbers."""
        index = pd.RangeIndex(n) if index is None else pd.Index(index)
        if len(index) != n:
            raise ValueError(
                f"{name} has {len(index)} stamps, where weights have {n} {name}."
            )
        return cls(index, np.arange(n + 1) - 0.5)

    def on_axis(self) -> np.ndarray:
        """Return the edges as numbers that matplotlib places."""
        places = as_axis(self.index)
        if np.issubdtype(places.dtype, np.datetime64):
            from matplotlib.dates import date2num

            places = date2num(places)
        places = places.astype(float)
        first, last = np.diff(places)[[0, -1]] if len(places) > 1 else (1.0, 1.0)
        around = np.concatenate([[places[0] - first], places, [places[-1] + last]])
        return np.interp(self.edges, np.arange(-1, len(places) + 1), around)


def stamp_text(stamp: Any) -> str:
    """Write a stamp without what it does not need.

    >>> stamp_text(pd.Timestamp("2024-03-01 05:00")), stamp_text(7)
    ('2024-03-01 05:00', '7')
    """
    if isinstance(stamp, pd.Timestamp):
        is_day = stamp == stamp.normalize()
        return f"{stamp:%Y-%m-%d}" if is_day else f"{stamp:%Y-%m-%d %H:%M}"
    return str(stamp)

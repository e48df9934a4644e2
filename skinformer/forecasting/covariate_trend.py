"""The level of a series as a broken line over time, flat outside of the training rows.

Trees and straight lines both fail a level that drifts: the first repeat the past, the
second run away. A line with many small bends, held back by a penalty, ends where the
level was last, and stays there.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

__all__ = ["Trend", "ramps", "read_time"]

# more bends follow the noise of single days: measured on series of 1,000 and 3,000 rows
ROWS_PER_BEND = 168


def ramps(time: np.ndarray, n: int) -> np.ndarray:
    """Return lines that start at n evenly spaced times and end together, (n_rows, n).

    ``time`` is 0 at the first row and 1 at the last; before and after it, all is flat.
    The factor keeps the penalty of a straight line the same whatever the n.

    >>> ramps(np.array([-1.0, 0.5, 0.75, 2.0]), n=2) / 2**0.5
    array([[0.  , 0.  ],
           [0.5 , 0.  ],
           [0.75, 0.25],
           [1.  , 0.5 ]])
    """
    starts = np.arange(n) / max(n, 1)
    return np.maximum(np.clip(time, 0.0, 1.0)[:, None] - starts, 0.0) * n**0.5


def read_time(X: Any) -> tuple[str, np.ndarray | None]:
    """Return the kind of an index, and its times as floats or None, (n,).

    A ``RangeIndex`` only counts rows, here as in all of the package.

    >>> read_time(pd.DataFrame(index=pd.Index([3, 5])))
    ('integers', array([3., 5.]))
    >>> read_time(pd.DataFrame(index=pd.RangeIndex(2)))
    ('no time', None)
    """
    index: Any = getattr(X, "index", None)
    if isinstance(index, pd.DatetimeIndex):
        kind = "times without a zone" if index.tz is None else "times with a zone"
        return kind, index.as_unit("ns").asi8.astype(np.float64)
    if isinstance(index, pd.PeriodIndex):
        return f"periods of {index.freqstr!r}", index.asi8.astype(np.float64)
    is_integer = isinstance(index, pd.Index) and index.dtype.kind in "iu"
    if is_integer and not isinstance(index, pd.RangeIndex):
        return "integers", index.to_numpy(dtype=np.float64)
    return "no time", None


@dataclass(frozen=True)
class Trend:
    """The columns of the broken line.

    Attributes
    ----------
    kind : str
        What the index of ``fit`` held.
    first, last : float
        The first and the last time in it.
    n : int
        Number of bends, 0 for none.
    """

    kind: str
    first: float
    last: float
    n: int

    @classmethod
    def learn(cls, X: Any, n: int) -> Self:
        """Read the time of X; where there is none, or one only, nothing bends.

        Nor does it where there are fewer rows than a bend takes.
        """
        n = min(n, len(X) // ROWS_PER_BEND)
        kind, times = read_time(X)
        if times is None or len(np.unique(times)) == 1:
            return cls(kind, 0.0, 1.0, 0)
        return cls(kind, float(times.min()), float(times.max()), n)

    def columns(self, X: Any) -> np.ndarray:
        """Return the ramps at the time of X, at the end for rows without, (n, bends).

        Raises
        ------
        ValueError
            If the index is of another kind than in ``fit``.
        """
        kind, times = read_time(X)
        if not self.n or times is None:
            return ramps(np.ones(len(X)), self.n)
        if kind != self.kind:
            raise ValueError(
                f"The index of X holds {kind}, in fit it held {self.kind}. Give rows "
                "the same kind of index; with X.reset_index(drop=True) they follow "
                "those of fit."
            )
        return ramps((times - self.first) / (self.last - self.first), self.n)

    def level(self, columns: np.ndarray, coef: np.ndarray) -> np.ndarray:
        """Return the height of the line, less that at the end of training, (n,)."""
        return (columns - ramps(np.ones(1), self.n)) @ coef

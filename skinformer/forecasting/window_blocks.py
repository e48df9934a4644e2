"""Which windows of some series count, how much, and in which block of time they lie.

A series is cut into blocks of its own. They are numbered from the end, so that series
that end together have their last rows in the same block::

    long series    | 0 | 1 | 2 | 3 | 4 | 5 |
    short one                      | 4 | 5 |

The windows of a block are those that lie in its rows and the context before them.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .lazy_arrays import Arrays, each

__all__ = [
    "Part",
    "WindowBlocks",
    "block_edges",
    "block_of",
    "block_starts",
    "block_within",
    "weights_of_windows",
]

N_BLOCKS = 6


class Part(NamedTuple):
    """Rows of one series, from ``start`` to before ``stop``."""

    series: int
    start: int
    stop: int


def block_edges(n_rows: int, seq_len: int, pred_len: int) -> np.ndarray:
    """Cut the rows that have a whole context before them into blocks of time.

    A block has room for a horizon and some windows more; the targets of two blocks have
    no row in common.

    >>> block_edges(100, seq_len=10, pred_len=20)
    array([ 10,  40,  70, 100])
    """
    n_blocks = min((n_rows - seq_len) // (pred_len + pred_len // 10 + 1), N_BLOCKS)
    return np.linspace(seq_len, n_rows, max(n_blocks, 1) + 1).astype(int)


def weights_of_windows(weights: np.ndarray, seq_len: int, pred_len: int) -> np.ndarray:
    """Return the mean weight (n_windows,) of the rows of each horizon.

    >>> weights_of_windows(np.array([9.0, 1.0, 3.0, 0.0]), seq_len=1, pred_len=2)
    array([2. , 1.5])
    """
    ahead = weights[seq_len:]
    if len(ahead) < pred_len:
        return np.empty(0)
    # no running sum, which would leave a rest where all rows of a horizon are zero
    return sliding_window_view(ahead, pred_len).mean(axis=1)


def block_of(
    edges: list[np.ndarray], starts: np.ndarray, series: np.ndarray | int
) -> np.ndarray:
    """Say in which block of time windows start, shape (n_windows,).

    Parameters
    ----------
    edges : list of ndarray of shape (n_own_blocks + 1,)
        Of the blocks of each series.
    starts : ndarray of shape (n_windows,)
        Rows of the window's series.
    series : int or ndarray of shape (n_windows,)
        Which series that is.

    Examples
    --------
    The first series has one block, that is the last one of the two:

    >>> edges = [np.array([3, 9]), np.array([3, 8, 13])]
    >>> block_of(edges, np.array([4, 7, 8]), np.array([0, 1, 1]))
    array([1, 0, 1])
    """
    return block_within(block_starts(edges), starts, series)


def block_starts(edges: list[np.ndarray]) -> np.ndarray:
    """Return where each block of each series begins, (n_series, n_blocks - 1).

    But for the first one. Blocks that a series lacks begin before its first row.
    """
    first_rows = np.full((len(edges), max(map(len, edges)) - 2), -1)
    for row, own in zip(first_rows, edges, strict=True):
        row[len(row) - len(own) + 2 :] = own[1:-1]
    return first_rows


def block_within(
    first_rows: np.ndarray, starts: np.ndarray, series: np.ndarray | int
) -> np.ndarray:
    """Do what :func:`block_of` does, given the :func:`block_starts`."""
    # (n_series, n_blocks - 1) -> (n_windows, n_blocks - 1), or (1, ...) of one series
    return (np.atleast_2d(first_rows[series]) <= starts[:, None]).sum(axis=1)


def rows_read(weights: np.ndarray, length: int) -> slice:
    """Return the rows that windows (n_windows,) of some weight read.

    >>> rows_read(np.array([0.0, 2.0, 0.0, 1.0, 0.0]), length=10)
    slice(1, 13, None)
    """
    counted = np.flatnonzero(weights).tolist()
    return slice(counted[0], counted[-1] + length) if counted else slice(0, 0)


class WindowBlocks:
    """The windows of some series, and blocks of time.

    Parameters
    ----------
    lengths : list of int
        Rows of each series.
    seq_len, pred_len : int
        Rows of context and of horizon.
    weights : list of ndarray of shape (n_rows,), or None
        Of rows as targets. A window has the mean of its horizon; one of weight zero
        counts for nothing, and rows before the first and after the last one that counts
        are left out. None counts all windows once.

    Attributes
    ----------
    rows : list of slice
        The rows of each series that count. All other positions are within them.
    weights : list of ndarray of shape (n_windows,), or None
        Of the windows in these rows; their mean is one, over windows of any weight.
    edges : list of ndarray of shape (n_own_blocks + 1,)
        First rows of the blocks of each series, and the end.
    n_blocks : int
        The most blocks of a series; 0 if none has two.
    """

    def __init__(
        self,
        lengths: list[int],
        seq_len: int,
        pred_len: int,
        weights: list[np.ndarray] | None = None,
    ):
        self.seq_len, self.pred_len = seq_len, pred_len
        self.rows = [slice(0, n) for n in lengths]
        self.weights: list[np.ndarray] | Any = None  # Any is None here
        if weights is not None:
            self._weigh(weights)
        self.edges = [
            block_edges(rows.stop - rows.start, seq_len, pred_len) for rows in self.rows
        ]
        most = max(map(self._own_blocks, range(len(self.edges))))
        self.n_blocks = most if most > 1 else 0

    def read(self, zs: Arrays) -> Arrays:
        """Return the rows of series that count."""
        lengths = [rows.stop - rows.start for rows in self.rows]
        return each(zs, lambda s, z: z[self.rows[s]], lengths)

    def edges_of_series(self) -> list[np.ndarray]:
        """Return the edges as rows of the whole series."""
        return [e + rows.start for e, rows in zip(self.edges, self.rows, strict=True)]

    def any_rows(self) -> bool:
        """Tell whether any row counts."""
        return any(rows.stop > rows.start for rows in self.rows)

    # Parts of the series

    def whole(self) -> list[Part]:
        """Return all rows that count."""
        return [Part(s, 0, rows.stop - rows.start) for s, rows in enumerate(self.rows)]

    def block(self, number: int) -> list[Part]:
        """Return the rows of a block, without the context before them."""
        parts = []
        for s, edges in enumerate(self.edges):
            own = self._own_number(s, number)
            if own >= 0 and self._own_blocks(s) > 1:
                parts.append(Part(s, edges[own], edges[own + 1]))
        return parts

    def later_block(self, number: int) -> list[Part]:
        """Return the same of series of which this is one of the later half."""
        return [
            part
            for part in self.block(number)
            if self._own_number(part.series, number)
            >= self._own_blocks(part.series) // 2
        ]

    def with_context(self, parts: list[Part]) -> list[Part]:
        """Return parts with the rows that a window reads before them."""
        return [part._replace(start=part.start - self.seq_len) for part in parts]

    def any_counts(self, parts: list[Part]) -> bool:
        """Tell whether a window that lies in one of the parts counts."""
        if self.weights is None:
            length = self.seq_len + self.pred_len
            return any(part.stop - part.start >= length for part in parts)
        return any(w.any() for w in self._weights_in(parts))

    def sets(self) -> list[list[Part]]:
        """Return the parts whose windows are summed: of the whole, then by blocks."""
        each = (self.block(number) for number in range(self.n_blocks))
        return [self.whole(), *map(self.with_context, each)]

    def cut(
        self, zs: Any, parts: list[Part]
    ) -> tuple[list[np.ndarray], list[np.ndarray] | None]:
        """Return the values of parts, and the weights of the windows in them."""
        values = [zs[s][start:stop] for s, start, stop in parts]
        return values, None if self.weights is None else self._weights_in(parts)

    def _weights_in(self, parts: list[Part]) -> list[np.ndarray]:
        length = self.seq_len + self.pred_len
        return [
            self.weights[s][start : max(stop - length + 1, start)]
            for s, start, stop in parts
        ]

    def _own_blocks(self, s: int) -> int:
        return len(self.edges[s]) - 1

    def _own_number(self, s: int, number: int) -> int:
        return number - (self.n_blocks - self._own_blocks(s))

    def _weigh(self, weights: list[np.ndarray]) -> None:
        """Set the rows that count, and the weights of their windows."""
        lengths = self.seq_len, self.pred_len
        each = [weights_of_windows(w, *lengths) for w in weights]
        self.rows = [rows_read(w, sum(lengths)) for w in each]
        counted = np.concatenate([w[w > 0] for w in each])
        unit = counted.mean() if len(counted) else 1.0
        self.weights = [
            w[rows.start : max(rows.stop - sum(lengths) + 1, 0)] / unit
            for w, rows in zip(each, self.rows, strict=True)
        ]

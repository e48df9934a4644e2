"""Which rows a position stands for, after the encoder has halved their number.

Distilling keeps every second position, and lets it look at the one before and the one
after. Position j after n halvings lies over row 2ⁿ·j::

    rows            0 1 2 3 4 5 6 7
    one halving     0   1   2   3
    two halvings    0       1
"""

from typing import Any

import numpy as np
from torch import nn

from skinformer.network.encoder import Encoder, StackedEncoder

__all__ = ["cell_edges", "encoder_cells", "memory_shares", "row_shares"]


def cell_edges(n_rows: int, n_halvings: int) -> np.ndarray:
    """Return where the cells of positions begin and end, halfway between their rows.

    Row i reaches from i - 0.5 to i + 0.5; the cells fill all rows without overlap.

    >>> cell_edges(8, 1), cell_edges(7, 2)
    (array([-0.5,  1. ,  3. ,  5. ,  7.5]), array([-0.5,  2. ,  6.5]))
    """
    step = 2**n_halvings
    between = np.arange(step, n_rows, step) - step / 2
    return np.concatenate([[-0.5], between, [n_rows - 0.5]])


def row_shares(edges: np.ndarray, n_rows: int) -> np.ndarray:
    """Return which share of each cell lies in each row, (n_cells, n_rows).

    >>> row_shares(cell_edges(4, 1), 4).round(2)
    array([[0.67, 0.33, 0.  , 0.  ],
           [0.  , 0.2 , 0.4 , 0.4 ]])
    """
    rows = np.arange(n_rows)
    low = np.maximum(edges[:-1, None], rows - 0.5)
    high = np.minimum(edges[1:, None], rows + 0.5)
    return np.maximum(high - low, 0.0) / np.diff(edges)[:, None]


def encoder_cells(encoder: nn.Module, n_rows: int) -> list[np.ndarray]:
    """Return the cells of the positions that each encoder layer reads, as edges.

    Replica by replica for a stack, in rows of the whole context.
    """
    return [
        first + cell_edges(n, min(depth, len(part.distils)))
        for first, n, part in replicas(encoder, n_rows)
        for depth in range(len(part.layers))
    ]


def memory_shares(encoder: nn.Module, n_rows: int) -> np.ndarray:
    """Return what each row of the context has in what the decoder looks at.

    Of shape (S, n_rows); the shares of one of the S positions sum to one.
    """
    return np.concatenate(
        [
            row_shares(first + cell_edges(n, len(part.distils)), n_rows)
            for first, n, part in replicas(encoder, n_rows)
        ]
    )


def replicas(encoder: nn.Module, n_rows: int) -> list[tuple[int, int, Encoder]]:
    """Return the first row that each encoder of a stack reads, how many, and itself."""
    parts: Any = encoder.encoders if isinstance(encoder, StackedEncoder) else [encoder]
    return [
        (n_rows - n_rows // 2**number, n_rows // 2**number, part)
        for number, part in enumerate(parts)
    ]

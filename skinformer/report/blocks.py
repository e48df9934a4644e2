"""Forecasts of the test part, block after block, with intervals.

This is how a forecaster is used from day to day: it forecasts a block, is shown what
came, and forecasts the next one.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from skinformer.exceptions import FilledRowsWarning, GapWarning
from skinformer.inspection.forecast_rows import ask_forecaster
from skinformer.model_selection.rows import common_steps, take_rows

from .parts import Parts

__all__ = ["Blocks", "blocks_of", "roll_blocks"]

# updates at the most: of a short horizon not every block is forecast
MOST_BLOCKS = 300


@dataclass(frozen=True)
class Blocks:
    """Forecasts of rows; those that were not asked for are NaN.

    Attributes
    ----------
    step : ndarray of shape (n_rows,)
        Rows from the origin, from 1 on; 0 where a row was not asked for.
    y_pred : ndarray of shape (n_rows, n_targets)
    interval : ndarray of shape (n_rows, n_targets, 2) or None
    """

    step: np.ndarray
    y_pred: np.ndarray
    interval: np.ndarray | None

    @classmethod
    def empty(cls, n: int, n_targets: int, has_interval: bool) -> "Blocks":
        """Return blocks in which nothing has been asked for yet."""
        interval = np.full((n, n_targets, 2), np.nan) if has_interval else None
        return cls(np.zeros(n, dtype=int), np.full((n, n_targets), np.nan), interval)

    def put(self, rows: np.ndarray, model: Any, X: Any, coverage: float | None) -> None:
        """Put, in place, the forecasts of some rows."""
        self.y_pred[rows], ends = ask_forecaster(model, X, coverage)
        if self.interval is not None:
            self.interval[rows] = ends


def blocks_of(
    positions: np.ndarray, horizon: int
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield where each block begins, its rows, and those of them that are asked for.

    Positions count steps of the grid from the cut on.

    >>> for first, block, asked in blocks_of(np.array([0, 1, 3, 4]), horizon=2):
    ...     print(first, block.tolist(), asked.tolist())
    0 [0, 1] [0, 1]
    2 [2] [2]
    4 [3] [3]
    """
    n = int(positions.max()) + 1
    size = max(horizon, -(-n // MOST_BLOCKS))
    for first in range(0, n, size):
        block = np.flatnonzero((positions >= first) & (positions < first + size))
        if len(block):
            yield first, block, block[positions[block] < first + horizon]


def roll_blocks(
    model: Any,
    X: Any,
    y: Any,
    parts: Parts,
    horizon: int,
    n_targets: int,
    coverage: float | None,
) -> Blocks:
    """Forecast the test part block after block; the model goes on to its end.

    Returns
    -------
    Blocks
        Of the test rows, in their order.
    """
    n = len(parts.test)
    found = Blocks.empty(n, n_targets, coverage is not None)
    positions = positions_of(parts)
    with warnings.catch_warnings():
        # absent rows are counted once for all, in what the report says of the data
        warnings.simplefilter("ignore", GapWarning)
        warnings.simplefilter("ignore", FilledRowsWarning)
        for first, block, asked in blocks_of(positions, horizon):
            if len(asked):
                rows = take_rows(X, parts.test[asked])
                found.put(asked, model, rows, coverage)
                found.step[asked] = positions[asked] - first + 1
            later = parts.test[block]
            model.update(take_rows(X, later), take_rows(y, later))
    return found


def positions_of(parts: Parts) -> np.ndarray:
    """Return how many steps after the last row that trained test rows lie, less one."""
    _, positions = common_steps(parts.stamps)
    return positions[parts.codes[parts.test]] - positions[parts.n_train - 1] - 1

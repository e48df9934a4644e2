"""The rows of a backtest on their grid, and what is known of their covariates."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from skinformer.forecasting.reading import read_rows
from skinformer.preprocessing.feature_choice import FEATURES
from skinformer.series.frequency import make_grid
from skinformer.series.grid import Grid, RowGrid
from skinformer.series.timeline import check_order, place_history

__all__ = ["Rows", "foresight_of", "take_rows"]


def take_rows(values: Any, rows: np.ndarray | slice) -> Any:
    """Return those rows of a frame, a series or an array."""
    return values.iloc[rows] if hasattr(values, "iloc") else np.asarray(values)[rows]


def n_rows_of(X: Any) -> int:
    """Count rows; whether X is a table is for the estimator to say."""
    if not hasattr(X, "__len__") and not hasattr(X, "shape"):
        raise ValueError(
            f"X must be a DataFrame or an array of rows; got {type(X).__name__}."
        )
    return X.shape[0] if hasattr(X, "shape") else len(X)


@dataclass(frozen=True)
class Rows:
    """Rows that are given, and where they lie on a grid.

    Attributes
    ----------
    X, y : as the user gives them
    index : Index of shape (n_given,)
    grid : Grid
        Its first row is the first one given.
    positions : ndarray of shape (n_given,)
    targets : ndarray of shape (n_rows, n_targets)
        Of every row of the grid; NaN where it is not given.
    target_names : list
    """

    X: Any
    y: Any
    index: pd.Index
    grid: Grid
    positions: np.ndarray
    targets: np.ndarray
    target_names: list

    @classmethod
    def read(cls, X: Any, y: Any, freq: Any = None) -> Self:
        """Place X and y on the grid that their index shows, or that of ``freq``."""
        n = n_rows_of(X)
        index, targets = read_rows(X, y, n)
        check_order(index)
        grid = make_grid(index, freq)
        positions = place_history(grid, index)
        on_grid = np.full((int(positions[-1]) + 1, len(targets.names)), np.nan)
        on_grid[positions] = targets.values
        return cls(X, y, index, grid, positions, on_grid, targets.names)

    def __len__(self) -> int:
        """Count the rows of the grid."""
        return len(self.targets)

    @property
    def has_time(self) -> bool:
        """Whether rows have stamps."""
        return not isinstance(self.grid, RowGrid)

    @property
    def complete(self) -> bool:
        """Whether every row of the grid is given."""
        return len(self.positions) == len(self)

    def given(self, start: int, stop: int) -> slice:
        """Return which given rows lie at positions ``start`` to ``stop - 1``."""
        first, last = np.searchsorted(self.positions, [start, stop])
        return slice(int(first), int(last))

    def on_grid(self, values: np.ndarray, given: slice) -> np.ndarray:
        """Spread values of given rows, (n, k), over the grid; NaN elsewhere."""
        spread = np.full((len(self), values.shape[1]), np.nan)
        spread[self.positions[given]] = values
        return spread


def foresight_of(X: Any, future_X: Any) -> str:
    """Say what was known of the covariates ahead: see ``BacktestResult.foresight``."""
    if future_X is not None:
        return "as known"
    if isinstance(X, pd.DataFrame) and all(is_calendar(name) for name in X.columns):
        return "not needed"
    return "perfect"


def is_calendar(name: Any) -> bool:
    """Tell whether a column has the name of one that ``TimeFeatures`` makes.

    >>> [is_calendar(name) for name in ("hour", "hour_sin", "temperature")]
    [True, True, False]
    """
    return str(name).removesuffix("_sin").removesuffix("_cos") in FEATURES

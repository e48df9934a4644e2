"""The rows of a backtest on their grid, and what is known of their covariates."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from skinformer.forecasting.reading import index_of, read_rows
from skinformer.preprocessing.feature_choice import FEATURES
from skinformer.series.frequency import make_grid
from skinformer.series.grid import Grid, RowGrid
from skinformer.series.indexes import check_order
from skinformer.series.time_column import at_time, targets_at_time
from skinformer.series.timeline import place_history

__all__ = ["PanelRows", "Placed", "Rows", "foresight_of", "take_rows"]


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
class Placed:
    """Where given rows lie on a grid.

    Attributes
    ----------
    X, y : as the user gives them
    index : Index of shape (n_given,)
        In order, each stamp once.
    positions : ndarray of shape (n_given,)
        Of each stamp of ``index``, counted from the first one.
    """

    X: Any
    y: Any
    index: pd.Index
    positions: np.ndarray

    def __len__(self) -> int:
        """Count the rows of the grid."""
        return int(self.positions[-1]) + 1

    def given(self, start: int, stop: int) -> slice:
        """Return which given rows lie at positions ``start`` to ``stop - 1``."""
        first, last = np.searchsorted(self.positions, [start, stop])
        return slice(int(first), int(last))


@dataclass(frozen=True)
class Rows(Placed):
    """Rows of one series.

    Attributes
    ----------
    grid : Grid
        Its first row is the first one given.
    targets : ndarray of shape (n_rows, n_targets)
        Of every row of the grid; NaN where it is not given.
    target_names : list
    """

    grid: Grid
    targets: np.ndarray
    target_names: list

    @classmethod
    def read(cls, X: Any, y: Any, freq: Any = None, time: Any = None) -> Self:
        """Place X and y on the grid that their time shows, or that of ``freq``."""
        n, by_time = n_rows_of(X), at_time(X, time)
        index, targets = read_rows(by_time, targets_at_time(y, X, by_time), n)
        check_order(index)
        grid = make_grid(index, freq)
        positions = place_history(grid, index)
        on_grid = np.full((int(positions[-1]) + 1, len(targets.names)), np.nan)
        on_grid[positions] = targets.values
        return cls(X, y, index, positions, grid, on_grid, targets.names)

    @property
    def has_time(self) -> bool:
        """Whether rows have stamps."""
        return not isinstance(self.grid, RowGrid)

    @property
    def complete(self) -> bool:
        """Whether every row of the grid is given."""
        return len(self.positions) == len(self)

    def on_grid(self, values: np.ndarray, given: slice) -> np.ndarray:
        """Spread values of given rows, (n, k), over the grid; NaN elsewhere."""
        spread = np.full((len(self), values.shape[1]), np.nan)
        spread[self.positions[given]] = values
        return spread


@dataclass(frozen=True)
class PanelRows(Placed):
    """Rows of many series, each stamp of theirs counted once.

    Attributes
    ----------
    instants : Index of shape (n_steps,)
        Every step from the first stamp to the last, those that no row has too.
    codes : ndarray of shape (n_rows,)
        Which stamp of ``index`` each row of X has.
    """

    instants: pd.Index
    codes: np.ndarray

    @classmethod
    def read(cls, X: Any, y: Any, freq: Any = None, time: Any = None) -> Self:
        """Place the stamps of X on the grid that all of them make together."""
        stamps = index_of(at_time(X, time), n_rows_of(X))
        codes, index = pd.factorize(stamps, sort=True)
        instants, positions = common_steps(index, freq)
        return cls(X, y, index, positions, instants, codes)

    def rows(self, stamps: slice) -> np.ndarray:
        """Return the numbers of the rows of some stamps."""
        return np.flatnonzero((self.codes >= stamps.start) & (self.codes < stamps.stop))


def common_steps(index: pd.Index, freq: Any = None) -> tuple[pd.Index, np.ndarray]:
    """Return the steps of stamps in order, and at which of them each stamp is.

    Where they lie on no grid, as stamps of series in different steps may, the stamps
    themselves are the steps.

    >>> days = pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-04"])
    >>> steps, positions = common_steps(days)
    >>> len(steps), positions
    (4, array([0, 1, 3]))
    """
    try:
        grid = make_grid(index, freq)
        positions = place_history(grid, index)
    except ValueError:
        return index, np.arange(len(index))
    return grid.stamps(0, int(positions[-1]) + 1), positions


def foresight_of(X: Any, future_X: Any, forecaster: Any = None) -> str:
    """Say what was known of the covariates ahead: see ``BacktestResult.foresight``."""
    if future_X is not None:
        return "as known"
    if isinstance(X, pd.DataFrame):
        others = set(X.columns) - not_ahead(forecaster)
        return (
            "perfect" if any(not is_calendar(name) for name in others) else "not needed"
        )
    return "perfect"


def not_ahead(forecaster: Any) -> set:
    """Return the columns, by name, of which a forecaster sees no row ahead."""
    past = getattr(forecaster, "past_covariates", None)
    past = [past] if isinstance(past, str) else past if isinstance(past, list) else []
    rest = [getattr(forecaster, name, None) for name in ("series", "time")]
    return {name for name in [*rest, *past] if isinstance(name, str)}


def is_calendar(name: Any) -> bool:
    """Tell whether a column has the name of one that ``TimeFeatures`` makes.

    >>> [is_calendar(name) for name in ("hour", "hour_sin", "temperature")]
    [True, True, False]
    """
    return str(name).removesuffix("_sin").removesuffix("_cos") in FEATURES

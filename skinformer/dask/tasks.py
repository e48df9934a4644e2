"""What a worker does with one partition."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import Reach, grid_stamps
from skinformer.forecasting.reading import index_of
from skinformer.model_selection.backtest import later_rows, roll_tracks
from skinformer.model_selection.results import BacktestResult
from skinformer.model_selection.rolling import Roll
from skinformer.model_selection.rows import foresight_of
from skinformer.model_selection.steps import unwrap
from skinformer.model_selection.tracks import lay_tracks
from skinformer.series.grid import RowGrid, same_clock
from skinformer.series.time_column import at_time

__all__ = ["Asked", "forecast_part", "in_order", "roll_part"]


@dataclass(frozen=True)
class Asked:
    """What is asked of all partitions.

    Attributes
    ----------
    columns : list or None
        Those of X; None for all that are no targets.
    targets : str, list or None
        Columns of the frame that hold observed targets.
    kept : list
        Columns of the frame that say of each forecast whose it is, and when.
    names : list of str
        Those of the forecasts.
    coverage : float or None
        That of intervals.
    """

    columns: list | None
    targets: Any
    kept: list
    names: list
    coverage: float | None = None

    def split(self, part: pd.DataFrame) -> tuple[pd.DataFrame, Any]:
        """Return the X and the y of a partition, None where it has no targets."""
        if self.columns is not None:
            # in the order of fit: partitions may have others
            columns = [name for name in self.columns if name in part.columns]
        else:
            targets = [self.targets] if isinstance(self.targets, str) else self.targets
            columns = [name for name in part.columns if name not in (targets or [])]
        return part[columns], None if self.targets is None else part[self.targets]

    def answer(self, X: pd.DataFrame, forecasts: np.ndarray) -> pd.DataFrame:
        """Return forecasts of the rows of X, (n_rows, n_names), as a frame."""
        told = pd.DataFrame(forecasts, X.index, self.names, dtype=np.float64)
        return pd.concat([X[self.kept], told], axis=1)


def in_order(part: pd.DataFrame, time: Any) -> pd.DataFrame:
    """Return rows in the order of their time: a shuffle leaves them in any order."""
    if time is not None:
        return part.sort_values(time, kind="stable")
    return part.sort_index(kind="stable")


def forecast_part(part: pd.DataFrame, model: Any, asked: Asked) -> pd.DataFrame:
    """Forecast the rows of a partition."""
    transform, forecaster = unwrap(model)
    if asked.targets is None:
        X, _ = asked.split(part)
    else:
        X, y = asked.split(in_order(part, forecaster._schema.time))
        seen = seen_rows(X[forecaster._schema.series], y)
        new = seen & ~is_let_go(forecaster, X)
        if new.any():
            forecaster = shown(forecaster, transform(X[new]), y[new])
        X = X[~seen]
    n_names = len(asked.names)
    if len(X) == 0:
        return asked.answer(X, np.empty((0, n_names)))
    rows = transform(X)
    # (n_rows,) or (n_rows, n_targets) -> (n_rows, n_targets, 1)
    forecasts = forecaster.predict(rows).reshape(len(X), -1, 1)
    if asked.coverage is not None:
        # (n_rows, 2) or (n_rows, n_targets, 2) -> (n_rows, n_targets, 2)
        ends = forecaster.predict_interval(rows, asked.coverage)
        ends = ends.reshape(len(X), -1, 2)
        forecasts = np.concatenate([forecasts, ends], axis=2)
    # a target, its lower and its upper end, and then the next target
    return asked.answer(X, forecasts.reshape(len(X), n_names))


def seen_rows(labels: pd.Series, y: Any) -> np.ndarray:
    """Tell of each row whether it is history: up to the last target of its series.

    >>> y = pd.Series([1.0, np.nan, 2.0, np.nan, np.nan])
    >>> seen_rows(pd.Series(["a", "b", "a", "a", "b"]), y)
    array([ True, False,  True, False, False])
    """
    known = pd.DataFrame(y).notna().any(axis=1).to_numpy()
    # from the last row on, each series by itself
    backwards = pd.Series(known[::-1].astype(np.int8))
    codes = pd.factorize(labels)[0][::-1]
    return backwards.groupby(codes).cummax().to_numpy(dtype=bool)[::-1]


def is_let_go(forecaster: BaseForecaster, X: pd.DataFrame) -> np.ndarray:
    """Tell of each row whether it is before those that are kept of its series.

    With ``history_size="context"`` the first rows of those that ``fit`` saw are not.
    """
    schema, panel = forecaster._schema, forecaster._panel
    stamps = index_of(at_time(X, schema.time), len(X))
    is_old = np.zeros(len(X), dtype=bool)
    codes = panel.keys.get_indexer(pd.Index(X[schema.series]))
    for series in np.unique(codes[codes >= 0]):
        grid, start = panel[series].grid, panel[series].offset
        if start and same_clock(grid, stamps) is None and not isinstance(grid, RowGrid):
            first = grid_stamps(grid, start, start + 1)[0]
            is_old |= (codes == series) & (stamps < first)
    return is_old


def shown(forecaster: BaseForecaster, X: Any, y: Any) -> BaseForecaster:
    """Return a forecaster that has been shown rows; the one that is given stays."""
    forecaster = copy.copy(forecaster)
    forecaster._log = None  # nobody asks how far it missed in them
    return forecaster.update(X, y)


def roll_part(
    part: pd.DataFrame, model: Any, asked: Asked, reach: Reach, instants: Any
) -> BacktestResult | None:
    """Backtest the series of a partition; None where none is long enough."""
    if len(part) == 0:
        return None
    forecaster = unwrap(model)[1]
    X, y = asked.split(in_order(part, forecaster._schema.time))
    roll = Roll(reach, None, tqdm(disable=True))
    rows = later_rows(model, X, y, roll)
    tracks = lay_tracks(forecaster, rows, reach, instants)
    if not tracks:
        return None
    foresight = foresight_of(X, None, forecaster)
    return roll_tracks(model, tracks, roll, foresight)

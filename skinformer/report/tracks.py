"""What is drawn of each series: its rows, forecasts of the test part and beyond."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from skinformer.forecasting.base import BaseForecaster
from skinformer.inspection.forecast_rows import ask_forecaster
from skinformer.series.grid import Grid, RowGrid

from .blocks import Blocks
from .parts import Parts
from .words import some

__all__ = ["Future", "Piece", "Track", "forecast_future", "tracks_of"]


@dataclass(frozen=True)
class Piece:
    """Forecasts of rows of one series, one after another.

    Attributes
    ----------
    index : Index of shape (n_rows,)
    step : ndarray of shape (n_rows,)
        Rows from the origin of each.
    y_pred : ndarray of shape (n_rows, n_targets)
    interval : ndarray of shape (n_rows, n_targets, 2) or None
    """

    index: pd.Index
    step: np.ndarray
    y_pred: np.ndarray
    interval: np.ndarray | None

    @property
    def ends(self) -> np.ndarray:
        """The interval, where it is known that there is one."""
        assert self.interval is not None
        return self.interval


@dataclass(frozen=True)
class Track:
    """One series.

    Attributes
    ----------
    label : object or None
        Its name, where there are many.
    index : Index of shape (n_rows,)
        Stamps of all its rows, absent ones too.
    y_true : ndarray of shape (n_rows, n_targets)
        NaN where missing.
    first_test : int
        The first of these rows that was tested.
    tested : Piece
        Forecasts of the test part, block after block.
    at : ndarray of shape (n_tested,)
        Which of the rows of ``index`` these are.
    future : Piece or None
        Forecast of the rows after the last one.
    """

    label: Any
    index: pd.Index
    y_true: np.ndarray
    first_test: int
    tested: Piece
    at: np.ndarray
    future: Piece | None

    @property
    def truth(self) -> np.ndarray:
        """What came in the rows of ``tested``, (n_tested, n_targets)."""
        return self.y_true[self.at]


class Future(NamedTuple):
    """Forecasts of the rows after the end, by the number of the series.

    Attributes
    ----------
    pieces : dict of int to Piece
    why_not : str
        Why there are none; empty where there are.
    """

    pieces: dict[int, Piece]
    why_not: str


def forecast_future(
    model: Any,
    X: Any,
    reading: BaseForecaster,
    parts: Parts,
    horizon: int,
    coverage: float | None,
) -> Future:
    """Forecast the rows after the end, where no column must be known for it."""
    why_not = what_is_unknown(X, reading)
    if why_not:
        return Future({}, why_not)
    pieces = {}
    panel, schema = reading._panel, reading._schema
    last = max(history.grid.stamps(0, history.n_known)[-1] for history in panel)
    for series, history in enumerate(panel):
        n = history.n_known
        stamps = history.grid.stamps(n - 1, n + horizon)
        label = None if panel.keys is None else panel.keys[series]
        # one that has ended, or that the model never met, does not go on
        if stamps[0] < last or label in parts.unseen:
            continue
        fixed = {schema.series: label, getattr(schema, "time", None): stamps[1:]}
        fixed = {name: value for name, value in fixed.items() if name is not None}
        rows = rows_ahead(X, stamps[1:], fixed)
        steps = np.arange(1, horizon + 1)
        asked = ask_forecaster(model, rows, coverage)
        pieces[series] = Piece(stamps[1:], steps, *asked)
    return Future(pieces, "")


def rows_ahead(X: pd.DataFrame, stamps: pd.Index, fixed: dict) -> pd.DataFrame:
    """Return rows whose columns nobody knows, but for those that are fixed."""
    frame = X.iloc[:0].reindex(stamps)
    for name, value in fixed.items():
        frame[name] = value
    return frame


def what_is_unknown(X: Any, reading: BaseForecaster) -> str:
    """Say what one would have to know of the rows ahead; nothing if that is nothing."""
    if isinstance(reading._history.grid, RowGrid):
        return "the rows have no time, and so no next stamp"
    schema = reading._schema
    ours = {schema.series, getattr(schema, "time", None), *schema.past.names}
    needed = [repr(name) for name in X.columns if name not in ours]
    if not needed:
        return ""
    which = "column" if len(needed) == 1 else "columns"
    return f"nobody told the {which} {some(needed, 5)} of the rows ahead"


def tracks_of(
    reading: BaseForecaster, parts: Parts, blocks: Blocks, future: Future
) -> list[Track]:
    """Put together what is drawn of each series that was tested."""
    tracks, keys = [], reading._panel.keys
    for series, history in enumerate(reading._panel):
        index = history.grid.stamps(0, history.n_known)
        rows = rows_of(reading, parts, series)
        if not len(rows):
            continue
        stamps = parts.stamps[parts.codes[parts.test[rows]]]
        at = places_of(history.grid, stamps)
        asked = blocks.step[rows] > 0
        tracks.append(
            Track(
                None if keys is None else keys[series],
                index,
                history.targets,
                int(at[0]),
                piece_of(blocks, rows[asked], stamps[asked]),
                at[asked],
                future.pieces.get(series),
            )
        )
    return tracks


def piece_of(blocks: Blocks, rows: np.ndarray, index: pd.Index) -> Piece:
    """Return some of the rows that were forecast in blocks."""
    interval = None if blocks.interval is None else blocks.interval[rows]
    return Piece(index, blocks.step[rows], blocks.y_pred[rows], interval)


def places_of(grid: Grid, index: pd.Index) -> np.ndarray:
    """Return which rows of a history stamps are; row numbers are their own."""
    return index.to_numpy() if isinstance(grid, RowGrid) else grid.positions(index)


def rows_of(reading: BaseForecaster, parts: Parts, series: int) -> np.ndarray:
    """Return which of the test rows are of a series."""
    if parts.labels is None:
        return np.arange(len(parts.test))
    own = parts.labels[parts.test] == reading._panel.keys[series]
    return np.flatnonzero(own)

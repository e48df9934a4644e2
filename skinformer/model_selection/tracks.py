"""The origins of each series in rows that come after what a forecaster has seen."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import Reach, grid_stamps
from skinformer.series.grid import Grid, RowGrid
from skinformer.series.history import Stretch
from skinformer.series.panel import Given

__all__ = ["Track", "Trail", "lay_tracks", "refuse_short", "timeline_of_trails"]


class Trail(NamedTuple):
    """What is left of a track once its windows are forecast: no row of its series.

    Attributes
    ----------
    grid : Grid
    end : int
        Position on it of the row after the last one of the series.
    from_end : ndarray of shape (n_origins,)
        Rows from each origin to the end of the series.
    label : object
        The name of the series; None where there is one without a name.
    """

    grid: Grid
    end: int
    from_end: np.ndarray
    label: object = None

    def stamps(self, n_rows: int) -> pd.Index:
        """Return the stamps of the last rows; rows without time count from -1 on."""
        if isinstance(self.grid, RowGrid):
            return pd.RangeIndex(-1, n_rows - 1)
        return grid_stamps(self.grid, self.end - n_rows, self.end)


class Track(NamedTuple):
    """The origins of one series.

    Attributes
    ----------
    history : Stretch
        All rows of the series, later ones too.
    n_before : int
        How many of them the forecaster had; 0 for a series that it did not know.
    index : Index
        Of the later ones that were given.
    origins : ndarray of shape (n_origins,)
        Counted from the first row of ``history``.
    label : object
        The name of the series; None where there is one without a name.
    """

    history: Stretch
    n_before: int
    index: pd.Index  # type: ignore[assignment]  # a tuple has index(); no one calls it
    origins: np.ndarray
    label: object = None

    def trail(self) -> Trail:
        """Return what outlives the forecasts."""
        history, from_end = self.history, self.history.n_known - self.origins
        return Trail(history.grid, history.end, from_end, self.label)


def least_origin(history: Stretch, n_before: int) -> int:
    """Return the first origin at which a forecaster knows something of a series.

    A series that it has not seen is known once every target has had a value.
    """
    if n_before:
        return n_before
    return int((~np.isnan(history.targets)).argmax(axis=0).max()) + 1


def origins_at(
    history: Stretch, n_before: int, instants: pd.Index, reach: Reach
) -> np.ndarray:
    """Return the origins that know the rows before each instant and no other.

    Those whose windows end beyond the rows are left out.
    """
    n, offset = history.n_known, history.offset
    last = max(n_before - 1, 0)
    stamps = grid_stamps(history.grid, offset + last, offset + n)
    origins = np.unique(last + stamps.searchsorted(instants, side="left"))
    least = least_origin(history, n_before)
    return origins[(origins >= least) & (origins + reach.ahead <= n)]


def lay_tracks(
    forecaster: BaseForecaster,
    rows: Given,
    reach: Reach,
    instants: pd.Index | None,
) -> list[Track]:
    """Return the tracks of the series that have rows enough for a window.

    Parameters
    ----------
    forecaster : BaseForecaster
    rows : Given
        Rows after those that it has seen.
    reach : Reach
    instants : Index or None
        Origins of all series; None counts the rows of each.
    """
    before, after = forecaster._panel, forecaster._extended(rows, "raise")
    tracks = []
    for series, which in after.split(rows):
        history = after[series]
        n = before[series].n_known if series < len(before) else 0
        if instants is None:
            first = least_origin(history, n)
            last = history.n_known - reach.ahead
            origins = np.array(range(first, last + 1, reach.stride), dtype=np.int64)
        else:
            origins = origins_at(history, n, instants, reach)
        label = None if after.keys is None else after.keys[series]
        tracks.append(Track(history, n, rows.index[which], origins, label))
    return [track for track in tracks if len(track.origins)]


def refuse_short(rows: Given, tracks: Sequence[Track], reach: Reach) -> None:
    """Refuse rows none of whose series has a window."""
    if tracks:
        return
    n, where = len(rows.index), ""
    if rows.labels is not None:
        n, where = rows.labels.value_counts().max(), " of the longest series"
    raise ValueError(reach.no_window(f"{n} rows{where} hold"))


def timeline_of_trails(trails: Sequence[Trail]) -> tuple[pd.Index, list[np.ndarray]]:
    """Put the rows of all series one after another, from each one's first origin on.

    A series may have several trails, all of which end at its last row.

    Returns
    -------
    timeline : Index
        Of each series, from the row before its first origin to its last one.
    origins : list of ndarray
        Of each trail, how many rows of the timeline, less one, come before them.
    """
    longest: dict = {}
    for trail in trails:
        ahead = int(trail.from_end.max())
        if trail.label not in longest or ahead > longest[trail.label][0]:
            longest[trail.label] = ahead, trail
    parts = [trail.stamps(ahead + 1) for ahead, trail in longest.values()]
    first = np.cumsum([0] + [len(part) for part in parts[:-1]])
    at = {
        label: start + ahead
        for (label, (ahead, _)), start in zip(longest.items(), first, strict=True)
    }
    origins = [at[trail.label] - trail.from_end for trail in trails]
    return parts[0].append(list(parts[1:])), origins

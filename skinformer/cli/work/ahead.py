"""The rows that a forecast is asked for: made from the calendar, or from a table."""

from typing import Any

import numpy as np
import pandas as pd

from skinformer.series.grid import OFF_GRID
from skinformer.series.panel import Panel

from .stored import Stored

__all__ = ["calendar_rows", "future_rows"]


def calendar_rows(stored: Stored, horizon: int) -> pd.DataFrame:
    """Make the rows that follow each series; only the calendar is known of them.

    Raises
    ------
    ValueError
        If the model needs to know more.
    """
    if stored.roles.known:
        raise ValueError(
            f"{stored.path} was fitted with columns that are known ahead: give "
            f"--future, a table of {', '.join(needed_columns(stored))}, with rows "
            f"after {last_stamp(stored)}."
        )
    panel = stored.forecaster._panel
    parts = [rows_after(stored, panel, series, horizon) for series in range(len(panel))]
    return pd.concat(parts) if len(parts) > 1 else parts[0]


def needed_columns(stored: Stored) -> list[str]:
    """Name the columns of a table of rows to forecast."""
    series = [stored.roles.series] if stored.roles.series else []
    return [*stored.clock.columns, *series, *stored.roles.known]


def rows_after(stored: Stored, panel: Panel, series: int, horizon: int) -> pd.DataFrame:
    """Make the rows that follow one series."""
    history = panel[series]
    index = history.grid.stamps(history.end, history.end + horizon)
    roles = stored.roles
    columns: dict[str, Any] = {
        name: pd.Categorical([None] * horizon)
        if name in roles.categories
        else np.full(horizon, np.nan)
        for name in roles.past
    }
    if roles.series is not None:
        columns[roles.series] = [panel.keys[series]] * horizon
    return pd.DataFrame(columns, index=index)


def future_rows(
    stored: Stored, X: pd.DataFrame, name: str, horizon: int | None
) -> tuple[pd.DataFrame, int]:
    """Return the rows of a table that lie after the history of their series.

    Of these, the first so many of each series if a horizon is asked for. The number of
    rows that were left out since they have been observed already comes second.

    Raises
    ------
    ValueError
        If none is left, or fewer than asked for.
    """
    steps = steps_ahead(stored, X)
    later = X[steps >= 0]
    if len(later) == 0:
        raise ValueError(
            f"{name} ends at {X.index.max()}, and {stored.path} has seen rows up to "
            f"{last_stamp(stored)}; give later rows, or those observed since by --data."
        )
    if horizon is not None:
        ahead = steps[steps >= 0]
        check_reach(stored, later, ahead, name, horizon)
        later = later[ahead < horizon]
    return later, int((steps < 0).sum())


def steps_ahead(stored: Stored, X: pd.DataFrame) -> np.ndarray:
    """Count the steps from the end of each row's series; negative ones are observed.

    Rows of an unknown series, or off the grid, count as ahead: predict refuses them.
    """
    panel, series = stored.forecaster._panel, stored.roles.series
    steps = np.zeros(len(X), dtype=np.int64)
    for number, history in enumerate(panel):
        rows = np.ones(len(X), dtype=bool)
        if series is not None:
            rows = (X[series] == panel.keys[number]).to_numpy()
        if not rows.any():
            continue  # some grids cannot place nothing
        positions = history.grid.positions(X.index[rows])
        ahead = positions - history.end
        steps[rows] = np.where(np.equal(positions, OFF_GRID), 0, ahead)
    return steps


def last_stamp(stored: Stored) -> pd.Timestamp:
    """Return the last time that a model has seen."""
    panel = stored.forecaster._panel
    return max(h.grid.stamps(h.end - 1, h.end)[0] for h in panel)


def check_reach(
    stored: Stored, later: pd.DataFrame, ahead: np.ndarray, name: str, horizon: int
) -> None:
    """Refuse a table that ends before the horizon."""
    if ahead.max() + 1 < horizon:
        raise ValueError(
            f"--horizon {horizon} reaches further than {name}, which ends "
            f"{ahead.max() + 1} rows after what {stored.path} has seen; give more rows "
            "or a shorter horizon."
        )

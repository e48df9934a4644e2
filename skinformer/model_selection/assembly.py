"""From windows to the result of a backtest: their stamps, series and scales."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import WindowForecasts, grid_stamps
from skinformer.series.grid import Grid, RowGrid

from .metrics import TrainingScale, training_scale
from .results import BacktestResult
from .rolling import Roll
from .tracks import Trail, timeline_of_trails

__all__ = [
    "result_of",
    "result_of_trails",
    "stack_scales",
    "timeline_of",
    "training_scales",
]


def timeline_of(grid: Grid, first: int, stop: int) -> pd.Index | None:
    """Return stamps from the row before ``first`` on, None where there is no time."""
    return None if isinstance(grid, RowGrid) else grid_stamps(grid, first - 1, stop)


def result_of(
    windows: WindowForecasts,
    names: list,
    timeline: pd.Index | None,
    roll: Roll,
    foresight: str,
    scale: TrainingScale | None = None,
    series: pd.Index | None = None,
) -> BacktestResult:
    """Put the result together."""
    return BacktestResult(
        windows.starts,
        list(names),
        windows.y_true,
        np.asarray(windows.y_pred, dtype=np.float64),
        timeline,
        roll.reach.gap,
        foresight,
        scale,
        series,
    )


def result_of_trails(
    windows: WindowForecasts,
    trails: Sequence[Trail],
    scales: dict | None,
    names: list,
    roll: Roll,
    foresight: str,
) -> BacktestResult:
    """Put the result of one series together, or of many, one after another."""
    timeline, origins = timeline_of_trails(trails)
    starts = np.concatenate(origins) + roll.reach.gap
    if trails[0].label is None:
        rows_only = isinstance(trails[0].grid, RowGrid)
        scale = None if scales is None else scales[None]
        windows = windows._replace(starts=starts)
        times = None if rows_only else timeline
        return result_of(windows, names, times, roll, foresight, scale)
    # clones tell of a series part by part
    order = np.argsort(starts, kind="stable")
    owner = np.repeat(np.arange(len(trails)), [len(at) for at in origins])[order]
    ordered = WindowForecasts(
        starts[order], windows.y_pred[order], windows.y_true[order]
    )
    labels = [trail.label for trail in trails]
    scale = None if scales is None else stack_scales(scales, labels, owner)
    series = pd.Index(labels)[owner]
    return result_of(ordered, names, timeline, roll, foresight, scale, series)


def training_scales(forecaster: BaseForecaster) -> dict | None:
    """Measure the rows of each series that a forecaster was fitted on, by its label.

    None where they are not kept.
    """
    panel, fitted = forecaster._panel, forecaster._n_fitted
    histories = panel.stretches[: len(fitted)]
    if any(history.offset for history in histories):
        return None
    labels = [None] if panel.keys is None else panel.keys[: len(fitted)]
    return {
        label: training_scale(history.targets[:n], history.grid.season)
        for label, history, n in zip(labels, histories, fitted, strict=True)
    }


def stack_scales(scales: dict, labels: list, owner: np.ndarray) -> TrainingScale:
    """Return the scale of the series of each window, NaN where it has none.

    ``owner`` says of each window at which place of ``labels`` its series is.
    """
    known = next(iter(scales.values()))
    unknown = np.full_like(known.std, np.nan)
    nothing = TrainingScale(unknown, unknown, unknown, known.season)
    each = [scales.get(label, nothing) for label in labels]

    def stacked(name: str) -> np.ndarray:
        # (n_labels, n_targets) -> (n_windows, 1, n_targets)
        return np.stack([getattr(scale, name) for scale in each])[owner][:, None, :]

    seasons = np.array([scale.season for scale in each])
    # (n_labels,) -> (n_windows, 1, 1)
    season = seasons[owner][:, None, None] if np.ptp(seasons) else known.season
    return TrainingScale(stacked("std"), stacked("mae"), stacked("rmse"), season)

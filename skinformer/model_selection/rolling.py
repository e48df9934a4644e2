"""Windows of one fitted estimator: a forecaster, or a regressor of covariates."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import (
    AsKnown,
    Reach,
    WindowForecasts,
    true_windows,
    true_windows_of,
)
from skinformer.series.history import Stretch
from skinformer.series.panel import Panel

from .rows import Rows, take_rows
from .tracks import Track

__all__ = ["Roll", "forecaster_windows", "regressor_windows"]

# origins that are rolled on between two steps of the progress bar
PORTION = 64


@dataclass(frozen=True)
class Roll:
    """What holds for every window of a backtest.

    Attributes
    ----------
    reach : Reach
        Horizon, gap and stride.
    future_X : callable or None
        As in :func:`~skinformer.backtest`.
    bar : tqdm
        Is told of windows that are done.
    """

    reach: Reach
    future_X: Callable | None
    bar: Any


def forecaster_windows(
    forecaster: BaseForecaster, tracks: Sequence[Track], roll: Roll
) -> WindowForecasts:
    """Forecast from the origins of all tracks, one track after another.

    Windows start at positions counted from the first row of each history;
    ``future_X`` returns covariates as the forecaster itself sees them.
    """
    reach, jobs = roll.reach, [(track.history, track.origins) for track in tracks]
    known = None
    if roll.future_X is not None:
        time = forecaster._schema.time
        known = [as_known(track, roll.future_X, time) for track in tracks]
    y_pred = roll_jobs(*acquainted(forecaster, tracks, known), roll)
    starts = np.concatenate([track.origins for track in tracks]) + reach.gap
    return WindowForecasts(starts, y_pred[:, reach.gap :], true_windows_of(jobs, reach))


def as_known(track: Track, future_X: Callable, time: Any = None) -> AsKnown:
    """Return what was known ahead of one series; a label is told where it has one."""
    history, n = track.history, track.n_before
    positions = n + np.flatnonzero(history.given[n:])
    label = () if track.label is None else (track.label,)
    return AsKnown(
        lambda origin, index: future_X(origin, index, *label),
        track.index,
        positions,
        history.grid,
        history.offset,
        time,
    )


def acquainted(
    forecaster: BaseForecaster, tracks: Sequence[Track], known: list | None
) -> tuple[BaseForecaster, list, list | None]:
    """Return a forecaster that knows the series of all tracks, and what it is to do.

    A series that it has not seen is one series for each origin, known by the rows
    before it as ``update`` would make it known: later rows must not tell its scale.
    """
    before, jobs, ahead = forecaster._panel, [], []
    cuts: list[Stretch] = []
    labels: list = []
    for i, (history, n, _, origins, label) in enumerate(tracks):
        if n:
            jobs.append((history, origins))
            ahead.append(i)
            continue
        for origin in origins:
            series = len(before) + len(cuts)
            jobs.append((replace(history, series=series), np.array([origin])))
            ahead.append(i)
            cuts.append(history.before(int(origin)))
            labels.append(label)
    if cuts:
        forecaster = copy.copy(forecaster)
        forecaster._admit(before.then(Panel(tuple(cuts), pd.Index(labels))))
    return forecaster, jobs, None if known is None else [known[i] for i in ahead]


def roll_jobs(
    forecaster: BaseForecaster, jobs: list, known: list | None, roll: Roll
) -> np.ndarray:
    """Forecast the rows from each origin on, (n_origins, ahead, n_targets)."""
    ahead = roll.reach.ahead
    if known is None and ahead <= forecaster._pred_len:
        # windows of one pass are forecast together; the others take a pass a block
        blocks = forecaster._forecast_origins(jobs, ahead)
        roll.bar.update(len(blocks))
        return blocks
    parts = []
    for which, some in portions(jobs, PORTION):
        told = None if known is None else [known[i] for i in which]
        parts.append(forecaster._forecast_origins(some, ahead, told))
        roll.bar.update(len(parts[-1]))
    return np.concatenate(parts)


def portions(jobs: list, size: int) -> Iterator[tuple[list[int], list]]:
    """Cut jobs into portions of so many origins, the last ones of fewer.

    >>> jobs = [("a", np.arange(3)), ("b", np.arange(2))]
    >>> for which, some in portions(jobs, 2):
    ...     print(which, [(name, origins.tolist()) for name, origins in some])
    [0] [('a', [0, 1])]
    [0, 1] [('a', [2]), ('b', [0])]
    [1] [('b', [1])]
    """
    owner = np.repeat(np.arange(len(jobs)), [len(origins) for _, origins in jobs])
    every = np.concatenate([origins for _, origins in jobs])
    for i in range(0, len(every), size):
        which, first = np.unique(owner[i : i + size], return_index=True)
        cut = np.split(every[i : i + size], first[1:])
        some = [(jobs[k][0], part) for k, part in zip(which, cut, strict=True)]
        yield which.tolist(), some


def regressor_windows(
    regressor: Any, rows: Rows, origins: np.ndarray, roll: Roll
) -> WindowForecasts:
    """Predict the rows of each window from their covariates; NaN where one is absent.

    ``origins`` are positions on the grid of ``rows``.
    """
    horizon, starts = roll.reach.horizon, origins + roll.reach.gap
    y_true = true_windows(rows.targets, starts, horizon)
    if roll.future_X is None:
        given = rows.given(int(starts[0]), int(starts[-1]) + horizon)
        predicted = rows.on_grid(predict_rows(regressor, rows, given), given)
        roll.bar.update(len(origins))
        return WindowForecasts(starts, true_windows(predicted, starts, horizon), y_true)
    known = AsKnown(roll.future_X, rows.index, rows.positions, rows.grid)
    y_pred = np.full_like(y_true, np.nan)
    for window, origin, start in zip(y_pred, origins, starts, strict=True):
        positions, frame = known.ask(origin, start, start + horizon)
        if frame is not None:
            shape = len(positions), y_true.shape[2]
            window[positions - start] = in_shape(regressor.predict(frame), shape)
        roll.bar.update(1)
    return WindowForecasts(starts, y_pred, y_true)


def predict_rows(regressor: Any, rows: Rows, given: slice) -> np.ndarray:
    """Predict given rows, (n_given, n_targets)."""
    shape = given.stop - given.start, len(rows.target_names)
    if shape[0] == 0:
        return np.empty(shape)
    return in_shape(regressor.predict(take_rows(rows.X, given)), shape)


def in_shape(predicted: Any, shape: tuple[int, int]) -> np.ndarray:
    """Return predictions as (n_rows, n_targets); refuse those of other targets."""
    predicted = np.asarray(predicted)
    if predicted.size != shape[0] * shape[1]:
        raise ValueError(
            f"The regressor returned predictions of shape {predicted.shape} for "
            f"{shape[0]} rows; y has {shape[1]} target(s). Fit it on the same targets, "
            "or wrap it in MultiOutputRegressor."
        )
    return predicted.reshape(shape)

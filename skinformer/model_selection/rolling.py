"""Windows of one fitted estimator: a forecaster, or a regressor of covariates."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import (
    AsKnown,
    Reach,
    WindowForecasts,
    true_windows,
)
from skinformer.series.history import Stretch

from .rows import Rows, take_rows

__all__ = ["Roll", "forecaster_windows", "regressor_windows"]


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
    forecaster: BaseForecaster,
    history: Stretch,
    index: pd.Index,
    origins: np.ndarray,
    roll: Roll,
) -> WindowForecasts:
    """Forecast from ``origins``, counted from the end of the forecaster's own history.

    ``history`` is that history and the rows after it, whose index is ``index``;
    ``future_X`` returns covariates as the forecaster itself sees them.
    """
    reach, n = roll.reach, forecaster._history.n_known
    known = None
    if roll.future_X is not None:
        positions = n + np.flatnonzero(history.given[n:])
        known = AsKnown(roll.future_X, index, positions, history.grid)
    # windows of one pass are not cut up; the others take a pass each
    at_once = known is None and reach.ahead <= forecaster._pred_len
    size = len(origins) if at_once else 1
    blocks = []
    for i in range(0, len(origins), size):
        part = n + origins[i : i + size]
        blocks.append(forecaster._forecast_origins(history, part, reach.ahead, known))
        roll.bar.update(len(part))
    starts = origins + reach.gap
    y_true = true_windows(history.targets, n + starts, reach.horizon)
    return WindowForecasts(starts, np.concatenate(blocks)[:, reach.gap :], y_true)


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

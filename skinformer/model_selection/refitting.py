"""Windows of clones that are fitted as the origin rolls on."""

import logging
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone

from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import WindowForecasts
from skinformer.series.grid import RowGrid

from .fits import Fits, each_fit
from .refits import Refits, segments
from .rolling import Roll, forecaster_windows, regressor_windows
from .rows import Placed, Rows, take_rows
from .steps import find_forecaster, in_front, unwrap
from .tracks import Track

__all__ = ["refitted_windows", "say_fit"]

logger = logging.getLogger("skinformer")


def refitted_windows(
    estimator: Any, rows: Rows, origins: np.ndarray, roll: Roll, refits: Refits
) -> WindowForecasts:
    """Fit a clone before every segment of origins, and forecast from these."""
    fits = Fits(estimator, rows, roll, refits)
    parts = each_fit(windows_of_fit, fits, segments(origins, refits.refit))
    return WindowForecasts(*map(np.concatenate, zip(*parts, strict=True)))


def windows_of_fit(fits: Fits, origins: np.ndarray) -> WindowForecasts:
    """Fit a clone on the rows before the first of some origins, forecast from all."""
    rows, roll = fits.rows, fits.roll
    train = fits.refits.training_rows(rows, int(origins[0]))
    say_fit(rows, train)
    model = clone(fits.estimator)
    is_regressor = find_forecaster(model) is None
    seen = rows_with_targets(rows, train) if is_regressor else train
    model.fit(take_rows(rows.X, seen), take_rows(rows.y, seen))
    if is_regressor:
        return regressor_windows(model, rows, origins, roll)
    check_same_grid(unwrap(model)[1], rows, train)
    return later_windows(model, rows, train.stop, origins, roll)


def say_fit(rows: Placed, train: slice) -> None:
    """Log which rows, or stamps, a clone is fitted on."""
    first, last = rows.index[train.start], rows.index[train.stop - 1]
    logger.debug("backtest: a clone is fitted on the rows %s to %s", first, last)


def rows_with_targets(rows: Rows, train: slice) -> np.ndarray:
    """Return the given rows that have all their targets: regressors refuse others."""
    has_all = ~np.isnan(rows.targets[rows.positions[train]]).any(axis=1)
    if not has_all.any():
        raise ValueError(
            f"None of the {len(has_all)} rows up to {rows.index[train.stop - 1]} has "
            "all its targets, so that the regressor has nothing to be fitted on. Give "
            "a greater train_size, or one target at a time."
        )
    return train.start + np.flatnonzero(has_all)


def later_windows(
    model: Any, rows: Rows, n_seen: int, origins: np.ndarray, roll: Roll
) -> WindowForecasts:
    """Forecast by a forecaster that was fitted on given rows up to ``n_seen``.

    ``origins`` are positions on the grid of ``rows``.
    """
    transform, forecaster = unwrap(model)
    stop = rows.given(0, int(origins[-1]) + roll.reach.ahead).stop
    ahead, end = slice(n_seen, stop), int(rows.positions[n_seen - 1]) + 1
    if stop == n_seen:
        return unknown_windows(rows, origins, roll)
    X, y = take_rows(rows.X, ahead), take_rows(rows.y, ahead)
    number = 0 if hasattr(X, "index") else n_seen
    given = forecaster._read_observed(transform(X), y)
    history, n = forecaster._extended(given, "raise")[0], forecaster._history.n_known
    windows = forecaster_windows(
        forecaster,
        [Track(history, n, given.index, origins - end + n)],
        replace(roll, future_X=in_front(transform, roll.future_X, number)),
    )
    return windows._replace(starts=windows.starts - n + end)


def unknown_windows(rows: Rows, origins: np.ndarray, roll: Roll) -> WindowForecasts:
    """Return windows none of whose rows is given, nor any before them to the fit."""
    shape = len(origins), roll.reach.horizon, len(rows.target_names)
    roll.bar.update(len(origins))
    nothing = np.full(shape, np.nan)
    return WindowForecasts(origins + roll.reach.gap, nothing, nothing)


def check_same_grid(forecaster: BaseForecaster, rows: Rows, train: slice) -> None:
    """Refuse a forecaster that counts rows in another way than their index shows."""
    history = forecaster._history
    if rows.has_time and isinstance(history.grid, RowGrid) and not rows.complete:
        raise ValueError(
            "A step in front of the forecaster drops the time index, and rows are "
            "absent from X, so that they cannot be counted. Keep the index with "
            "set_output(transform='pandas')."
        )
    first, last = rows.positions[train.start], rows.positions[train.stop - 1]
    if forecaster._n_fitted[0] != last - first + 1:
        raise ValueError(
            f"The rows up to {rows.index[train.stop - 1]} show another step than all "
            "rows of X together. Give the forecaster the step, as freq=."
        )

"""Windows of clones that are fitted as the origin rolls on."""

import logging
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.base import clone

from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import WindowForecasts, check_whole
from skinformer.series.grid import RowGrid

from .rolling import Roll, forecaster_windows, regressor_windows
from .rows import Placed, Rows, take_rows
from .steps import find_forecaster, in_front, unwrap
from .tracks import Track

__all__ = ["Refits", "refitted_windows", "say_fit", "segments"]

logger = logging.getLogger("skinformer")


@dataclass(frozen=True)
class Refits:
    """On which rows clones are fitted.

    Attributes
    ----------
    train_size : int or None
        Rows before the first origin; None where nothing is fitted.
    max_train_size : int or None
        Rows of a fit at the most.
    refit : bool or int
        Whether, or after how many origins, a clone is fitted anew.
    """

    train_size: int | Any  # Any is None here: nothing is fitted
    max_train_size: int | None
    refit: bool | int

    def __post_init__(self) -> None:
        """Refuse settings out of range, or without ``train_size``."""
        check_refit(self.refit)
        for name in ("train_size", "max_train_size"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name))
        if self.train_size is not None:
            return
        for name in ("max_train_size", "refit"):
            if getattr(self, name) not in (None, False):
                raise ValueError(
                    f"{name}={getattr(self, name)!r} needs train_size, the rows of X "
                    "before the first origin; X and y are then all rows."
                )

    def first_origin(self, rows: Placed) -> int:
        """Return the position after the first ``train_size`` rows, or stamps."""
        if self.train_size >= len(rows.positions):
            raise ValueError(
                f"train_size={self.train_size} leaves no row to forecast: X has "
                f"{len(rows.positions)}. Give more rows, or a lower train_size."
            )
        return int(rows.positions[self.train_size - 1]) + 1

    def training_rows(self, rows: Placed, origin: int) -> slice:
        """Return the given rows, or stamps, that a fit at ``origin`` sees."""
        known = rows.given(0, origin)
        most = known.stop if self.max_train_size is None else self.max_train_size
        return slice(max(known.stop - most, 0), known.stop)


def check_refit(refit: Any) -> None:
    """Refuse what is neither a bool nor a number of origins."""
    whole = isinstance(refit, Integral) and int(refit) >= 1
    if not whole and refit is not False:
        raise ValueError(
            f"refit={refit!r} must be True, False, or an int of at least 1: fit anew "
            "at every so many origins."
        )


def segments(origins: np.ndarray, refit: bool | int) -> list[np.ndarray]:
    """Cut origins into those that share a fit.

    >>> [part.tolist() for part in segments(np.array([4, 6, 8]), 2)]
    [[4, 6], [8]]
    >>> len(segments(np.arange(5), True)), len(segments(np.arange(5), False))
    (5, 1)
    """
    size = int(refit) or len(origins)  # True is one origin
    return [origins[i : i + size] for i in range(0, len(origins), size)]


def refitted_windows(
    estimator: Any, rows: Rows, origins: np.ndarray, roll: Roll, refits: Refits
) -> WindowForecasts:
    """Fit a clone before every segment of origins, and forecast from these."""
    parts = []
    for part in segments(origins, refits.refit):
        train = refits.training_rows(rows, int(part[0]))
        say_fit(rows, train)
        model = clone(estimator)
        is_regressor = find_forecaster(model) is None
        seen = rows_with_targets(rows, train) if is_regressor else train
        model.fit(take_rows(rows.X, seen), take_rows(rows.y, seen))
        if is_regressor:
            parts.append(regressor_windows(model, rows, part, roll))
        else:
            check_same_grid(unwrap(model)[1], rows, train)
            parts.append(later_windows(model, rows, train.stop, part, roll))
    return WindowForecasts(*map(np.concatenate, zip(*parts, strict=True)))


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

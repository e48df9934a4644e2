"""What a fitted forecaster says of some rows, beside its own history, for a picture."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_consistent_length

from skinformer._validation import did_you_mean
from skinformer.exceptions import each_warning_once
from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.blocks import Ask
from skinformer.forecasting.reading import check_same_targets, read_rows
from skinformer.model_selection.rows import take_rows

__all__ = ["ForecastRows", "ask_forecaster", "forecast_rows"]


class ForecastRows(NamedTuple):
    """Rows of one target of one series, on the grid of its history.

    Attributes
    ----------
    y_true : Series of the rows before the forecast and of those that are forecast
    forecast : Series of the rows from the first to the last one asked for
    interval : DataFrame of the same rows, with columns low and high, or None
    """

    y_true: pd.Series
    forecast: pd.Series
    interval: pd.DataFrame | None


def forecast_rows(
    forecaster: BaseForecaster,
    X: Any,
    y: Any,
    *,
    target: Any,
    series: Any,
    history: int,
    coverage: float | None,
) -> ForecastRows:
    """Forecast rows of one target of one series; look up those before them.

    Parameters
    ----------
    forecaster : BaseForecaster
        A fitted one.
    X : DataFrame or array-like of shape (n_rows, n_columns)
        Rows as the forecaster reads them.
    y : array-like of shape (n_rows,) or (n_rows, n_targets), or None
        What came.
    target, series : labels, or None where there is one
    history : int
        Rows before the forecast.
    coverage : float or None
        That of the interval; None for none.
    """
    number = choose_target(forecaster.target_names_, target)
    truth = read_truth(forecaster, X, y, number)
    which = rows_of_series(forecaster, X, series)
    X = take_rows(X, which)
    with each_warning_once():  # of a gap, that all three meet
        forecast, ends = ask_forecaster(forecaster, X, coverage)
        [ask] = forecaster._ask(X).asks
    truth = None if truth is None else truth[which]
    ends = None if ends is None else ends[:, number]
    return lay_out(ask, number, history, forecast[:, number], ends, truth)


def ask_forecaster(
    forecaster: Any, X: Any, coverage: float | None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return forecasts (n_rows, n_targets) and intervals (n_rows, n_targets, 2)."""
    forecast = forecaster.predict(X).reshape(len(X), -1)
    if coverage is None:
        return forecast, None
    return forecast, forecaster.predict_interval(X, coverage).reshape(len(X), -1, 2)


def choose_target(names: list, target: Any) -> int:
    """Return the number of the target that a picture shows."""
    if target is None and len(names) == 1:
        return 0
    if target is None:
        raise ValueError(
            f"The forecaster has {len(names)} targets, {names}; a picture shows one: "
            f"give target={names[0]!r}, or another of them."
        )
    if target not in names:
        raise ValueError(
            f"target={target!r} is none of the forecaster's, {names}."
            f"{did_you_mean(target, map(str, names))}"
        )
    return names.index(target)


def read_truth(
    forecaster: BaseForecaster, X: Any, y: Any, number: int
) -> np.ndarray | None:
    """Return what came in the rows of X, (n_rows,), if that is known."""
    if y is None:
        return None
    check_consistent_length(X, y)
    _, targets = read_rows(X, y, len(X))
    check_same_targets(targets, y, forecaster.target_names_)
    return targets.values[:, number]


def rows_of_series(forecaster: BaseForecaster, X: Any, series: Any) -> np.ndarray:
    """Return which rows of X are of the series that a picture shows."""
    labels = forecaster._schema.read_labels(forecaster._check_columns(X))
    if labels is None:
        if series is not None:
            raise ValueError(
                f"series={series!r} names one of many, and this forecaster was fitted "
                "on one without a name; leave it out."
            )
        return np.arange(len(X))
    there = list(dict.fromkeys(labels))
    some = ", ".join(map(repr, there[:3])) + (", ..." if len(there) > 3 else "")
    if series is None and len(there) > 1:
        raise ValueError(
            f"X has rows of {len(there)} series, {some}; a picture shows one: give "
            f"series={there[0]!r}, or another of them."
        )
    if series is not None and series not in there:
        raise ValueError(
            f"series={series!r} has no row in X, which has those of {some}."
            f"{did_you_mean(series, map(str, there))}"
        )
    return np.flatnonzero(labels == (there[0] if series is None else series))


def lay_out(
    ask: Ask,
    number: int,
    history: int,
    forecast: np.ndarray,
    ends: np.ndarray | None,
    truth: np.ndarray | None,
) -> ForecastRows:
    """Put forecasts and what was observed on the grid, so that gaps are seen as such.

    Rows that are asked for may stand in any order; what came prevails over what the
    history holds.
    """
    past, positions = ask.history, ask.positions
    first, stop = int(positions.min()), int(positions.max()) + 1
    # before a gap, the rows that are known count, and not those of the gap
    low = max(min(first, past.n_known) - history, 0)
    stamps = past.grid.stamps(past.offset + low, past.offset + stop)
    y_true = np.full(stop - low, np.nan)
    known = past.targets[low:stop, number]
    y_true[: len(known)] = known
    if truth is not None:
        y_true[positions - low] = truth
    told = np.full((stop - first, 3), np.nan)
    told[positions - first, 0] = forecast
    if ends is not None:
        told[positions - first, 1:] = ends
    asked = stamps[first - low :]
    return ForecastRows(
        pd.Series(y_true, stamps),
        pd.Series(told[:, 0], asked),
        None if ends is None else pd.DataFrame(told[:, 1:], asked, ["low", "high"]),
    )

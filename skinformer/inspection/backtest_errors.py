"""Errors of a backtest along one axis: step, hour, weekday, target, series, window."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from skinformer._validation import did_you_mean
from skinformer.model_selection import BacktestResult
from skinformer.model_selection.metrics import check_metric, sums
from skinformer.series.offsets import clock_step, whole_days

from .ahead import step_of, time_ahead
from .style import named

__all__ = [
    "KINDS",
    "check_kind",
    "check_results",
    "check_same_axis",
    "errors_along",
    "metric_label",
    "of_target",
]

# what a metric is called on an axis, and its unit: {} for that of the target
LABELS = {
    "mse": ("mean squared error", "{}{squared}"),
    "mae": ("mean absolute error", "{}"),
    "rmse": ("root mean squared error", "{}"),
    "bias": ("bias, forecast minus truth", "{}"),
    "wape": ("absolute errors", "share of the truth"),
    "mase": ("absolute error", "of the last season repeated = 1"),
    "rmsse": ("root mean squared error", "of the last season repeated = 1"),
    "residuals": ("forecast minus truth", "{}"),
}
# the parts of a TrainingScale that have an axis of targets
SCALES = ("std", "mae", "rmse")


def check_kind(kind: Any) -> None:
    """Refuse a kind of picture that there is not."""
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(
            f"kind={kind!r} is unknown. Give one of {', '.join(map(repr, KINDS))}."
            f"{did_you_mean(kind, KINDS)}"
        )


def check_results(results: Any) -> None:
    """Refuse what are no backtests, or backtests of different targets."""
    if not results:
        raise ValueError("results is empty; give at least one backtest, by its name.")
    for name, result in results.items():
        if not isinstance(result, BacktestResult):
            raise TypeError(
                f"results[{name!r}] is a {type(result).__name__}; give what backtest() "
                "returned, or a dict of names and such results."
            )
    targets = {name: result.target_names for name, result in results.items()}
    first, *others = targets
    for name in others:
        if targets[name] != targets[first]:
            raise ValueError(
                f"{first!r} has the targets {targets[first]}, {name!r} has "
                f"{targets[name]}; give backtests of the same ones."
            )


def check_same_axis(errors: dict[str, pd.Series]) -> None:
    """Refuse steps of hours beside steps of days."""
    axes = {name: along.index.name for name, along in errors.items()}
    if len(set(axes.values())) > 1:
        said = ", ".join(f"{name!r} {axis}" for name, axis in axes.items())
        raise ValueError(
            f"The backtests differ in what is along the axis: {said}. Draw them apart."
        )


def of_target(result: BacktestResult, target: Any) -> BacktestResult:
    """Return the result of one target; of all of them where none is named."""
    if target is None:
        return result
    names = result.target_names
    if target not in names:
        raise ValueError(
            f"target={target!r} is none of the backtest's, {names}."
            f"{did_you_mean(target, map(str, names))}"
        )
    here = slice(names.index(target), names.index(target) + 1)
    scale = result.scale
    if scale is not None:
        parts = {name: getattr(scale, name)[..., here] for name in SCALES}
        scale = replace(scale, **parts)
    return replace(
        result,
        target_names=[target],
        y_true=result.y_true[..., here],
        y_pred=result.y_pred[..., here],
        scale=scale,
    )


def metric_label(
    result: BacktestResult, metric: str, standardized: bool, unit: str | None
) -> str:
    """Return what the axis of a metric is called, with its unit."""
    name, pattern = LABELS[metric]
    own = unit_of(result, standardized, unit)
    squared = "²" if own.isalpha() else ", squared"  # the square of m/s is not m/s²
    return f"{name} ({pattern.format(own, squared=squared)})"


def unit_of(result: BacktestResult, standardized: bool, unit: str | None) -> str:
    """Return the unit of errors."""
    if standardized:
        return "standard deviations"
    if unit:
        return unit
    names = result.target_names
    return f"unit of {named(names[0])}" if len(names) == 1 else "units of the targets"


# Errors by what the picture has on its axis; the name of the index is the axis'


def errors_along(
    result: BacktestResult, kind: str, metric: str, standardized: bool
) -> pd.Series:
    """Return a metric along an axis; its index has the name of that axis.

    Parameters
    ----------
    result : BacktestResult
    kind : {"step", "hour", "weekday", "target", "series", "window", "residuals"}
        "residuals" are the errors themselves, without an axis.
    metric : str
        As in :meth:`BacktestResult.metric`.
    standardized : bool
        Whether errors are divided by the standard deviation of the training rows.
    """
    # refuses what is unknown, and a scale that is needed and absent
    result.metric(metric, standardized=standardized)
    if np.isnan(result.y_true).all():
        raise ValueError(
            "The truth of every row of the backtest is missing (NaN), so that it has "
            "no errors. Backtest over rows whose targets are known."
        )
    return KINDS[kind](result, metric, standardized)


def by_axis(kind: str) -> Callable[[BacktestResult, str, bool], pd.Series]:
    """Return errors along an axis that the result knows by itself."""

    def errors(result: BacktestResult, metric: str, standardized: bool) -> pd.Series:
        values = result.metric(metric, by=kind, standardized=standardized)
        return pd.Series(values, axis_of(result, kind))

    return errors


def axis_of(result: BacktestResult, kind: str) -> pd.Index:
    """Return what there is one error for."""
    if kind == "step":
        steps = result.gap + np.arange(1, result.y_true.shape[1] + 1)
        return time_ahead(step_of(result), steps)
    if kind == "target":
        return pd.Index(result.target_names, name="target", tupleize_cols=False)
    names: Any = result.series  # not None, where there are errors by series
    return names.unique().rename("series")


def by_hour(result: BacktestResult, metric: str, standardized: bool) -> pd.Series:
    """Return errors by the hour on the local clock."""
    stamps, freq = stamps_of(result, "hour"), step_of(result)
    if freq is None or clock_step(whole_days(freq)) is None:
        raise ValueError(
            "kind='hour' needs rows within the day; those of this backtest are a day "
            "or longer apart. Give kind='step', 'weekday' or 'window'."
        )
    zone = "" if stamps.tz is None else f" ({stamps.tz})"
    return grouped(result, stamps.hour, f"hour of the day{zone}", metric, standardized)


def by_weekday(result: BacktestResult, metric: str, standardized: bool) -> pd.Series:
    """Return errors by the day of the week on the local clock, Monday 0."""
    stamps = stamps_of(result, "weekday")
    return grouped(result, stamps.day_of_week, "weekday", metric, standardized)


def by_window(result: BacktestResult, metric: str, standardized: bool) -> pd.Series:
    """Return errors by origin, those of all series together."""
    origins = result.origins.repeat(result.y_true.shape[1])
    return grouped(result, origins, "origin", metric, standardized)


def residuals(result: BacktestResult, metric: str, standardized: bool) -> pd.Series:
    """Return all errors that are known, forecast minus truth."""
    errors = result.errors(divisor(result, standardized))
    return pd.Series(errors[~np.isnan(errors)])


def divisor(result: BacktestResult, standardized: bool) -> Any:
    """Return what errors are divided by; that there is a scale was checked before."""
    return result.scale.std if standardized and result.scale is not None else 1.0


def stamps_of(result: BacktestResult, kind: str) -> pd.DatetimeIndex:
    """Return the stamps of all rows, refuse rows without time."""
    stamps = result.timestamps
    if isinstance(stamps, pd.PeriodIndex):
        return stamps.to_timestamp()
    if not isinstance(stamps, pd.DatetimeIndex):
        raise ValueError(
            f"kind={kind!r} needs rows with a time index, and those of this backtest "
            "have none. Give kind='step' or 'window', or fit with a DatetimeIndex."
        )
    return stamps


def grouped(
    result: BacktestResult, labels: pd.Index, name: str, metric: str, standardized: bool
) -> pd.Series:
    """Return errors of the rows (n_windows * horizon,) that have the same label."""
    unit = divisor(result, standardized)
    known, told = check_metric(metric), (result.y_true, result.y_pred)
    power = known.power(*told, unit)
    terms = sums(metric, *told, (2,), result.scale, np.multiply(unit, power))
    codes, groups = pd.factorize(labels, sort=True)
    above, below = (np.bincount(codes, term.ravel()) for term in terms)
    values = known.finish(above, below, power)
    return pd.Series(values, pd.Index(groups, name=name))


KINDS = {
    "step": by_axis("step"),
    "hour": by_hour,
    "weekday": by_weekday,
    "target": by_axis("target"),
    "series": by_axis("series"),
    "window": by_window,
    "residuals": residuals,
}

"""The figures of errors, of the calendar, and of how often intervals held."""

from typing import Any

import numpy as np

from skinformer.inspection.backtest_errors import of_target

from .by_clock import ByClock
from .drawing import axis, colour, figure, name_and_unit, plain, thin
from .findings import held_and_width
from .report import Report

__all__ = [
    "clock_error_figure",
    "clock_level_figure",
    "coverage_figure",
    "errors_by_step",
    "held_by_step",
    "step_figure",
]

# of the forecaster, and of the baselines in turn
COLOURS = ["forecast", "other-1", "other-2", "other-3", "other-4"]
DASHES = ["solid", "dash", "dot", "dashdot", "longdash"]
MARKERS = ["circle", "square", "diamond", "triangle-up", "x"]
FIELDS = {"hour": "hour of the day", "weekday": "day of the week", "month": "month"}
MOST_BARS = 8  # parts of the horizon of which the coverage is shown
MOST_MARKERS = 48


# Errors


def step_figure(report: Report, target: int) -> dict:
    """Draw the mean absolute error by step ahead."""
    traces = []
    for i, (name, result) in enumerate(report.results.items()):
        error = errors_by_step(result, target)
        traces.append(error_line(i, name, np.arange(1, len(error) + 1), error))
    return figure(
        traces,
        xaxis=axis(f"steps ahead ({step_words(report)})", rangemode="tozero"),
        yaxis=error_axis(report.data.targets[target].unit),
        hovermode="x unified",
    )


def errors_by_step(result: Any, target: int) -> np.ndarray:
    """Return the mean absolute error of one target at each step."""
    name = result.target_names[target]
    return of_target(result, name).metric("mae", by="step")


def error_line(i: int, name: str, x: Any, y: np.ndarray) -> dict:
    """Return the errors of the i-th forecaster as a line."""
    style = i % len(COLOURS)
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(y) <= MOST_MARKERS else "lines",
        "x": x,
        "y": thin(y),
        "name": plain(name),
        "line": {
            "color": colour(COLOURS[style]),
            "width": 2.5 if i == 0 else 1.7,
            "dash": DASHES[style],
        },
        "marker": {"symbol": MARKERS[style], "size": 6},
        "hovertemplate": "%{y:.4~g}",
    }


def step_words(report: Report) -> str:
    """Name a step."""
    return plain(report.data.step or "rows")


def error_axis(unit: str) -> dict:
    """Return the axis of errors."""
    return axis(name_and_unit("mean absolute error", unit), rangemode="tozero")


# The calendar


def clock_level_figure(report: Report, clock: ByClock, target: int) -> dict:
    """Draw the mean level of truth and forecast by one field of the calendar."""
    facts = report.data.targets[target]
    kinds = [
        ("observed", "truth", clock.truth),
        ("forecast", "forecast", clock.forecast),
    ]
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": clock.labels,
            "y": thin(values[:, target]),
            "name": name,
            "line": {"color": colour(of), "width": 2, "dash": dash},
            "marker": {"symbol": symbol, "size": 6},
            "hovertemplate": "%{y:.4~g}",
        }
        for (name, of, values), dash, symbol in zip(
            kinds, ("solid", "dash"), ("circle", "diamond"), strict=True
        )
    ]
    return figure(
        traces,
        xaxis=axis(FIELDS[clock.field], type="category"),
        yaxis=axis(f"mean {name_and_unit(facts.name, facts.unit)}"),
        hovermode="x unified",
    )


def clock_error_figure(report: Report, clock: ByClock, target: int) -> dict:
    """Draw the mean absolute error by one field of the calendar."""
    traces = [
        error_line(i, name, clock.labels, error[:, target])
        for i, (name, error) in enumerate(clock.errors.items())
    ]
    return figure(
        traces,
        xaxis=axis(FIELDS[clock.field], type="category"),
        yaxis=error_axis(report.data.targets[target].unit),
        hovermode="x unified",
    )


# Intervals


def held_by_step(report: Report, target: int) -> list[tuple[str, float, float]]:
    """Return coverage and mean width in parts of the horizon: label, share, width."""
    n = min(report.horizon, MOST_BARS)
    edges = np.linspace(0, report.horizon, n + 1).round().astype(int)
    step = np.concatenate([track.tested.step for track in report.tracks])
    held, width = held_and_width(report, target)
    found = []
    for first, last in zip(edges[:-1] + 1, edges[1:], strict=True):
        rows = (step >= first) & (step <= last) & ~np.isnan(held)
        label = str(first) if first == last else f"{first}–{last}"
        share, size = np.nan, np.nan
        if rows.any():
            share, size = float(held[rows].mean()), float(width[rows].mean())
        found.append((label, share, size))
    return found


def coverage_figure(report: Report, target: int) -> dict:
    """Draw how often intervals held in parts of the horizon."""
    found = held_by_step(report, target)
    labels, held = [part[0] for part in found], [100 * part[1] for part in found]
    asked = report.asked
    traces = [
        {
            "type": "bar",
            "x": labels,
            "y": held,
            "name": "measured",
            "marker": {"color": colour("bar")},
            "text": ["" if np.isnan(v) else f"{v:.0f}%" for v in held],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textfont": {"color": colour("on-bar"), "size": 11},
            "textangle": 0,
            "constraintext": "none",
            "hovertemplate": "%{y:.1f}%<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "x": labels,
            "y": [asked] * len(labels),
            "name": f"asked for: {asked:.3g}%",
            "line": {"color": colour("text"), "dash": "dash", "width": 2},
            "hoverinfo": "skip",
        },
    ]
    return figure(
        traces,
        xaxis=axis(f"steps ahead ({step_words(report)})", type="category"),
        yaxis=axis("values within their interval, %", range=[0, 104]),
    )

"""The figures of a report, as plotly has them: data and layout, no HTML.

Colours are names of CSS variables, such as ``var(--forecast)``; the page puts in the
ones of its theme. Text of the user's is escaped, because plotly reads tags in it.
"""

import json
from collections.abc import Iterator
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from skinformer.series.grid import wall_clock

from .by_clock import ByClock
from .report import Report
from .tracks import Piece, Track
from .words import held_by

__all__ = [
    "clock_error_figure",
    "clock_level_figure",
    "coverage_figure",
    "forecast_figure",
    "quarters",
    "step_figure",
    "zooms",
]

# of the forecaster, and of the baselines in turn
COLOURS = ["forecast", "other-1", "other-2", "other-3", "other-4"]
DASHES = ["solid", "dash", "dot", "dashdot", "longdash"]
MARKERS = ["circle", "square", "diamond", "triangle-up", "x"]
FIELDS = {"hour": "hour of the day", "weekday": "day of the week", "month": "month"}
MOST_BARS = 8  # parts of the horizon of which the coverage is shown
MOST_MARKERS = 48


def colour(name: str) -> str:
    """Name a colour of the theme."""
    return f"var(--{name})"


def figure(traces: list, **layout: Any) -> dict:
    """Return data and layout, checked by plotly and ready for JSON."""
    import plotly.graph_objects as go

    made = go.Figure(data=traces, layout={"template": "none", **layout})
    spec = json.loads(made.to_json())
    spec["layout"].pop("template", None)
    return spec


def axis(title: str, **more: Any) -> dict:
    """Return an axis with its title."""
    return {
        "title": {"text": title, "standoff": 8, "font": {"size": 13}},
        "gridcolor": colour("grid"),
        "linecolor": colour("line"),
        "tickcolor": colour("line"),
        "automargin": True,
        "zeroline": False,
        **more,
    }


def thin(values: np.ndarray) -> np.ndarray:
    """Return values in single precision: twice what a picture can show."""
    return np.asarray(values, dtype=np.float32)


def times(index: pd.Index) -> Any:
    """Return what plotly can place: times on the local clock, or row numbers."""
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex):
        return wall_clock(index).strftime("%Y-%m-%d %H:%M:%S").tolist()
    return index.to_numpy()


def along(index: pd.Index) -> dict:
    """Return where values lie: first stamp and step, or every stamp if steps differ."""
    if isinstance(index, pd.DatetimeIndex) and len(index) > 2:
        steps = np.unique(np.diff(wall_clock(index).asi8))
        if len(steps) == 1 and steps[0] % 10**6 == 0:
            return {"x0": times(index[:1])[0], "dx": int(steps[0]) // 10**6}
    return {"x": times(index)}


def name_and_unit(name: Any, unit: str) -> str:
    """Return the label of a target's axis."""
    return escape(f"{name} ({unit})" if unit else str(name))


# The forecast beside what came


def forecast_figure(report: Report, track: Track, target: int, n_rows: int) -> dict:
    """Draw one target of one series: its last rows, forecasts, intervals."""
    first = max(len(track.index) - n_rows, 0)
    shown = slice(first, None)
    traces = list(bands(report, track, target))
    traces.append(
        line(track.index[shown], track.y_true[shown, target], "observed", "truth", 1.3)
    )
    tested = np.full(len(track.index) - track.first_test, np.nan)
    tested[track.at - track.first_test] = track.tested.y_pred[:, target]
    traces.append(
        line(track.index[track.first_test :], tested, "forecast", "forecast")
    )
    if report.horizon == 1:
        traces[-1]["mode"] = "lines+markers"  # rows that stand alone have no line
    if track.future is not None:
        index, values = track.future.index, track.future.y_pred[:, target]
        traces.append(line(index, values, "forecast past the end", "forecast", 2, "dot"))
    facts = report.data.targets[target]
    start = times(track.index[[track.first_test]])[0]
    return figure(
        traces,
        xaxis=axis(time_title(report)),
        yaxis=axis(name_and_unit(facts.name, facts.unit)),
        shapes=[start_line(start)],
        annotations=[start_label(start)],
        hovermode="x unified",
    )


def time_title(report: Report) -> str:
    """Name the axis of time."""
    if not report.parts.has_time:
        return "row"
    zone = f" ({report.data.zone})" if report.data.zone else ""
    return f"time{zone}"


def line(
    index: pd.Index,
    values: np.ndarray,
    name: str,
    of: str,
    width: float = 1.8,
    dash: str = "solid",
) -> dict:
    """Return a line over time."""
    return {
        "type": "scatter",
        "mode": "lines",
        **along(index),
        "y": thin(values),
        "name": name,
        "line": {"color": colour(of), "width": width, "dash": dash},
        "hovertemplate": "%{y:.4~g}",
    }


def bands(report: Report, track: Track, target: int) -> Iterator[dict]:
    """Yield the intervals as areas."""
    if report.coverage is None:
        return
    name = f"{100 * report.coverage:.3g}% interval"
    ahead = None if track.future is None else np.arange(len(track.future.step))
    pieces = [(track.tested, track.at), (track.future, ahead)]
    for i, (piece, at) in enumerate(pieces):
        if piece is None or not len(piece.step):
            continue
        x, y = outline(piece, at, target)
        yield {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": y,
            "fill": "toself",
            "fillcolor": colour("band"),
            "line": {"width": 1, "color": colour("band")},
            "name": name,
            "legendgroup": "band",
            "showlegend": i == 0,
            "hoverinfo": "skip",
        }


def outline(piece: Piece, at: np.ndarray, target: int) -> tuple[list, list]:
    """Return the outlines of an interval, one for each run of rows without a hole."""
    x, y = [], []
    edges = [0, *(np.flatnonzero(np.diff(at) > 1) + 1).tolist(), len(at)]
    when = times(piece.index)
    for a, b in pairwise(edges):
        low, high = thin(piece.interval[a:b, target]).T.tolist()
        x += [*when[a:b], *when[a:b][::-1], None]
        y += [*low, *high[::-1], None]
    return x, y


def start_line(start: Any) -> dict:
    """Return the line at the first row that was tested."""
    return {
        "type": "line",
        "x0": start,
        "x1": start,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": colour("muted"), "width": 1, "dash": "dot"},
    }


def start_label(start: Any) -> dict:
    """Return what is written at that line."""
    return {
        "x": start,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "xanchor": "left",
        "showarrow": False,
        "text": "tested from here on",
        "font": {"size": 12, "color": colour("muted")},
    }


# blocks at the end of the test part that are shown first
RECENT = 7


def zooms(report: Report, track: Track) -> dict[str, list]:
    """Return the first and last row of the parts of time that buttons show."""
    n, horizon, future = len(track.index), report.horizon, track.future
    end = track.index[-1] if future is None else future.index[-1]
    recent = max(n - RECENT * horizon, track.first_test - horizon, 0)
    firsts = {
        "all": 0,
        "test": track.first_test,
        "recent": min(recent, n - 1),
        "last": max(n - 2 * horizon, 0),
    }
    return {
        name: [*np.asarray(times(pd.Index([track.index[first], end]))).tolist()]
        for name, first in firsts.items()
    }


# Errors


def step_figure(report: Report, target: int) -> dict:
    """Draw the mean absolute error by step ahead."""
    traces = []
    for i, (name, result) in enumerate(report.results.items()):
        error = errors_by_step(result, target)
        traces.append(error_line(i, name, np.arange(1, len(error) + 1), error))
    facts = report.data.targets[target]
    return figure(
        traces,
        xaxis=axis(f"steps ahead ({step_words(report)})", rangemode="tozero"),
        yaxis=axis(error_title(facts), rangemode="tozero"),
        hovermode="x unified",
    )


def errors_by_step(result: Any, target: int) -> np.ndarray:
    """Return the mean absolute error of one target at each step."""
    error = abs(result.errors()[..., target])
    known = ~np.isnan(result.y_true[..., target])
    total = np.where(known, error, 0).sum(axis=0)
    count = known.sum(axis=0)
    return total / np.where(count, count, np.nan)


def error_line(i: int, name: str, x: Any, y: np.ndarray) -> dict:
    """Return the errors of the i-th forecaster as a line."""
    style = i % len(COLOURS)
    return {
        "type": "scatter",
        "mode": "lines+markers" if len(y) <= MOST_MARKERS else "lines",
        "x": x,
        "y": thin(y),
        "name": escape(name),
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
    return escape(report.data.step or "rows")


def error_title(facts: Any) -> str:
    """Name the axis of errors."""
    return f"mean absolute error{escape(f' ({facts.unit})' if facts.unit else '')}"


# The calendar


def clock_level_figure(report: Report, clock: ByClock, target: int) -> dict:
    """Draw the mean level of truth and forecast by one field of the calendar."""
    facts = report.data.targets[target]
    kinds = [("observed", "truth", clock.truth), ("forecast", "forecast", clock.forecast)]
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
    facts = report.data.targets[target]
    traces = [
        error_line(i, name, clock.labels, error[:, target])
        for i, (name, error) in enumerate(clock.errors.items())
    ]
    return figure(
        traces,
        xaxis=axis(FIELDS[clock.field], type="category"),
        yaxis=axis(error_title(facts), rangemode="tozero"),
        hovermode="x unified",
    )


# Intervals


def quarters(report: Report, target: int) -> list[tuple[str, float, float]]:
    """Return coverage and mean width in parts of the horizon: label, share, width."""
    n = min(report.horizon, MOST_BARS)
    edges = np.linspace(0, report.horizon, n + 1).round().astype(int)
    step = np.concatenate([track.tested.step for track in report.tracks])
    held = np.concatenate([held_by(track)[:, target] for track in report.tracks])
    ends = np.concatenate([t.tested.interval[:, target] for t in report.tracks])
    width, found = ends[:, 1] - ends[:, 0], []
    for first, last in zip(edges[:-1] + 1, edges[1:], strict=True):
        rows = (step >= first) & (step <= last) & ~np.isnan(held)
        label = str(first) if first == last else f"{first}–{last}"
        means = (float(v[rows].mean()) if rows.any() else np.nan for v in (held, width))
        found.append((label, *means))
    return found


def coverage_figure(report: Report, target: int) -> dict:
    """Draw how often intervals held in parts of the horizon."""
    found = quarters(report, target)
    labels, held = [part[0] for part in found], [100 * part[1] for part in found]
    asked = 100 * report.coverage
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
            "textfont": {"color": colour("on-bar")},
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

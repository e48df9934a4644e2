"""The figure of the forecast: what came, what was forecast, and how sure that was."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from .drawing import along, axis, colour, figure, name_and_unit, thin, times
from .report import Report
from .tracks import Piece, Track

__all__ = ["forecast_figure", "zooms"]


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
    traces.append(line(track.index[track.first_test :], tested, "forecast", "forecast"))
    if report.horizon == 1:
        traces[-1]["mode"] = "lines+markers"  # rows that stand alone have no line
    if track.future is not None:
        index, values = track.future.index, track.future.y_pred[:, target]
        traces.append(
            line(index, values, "forecast past the end", "forecast", 2, "dot")
        )
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
    name = f"{report.asked:.3g}% interval"
    pieces = [(track.tested, track.at)]
    if track.future is not None:
        pieces.append((track.future, np.arange(len(track.future.step))))
    for i, (piece, at) in enumerate(pieces):
        if not len(piece.step):
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
        low, high = thin(piece.ends[a:b, target]).T.tolist()
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

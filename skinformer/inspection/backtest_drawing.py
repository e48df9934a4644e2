"""Errors along an axis, drawn: as lines, as dots beside names, as a distribution."""

from typing import Any

import numpy as np
import pandas as pd

from .lines import draw_line
from .style import (
    HINT,
    SIZE,
    label_stamps,
    line_style,
    marker_style,
    name_y_axis,
    percent,
    room_of,
    text_height,
)

__all__ = ["draw_errors", "size_of"]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# names below one another that can be read; of more, those with the largest errors
MOST_NAMES = 30
# hours between two ticks: the first that leaves few enough
HOURS = (1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 672)
MOST_TICKS = 9
# of so few errors along a line each has a marker
FEW_ERRORS = 32
BINS = 60


def size_of(kind: str, errors: dict[str, pd.Series]) -> tuple[float, float]:
    """Return width and height of a picture, in inches; names need a line each."""
    if kind not in ("target", "series"):
        return SIZE
    n_names = min(len(next(iter(errors.values()))), MOST_NAMES)
    return SIZE[0], max(1.1 + 0.28 * n_names, 2.2)


def draw_errors(ax: Any, kind: str, errors: dict[str, pd.Series], label: str) -> None:
    """Draw errors by model, and name the axes."""
    if kind == "residuals":
        draw_residuals(ax, errors)
        ax.set_xlabel(label, parse_math=False)
        ax.set_ylabel("share of the rows in a bin")
    elif kind in ("target", "series"):
        draw_names(ax, errors)
        ax.set_xlabel(label, parse_math=False)
    else:
        draw_lines(ax, kind, errors)
        name_y_axis(ax, label)


def draw_lines(ax: Any, kind: str, errors: dict[str, pd.Series]) -> None:
    """Draw errors as lines along time."""
    for i, (name, along) in enumerate(errors.items()):
        few = marker_style(i) if len(along) <= FEW_ERRORS else {}
        draw_line(ax, along, label=name, **line_style(i), **few)
    start_at_zero(errors, ax.axhline, ax.set_ylim)
    ax.margins(x=0.02)
    index = next(iter(errors.values())).index
    if kind == "window":
        label_stamps(ax, index)
        more = "" if ax.get_xlabel() == "time" else f", {ax.get_xlabel()}"
        ax.set_xlabel(f"origin of the window{more}")
        return
    ax.set_xlabel(index.name)
    if kind == "weekday":
        ax.set_xticks(range(7), WEEKDAYS)
    elif kind == "hour":
        ax.set_xticks(range(0, 24, 3))
    else:
        mark_steps(ax, index)


def start_at_zero(errors: dict[str, pd.Series], line: Any, limit: Any) -> None:
    """Let an axis begin at zero, or mark zero where errors lie on both sides."""
    if any((along < 0).any() for along in errors.values()):
        line(0, **HINT)
        return
    largest = max(along.max() for along in errors.values())
    limit(0, 1.05 * largest if largest > 0 else None)


def mark_steps(ax: Any, index: pd.Index) -> None:
    """Put ticks at whole steps, of hours at those that divide a day."""
    from matplotlib.ticker import MaxNLocator, MultipleLocator

    if index.name == "hours ahead":
        fewest = [n for n in HOURS if index[-1] / n < MOST_TICKS]
        ax.xaxis.set_major_locator(MultipleLocator((fewest or HOURS[-1:])[0]))
    else:
        ax.xaxis.set_major_locator(MaxNLocator(MOST_TICKS, integer=True))


def draw_names(ax: Any, errors: dict[str, pd.Series]) -> None:
    """Draw errors as dots beside the names of targets or series, the first on top."""
    first = next(iter(errors.values()))
    names = first.index
    most = min(MOST_NAMES, max(int(room_of(ax)[1] / (1.4 * text_height())), 1))
    if len(names) > most:
        names = first.abs().nlargest(most).index
        word = "targets" if names.name == "target" else "series"
        ax.set_ylabel(f"{most} of {len(first)} {word}, largest errors first")
    places = np.arange(len(names))
    for i, (name, along) in enumerate(errors.items()):
        values = along.reindex(names)
        style = {"color": line_style(i)["color"], "ls": "", **marker_style(i), "ms": 6}
        ax.plot(values, places, label=name, **style)
    ax.set_yticks(places, list(map(str, names)), parse_math=False)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="y", color="0.9")
    ax.set_axisbelow(True)
    start_at_zero(errors, ax.axvline, ax.set_xlim)


def draw_residuals(ax: Any, errors: dict[str, pd.Series]) -> None:
    """Draw how errors are distributed, in the same bins for all."""
    edges = np.histogram_bin_edges(np.concatenate(list(errors.values())), BINS)
    for i, (name, rows) in enumerate(errors.items()):
        shares = np.histogram(rows, edges)[0] / max(len(rows), 1)
        ax.stairs(shares, edges, label=name, **line_style(i))
    ax.axvline(0, **HINT)
    ax.set_ylim(0, None)
    ax.yaxis.set_major_formatter(percent)

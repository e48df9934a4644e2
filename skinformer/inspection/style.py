"""How all pictures look: colours, lines, dates on the axis, words on the axes."""

from numbers import Integral
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from skinformer._extras import import_extra

__all__ = [
    "BAND",
    "FORECAST",
    "HINT",
    "OTHER",
    "SERIES_COLOURS",
    "SIZE",
    "TRUTH",
    "as_axis",
    "import_pyplot",
    "label_stamps",
    "line_style",
    "marker_style",
    "name_y_axis",
    "named",
    "new_axes",
    "percent",
    "place_legend",
    "room_of",
    "text_height",
    "tidy",
    "with_unit",
]

# Okabe and Ito's colours, told apart by colour-blind eyes. Their yellow is left out: on
# white paper it cannot be seen.
TRUTH, FORECAST, OTHER = "#000000", "#D55E00", "#0072B2"
SERIES_COLOURS = (FORECAST, OTHER, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# in grey print some of these colours are alike, so that each has its own line too
SERIES_DASHES = ("-", "--", "-.", ":", (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)))
SERIES_MARKERS = ("o", "s", "^", "D", "v", "P")
# lines that only mark a place
HINT = {"color": "0.55", "lw": 1.0, "ls": ":"}
# how strong the shade of an interval is: lines of others stay visible on it
BAND = {"alpha": 0.22, "lw": 0}
# inches; at this width text of 10 points is read in a notebook, and halved in a column
SIZE = (7.2, 3.4)
# widths of a letter, and of the sample of a line in a legend, in heights of a letter
LETTER, SAMPLE = 0.54, 4.0

# for ticks of years, months, days, hours, minutes and seconds: what the first tick of a
# longer span says, and what stands at the end of the axis for all
FIRST = ["", "%Y", "%b", "%d %b", "%H:%M", "%H:%M"]
COMMON = ["", "%Y", "%b %Y", "%d %b %Y", "%d %b %Y", "%d %b %Y %H:%M"]


def import_pyplot(owner: str) -> ModuleType:
    """Import ``matplotlib.pyplot``, late: pictures are all that needs it.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed, with the command that installs it.
    """
    return import_extra("matplotlib.pyplot", owner, "plot")


def new_axes(ax: Any, owner: str, size: tuple[float, float] = SIZE) -> Any:
    """Return the axes to draw on: those given, or those of a new figure."""
    plt = import_pyplot(owner)
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="constrained")
    return ax


def line_style(number: int) -> dict:
    """Return colour, dashes and width of the line of a model, by its number.

    >>> line_style(1)
    {'color': '#0072B2', 'ls': '--', 'lw': 1.5}
    """
    return {
        "color": SERIES_COLOURS[number % len(SERIES_COLOURS)],
        # the seventh has the first colour again, with other dashes
        "ls": SERIES_DASHES[(number + number // len(SERIES_COLOURS)) % 6],
        "lw": 2.0 if number == 0 else 1.5,
    }


def marker_style(number: int) -> dict:
    """Return the marker of a model, by its number.

    >>> marker_style(1)
    {'marker': 's', 'ms': 4.5}
    """
    return {"marker": SERIES_MARKERS[number % len(SERIES_MARKERS)], "ms": 4.5}


def tidy(ax: Any) -> None:
    """Take away what says nothing."""
    ax.spines[["top", "right"]].set_visible(False)


def place_legend(ax: Any) -> None:
    """Put the legend above the axes, in as many columns as there is room for."""
    handles, labels = ax.get_legend_handles_labels()
    if not labels:
        return
    inches = text_height() * SAMPLE + text_height() * LETTER * np.char.str_len(labels)
    legend = ax.legend(
        handles,
        labels,
        frameon=False,
        ncols=columns_that_fit(inches, room_of(ax)[0]),
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=0.2,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)  # "$" is a currency


def columns_that_fit(widths: np.ndarray, room: float) -> int:
    """Return the most columns of entries, filled one after another, that fit.

    >>> columns_that_fit(np.array([1.0, 1.0, 3.0]), 5.0)
    3
    >>> columns_that_fit(np.array([1.0, 1.0, 3.0]), 4.0)
    2
    """
    for n in range(len(widths), 1, -1):
        if sum(column.max() for column in np.array_split(widths, n)) <= room:
            return n
    return 1


def room_of(ax: Any) -> tuple[float, float]:
    """Return width and height of axes, about, in inches."""
    place = ax.get_position()
    width, height = ax.figure.get_size_inches()
    return float(width * place.width), float(height * place.height)


def text_height() -> float:
    """Return the height of letters, in inches."""
    return import_pyplot("a picture").rcParams["font.size"] / 72


def name_y_axis(ax: Any, label: str) -> None:
    """Name the upright axis; of a name too long for it, the unit is a second line."""
    name, bracket, unit = label.rpartition(" (")
    is_long = text_height() * LETTER * len(label) > room_of(ax)[1]
    label = f"{name}\n({unit}" if bracket and is_long else label
    ax.set_ylabel(label, parse_math=False)


def named(target: Any) -> str:
    """Return what a target is called; those of arrays have numbers.

    >>> named("load"), named(2), named(None)
    ('load', 'target 2', 'target')
    """
    if target is None:
        return "target"
    return f"target {target}" if isinstance(target, Integral) else str(target)


def percent(share: float, _: Any = None) -> str:
    """Write a share as a tick.

    >>> percent(0.025), percent(0.1)
    ('2.5%', '10%')
    """
    return f"{100 * share:g}%"


def with_unit(name: Any, unit: str | None) -> str:
    """Return what an axis is called.

    >>> with_unit("load", "MW"), with_unit("load", None)
    ('load (MW)', 'load')
    """
    return f"{name} ({unit})" if unit else str(name)


# Time on an axis


def as_axis(index: pd.Index) -> np.ndarray:
    """Return what matplotlib can place: instants in UTC, or the labels themselves.

    Instants, not what the clock on the wall shows: on the day that it is put back, a
    line would run backwards through the hour that comes twice. :func:`label_stamps`
    writes the wall clock below them.
    """
    if isinstance(index, pd.PeriodIndex):
        return index.to_timestamp().to_numpy()
    if isinstance(index, pd.DatetimeIndex):
        naive = index if index.tz is None else index.tz_convert("UTC").tz_localize(None)
        return naive.to_numpy()
    return index.to_numpy()


def label_stamps(ax: Any, index: pd.Index, along: str = "x") -> None:
    """Write dates that fit the span along an axis, on the local clock, with its zone.

    Parameters
    ----------
    ax : matplotlib Axes
    index : Index
        What :func:`as_axis` has placed.
    along : {"x", "y"}, default="x"
        Which axis.
    """
    axis = ax.xaxis if along == "x" else ax.yaxis
    if not isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        axis.set_label_text("row")
        return
    from matplotlib import dates

    zone = getattr(index, "tz", None)
    locator = dates.AutoDateLocator(tz=zone, minticks=3, maxticks=8)
    axis.set_major_locator(locator)
    formats = {"zero_formats": FIRST, "offset_formats": COMMON}
    axis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=zone, **formats))
    axis.set_label_text("time" if zone is None else f"local time ({zone})")

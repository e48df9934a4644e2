"""Two pictures: error, and time of one forecast, against the horizon."""

from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from benchmarks.results.scores import LABELS, Records, mean_of, models_of, seconds_of
from benchmarks.results.tables import duration
from benchmarks.results.tasks import TASKS

__all__ = ["draw_error", "draw_time", "save", "spread_out"]

TASK = "ett_s24"
# Okabe and Ito's colours, which the colour-blind tell apart, and a grey for the yellow
STYLES = {
    "informer": ("#D55E00", "o", 2.6),
    "ridge": ("#0072B2", "s", 1.5),
    "lags": ("#009E73", "^", 1.5),
    "naive": ("#777777", "x", 1.5),
    "lstm": ("#CC79A7", "D", 1.5),
    "transformer": ("#56B4E9", "v", 1.5),
    "arima": ("#E69F00", "P", 1.5),
    "prophet": ("#000000", "*", 1.5),
}
SHORT = {**LABELS, "lags": "lags"}
LINE = 0.052  # height of a label, as a share of the axes
UNNAMED = 192  # its number would run into that of 168
Lines = Mapping[str, Mapping[int, float]]


def spread_out(places: np.ndarray, least: float) -> np.ndarray:
    """Move places, in any order, apart until neighbours are ``least`` apart.

    >>> spread_out(np.array([0.5, 0.5, 0.1]), 0.2).round(2).tolist()
    [0.4, 0.6, 0.1]
    """
    order = np.argsort(places, kind="stable")
    # groups of labels that touch: each is centred on the mean of what it names
    groups = [[place] for place in np.asarray(places, dtype=float)[order]]
    i = 0
    while i + 1 < len(groups):
        one, other = groups[i], groups[i + 1]
        room = least * (len(one) + len(other)) / 2
        if np.mean(other) - np.mean(one) < room - 1e-12:
            groups[i : i + 2] = [one + other]
            i = max(i - 1, 0)
        else:
            i += 1
    spread = [
        np.mean(group) + least * (np.arange(len(group)) - (len(group) - 1) / 2)
        for group in groups
    ]
    moved = np.empty(len(places))
    moved[order] = np.concatenate(spread)
    return moved


def leading(value: float) -> int:
    """Return the first digit of a number.

    >>> leading(0.03), leading(20)
    (3, 2)
    """
    return int(f"{value:.0e}"[0])


def errors(records: Records) -> Lines:
    """Return the standardised mean squared error by model and horizon."""
    return lines_of(
        records,
        lambda model, h: (m := mean_of(records, TASK, model, h)) and m.value,
    )


def times(records: Records) -> Lines:
    """Return the seconds of one forecast by model and horizon.

    Of the Informer with its network, which it does not run at every horizon.
    """
    found = lines_of(
        records,
        lambda model, h: seconds_of(records, TASK, model, h, "one_forecast_seconds"),
        timed=True,
    )
    with_network = found.pop("timed", None)
    return found if with_network is None else {**found, "informer": with_network}


def lines_of(records: Records, value: Callable, timed: bool = False) -> Lines:
    """Return the values that there are, by model and horizon."""
    found = {
        model: {
            h: number
            for h in TASKS[TASK].horizons
            if (number := value(model, h)) is not None
        }
        for model in models_of(records, TASK, timed)
    }
    return {model: line for model, line in found.items() if line}


def draw(lines: Lines, ylabel: str, title: str, form: Callable) -> Figure:
    """Return the figure of a line for each model, named at its end."""
    with mpl.rc_context({"font.size": 9, "axes.spines.right": False}):
        figure = Figure(figsize=(7.4, 4.6), layout="constrained")
        ax = figure.subplots()
        for model, line in lines.items():
            colour, marker, width = STYLES[model]
            ax.plot(
                list(line),
                list(line.values()),
                color=colour,
                marker=marker,
                lw=width,
                ms=5 if marker != "*" else 8,
                zorder=3 if model == "informer" else 2,
            )
        horizons = TASKS[TASK].horizons
        ax.set(xscale="log", yscale="log", xlabel="horizon in hours", ylabel=ylabel)
        ax.set_xticks(horizons, [str(h) if h != UNNAMED else "" for h in horizons])
        ax.set_xticks([], minor=True)
        for axis in (ax.yaxis.set_major_formatter, ax.yaxis.set_minor_formatter):
            axis(FuncFormatter(form))
        ax.set_xlim(horizons[0] * 0.93, horizons[-1] * 1.03)
        ax.grid(True, which="major", color="0.9", lw=0.8)
        ax.spines["top"].set_visible(False)
        ax.set_title(title, loc="left", fontsize=10)
        name_ends(ax, lines)
    return figure


def name_ends(ax: Axes, lines: Lines) -> None:
    """Write the name of each line beside its end, none over another."""
    lowest, highest = ax.get_ylim()
    ax.set_ylim(lowest, highest)
    to_share = ax.transScale + ax.transLimits
    ends = {model: (max(line), line[max(line)]) for model, line in lines.items()}
    places = [to_share.transform(end)[1] for end in ends.values()]
    for model, place, y in zip(ends, places, spread_out(places, LINE), strict=True):
        colour = STYLES[model][0]
        share = to_share.transform(ends[model])[0]
        ax.annotate(
            SHORT[model],
            (share, place),
            (1.05, y),
            xycoords="axes fraction",
            textcoords="axes fraction",
            color=colour,
            va="center",
            fontweight="bold" if model == "informer" else "normal",
            arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.6, "shrinkB": 4},
            annotation_clip=False,
        )


def draw_error(records: Records) -> Figure:
    """Return the picture of errors."""
    return draw(
        errors(records),
        "mean squared error, standardised",
        "Error against horizon: ETTh1, oil temperature, a window a day",
        lambda value, _: f"{value:g}" if leading(value) in (1, 2, 3, 4, 6, 8) else "",
    )


def draw_time(records: Records) -> Figure:
    """Return the picture of times."""
    return draw(
        times(records),
        "processor time of one thread",
        "Time of one forecast against its horizon: ETTh1, oil temperature",
        lambda value, _: duration(value) if leading(value) in (1, 3) else "",
    )


def save(records: Records, folder: Path) -> list[Path]:
    """Save both pictures, if there is a line to draw."""
    saved = []
    for name, way in {"error": draw_error, "time": draw_time}.items():
        if errors(records):
            path = folder / f"results_{name}.png"
            # no date in the file: the same records give the same picture
            metadata = {"Software": None}
            way(records).savefig(path, dpi=150, facecolor="white", metadata=metadata)
            saved.append(path)
    return saved

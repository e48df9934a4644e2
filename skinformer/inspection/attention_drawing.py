"""Weights of attention, drawn: the mesh, and the strips above and beside it."""

import math
from typing import Any

import numpy as np

from .cells import Cells, stamp_text
from .style import FORECAST, HINT, label_stamps, tidy

__all__ = ["SIZE", "draw_active", "draw_keys", "draw_scale", "draw_weights"]

# inches
SIZE = (7.2, 4.6)
LAZY, HATCH = "0.88", "0.68"  # of queries that look at nothing in particular
KEYS = "#2171B5"  # a dark tone of the weights' own colours
# what asks, and what is looked at
WORDS = {
    "cross": ("row that is forecast", "past row looked at"),
    "encoder": ("past row that looks", "past row looked at"),
    "decoder": ("row that is forecast", "row looked at"),
}
# how many times the even weight the darkest colour stands for, at least
STRONG = 3


def draw_weights(
    ax: Any,
    mean: np.ndarray,
    lazy: np.ndarray,
    queries: Cells,
    keys: Cells,
    kind: str,
    even: float | None,
) -> Any:
    """Draw weights (n_queries, n_keys), those of lazy queries hatched; return the mesh.

    ``lazy`` (n_queries,) of bool, ``even`` the weight if all were looked at alike.
    """
    # what is nearly even is not to look strong
    most = max(float(mean.max()), STRONG * (even or 0.0))
    mesh = ax.pcolormesh(
        keys.on_axis(),
        queries.on_axis(),
        np.ma.masked_array(mean, np.broadcast_to(lazy[:, None], mean.shape)),
        cmap="Blues",
        vmin=0,
        vmax=most,
    )
    # hatched too, so that it is told from pale blue in grey print
    ax.patch.set(facecolor=LAZY, hatch="////", edgecolor=HATCH, linewidth=0)
    ax.invert_yaxis()
    if kind == "decoder":  # where the rows that are forecast begin
        ax.axvline(queries.on_axis()[0], color="black", lw=1, ls=":")
    label_axes(ax, queries, keys, kind)
    return mesh


def label_axes(ax: Any, queries: Cells, keys: Cells, kind: str) -> None:
    """Name the axes, with stamps."""
    asks, answers = WORDS[kind]
    label_stamps(ax, keys.index, "x")
    label_stamps(ax, queries.index, "y")
    has_time = ax.get_xlabel() != "row"
    ax.set_xlabel(f"{answers}, {ax.get_xlabel()}" if has_time else answers)
    first = math.ceil(queries.edges[0])
    ax.set_ylabel(f"{asks}, from {stamp_text(queries.index[first])}")
    formatter = ax.yaxis.get_major_formatter()
    if hasattr(formatter, "show_offset"):  # it would lie under the strip above
        formatter.show_offset = False


def draw_scale(ax: Any, mesh: Any, beside_strip: bool) -> None:
    """Draw what the colours stand for, on the right of all else."""
    place = ax.inset_axes([1.17 if beside_strip else 1.02, 0, 0.025, 1])
    ax.figure.colorbar(mesh, cax=place, label="weight")


def draw_keys(ax: Any, mean: np.ndarray, keys: Cells, even: float | None) -> Any:
    """Draw the mean weight of each key (n_keys,) above; return the axes."""
    edges = keys.on_axis()
    strip = ax.inset_axes([0, 1.03, 1, 0.2], sharex=ax)
    strip.bar(edges[:-1], mean, np.diff(edges), align="edge", color=KEYS, lw=0)
    strip.set_yticks([])
    if even is not None:
        strip.axhline(even, **HINT)
        strip.set_yticks([even], ["even"])
    strip.tick_params(labelbottom=False)
    strip.set_ylabel("mean\nweight")
    tidy(strip)
    return strip


def draw_active(ax: Any, n_active: np.ndarray, queries: Cells, n_heads: int) -> Any:
    """Draw bars on the right: in how many heads a query is active; return the axes."""
    edges = queries.on_axis()
    strip = ax.inset_axes([1.02, 0, 0.12, 1], sharey=ax)
    strip.barh(edges[:-1], n_active, np.diff(edges), align="edge", color=FORECAST, lw=0)
    strip.set_xlim(0, n_heads)
    strip.set_xticks([0, n_heads])
    strip.set_xlabel("active\nheads")
    strip.xaxis.set_label_position("top")  # below, the other axis has its date
    strip.tick_params(labelleft=False)
    tidy(strip)
    return strip

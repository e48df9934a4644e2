"""Draw the pictures of "What a row means": blocks (rows.svg), columns (columns.svg).

Run it after changing what it draws; the picture is kept with the sources.
"""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

PRED_LEN, HISTORY, ASKED = 4, 10, range(13, 18)
KNOWN, FITTED, FORECAST, LEFT_OUT = "#4D4D4D", "#0072B2", "#D55E00", "#F3C9AE"


def rows(ax, first, n, y, colour, **style):
    """Draw ``n`` rows as cells."""
    for row in range(first, first + n):
        given = {"facecolor": colour, "lw": 1 if style else 0, **style}
        ax.add_patch(Rectangle((row + 0.06, y), 0.88, 0.8, **given))


def block(ax, first, stop, y, text):
    """Draw a bracket under rows, with a text."""
    ax.plot(
        [first + 0.1, first + 0.1, stop - 0.1, stop - 0.1],
        [y, y - 0.15, y - 0.15, y],
        color="0.3",
        lw=1,
    )
    ax.text((first + stop) / 2, y - 0.3, text, ha="center", va="top", fontsize=8)


def label(ax, y, text):
    """Name a line of rows, left of it."""
    ax.text(-0.4, y + 0.4, text, ha="right", va="center", fontsize=9)


def new_figure(size, end, low, high):
    """Return a figure whose axes are rows, from left to right."""
    # one hash salt, no date: the same drawing gives the same file
    mpl.rcParams.update({"svg.hashsalt": "rows", "svg.fonttype": "none"})
    fig, ax = plt.subplots(figsize=size, layout="constrained")
    ax.set(xlim=(-3.9, end + 0.1), ylim=(low, high))
    ax.axis("off")
    return fig, ax


def end_of_history(ax, low, high):
    """Draw the line after which nothing has been observed, and which way time goes."""
    ax.plot([HISTORY, HISTORY], [low, high], color="0.6", lw=1, ls=":")
    ax.text(HISTORY + 0.15, high - 0.4, "end of the history", va="center", fontsize=8)
    label(ax, high - 0.8, "time →")


def from_here(ax, start, stop, y, text):
    """Draw an arrow from the rows that a block reads to the block."""
    arrow = {"arrowstyle": "-|>", "color": "0.3", "connectionstyle": "arc3,rad=0.35"}
    ax.annotate("", (stop, y), (start, y), arrowprops=arrow)
    ax.text((start + stop) / 2, y - 0.75, text, ha="center", va="top", fontsize=8)


def draw():
    """Return the figure of blocks."""
    end = HISTORY + 2 * PRED_LEN
    fig, ax = new_figure((7.4, 4.0), end, -1.9, 6.0)
    end_of_history(ax, -1.6, 6.0)
    label(ax, 4, "history")
    rows(ax, 0, HISTORY, 4, KNOWN)
    label(ax, 2.4, "fitted values")
    rows(ax, 0, HISTORY, 2.4, FITTED)
    for first in range(0, HISTORY, PRED_LEN):
        stop = min(first + PRED_LEN, HISTORY)
        cut = stop - first < PRED_LEN
        block(ax, first, stop, 2.35, "block, cut" if cut else "block of pred_len")
    label(ax, 0.4, "forecast")
    rows(ax, HISTORY, end - HISTORY, 0.4, LEFT_OUT)
    rows(ax, ASKED.start, len(ASKED), 0.4, FORECAST)
    for first in range(HISTORY, end, PRED_LEN):
        block(ax, first, first + PRED_LEN, 0.35, "block of pred_len")
    from_here(ax, 7.5, 11.5, -0.55, "reads the history")
    from_here(ax, 12.5, 16, -0.55, "reads the block before, too")
    middle = (HISTORY + ASKED.start) / 2
    ax.text(middle, 1.35, "gap: forecast,\nleft out", ha="center", fontsize=8)
    middle = (ASKED.start + ASKED.stop) / 2
    ax.text(middle, 1.35, "asked for", ha="center", fontsize=8)
    return fig


def draw_columns():
    """Return the figure of columns: what is known of which row."""
    ahead = 2 * PRED_LEN
    fig, ax = new_figure((7.4, 3.2), HISTORY + ahead, -0.2, 5.9)
    end_of_history(ax, -0.1, 5.9)
    ax.text(HISTORY / 2, 4.3, "given to fit and update", ha="center", fontsize=8)
    open_cells = {"edgecolor": "0.6", "linestyle": "--"}
    for y, name, colour, text, style in (
        (3.3, "y: targets", FORECAST, "predict returns them", {}),
        (1.65, "X: known ahead", KNOWN, "given to predict", {}),
        (0, "X: past_covariates", "white", "not known: never read", open_cells),
    ):
        label(ax, y, name)
        rows(ax, 0, HISTORY, y, KNOWN)
        rows(ax, HISTORY, ahead, y, colour, **style)
        ax.text(HISTORY + ahead / 2, y + 1, text, ha="center", fontsize=8)
    return fig


if __name__ == "__main__":
    for name, figure in (("rows", draw()), ("columns", draw_columns())):
        figure.savefig(
            Path(__file__).parent / "_static" / f"{name}.svg",
            metadata={"Date": None},
            facecolor="white",
        )

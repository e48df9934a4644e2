"""Draw docs/_static/rows.svg: history, fitted blocks, gap, forecast blocks.

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
        ax.add_patch(
            Rectangle((row + 0.06, y), 0.88, 0.8, facecolor=colour, lw=0, **style)
        )


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


def draw():
    """Return the figure."""
    # one hash salt, no date: the same drawing gives the same file
    mpl.rcParams.update({"svg.hashsalt": "rows", "svg.fonttype": "none"})
    fig, ax = plt.subplots(figsize=(7.4, 3.2), layout="constrained")
    label(ax, 4, "history")
    rows(ax, 0, HISTORY, 4, KNOWN)
    label(ax, 2.4, "fitted values")
    rows(ax, 0, HISTORY, 2.4, FITTED)
    for first in range(0, HISTORY, PRED_LEN):
        stop = min(first + PRED_LEN, HISTORY)
        cut = stop - first < PRED_LEN
        block(ax, first, stop, 2.35, "block, cut" if cut else "block of pred_len")
    label(ax, 0.4, "forecast")
    end = HISTORY + 2 * PRED_LEN
    rows(ax, HISTORY, end - HISTORY, 0.4, LEFT_OUT)
    rows(ax, ASKED.start, len(ASKED), 0.4, FORECAST)
    for first in range(HISTORY, end, PRED_LEN):
        block(ax, first, first + PRED_LEN, 0.35, "block of pred_len")
    middle = (HISTORY + ASKED.start) / 2
    ax.text(middle, 1.35, "gap: forecast,\nleft out", ha="center", fontsize=8)
    middle = (ASKED.start + ASKED.stop) / 2
    ax.text(middle, 1.35, "asked for", ha="center", fontsize=8)
    ax.plot([HISTORY, HISTORY], [-0.2, 5], color="0.6", lw=1, ls=":")
    ax.text(HISTORY + 0.15, 4.4, "end of the history", va="center", fontsize=8)
    ax.set(xlim=(-3.6, end + 0.1), ylim=(-0.6, 5.1))
    ax.axis("off")
    return fig


if __name__ == "__main__":
    draw().savefig(
        Path(__file__).parent / "_static" / "rows.svg",
        metadata={"Date": None},
        facecolor="white",
    )

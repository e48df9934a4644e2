"""Draw the diagrams of "How it works": network, distilling, decoding.

Run it after changing what it draws; the pictures are kept with the sources.
"""

from itertools import pairwise
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.patches import Polygon, Rectangle

from skinformer.network.distilled import cell_edges

# Okabe and Ito's colours and greys: past, what works on it, forecast, rows to come
PAST, WORK, FORECAST, OPEN = "#4D4D4D", "#0072B2", "#D55E00", "#F3C9AE"
PALE = "#CFE3F1"  # of WORK
STATIC = Path(__file__).parent / "_static"
SMALL, TEXT = 8, 9


def new_figure(size, xlim, ylim):
    """Return a figure with one pair of axes that shows nothing of itself."""
    # no date, one hash salt: the same drawing gives the same file
    mpl.rcParams.update({"svg.hashsalt": "network", "svg.fonttype": "none"})
    fig, ax = plt.subplots(figsize=size, layout="constrained")
    ax.set(xlim=xlim, ylim=ylim)
    ax.axis("off")
    return fig, ax


def save(fig, name):
    fig.savefig(STATIC / name, metadata={"Date": None}, facecolor="white")
    plt.close(fig)


def arrow(ax, start, end, colour="0.3", **style):
    """Draw an arrow from one point to another."""
    given = {"arrowstyle": "-|>", "color": colour, "lw": 1.2, **style}
    ax.annotate("", end, start, arrowprops=given)


def bar(ax, x, low, n, colour, width=4.0, **style):
    """Draw ``n`` rows as a bar from ``low`` upwards."""
    ax.add_patch(Rectangle((x, low), width, n, facecolor=colour, **{"lw": 0, **style}))


def below(ax, x, y, text):
    ax.text(x, y, text, ha="center", va="top", fontsize=SMALL, linespacing=1.25)


def beside(ax, y, text):
    ax.text(1.2, y, text, ha="right", va="center", fontsize=SMALL, linespacing=1.25)


def count(ax, x, y, n, colour="white"):
    ax.text(x, y, str(n), ha="center", va="center", fontsize=TEXT, color=colour)


# The network


def encoder_lane(ax, low):
    """Draw 96 rows that become 48 and 24; return where the last ones are."""
    ax.text(2, low + 108, "Encoder: reads the past", fontsize=10, weight="bold")
    bar(ax, 2, low, 96, PAST)
    count(ax, 4, low + 48, 96)
    beside(ax, low + 48, "last rows:\nvalues and\ncalendar")
    arrow(ax, (7, low + 48), (15.5, low + 48))
    below(ax, 11, low + 44, "embed")
    x = 16
    for n in (96, 48, 24):
        first = low + (96 - n) / 2
        bar(ax, x, first, n, WORK)
        count(ax, x + 2, low + 48, n)
        below(ax, x + 2, first - 3, "self-attention")
        if n > 24:
            half = low + (96 - n / 2) / 2
            corners = [(x + 5, first), (x + 5, first + n)]
            corners += [(x + 14, half + n / 2), (x + 14, half)]
            ax.add_patch(Polygon(corners, facecolor=PALE, lw=0))
            ax.text(
                x + 9.5, low + 48, "distil", ha="center", va="center", fontsize=SMALL
            )
            x += 15
    return x + 4, low + 48


def decoder_lane(ax, low):
    """Draw the start token, rows to come, and the forecast."""
    ax.text(
        2, low + 84, "Decoder: forecasts all rows at once", fontsize=10, weight="bold"
    )
    token = {"lw": 1, "edgecolor": FORECAST, "ls": "--"}
    bar(ax, 2, low + 24, 48, PAST)
    count(ax, 4, low + 48, 48)
    bar(ax, 2, low, 24, "white", **token)
    count(ax, 4, low + 12, 24, "black")
    beside(ax, low + 48, "start token:\nlast rows again")
    beside(ax, low + 12, "rows to come:\ncalendar only")
    arrow(ax, (7, low + 36), (15.5, low + 36))
    below(ax, 11, low + 32, "embed")
    bar(ax, 16, low, 72, WORK)
    count(ax, 18, low + 36, 72)
    below(ax, 18, low - 3, "masked\nself-attention")
    arrow(ax, (21, low + 12), (45.5, low + 12))
    bar(ax, 46, low, 24, WORK)
    count(ax, 48, low + 12, 24)
    below(ax, 48, low - 3, "cross-\nattention")
    arrow(ax, (51, low + 12), (61.5, low + 12))
    below(ax, 56, low + 8, "project")
    bar(ax, 62, low, 24, FORECAST)
    count(ax, 64, low + 12, 24)
    below(ax, 64, low - 3, "forecast of\nall targets")
    return 48, low + 24


def draw_network():
    fig, ax = new_figure((7.4, 5.2), (-9.5, 69), (-22, 244))
    x, y = encoder_lane(ax, 130)
    end = decoder_lane(ax, 0)
    arrow(ax, (x - 2, y - 26), (end[0], end[1] + 1), "0.3")
    ax.text(
        51,
        70,
        "what the past rows hold:\neach forecast row chooses\nwhat it looks at",
        fontsize=SMALL,
        va="center",
    )
    return fig


# Distilling

ROWS = 16  # as many of the 96 as there is room for
LEVELS = ("96 rows", "48 positions", "24 positions")


def draw_distilling():
    """Draw which positions one position is made of, twice."""
    fig, ax = new_figure((7.4, 2.6), (-4.2, ROWS + 0.2), (-0.1, 4.5))
    marked = {8 // 2**2}  # in the middle, at the last level
    for times in (2, 1, 0):
        y = 3.6 - 1.75 * times
        edges = cell_edges(96, times)
        for j, (low, high) in enumerate(pairwise(edges)):
            if low >= ROWS - 0.5:
                break
            width, colour = min(high, ROWS - 0.5) - low, WORK if j in marked else PALE
            ax.add_patch(
                Rectangle((low + 0.06, y), width - 0.12, 0.75, fc=colour, lw=0)
            )
        ax.text(-0.9, y + 0.37, LEVELS[times], ha="right", va="center", fontsize=TEXT)
        ax.text(ROWS - 0.2, y + 0.37, "…", va="center", fontsize=TEXT)
        if times:
            of = {2 * j + step for j in marked for step in (-1, 0, 1)}
            link(ax, marked, of, times, y)
            marked = of
    return fig


def link(ax, marked, of, times, y):
    """Draw lines from each position to the three that it is the maximum of."""
    for j in marked:
        for k in {2 * j - 1, 2 * j, 2 * j + 1} & of:
            x = j * 2**times, k * 2 ** (times - 1)
            ax.plot(x, [y + 0.8, y + 1.7], color=WORK, lw=1, alpha=0.6)


# Decoding


def cells(ax, first, n, y, colour, **style):
    """Draw ``n`` rows as cells."""
    for x in range(first, first + n):
        given = {"facecolor": colour, "lw": 0, **style}
        ax.add_patch(Rectangle((x + 0.07, y), 0.86, 0.8, **given))


def step_by_step(ax, first):
    """Draw passes that each add a row."""
    ax.text(first, 6.2, "Step by step: as many passes as rows", fontsize=TEXT)
    for number, y in enumerate((4.8, 3.6, 2.4)):
        cells(ax, first, 4, y, PAST)
        cells(ax, first + 4, number, y, OPEN)
        cells(ax, first + 4 + number, 1, y, FORECAST)
        ax.text(
            first - 0.3,
            y + 0.4,
            f"pass {number + 1}",
            ha="right",
            va="center",
            fontsize=SMALL,
        )
        if number:
            x = first + 3.5 + number
            arrow(ax, (x, y + 1.25), (x, y + 0.75))
    ax.text(first + 4, 1.5, "⋮", ha="center", fontsize=TEXT)


def one_pass(ax, first):
    """Draw the start token, and rows that are filled all at once."""
    ax.text(first, 6.2, "In one pass: the Informer", fontsize=TEXT)
    ax.text(first - 0.3, 5.2, "given", ha="right", va="center", fontsize=SMALL)
    ax.text(first - 0.3, 3.4, "returned", ha="right", va="center", fontsize=SMALL)
    cells(ax, first, 4, 4.8, PAST)
    cells(ax, first + 4, 4, 4.8, "white", lw=1, edgecolor=FORECAST, ls="--")
    for x in range(first + 4, first + 8):
        arrow(ax, (x + 0.5, 4.75), (x + 0.5, 3.85))
    cells(ax, first + 4, 4, 3, FORECAST)
    below(ax, first + 2, 4.6, "start token")
    below(ax, first + 6, 2.8, "all rows of the horizon")


def draw_decoding():
    fig, ax = new_figure((7.4, 2.5), (-1.8, 20.6), (-0.2, 6.9))
    step_by_step(ax, 0)
    one_pass(ax, 12)
    key = (
        (0, PAST, "known"),
        (4, OPEN, "forecast, fed back"),
        (12, FORECAST, "forecast"),
    )
    for x, colour, text in key:
        cells(ax, x, 1, 0, colour)
        ax.text(x + 1.2, 0.4, text, va="center", fontsize=SMALL)
    return fig


if __name__ == "__main__":
    save(draw_network(), "how_network.svg")
    save(draw_distilling(), "how_distilling.svg")
    save(draw_decoding(), "how_decoding.svg")

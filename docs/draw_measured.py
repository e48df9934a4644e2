"""Draw the pictures of "How it works" that are measured on trained networks.

Run it after changing what it draws or what trains; the pictures are kept with the
sources. It prints the numbers that the page tells. Two networks are trained on the
seeded load series, which takes two or three minutes.
"""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Patch

from skinformer import (
    AttentionDisplay,
    InformerRegressor,
    TimeFeatures,
    make_forecast_pipeline,
    make_load_series,
)
from skinformer.forecasting.attended import attended
from skinformer.inspection.cells import Cells
from skinformer.inspection.style import HINT, as_axis, label_stamps, tidy

ACTIVE, LAZY, DARK = "#D55E00", "0.7", "#0072B2"
TRUTH = "#000000"
ABOVE = {"loc": "lower left", "bbox_to_anchor": (0, 1)}
STATIC = Path(__file__).parent / "_static"
PRED_LEN, TEST = 24, 24 * 60
SIZES = {"seq_len": 96, "label_len": 48, "pred_len": PRED_LEN, "e_layers": 3}


def save(fig, name):
    # no date and no version: the same drawing gives the same file
    fig.savefig(STATIC / name, dpi=150, facecolor="white", metadata={"Software": None})
    plt.close(fig)


def train(X, y, **options):
    informer = InformerRegressor(**SIZES, random_state=0, **options)
    return make_forecast_pipeline(TimeFeatures(), informer).fit(X, y)


# Active and lazy queries


def dense_weights(model, X, head):
    """Return the weights (L, L) that dense attention would give in the first layer."""
    layer = model[-1].net_.module_.encoder.layers[0].attention
    layer.attention = "full"
    found = attended(model[-1], model[:-1].transform(X), 0)
    layer.attention = "prob"
    return found.layers["encoder"][0].weights[head]


def draw_queries(model, X):
    """Draw M of every query of a head, and what the first and the last one look at."""
    found = attended(model[-1], model[:-1].transform(X), 0)
    layer = found.layers["encoder"][0]
    head = int(layer.sparsity.std(axis=1).argmax())  # where queries differ most
    scores, active = layer.sparsity[head], layer.active[head]
    weights, index = dense_weights(model, X, head), found.index[: len(scores)]
    print(f"head {head}: {active.sum()} of {len(scores)} active")
    fig = plt.figure(figsize=(7.2, 4.4), layout="constrained")
    top, bottom = fig.subfigures(2, 1)
    ax = top.subplots()
    bars(ax, index, scores, np.where(active, ACTIVE, LAZY))
    ax.set(ylabel="sparsity M(q)", xlabel="")
    key = (ACTIVE, "active: attends to all rows"), (LAZY, "lazy: gets the mean")
    handles = [Patch(color=colour, label=text) for colour, text in key]
    ax.legend(handles=handles, frameon=False, ncols=2, **ABOVE)
    left, right = bottom.subplots(1, 2, sharey=True)
    draw_query(left, index, weights[scores.argmax()], ACTIVE, "largest")
    draw_query(right, index, weights[scores.argmin()], LAZY, "smallest")
    left.set_ylabel("weight, if all attended")
    place = {"transform": right.get_yaxis_transform(), "va": "center"}
    right.text(1.01, 1 / len(scores), "even", fontsize=8, **place)
    return fig


def draw_query(ax, index, weights, colour, which):
    """Draw what one query looks at, or would look at."""
    bars(ax, index, weights, colour)
    ax.axhline(1 / len(weights), **HINT)
    ax.set_title(f"the query of the {which} M looks at", fontsize=9, loc="left")
    times = weights.max() * len(weights)
    print(f"{which} M: the largest weight is {times:.1f} times the even one")


def bars(ax, index, heights, colour):
    """Draw a bar for each row, with stamps below."""
    edges = Cells.of_rows("rows", index, len(index)).on_axis()
    ax.bar(edges[:-1], heights, np.diff(edges), align="edge", color=colour)
    label_stamps(ax, index)
    ax.set_xlabel("past row, time")
    tidy(ax)


# The highway and its correction


def parts_of(model, X, y):
    """Return what each part forecasts for the days of X, and the truth.

    All are (n_days, PRED_LEN): of the regressor, with the linear map, with the network.
    """
    forecaster = model.update(X, y)[-1]
    highway, stretch = forecaster._highway, forecaster._panel[0]
    starts = np.arange(stretch.n_known - len(X), stretch.n_known - PRED_LEN + 1, 24)
    job = (stretch, starts)
    regressor = (
        highway.path_.blocks(*job, PRED_LEN) + highway.scaler_.target_scaler_.mean_
    )
    parts = [regressor, highway.forecast([job]), forecaster._forecast_jobs([job])]
    truth = stretch.targets[starts[:, None] + np.arange(PRED_LEN)]
    return [part[..., 0] for part in parts], truth[..., 0]


NAMES = ("regressor", "+ linear map", "+ network")
# the last one lies close to the one before, and is drawn as a band below it
STYLES = (
    ("#009E73", {"ls": ":", "lw": 1.8}),
    (DARK, {"ls": "--", "lw": 1.5, "zorder": 3}),
    (ACTIVE, {"lw": 3.5, "alpha": 0.6, "zorder": 1}),
)


def draw_highway(parts, truth, index, day):
    """Draw one day by its parts, and the mean error after each."""
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(7.2, 3.0), layout="constrained", width_ratios=(2.2, 1)
    )
    stamps = index[day * 24 : day * 24 + PRED_LEN]
    left.plot(as_axis(stamps), truth[day], color=TRUTH, lw=1.6, label="observed")
    for part, name, (colour, style) in zip(parts, NAMES, STYLES, strict=True):
        left.plot(as_axis(stamps), part[day], color=colour, label=name, **style)
    label_stamps(left, stamps)
    left.set_ylabel("load")
    left.legend(frameon=False, ncols=2, **ABOVE)
    draw_errors(right, [np.abs(part - truth).mean() for part in parts], len(truth))
    for ax in (left, right):
        tidy(ax)
    return fig


def draw_errors(ax, errors, n_days):
    """Draw a bar for the error after each part."""
    ax.barh(NAMES, errors, color=[colour for colour, _ in STYLES])
    ax.bar_label(ax.containers[0], fmt=" %.1f")
    ax.invert_yaxis()
    ax.set_xlim(0, 1.25 * max(errors))
    ax.set_xlabel(f"mean absolute error\nof {n_days} days")
    for name, error in zip(NAMES, errors, strict=True):
        print(f"{name}: mean absolute error {error:.2f}")


def main():
    X, y = make_load_series(24 * 7 * 104, random_state=0)
    known, late = slice(-TEST), slice(-TEST, None)
    ahead = X[late][:PRED_LEN]
    alone = train(X[known], y[known], highway=None)
    save(draw_queries(alone, ahead), "how_queries.png")
    for kind, name in (("cross", "how_cross.png"), ("encoder", "how_encoder.png")):
        display = AttentionDisplay.from_estimator(alone, ahead, kind=kind)
        save(display.figure_, name)
    beside = train(X[known], y[known])
    even = attended(beside[-1], beside[:-1].transform(ahead), 0).layers["cross"][-1]
    largest = even.weights.mean(axis=0).max() * even.weights.shape[2]
    print(f"beside a highway the share is {beside[-1].blend_}, and the largest mean")
    print(f"weight of the cross-attention {largest:.1f} times the even one")
    parts, truth = parts_of(beside, X[late], y[late])
    save(draw_highway(parts, truth, X[late].index, day=3), "how_highway.png")


if __name__ == "__main__":
    main()

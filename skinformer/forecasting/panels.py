"""The histories that a forecaster learns from, and goes on with."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from skinformer.series.chunks import let_go
from skinformer.series.filling import rows_before_a_hole
from skinformer.series.panel import Given, Panel, start_panel
from skinformer.series.timeline import last_part

# a row this many times further ahead than the history is long is a mistake
FARTHEST = 20

__all__ = [
    "FARTHEST",
    "add_series",
    "before_last",
    "check_enough_rows",
    "keep_last",
    "refuse_empty_targets",
    "refuse_far",
    "refuse_strange",
]


def refuse_empty_targets(
    panel: Panel, names: Sequence, where: str = "in every row"
) -> None:
    """Refuse a target that no row of a series knows that counts."""
    for series, history in enumerate(panel):
        weights = history.observed.weights
        if history.filled.last is None and weights is None:
            continue
        known = ~np.isnan(history.targets)  # (n_known, n_targets)
        if weights is not None:
            known &= (weights > 0)[:, None]
        empty = ~known.any(axis=0)
        if empty.any():
            weightless = "" if weights is None else ", or has the weight 0 there"
            raise ValueError(
                f"{panel.name(series)}Target {names[int(empty.argmax())]!r} is missing "
                f"{where}{weightless}, so that there is nothing to learn. Leave it out "
                "of y, or give rows in which it is known."
            )


def before_last(panel: Panel, fraction: float | int) -> Panel:
    """Return the panel without the last rows of each series."""
    cut = {
        i: history.before(history.n_known - last_part(history.n_known, fraction))
        for i, history in enumerate(panel)
    }
    if all(history.n_known == 0 for history in cut.values()):
        raise ValueError(
            f"calibration_fraction={fraction!r} leaves no row to train on; lower it."
        )
    return panel.put({i: h for i, h in cut.items() if h.n_known})


def refuse_strange(panel: Panel, labels: pd.Index, remedy: str) -> None:
    """Refuse series that the forecaster does not know, by name."""
    strange = list(dict.fromkeys(labels))
    some = ", ".join(map(repr, strange[:3])) + (", ..." if len(strange) > 3 else "")
    known = ", ".join(map(repr, panel.keys[:3])) + (", ..." if len(panel) > 3 else "")
    raise ValueError(
        f"{len(strange)} series of X are unknown: {some}. Known are {len(panel)}: "
        f"{known}; {remedy}."
    )


def check_enough_rows(
    panel: Panel, needed: int, owner: str, or_lower: str, where: str = ""
) -> None:
    """Refuse histories none of which has so many rows."""
    rows = max(int(history.given.sum()) for history in panel)
    if rows < needed:
        most = "" if panel.keys is None else " in its longest series"
        raise ValueError(
            f"{owner} needs at least {needed} rows, and was given n_samples = "
            f"{rows}{most}{where}. Give more rows{or_lower}."
        )


def refuse_far(panel: Panel, pred_len: int) -> None:
    """Refuse a horizon so long that its number is likely to be mistaken."""
    most = max(history.n_known for history in panel)
    if pred_len > FARTHEST * max(most, 50):
        raise ValueError(
            f"pred_len={pred_len} is far longer than the history, which has {most} "
            f"rows: give at most {FARTHEST * max(most, 50)}, or more rows."
        )


def add_series(panel: Panel, rows: Given, names: Sequence, freq: object) -> Panel:
    """Return the panel with series that it has not had, in steps of ``freq``.

    None is the step of the others.
    """
    step = freq or getattr(panel[0].grid, "freq", None)  # rows without time have none
    later = start_panel(rows, len(names), step, snap=freq is not None)
    refuse_empty_targets(later, names)
    return panel.then(later)


def keep_last(panel: Panel, n: int) -> Panel:
    """Return the panel without the rows that the last n of each do not need.

    Nor holes among them that are still to come.
    """
    kept = {}
    for i, history in enumerate(panel):
        kept[i] = history.last_filled(n + rows_before_a_hole(history.grid.season))
        let_go(history.observed.values)
    return panel.put(kept)

"""What all figures share: axes, colours, and places in time.

A figure is data and layout, as plotly has them, and no HTML. Colours are names of CSS
variables, such as ``var(--forecast)``; the page puts in the ones of its theme. Text of
the user's is escaped, because plotly reads tags in it.
"""

import json
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from skinformer.inspection.style import with_unit
from skinformer.series.grid import wall_clock

__all__ = [
    "along",
    "axis",
    "colour",
    "figure",
    "name_and_unit",
    "plain",
    "thin",
    "times",
]


def colour(name: str) -> str:
    """Name a colour of the theme."""
    return f"var(--{name})"


def figure(traces: list, **layout: Any) -> dict:
    """Return data and layout, checked by plotly and ready for JSON."""
    import plotly.graph_objects as go

    made = go.Figure(data=traces, layout={"template": "none", **layout})
    spec = json.loads(made.to_json())
    spec["layout"].pop("template", None)
    return spec


def axis(title: str, **more: Any) -> dict:
    """Return an axis with its title."""
    return {
        "title": {"text": title, "standoff": 8, "font": {"size": 13}},
        "gridcolor": colour("grid"),
        "linecolor": colour("line"),
        "tickcolor": colour("line"),
        "automargin": True,
        "zeroline": False,
        **more,
    }


def thin(values: np.ndarray) -> np.ndarray:
    """Return values in single precision: twice what a picture can show."""
    return np.asarray(values, dtype=np.float32)


def times(index: pd.Index) -> Any:
    """Return what plotly can place: times on the local clock, or row numbers."""
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if isinstance(index, pd.DatetimeIndex):
        return wall_clock(index).strftime("%Y-%m-%d %H:%M:%S").tolist()
    return index.to_numpy()


def along(index: pd.Index) -> dict:
    """Return where values lie: first stamp and step, or every stamp if steps differ."""
    if isinstance(index, pd.DatetimeIndex) and len(index) > 2:
        steps = np.unique(np.diff(wall_clock(index).asi8))
        if len(steps) == 1 and steps[0] % 10**6 == 0:
            return {"x0": times(index[:1])[0], "dx": int(steps[0]) // 10**6}
    return {"x": times(index)}


def name_and_unit(name: Any, unit: str) -> str:
    """Return the label of a target's axis."""
    return plain(with_unit(name, unit))


def plain(text: str) -> str:
    """Return text in which plotly finds no tag.

    Quotes stay: it does not read ``&quot;``.

    >>> plain("<b>'so' & on</b>")
    "&lt;b&gt;'so' &amp; on&lt;/b&gt;"
    """
    return escape(text, quote=False)

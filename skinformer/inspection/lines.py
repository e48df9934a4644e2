"""Rows in time as a line, and intervals as a shade, holes and all."""

from typing import Any

import numpy as np
import pandas as pd

from .style import BAND, as_axis

__all__ = ["draw_band", "draw_line"]


def draw_line(ax: Any, rows: pd.Series, **style: Any) -> None:
    """Draw rows as a line, and a dot where a row has no neighbour to go to."""
    values = rows.to_numpy(dtype=np.float64, na_value=np.nan)
    lonely = alone(values)
    if lonely:  # with a marker, the legend would show one too
        style |= {"marker": "o", "ms": 3.5, "markevery": lonely}
    ax.plot(as_axis(rows.index), values, **style)


def alone(values: np.ndarray) -> list[int]:
    """Return the rows whose neighbours are both missing.

    >>> alone(np.array([1.0, np.nan, 3.0, 4.0, np.nan, 6.0]))
    [0, 5]
    """
    known = ~np.isnan(np.concatenate([[np.nan], values, [np.nan]]))
    return np.flatnonzero(known[1:-1] & ~known[:-2] & ~known[2:]).tolist()


def draw_band(ax: Any, ends: pd.DataFrame, colour: str, label: str) -> None:
    """Shade from column low to column high, and a stroke where a row stands alone."""
    at, low, high = as_axis(ends.index), ends["low"], ends["high"]
    ax.fill_between(at, low, high, color=colour, label=label, **BAND)
    lonely = alone(low.to_numpy())
    if lonely:  # a shade over one row has no width
        stroke = {"color": colour, "lw": 6, "alpha": BAND["alpha"]}
        ax.vlines(at[lonely], low.iloc[lonely], high.iloc[lonely], **stroke)

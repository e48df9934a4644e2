"""Rows that are to be forecast, placed in the series that they belong to."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from skinformer.exceptions import GapWarning, warn
from skinformer.series.history import Stretch
from skinformer.series.panel import Given, Panel, naming
from skinformer.series.timeline import place_asked

from .blocks import Ask
from .panels import FARTHEST, refuse_strange

__all__ = ["Asked", "place", "warn_of_gap"]


class Asked(NamedTuple):
    """Rows that are to be forecast, and where they lie in their series.

    Attributes
    ----------
    index : Index of n_rows stamps
    asks : list of Ask
        What each series is asked for.
    which : list of ndarray
        Which of the rows these are.
    """

    index: pd.Index  # type: ignore[assignment]  # a tuple has index(); no one calls it
    asks: list[Ask]
    which: list[np.ndarray]

    def each(self) -> Iterator[tuple[Ask, np.ndarray]]:
        """Yield what a series is asked for, and which rows these are."""
        return zip(self.asks, self.which, strict=True)

    def within(self, n_ahead: int) -> "Asked":
        """Return the rows inside the histories, and the next ``n_ahead`` of each."""
        parts = []
        for ask, rows in self.each():
            near = ask.positions < ask.history.n_known + n_ahead
            if near.any():
                parts.append((ask.of(near), rows[near]))
        asks, which = zip(*parts, strict=True) if parts else ((), ())
        return Asked(self.index, list(asks), list(which))


def place(panel: Panel, asked: Given, history_size: str, or_else: str) -> Asked:
    """Place rows that are asked for in their series.

    Parameters
    ----------
    panel : Panel
    asked : Given
    history_size : {"all", "context"}
        What the panel has kept of its histories.
    or_else : str
        What to do about series that it lacks.

    Raises
    ------
    ValueError
        If a series is unknown; if a stamp is before the history, repeated, off the
        grid, or too far ahead.
    """
    asks, parts = [], panel.split(asked)
    for series, rows in parts:
        if series < 0:
            refuse_strange(panel, asked.labels[rows], or_else)
        with naming(panel.name(series)):
            asks.append(place_in(panel[series], asked, rows, history_size))
    return Asked(asked.index, asks, [rows for _, rows in parts])


def place_in(
    history: Stretch, asked: Given, rows: np.ndarray, history_size: str
) -> Ask:
    """Place the rows of one series."""
    # all of them are in order, and a part of a RangeIndex is one no more
    whole = len(rows) == len(asked.index)
    index = asked.index if whole else asked.index[rows]
    n, offset = history.n_known, history.offset
    positions = place_asked(history.grid, index, offset + n) - offset
    check_kept(history, index, positions, history_size)
    check_reach(history, positions)
    return Ask(history, positions, asked.covariates.take(rows))


def check_kept(
    history: Stretch, index: pd.Index, positions: np.ndarray, history_size: str
) -> None:
    """Refuse fitted values of a history of which only the context is kept."""
    inside = positions < history.n_known
    if history_size == "context" and inside.any():
        raise ValueError(
            f"{index[int(inside.argmax())]} is inside the history, of which "
            "history_size='context' keeps no more than forecasts after it need; fitted "
            "values need history_size='all'."
        )


def check_reach(history: Stretch, positions: np.ndarray) -> None:
    """Refuse a row so far ahead that its stamp is likely to be mistaken."""
    n, last = history.n_known, int(positions.max())
    if last - n >= FARTHEST * max(n, 50):
        grid, at = history.grid, history.offset
        raise ValueError(
            f"{grid.stamps(at + last, at + last + 1)[0]} is {last - n + 1} rows after "
            f"the history, which has {n} and ends at "
            f"{grid.stamps(at + n - 1, at + n)[0]}. Check the stamps of X, or update "
            "with the rows in between."
        )


def warn_of_gap(asks: Sequence[Ask]) -> None:
    """Warn once of the rows that are forecast and not asked for."""
    between = 0
    for history, positions, _ in asks:
        ahead = positions - history.n_known
        between += max(int(ahead.max()) + 1, 0) - int((ahead >= 0).sum())
    if between:
        warn(
            f"{between} rows after the history were not asked for, and had to be "
            "forecast to reach those that were; they are left out of the answer.",
            GapWarning,
        )

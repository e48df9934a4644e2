"""Rows that come after a history was started: later ones, and corrections."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from .covariates import Covariates
from .filling import fill
from .grid import OFF_GRID, RowGrid
from .history import Observed, Stretch, override
from .indexes import check_order
from .layout import refuse_empty_grid, spread
from .panel import Given, Panel, naming
from .timeline import check_clock, check_on_grid, place_history

__all__ = ["extend", "extend_panel"]

REMEDY = "on_conflict='replace' puts what is given in its place"


def extend(
    history: Stretch, rows: Given, on_conflict: str, names: Sequence[str]
) -> Stretch:
    """Return the history with rows that have been observed since.

    Rows that it has already must agree with it, or else take its place; a value that
    was missing is taken in either way.

    Parameters
    ----------
    history : Stretch
    rows : Given
    on_conflict : {"raise", "replace"}
    names : sequence of str
        What errors call the observed values.

    Raises
    ------
    ValueError
        If a row is before those that the history keeps, or contradicts one of them.
    """
    check_order(rows.index)
    if isinstance(history.grid, RowGrid):
        return append_rows(history, rows.index, rows.observed, rows.covariates)
    positions = place_known(history, rows.index)
    again = positions < history.n_known
    if again.any():
        history = revise(
            history, positions[again], rows.take(again), on_conflict, names
        )
    if again.all():
        return history
    later = rows.take(~again)
    return append_rows(history, later.index, later.observed, later.covariates)


def extend_panel(
    panel: Panel, rows: Given, on_conflict: str, names: Sequence[str]
) -> tuple[Panel, np.ndarray]:
    """Return the histories with rows that have been observed since.

    See :func:`extend`; rows of series that the panel lacks are left out, and their
    numbers, (n_strange,), returned.
    """
    changed, strange = {}, np.empty(0, dtype=np.int64)
    for series, which in panel.split(rows):
        if series < 0:
            strange = which
            continue
        with naming(panel.name(series)):
            check_clock(panel[series].grid, rows.index)
            part = rows if panel.keys is None else rows.take(which)
            changed[series] = extend(panel[series], part, on_conflict, names)
    return panel.put(changed), strange


def place_known(history: Stretch, index: pd.Index) -> np.ndarray:
    """Return positions from the first row of the history on, (n,)."""
    grid, offset = history.grid, history.offset
    positions = grid.positions(index)
    early = (positions < offset) & (positions != OFF_GRID)
    if early.any():
        first = grid.stamps(offset, offset + 1)[0]
        why = (
            f"is before the history, which starts at {first}"
            if offset == 0
            else f"is no longer kept: history_size='context' keeps rows from {first} on"
        )
        raise ValueError(f"{index[early.argmax()]} {why}; pass the rows from there on.")
    check_on_grid(grid, index, positions)
    return positions - offset


def revise(
    history: Stretch,
    positions: np.ndarray,
    rows: Given,
    on_conflict: str,
    names: Sequence[str],
) -> Stretch:
    """Return the history with rows that it has held against those given again."""
    if on_conflict == "raise":
        check_values(history.observed.values[positions], rows, names)
        check_known(history, positions, rows)
    values, codes = history.observed.values.copy(), history.observed.codes.copy()
    given, told = history.given.copy(), rows.observed
    old = values[positions]
    keeps = np.isnan(told.values) & (on_conflict == "raise")
    values[positions] = np.where(keeps, old, told.values)
    hidden = (told.codes == 0) & (on_conflict == "raise")
    codes[positions] = np.where(hidden, codes[positions], told.codes)
    given[positions] = True
    known = rows.covariates
    if on_conflict == "raise":
        known = filled_from(known, history.covariates.take(positions))
    return replace(
        history,
        observed=Observed(values, codes),
        given=given,
        covariates=override(history.covariates, positions, known),
        filled=fill(values, history.grid.season),
    )


def filled_from(new: Covariates, old: Covariates) -> Covariates:
    """Return covariates with the old numbers where the new ones are missing."""
    numeric = np.where(np.isnan(new.numeric), old.numeric, new.numeric)
    return Covariates(numeric, new.codes)


def check_values(old: np.ndarray, rows: Given, names: Sequence[str]) -> None:
    """Refuse the first observed value that is another than the history's."""
    new = rows.observed.values.astype(old.dtype, copy=False)
    differ = (old != new) & ~np.isnan(old) & ~np.isnan(new)
    if differ.any():
        row, column = np.argwhere(differ)[0]
        raise ValueError(
            f"{names[column]} is {new[row, column]:.6g} at {rows.index[row]}, where "
            f"the history has {old[row, column]:.6g}. Give rows that agree, or "
            f"{REMEDY}."
        )


def check_known(history: Stretch, positions: np.ndarray, rows: Given) -> None:
    """Refuse the first row whose covariates are others than the history's."""
    was_given = history.given[positions]  # what stands in a gap was never given
    old, new = history.covariates.take(positions), rows.covariates
    was, told = history.observed.codes[positions], rows.observed.codes
    past = (was != told) & (was > 0) & (told > 0)  # 0 is missing
    differ = differing(old, new) | past.any(axis=1)
    if (differ & was_given).any():
        stamp: Any = rows.index[int((differ & was_given).argmax())]
        raise ValueError(
            f"The covariates of {stamp} are others than those that the history has. "
            f"Give rows that agree, or {REMEDY}."
        )


def differing(old: Covariates, new: Covariates) -> np.ndarray:
    """Say which rows differ, (n,) of bool, at the precision of the old ones.

    A missing number contradicts none.
    """
    was, told = old.numeric, new.numeric.astype(old.numeric.dtype, copy=False)
    numbers = (was != told) & ~np.isnan(was) & ~np.isnan(told)
    return numbers.any(axis=1) | (old.codes != new.codes).any(axis=1)


def append_rows(
    history: Stretch, index: pd.Index, observed: Observed, covariates: Covariates
) -> Stretch:
    """Return the history with rows appended that were observed after it.

    Raises
    ------
    ValueError
        If the rows do not all lie after the history, in order, on its grid.
    """
    check_order(index)
    n, offset, grid = history.n_known, history.offset, history.grid
    positions = place_history(grid, index, start=offset + n) - offset
    told = np.append(np.flatnonzero(history.given), positions)
    refuse_empty_grid(grid, told, int(positions[-1]) + 1)
    later, given = spread(positions, observed, n)
    values = np.concatenate([history.observed.values, later.values])
    return replace(
        history,
        observed=Observed(
            values, np.concatenate([history.observed.codes, later.codes])
        ),
        given=np.concatenate([history.given, given]),
        covariates=history.ahead(positions, covariates, 0, n + len(later)).covariates,
        filled=fill(values, grid.season),
    )

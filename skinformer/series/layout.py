"""Rows as they are given, put on the grid of their series."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from skinformer.exceptions import FilledRowsWarning, warn

from .chunks import is_mapped
from .copying import rows_to_copy
from .covariates import Covariates
from .filling import fill
from .frequency import make_grid
from .grid import Grid
from .history import Observed, Stretch
from .indexes import check_order
from .rows import edges_of
from .timeline import place_history

__all__ = [
    "Place",
    "lay_out",
    "place_rows",
    "refuse_empty_grid",
    "spread",
    "warn_of_absent",
]

# a grid with this many times more rows than were given is a wrong grid
EMPTIEST = 20


class Place(NamedTuple):
    """The grid of a series, and where its rows lie on it, (n,)."""

    grid: Grid
    positions: np.ndarray

    @property
    def n_rows(self) -> int:
        """Number of rows of the grid, up to the last one given."""
        return int(self.positions[-1]) + 1


def place_rows(
    index: pd.Index, freq: Any = None, snap: bool = True, like: Grid | None = None
) -> Place:
    """Place the rows that a history starts with; see :func:`make_grid`.

    Raises
    ------
    ValueError
        If the stamps lie on no grid, are repeated or out of order.
    """
    check_order(index)
    grid = make_grid(index, freq, snap, like)
    place = Place(grid, place_history(grid, index))
    refuse_empty_grid(grid, place.positions, place.n_rows)
    return place


def lay_out(
    places: Sequence[Place], observed: Observed, covariates: Covariates, n_targets: int
) -> list[Stretch]:
    """Make histories of rows that stand series after series, in that order.

    All are views of one array each: windows of all series then need no copy.
    """
    edges = edges_of(place.n_rows for place in places)
    rows = [p.positions + first for p, first in zip(places, edges, strict=False)]
    observed, given = spread(np.concatenate(rows), observed)
    if len(given) > len(covariates):
        covariates = covariates.take(sources_of_all(places))
    stretches = []
    for i, place in enumerate(places):
        of, grid = slice(edges[i], edges[i + 1]), place.grid
        ours = observed.take(of)
        filled = fill(ours.values, grid.season)
        known = covariates.take(of)
        stretches.append(
            Stretch(ours, given[of], known, grid, n_targets, filled, series=i)
        )
    return stretches


def sources_of_all(places: Sequence[Place]) -> np.ndarray:
    """Do what :func:`sources` does for series whose rows stand one after another."""
    first = edges_of(len(place.positions) for place in places)
    each = [sources(*place, place.n_rows) for place in places]
    return np.concatenate([of + at for of, at in zip(each, first, strict=False)])


def sources(grid: Grid, positions: np.ndarray, stop: int) -> np.ndarray:
    """Say which of the rows at ``positions`` each row from 0 to stop - 1 repeats."""
    if len(positions) == stop:
        return np.arange(stop)
    source = np.full(stop, -1)
    source[positions] = np.arange(len(positions))
    wanted = np.flatnonzero(source < 0)
    source[wanted] = rows_to_copy(grid, positions, wanted)
    return source


def spread(
    positions: np.ndarray, observed: Observed, start: int = 0
) -> tuple[Observed, np.ndarray]:
    """Put rows on the grid from ``start`` on, and say which of them were given.

    Rows that were not given are missing, and weigh nothing.
    """
    n = int(positions[-1]) + 1 - start
    given = np.zeros(n, dtype=bool)
    given[positions - start] = True
    if n == len(positions):
        # The caller's array may change later; a file may be larger than memory.
        kept = observed if is_mapped(observed.values) else observed.take(given)
        return kept, given
    values = np.full((n, observed.values.shape[1]), np.nan, observed.values.dtype)
    codes = np.zeros((n, observed.codes.shape[1]), dtype=np.int64)
    values[given], codes[given] = observed.values, observed.codes
    weights = None
    if observed.weights is not None:
        weights = np.zeros(n)
        weights[given] = observed.weights
    return Observed(values, codes, weights), given


def longer_step(grid: Grid, positions: np.ndarray) -> str:
    """Say what may make the grid of few rows a fuller one."""
    apart = np.unique_counts(np.diff(positions))
    usual = int(apart.values[apart.counts.argmax()]) if len(positions) > 1 else 1
    if usual == 1:
        return "Correct or drop the stamp that lies far from the others."
    return (
        f"Most of them are {usual} steps of {grid.freq.freqstr!r} apart: leave "
        "freq=None, which reads the step off the stamps, or give a longer one."
    )


def refuse_empty_grid(grid: Grid, positions: np.ndarray, n: int) -> None:
    """Refuse a grid of n rows that is mostly empty."""
    if n > EMPTIEST * max(len(positions), 50):
        raise ValueError(
            f"A grid in steps of {grid.freq.freqstr!r} would have {n} rows, of which "
            f"{len(positions)} are given. {longer_step(grid, positions)}"
        )


def warn_of_absent(stretches: list[Stretch], since: list[int]) -> None:
    """Warn once with the number of rows from ``since`` on that were not given."""
    given = [s.given[first:] for s, first in zip(stretches, since, strict=True)]
    absent = sum(int((~rows).sum()) for rows in given)
    if not absent:
        return
    which = next(i for i, rows in enumerate(given) if not rows.all())
    stretch = stretches[which]
    first = stretch.offset + since[which] + int((~given[which]).argmax())
    warn(
        f"{absent} of {sum(map(len, given))} rows are absent from the grid in steps of "
        f"{stretch.grid.freq.freqstr!r}, the first at "
        f"{stretch.grid.stamps(first, first + 1)[0]}: they count as missing.",
        FilledRowsWarning,
    )

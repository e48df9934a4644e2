"""The histories of one or many series, by the number of the series."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from .covariates import Covariates
from .grid import Grid
from .history import Observed, Stretch
from .indexes import RowNames
from .layout import Place, lay_out, place_rows, warn_of_absent
from .rows import edges_of
from .snapping import snap_alike, warn_of_snapped

# stamps of a series that show a step; of fewer, one distance would be taken for it
FEW_STAMPS = 3

__all__ = ["Given", "Panel", "naming", "place_each", "start_panel"]


class Given(NamedTuple):
    """Rows as they were given, in their order.

    Attributes
    ----------
    index : Index of n stamps
    labels : Index of n series, or None where there is one without a name
    observed : Observed of n rows, or None for rows that are to be forecast
    covariates : Covariates of n rows
    """

    index: pd.Index  # type: ignore[assignment]  # a tuple has index(); no one calls it
    labels: pd.Index | Any  # Any is None here: who reads it knows that it is there
    observed: Observed | Any
    covariates: Covariates

    @property
    def names(self) -> Any:
        """What errors call the rows."""
        if self.labels is None:
            return self.index
        return RowNames(self.index, self.labels)

    def take(self, rows: np.ndarray | slice) -> "Given":
        """Return those rows without their labels: it is known whose they are."""
        observed = None if self.observed is None else self.observed.take(rows)
        return Given(self.index[rows], None, observed, self.covariates.take(rows))


def groups(codes: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each series' number and its rows, in the order in which they stand.

    >>> [(k, rows.tolist()) for k, rows in groups(np.array([1, 0, 1, 3]))]
    [(0, [1]), (1, [0, 2]), (3, [3])]
    """
    order = np.argsort(codes, kind="stable")
    numbers, first = np.unique(codes[order], return_index=True)
    for number, rows in zip(numbers, np.split(order, first[1:]), strict=True):
        yield int(number), rows


def name_of(series: int, keys: pd.Index | None) -> str:
    """Return "Series 'x': ", or nothing where there is one without a name."""
    if keys is None:
        return ""
    [label] = keys[series : series + 1].tolist()  # 7, where keys[series] is np.int64(7)
    return f"Series {label!r}: "


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Let errors say first which series they are about.

    >>> with naming("Series 'x': "):
    ...     raise ValueError("no rows")
    Traceback (most recent call last):
    ValueError: Series 'x': no rows
    """
    try:
        yield
    except ValueError as error:
        if not name:
            raise
        raise ValueError(f"{name}{error}") from error


@dataclass(frozen=True)
class Panel:
    """Series that one forecaster works on.

    Attributes
    ----------
    stretches : tuple of Stretch
        The history of each series.
    keys : Index of n_series labels, or None
        None for a single series without a name.
    """

    stretches: tuple[Stretch, ...]
    keys: pd.Index | Any = None  # Any is None here

    def __len__(self) -> int:
        """Count the series."""
        return len(self.stretches)

    def __getitem__(self, series: int) -> Stretch:
        """Return the history of one series."""
        return self.stretches[series]

    def __iter__(self) -> Iterator[Stretch]:
        """Yield the history of each series."""
        return iter(self.stretches)

    @property
    def season(self) -> int:
        """Rows in the season that most series have."""
        values, counts = np.unique([s.grid.season for s in self], return_counts=True)
        return int(values[counts.argmax()])

    def name(self, series: int) -> str:
        """Return what errors about a series begin with."""
        return name_of(series, self.keys)

    def split(self, rows: Given) -> list[tuple[int, np.ndarray]]:
        """Return the series that have rows, and which these are; -1 for unknown ones.

        Returns
        -------
        list of (series, rows)
        """
        if self.keys is None:
            return [(0, np.arange(len(rows.index)))]
        return list(groups(self.keys.get_indexer(rows.labels)))

    def put(self, changed: dict[int, Stretch]) -> "Panel":
        """Return the panel with the histories of some series replaced."""
        return replace(
            self,
            stretches=tuple(changed.get(i, s) for i, s in enumerate(self.stretches)),
        )

    def unweighted(self) -> "Panel":
        """Return the panel without weights, which count in training alone."""
        if self[0].observed.weights is None:
            return self
        return replace(self, stretches=tuple(s.unweighted() for s in self))

    def then(self, later: "Panel") -> "Panel":
        """Return the panel with new series after its own."""
        numbered = [
            replace(s, series=len(self) + i) for i, s in enumerate(later.stretches)
        ]
        return Panel((*self.stretches, *numbered), self.keys.append(later.keys))


def start_panel(
    rows: Given, n_targets: int, freq: Any = None, snap: bool = True
) -> Panel:
    """Make the histories of the rows that ``fit`` is given.

    Raises
    ------
    ValueError
        As :func:`~skinformer.series.layout.place_rows` does, with the name of the
        series.
    """
    keys, rows, edges = by_series(rows)
    indexes = [rows.index[a:b] for a, b in pairwise(edges)]
    places = place_each(indexes, keys, freq, snap)
    stretches = snap_alike(lay_out(places, rows.observed, rows.covariates, n_targets))
    warn_of_snapped(stretches, indexes)
    warn_of_absent(stretches, [0] * len(stretches))
    return Panel(tuple(stretches), keys)


def by_series(rows: Given) -> tuple[pd.Index | None, Given, list[int]]:
    """Return the labels of the series, the rows in their order, and where each begins.

    Those of one series keep their order. The last edge is the end.
    """
    if rows.labels is None:
        return None, rows, [0, len(rows.index)]
    codes, keys = pd.factorize(rows.labels, sort=True)
    if isinstance(keys, pd.CategoricalIndex):  # no other series could join it
        keys = keys.astype(keys.categories.dtype)
    if (np.diff(codes) < 0).any():
        rows = rows.take(np.argsort(codes, kind="stable"))
    return keys, rows, edges_of(np.bincount(codes)).tolist()


def place_each(
    indexes: list[pd.Index],
    keys: pd.Index | None,
    freq: Any,
    snap: bool,
    like: Grid | None = None,
) -> list[Place]:
    """Place the rows of each series; an error says of which it is.

    ``like`` is the grid of a series before these, whose step is tried first.
    """
    short = [freq is None and len(index) < FEW_STAMPS for index in indexes]
    places: list[Any] = [None] * len(indexes)
    before = None
    for i in sorted(range(len(indexes)), key=short.__getitem__):
        index = indexes[i]
        if before is not None and index.equals(indexes[before]):  # as most panels have
            places[i] = places[before]
            continue
        if before is not None:
            like = places[before].grid
        with naming(name_of(i, keys)):
            if short[i] and like is not None:
                places[i] = place_few(index, like)
            else:
                places[i] = place_rows(index, freq, snap, like)
                before = i
    return places


def place_few(index: pd.Index, like: Grid) -> Place:
    """Place stamps too few to show a step: by that of another series if they fit."""
    step = getattr(like, "freq", None)
    if step is not None and isinstance(index, pd.DatetimeIndex):
        with suppress(ValueError):
            return place_rows(index, step, snap=False)
    return place_rows(index)

"""What there is to say of the rows that a report is made of, before any forecast."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skinformer.forecasting.base import BaseForecaster
from skinformer.series.grid import RowGrid
from skinformer.series.history import Stretch
from skinformer.series.panel import Panel

__all__ = ["DataFacts", "Hole", "TargetFacts", "data_facts", "units_of"]


@dataclass(frozen=True)
class TargetFacts:
    """One target: its name, its unit if known, and its values."""

    name: Any
    unit: str
    n_known: int
    n_missing: int
    minimum: float
    mean: float
    maximum: float


@dataclass(frozen=True)
class Hole:
    """Rows one after another that lack something.

    Attributes
    ----------
    what : str
        "all" where there is no such row; else the name of the target.
    first, last : stamps
    n_rows : int
    series : object or None
    """

    what: Any
    first: Any
    last: Any
    n_rows: int
    series: Any = None


@dataclass(frozen=True)
class DataFacts:
    """The rows of a report.

    Attributes
    ----------
    n_rows : int
        Rows that were given.
    n_absent : int
        Rows that their grids have and that were not given.
    first, last : stamps
        Of all series; row numbers where there is no time.
    step : str
        The frequency, as pandas writes it; empty where there is no time.
    zone : str
        The time zone; empty where there is none.
    targets : list of TargetFacts
    known, past : list
        Columns that are known ahead, and only up to the origin.
    series : list
        Names of the series; empty where there is one without a name.
    holes : list of Hole
        The longest first.
    """

    n_rows: int
    n_absent: int
    first: Any
    last: Any
    step: str
    zone: str
    targets: list[TargetFacts]
    known: list
    past: list
    series: list
    holes: list[Hole]


def units_of(units: Any, y: Any, names: list) -> dict:
    """Return the unit of each target by name, where one is given or ``y`` tells it."""
    if units is None:
        units = getattr(y, "attrs", {}).get("units", {})
    if isinstance(units, str):
        return dict.fromkeys(names, units)
    if not isinstance(units, Mapping):
        raise TypeError(
            "units must be a str, or a dict of target to unit; got "
            f"{type(units).__name__}."
        )
    unknown = [name for name in units if name not in names]
    if unknown:
        raise ValueError(
            f"units names {unknown[0]!r}, which is no target; targets are {names}."
        )
    return {name: str(unit) for name, unit in units.items()}


def data_facts(reader: BaseForecaster, units: dict) -> DataFacts:
    """Look at the rows that a forecaster has read; it has seen all of them."""
    panel, schema = reader._panel, reader._schema
    ends = [history.grid.stamps(0, history.n_known)[[0, -1]] for history in panel]
    names = reader.target_names_
    return DataFacts(
        n_rows=sum(int(history.given.sum()) for history in panel),
        n_absent=sum(int((~history.given).sum()) for history in panel),
        first=min(end[0] for end in ends),
        last=max(end[1] for end in ends),
        step=step_of(panel),
        zone=str(getattr(ends[0], "tz", None) or ""),
        targets=[
            target_facts(panel, i, name, units.get(name, ""))
            for i, name in enumerate(names)
        ],
        known=list(schema.known.names),
        past=list(schema.past.names),
        series=[] if panel.keys is None else panel.keys.tolist(),
        holes=sorted(all_holes(panel, names), key=lambda hole: -hole.n_rows),
    )


def step_of(panel: Panel) -> str:
    """Return the steps of the series, as pandas writes them."""
    grids = [history.grid for history in panel if not isinstance(history.grid, RowGrid)]
    return ", ".join(dict.fromkeys(grid.freq.freqstr for grid in grids))


def target_facts(panel: Panel, i: int, name: Any, unit: str) -> TargetFacts:
    """Look at one target of all series, in the rows that were given."""
    values = np.concatenate([history.targets[history.given, i] for history in panel])
    known = values[~np.isnan(values)]
    spread = known.min(), known.mean(), known.max()
    n_missing = len(values) - len(known)
    return TargetFacts(name, unit, len(known), n_missing, *map(float, spread))


def all_holes(panel: Panel, names: list) -> Iterator[Hole]:
    """Yield the holes of every series: rows that are absent, and missing targets."""
    for series, history in enumerate(panel):
        label = None if panel.keys is None else panel.keys[series]
        yield from holes_of(history, ~history.given, "all", label)
        for i, name in enumerate(names):
            missing = np.isnan(history.targets[:, i]) & history.given
            yield from holes_of(history, missing, name, label)


def holes_of(
    history: Stretch, missing: np.ndarray, what: Any, label: Any
) -> Iterator[Hole]:
    """Yield the runs of rows that are missing."""
    runs = runs_of(missing)
    if not runs:
        return
    stamps = history.grid.stamps(0, history.n_known)
    for first, stop in runs:
        yield Hole(what, stamps[first], stamps[stop - 1], stop - first, label)


def runs_of(flags: np.ndarray) -> list[tuple[int, int]]:
    """Return where runs of true flags begin, and where they end.

    >>> runs_of(np.array([True, False, True, True]))
    [(0, 1), (2, 4)]
    """
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))

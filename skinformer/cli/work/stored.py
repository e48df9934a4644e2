"""A model file, and what is known of the table that it was fitted on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from skinformer.model_selection.steps import find_forecaster
from skinformer.persistence import describe, load

from ..reading.notes import from_notes
from ..reading.roles import Roles
from ..reading.times import Clock
from .fit import NOTES

__all__ = ["Stored", "open_model"]


@dataclass(frozen=True)
class Stored:
    """A fitted model, the roles of its columns, and how its times were written."""

    model: Any
    roles: Roles
    clock: Clock
    path: Path

    @property
    def forecaster(self) -> Any:
        """The last step."""
        return find_forecaster(self.model)

    @property
    def zone(self) -> Any:
        """Of its times."""
        return getattr(self.forecaster._history.grid.first, "tz", None)


def open_model(path: Path) -> Stored:
    """Open a model file, of the command line's or of Python's.

    Raises
    ------
    ValueError
        If it is no such file, or holds nothing that forecasts by time.
    OSError
        If it cannot be read.
    """
    notes = describe(path).get("notes") or {}
    model = load(path)
    if NOTES in notes:
        kept = notes[NOTES]
        roles, clock = (
            from_notes(Roles, kept["roles"]),
            from_notes(Clock, kept["clock"]),
        )
        return Stored(model, roles, clock, path)
    return Stored(model, roles_of(model, path), Clock(("time",), "times"), path)


def roles_of(model: Any, path: Path) -> Roles:
    """Read the roles of the columns off a model that Python has saved."""
    forecaster: Any = find_forecaster(model)
    history = getattr(forecaster, "_history", None)
    if history is None or not hasattr(history.grid, "first"):
        raise ValueError(
            f"{path} holds no forecaster that was fitted on rows with a time."
        )
    if isinstance(history.grid.first, pd.Period):
        raise ValueError(
            f"{path} was fitted on periods, which tables do not have; load it in "
            "Python, or fit it on a DatetimeIndex."
        )
    columns = [str(name) for name in getattr(model, "feature_names_in_", ())]
    past = set(map(str, forecaster._schema.past.names))
    series = forecaster.series
    known = tuple(c for c in columns if c not in past and c != series)
    kept = tuple(c for c in columns if c in past)
    targets = tuple(map(str, forecaster.target_names_))
    return Roles(("time",), targets, known, kept, series)

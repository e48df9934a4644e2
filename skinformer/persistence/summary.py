"""What a file says of its model at the head: for people, and for ``describe``."""

import contextlib
import datetime
import importlib.metadata
import platform
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from skinformer._version import __version__
from skinformer.forecasting.keeper import HistoryKeeper
from skinformer.series.grid import RowGrid
from skinformer.series.history import Stretch

from .archive import SCHEMA_VERSION
from .objects import PLACES

__all__ = ["header_of"]

LIBRARIES = ("torch", "numpy", "pandas", "scikit-learn", "scipy", "skorch", "skops")
LONGEST = 200  # of what is told of a parameter


def header_of(model: BaseEstimator) -> dict[str, Any]:
    """Return what is told of a model."""
    return {
        "class": type(model).__name__,
        "steps": steps_of(model),
        "parameters": parameters_of(model),
        "versions": versions(),
        "schema_version": SCHEMA_VERSION,
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "features": names_of(model),
        **history_of(model),
    }


def steps_of(model: BaseEstimator) -> dict[str, str] | None:
    """Return the classes of the steps of a pipeline, by name."""
    if not isinstance(model, Pipeline):
        return None
    return {name: type(step).__name__ for name, step in model.steps}


def parameters_of(model: BaseEstimator) -> dict[str, Any]:
    """Return the parameters as JSON has them, of a pipeline those of its steps."""
    left_out = {"steps", *(steps_of(model) or ())}
    return {
        name: plain(value)
        for name, value in sorted(model.get_params(deep=True).items())
        if name not in left_out and name.split("__")[-1] not in PLACES
    }


def plain(value: Any) -> Any:
    """Return a value of JSON, or how it is written out."""
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float and value - value == 0:  # neither infinite nor nan
        return value
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def versions() -> dict[str, str]:
    """Return the releases that the model was made with."""
    found = {"skinformer": __version__, "python": platform.python_version()}
    return found | {name: importlib.metadata.version(name) for name in LIBRARIES}


def names_of(model: BaseEstimator) -> list[str] | None:
    """Return the columns that the model was fitted to, if they have names."""
    with contextlib.suppress(AttributeError):  # unfitted, or fitted to an array
        return [str(name) for name in model.feature_names_in_]
    return None


def history_of(model: BaseEstimator) -> dict[str, Any]:
    """Return what is told of the rows that a fitted forecaster keeps."""
    last = model.steps[-1][1] if isinstance(model, Pipeline) else model
    nothing = dict.fromkeys(("targets", "frequency", "rows", "series", "first", "last"))
    if not isinstance(last, HistoryKeeper) or not hasattr(last, "_panel"):
        return nothing
    panel = last._panel
    grid = panel[0].grid
    told = nothing | {
        "targets": [str(name) for name in last.target_names_],
        "rows": sum(stretch.n_known for stretch in panel),
        "series": None if panel.keys is None else len(panel),
    }
    if isinstance(grid, RowGrid):
        return told
    ends = [stamps_of(stretch) for stretch in panel]
    told["frequency"] = grid.freq.freqstr
    told["first"] = str(min(first for first, _ in ends))
    told["last"] = str(max(last for _, last in ends))
    return told


def stamps_of(stretch: Stretch) -> tuple[Any, Any]:
    """Return the first and the last stamp of a history."""
    grid, start, end = stretch.grid, stretch.offset, stretch.end
    return grid.stamps(start, start + 1)[0], grid.stamps(end - 1, end)[0]

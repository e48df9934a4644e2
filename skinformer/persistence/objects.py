"""Objects of our own classes, and pipelines, as tagged JSON."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

from skinformer._validation import check_params
from skinformer.exceptions import ModelFileError
from skinformer.series.grid import CalendarGrid, ClockGrid, Grid, PeriodGrid
from skinformer.series.history import Stretch

from .fields import is_of
from .kinds import need, refuse, register
from .nets import choose_device, put_on
from .registry import CLASSES, NAMES, Held

__all__ = ["OBJECT", "PLACES", "is_model"]

# parameters that are places on this machine, and of no use on another
PLACES = {"checkpoint_dir"}

MOST_STEPS = 2**20  # of a forecast, which takes room for them all
SHORTEST = pd.Timedelta(minutes=1)  # step of a calendar


def is_model(value: Any) -> bool:
    """Say whether this is what a file may be of: an estimator of ours, a pipeline."""
    return isinstance(value, BaseEstimator) and type(value) in NAMES


# Writing


def write_object(value: Any, path: str, writer: Any) -> list:
    """Write the name of the class, and its fields; of estimators parameters too."""
    name = NAMES[type(value)]
    held = CLASSES[name]
    if held.is_estimator:
        params = write_params(value, path, writer)
        return [name, params, write_state(held, value, path, writer)]
    parts = {field: getattr(value, field) for field in held.hints}
    if not held.is_data:  # nothing may be left behind
        refuse_strange(held, vars(value))
    return [name, write_fields(parts, f"{path}." if path else "", writer)]


def write_fields(parts: dict[str, Any], path: str, writer: Any) -> dict:
    """Write values by name."""
    return {name: writer.write(part, path + name) for name, part in parts.items()}


def write_params(value: BaseEstimator, path: str, writer: Any) -> dict:
    """Write the parameters of an estimator, which must be allowed ones."""
    check_parameters(value)
    params = value.get_params(deep=False)
    if not isinstance(value, Pipeline):
        params = {k: v for k, v in params.items() if k not in PLACES}
        return write_fields(params, f"{path}__" if path else "", writer)
    refuse_memory(params["memory"], path)
    steps = [
        {"tuple": [name, writer.write(step, f"{path}__{name}" if path else name)]}
        for name, step in params["steps"]
    ]
    rest = {k: v for k, v in params.items() if k != "steps"}
    return {"steps": steps, **write_fields(rest, f"{path}__" if path else "", writer)}


def check_parameters(value: BaseEstimator) -> None:
    """Hold parameters against what the class allows; a pipeline checks its own."""
    if hasattr(value, "_parameter_constraints") and not isinstance(value, Pipeline):
        check_params(value)


def refuse_memory(memory: Any, path: str) -> None:
    """Refuse a cache, a folder of this machine that pickles are read from."""
    if memory is not None:
        remedy = "Save it after set_params(memory=None)."
        raise refuse(f"{path}__memory" if path else "memory", memory, remedy)


def write_state(held: Held, value: BaseEstimator, path: str, writer: Any) -> dict:
    """Write what an estimator has learned, all of it or nothing."""
    params = value.get_params(deep=False)
    state = {k: v for k, v in vars(value).items() if k not in params}
    refuse_strange(held, state)
    if lacking(held, state):
        raise ModelFileError(
            f"This {type(value).__name__} is fitted in part: it has no "
            f"{lacking(held, state)[0]}. Fit it again before saving."
        )
    return write_fields(state, f"{path}." if path else "", writer)


def refuse_strange(held: Held, state: dict) -> None:
    """Refuse attributes that the class is not known to have."""
    for name in state.keys() - held.hints.keys():
        raise ModelFileError(
            f"{held.made.__name__} has an attribute {name!r} that a model file does "
            f"not know. Delete it (del model.{name}) before saving."
        )


def lacking(held: Held, state: dict) -> list[str]:
    """Return what an estimator lacks that is fitted in part; nothing if unfitted."""
    is_fitted = state.keys() - {"_sklearn_output_config"}
    return sorted(held.fields.keys() - state.keys()) if is_fitted else []


# Reading


def read_object(node: Any, reader: Any) -> Any:
    """Make an object of its fields."""
    need(type(node) is list and len(node) >= 2, "an object")
    name, *parts = node
    need(type(name) is str and name in CLASSES, f"a class that it knows, not {name!r}")
    held = CLASSES[name]
    need(len(parts) == 1 + held.is_estimator, f"the parts of a {name}")
    need(all(type(part) is dict for part in parts), f"the fields of a {name}")
    if held.is_estimator:
        return read_estimator(held, parts[0], parts[1], reader)
    given = parts[0].keys()
    needed, known = held.fields.keys(), held.hints.keys()
    need(needed <= given <= known, f"the fields of a {name}")
    made = make(held, read_fields(held, parts[0], reader))
    if isinstance(made, Stretch):
        check_rows(made)
    if isinstance(made, Grid):
        check_grid(made)
    return made


def read_fields(held: Held, parts: dict, reader: Any) -> dict[str, Any]:
    """Read values by name, each of its type."""
    found = {}
    for name, part in parts.items():
        found[name] = reader.read(part)
        need(is_of(found[name], held.hints[name]), f"a {name} of its type")
    return found


def make(held: Held, parts: dict[str, Any]) -> Any:
    """Make a dataclass or tuple by its constructor, any other object of its fields."""
    if held.is_data:
        return held.made(**parts)
    made: Any = object.__new__(held.made)
    vars(made).update(parts)
    return made


def read_estimator(held: Held, params: dict, state: dict, reader: Any) -> BaseEstimator:
    """Make an estimator of its parameters, and put in what it had learned.

    A parameter that the file does not have is one of a later release, and has the
    default that keeps what was before.
    """
    made: Any = held.made
    name, known = made.__name__, set(made._get_param_names())
    need(params.keys() <= known, f"the parameters of a {name}")
    need(state.keys() <= held.hints.keys(), f"the attributes of a {name}")
    need(not lacking(held, state), f"all attributes of a fitted {name}")
    if issubclass(held.made, Pipeline):
        need("steps" in params and params.get("memory") is None, "steps of a pipeline")
    model = made(**{key: reader.read(part) for key, part in params.items()})
    check_parameters(model)
    if "net_" in state:
        reader.target = choose_device(model, reader.device)
    vars(model).update(read_fields(held, state, reader))
    steps = getattr(model, "_pred_len", 1)
    need(1 <= steps <= MOST_STEPS, "a number of steps ahead")
    if "net_" in state:
        put_on(model, reader.target, reader.device)
    return model


def check_rows(stretch: Stretch) -> None:
    """Raise unless all that is known of the rows of a history is of as many rows."""
    n, observed = stretch.n_known, stretch.observed
    parts = [observed.codes, stretch.given, stretch.covariates.codes]
    parts += [stretch.covariates.numeric]
    parts += [part for part in (observed.weights, *stretch.filled) if part is not None]
    need(all(len(part) == n for part in parts), "as many rows in all of a history")
    shapes = {np.shape(p) for p in (observed.values, *stretch.filled) if p is not None}
    need(len(shapes) == 1, "filled values of the shape of those observed")
    need(0 <= stretch.n_targets <= observed.values.shape[1], "targets of a history")


def check_grid(grid: Grid) -> None:
    """Raise unless a grid steps forward; stamps of a calendar are counted singly."""
    if isinstance(grid, ClockGrid):
        need(grid.step > 0, "a grid that steps forward")
    if isinstance(grid, PeriodGrid):
        need(grid.freq.n > 0, "a grid that steps forward")
    if isinstance(grid, CalendarGrid):
        need(grid.freq.n > 0, "a grid that steps forward")
        ahead = grid.stamps(0, 3)
        need(ahead[-1] - ahead[0] >= SHORTEST * 2, "steps of a calendar")


OBJECT = register("object", write_object, read_object)

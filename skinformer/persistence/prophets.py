"""Fitted models of prophet, as what they predict with."""

from typing import Any

from skinformer._extras import import_extra
from skinformer.baselines.prophet import quiet

from .kinds import Kind, need, register
from .plain import read_pairs, write_pairs

__all__ = ["kind_of"]


def write_model(value: Any, path: str, writer: Any) -> list:
    """Write the attributes of a fitted model; nothing among them can run."""
    return write_pairs(vars(value), path, writer)


def read_model(node: Any, reader: Any) -> Any:
    """Make a model, and put in its attributes."""
    state = read_pairs(node, reader)
    made = import_extra("prophet", "ProphetForecaster", "baselines").Prophet
    with quiet():
        model = made()
    own = vars(model)
    need(state.keys() <= own.keys(), "the attributes of a model of prophet")
    # None once the model is fitted and has forgotten
    need(state.get("stan_fit") is None and state.get("stan_backend") is None, "no stan")
    own.update(state)
    return model


MODEL = register("prophet", write_model, read_model)


def kind_of(value: Any) -> Kind | None:
    """Return the kind of a model of prophet, None for anything else."""
    of_prophet = type(value).__module__ == "prophet.forecaster"
    return MODEL if of_prophet and type(value).__name__ == "Prophet" else None

"""Fitted models of prophet, as what they predict with."""

from typing import Any

from skinformer._extras import import_extra
from skinformer.baselines.prophet import quiet

from .kinds import Kind, need, register
from .plain import read_pairs, write_pairs

__all__ = ["kind_of"]

# what Prophet.predict reads, and what fit would; nothing that can run
ATTRIBUTES = {
    "growth",
    "changepoints",
    "n_changepoints",
    "specified_changepoints",
    "changepoint_range",
    "yearly_seasonality",
    "weekly_seasonality",
    "daily_seasonality",
    "holidays",
    "seasonality_mode",
    "holidays_mode",
    "seasonality_prior_scale",
    "changepoint_prior_scale",
    "holidays_prior_scale",
    "mcmc_samples",
    "interval_width",
    "uncertainty_samples",
    "scaling",
    "start",
    "y_min",
    "y_scale",
    "logistic_floor",
    "t_scale",
    "changepoints_t",
    "seasonalities",
    "extra_regressors",
    "country_holidays",
    "params",
    "history",
    "history_dates",
    "train_component_cols",
    "component_modes",
    "train_holiday_names",
    "fit_kwargs",
    "_regressor_name",
    "stan_fit",  # these two are None once the model is fitted and has forgotten
    "stan_backend",
}


def write_model(value: Any, path: str, writer: Any) -> list:
    """Write the attributes of a fitted model."""
    return write_pairs(vars(value), path, writer)


def read_model(node: Any, reader: Any) -> Any:
    """Make a model, and put in its attributes."""
    state = read_pairs(node, reader)
    need(state.keys() <= ATTRIBUTES, "the attributes of a model of prophet")
    need(state.get("stan_fit") is None and state.get("stan_backend") is None, "no stan")
    made = import_extra("prophet", "ProphetForecaster", "baselines").Prophet
    with quiet():
        model = made()
    vars(model).update(state)
    return model


MODEL = register("prophet", write_model, read_model)


def kind_of(value: Any) -> Kind | None:
    """Return the kind of a model of prophet, None for anything else."""
    of_prophet = type(value).__module__ == "prophet.forecaster"
    return MODEL if of_prophet and type(value).__name__ == "Prophet" else None

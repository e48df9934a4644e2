"""A fitted model, checked and on its way to the workers."""

import pickle
from typing import Any

from sklearn.exceptions import NotFittedError

from skinformer.forecasting.base import BaseForecaster
from skinformer.model_selection.steps import check_fitted, find_forecaster, unwrap

from .extra import current_client, dask_module

__all__ = ["check_model", "columns_of", "send"]


def check_model(model: Any) -> BaseForecaster:
    """Return the forecaster of many series at the end of a model.

    Raises
    ------
    NotFittedError
        If it is not fitted.
    TypeError
        If there is none.
    ValueError
        If it is one of a single series.
    """
    try:
        forecaster = find_forecaster(model)
    except TypeError:  # which tells of what backtest of the whole package takes
        forecaster = None
    if forecaster is None:
        raise TypeError(
            f"model must be a fitted forecaster with series=, or a Pipeline that ends "
            f"in one; got {type(model).__name__}."
        )
    try:
        check_fitted(model, forecaster)
    except NotFittedError:
        raise NotFittedError(
            f"This {type(model).__name__} is not fitted. Fit it before its forecasts "
            "are asked for."
        ) from None
    forecaster = unwrap(model)[1]
    if forecaster._schema.series is None:
        raise ValueError(
            f"This {type(forecaster).__name__} is of a single series, which cannot be "
            "cut into partitions. Fit one of many, with series='column', or use "
            "model.predict and skinformer.backtest."
        )
    return forecaster


def columns_of(model: Any) -> list | None:
    """Return the columns that a model was fitted on, None where it does not say."""
    names = getattr(model, "feature_names_in_", None)
    return None if names is None else list(names)


def send(model: Any) -> Any:
    """Return the model as tasks take it, so that it travels to each worker once.

    As a part of the tasks it would travel with each of them. It goes to one worker,
    from which others fetch it when they are given their first partition. It is the
    result of a task, which is run again where its worker dies: data that is scattered
    would be lost. In the task it is bytes, for the scheduler would make a model of it.
    """
    client, delayed = current_client(), dask_module("dask").delayed
    if client is None:
        return delayed(model, traverse=False)
    held = dask_module("cloudpickle").dumps(model)
    return client.persist(delayed(pickle.loads, pure=False)(held))

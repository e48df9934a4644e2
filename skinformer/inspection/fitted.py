"""The fitted forecaster that a picture is of, at the end of pipelines and searches."""

from collections.abc import Callable
from typing import Any

from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skinformer.forecasting.base import BaseForecaster
from skinformer.model_selection.steps import last_step, unwrap

__all__ = ["unwrap_fitted"]


def unwrap_fitted(
    estimator: Any, owner: str
) -> tuple[Callable[[Any], Any], BaseForecaster]:
    """Return the steps before a fitted forecaster, as a function of X, and itself.

    Raises
    ------
    TypeError
        If there is no forecaster at the end.
    NotFittedError
        If it has not been fitted.
    """
    forecaster = last_step(estimator)
    if isinstance(estimator, type) or not isinstance(forecaster, BaseForecaster):
        got = (
            f"the class {estimator.__name__}"
            if isinstance(estimator, type)
            else type(estimator).__name__
        )
        raise TypeError(
            f"{owner}.from_estimator takes a fitted forecaster of this package, or a "
            f"Pipeline or a search that ends in one; got {got}."
        )
    try:
        check_is_fitted(forecaster)
    except NotFittedError as error:
        raise NotFittedError(
            f"This {type(estimator).__name__} is not fitted, and {owner} draws what a "
            "fit has left. Call fit(X, y) first."
        ) from error
    return unwrap(estimator)

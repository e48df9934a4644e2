"""What stands at the end of pipelines and searches, and what stands before it."""

from collections.abc import Callable
from typing import Any

from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skinformer.forecasting.base import BaseForecaster

__all__ = ["check_fitted", "find_forecaster", "in_front", "unwrap"]


def find_forecaster(estimator: Any) -> BaseForecaster | None:
    """Return the forecaster at the end of pipelines and searches, fitted or not.

    None for a regressor of scikit-learn's.

    Raises
    ------
    TypeError
        If there is neither.
    """
    last = last_step(estimator)
    if isinstance(last, BaseForecaster):
        return last
    wrapped = getattr(last, "regressor", None)
    is_wrapper = wrapped is not None and find_forecaster(wrapped) is not None
    if is_wrapper or not (hasattr(last, "fit") and hasattr(last, "predict")):
        raise TypeError(
            "backtest takes a fitted forecaster of this package, a regressor, a "
            "Pipeline that ends in one, or a search over these; got "
            f"{type(estimator).__name__}. A forecaster wrapped in "
            "TransformedTargetRegressor is not needed: forecasters standardise their "
            "targets themselves."
        )
    return None


def last_step(estimator: Any) -> Any:
    """Follow pipelines to their end, and searches to what they search or found."""
    while not isinstance(estimator, BaseForecaster):
        if isinstance(estimator, Pipeline) and len(estimator):
            estimator = estimator[-1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif hasattr(estimator, "estimator") and hasattr(estimator, "refit"):
            estimator = estimator.estimator  # a search that is not fitted yet
        else:
            break
    return estimator


def unwrap(estimator: Any) -> tuple[Callable[[Any], Any], BaseForecaster]:
    """Return the steps before a fitted forecaster, as a function of X, and itself."""
    steps = []
    while not isinstance(estimator, BaseForecaster):
        if isinstance(estimator, Pipeline):
            steps += [estimator[:-1]] if len(estimator) > 1 else []
            estimator = estimator[-1]
        else:
            estimator = estimator.best_estimator_

    def transform(X: Any) -> Any:
        for step in steps:
            X = step.transform(X)
        return X

    return transform, estimator


def in_front(
    transform: Callable[[Any], Any], future_X: Callable | None, first: int = 0
) -> Callable | None:
    """Return ``future_X`` followed by the steps of a pipeline.

    ``first`` is the number of the first row, where rows have numbers and no index.
    """
    if future_X is None:
        return None

    def asked(origin: Any, index: Any, *label: Any) -> Any:
        rows = (origin + first, index + first) if first else (origin, index)
        return transform(future_X(*rows, *label))

    return asked


def check_fitted(estimator: Any, forecaster: BaseForecaster | None) -> None:
    """Refuse an estimator that has learned from no rows, or kept nothing of them."""
    try:
        check_is_fitted(estimator if forecaster is None else forecaster)
    except NotFittedError as error:
        raise NotFittedError(
            f"This {type(estimator).__name__} is not fitted. Fit it on the rows before "
            "X, or give train_size, the rows of X that a clone is fitted on."
        ) from error

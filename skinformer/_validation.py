"""Checks of parameters and frames; the one place that uses scikit-learn's private ones.

Everything that may move between scikit-learn releases is imported here and nowhere
else, so that a release which moves it costs one file.
"""

import difflib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import _column_transformer
from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE
from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    Options,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.metaestimators import available_if as _available_if
from sklearn.utils.validation import (
    _check_feature_names,
    _check_feature_names_in,
    _check_n_features,
    _check_sample_weight,
)

__all__ = [
    "HasMethods",
    "Interval",
    "Options",
    "StrOptions",
    "TreePredictor",
    "available_if",
    "check_features",
    "check_frame",
    "check_params",
    "check_weights",
    "did_you_mean",
    "lists_of_columns",
    "names_in",
    "output_container",
    "record_of_nodes",
    "refuse_ragged",
    "refuse_twice",
    "remember_features",
]

Method = TypeVar("Method", bound=Callable[..., Any])


def available_if(check: Callable[[Any], bool]) -> Callable[[Method], Method]:
    """Have a method only where ``check`` says so, as in scikit-learn; keep its type."""
    return _available_if(check)


def check_params(estimator: BaseEstimator) -> None:
    """Hold the constructor's arguments against ``_parameter_constraints``.

    A bool counts as an int in Python; here only where a bool is asked for.
    """
    for name, value in estimator.get_params(deep=False).items():
        allowed = estimator._parameter_constraints.get(name, ["boolean"])
        if isinstance(value, bool | np.bool_) and not {"boolean", "verbose"} & {
            c for c in allowed if isinstance(c, str)
        }:
            raise ValueError(
                f"The {name!r} parameter of {type(estimator).__name__} must not be a "
                f"bool. Got {value!r} instead."
            )
    validate_parameter_constraints(
        estimator._parameter_constraints,
        estimator.get_params(deep=False),
        caller_name=type(estimator).__name__,
    )


def refuse_twice(frame: pd.DataFrame, what: str = "X") -> None:
    """Refuse a frame two columns of which have the same name."""
    if not frame.columns.is_unique:
        twice = list(frame.columns[frame.columns.duplicated()].unique())
        raise ValueError(
            f"{what} has more than one column of the name "
            f"{', '.join(map(repr, twice))}; rename or drop them, so that each name is "
            "there once."
        )


def refuse_ragged(X: Any) -> None:
    """Refuse lists of rows of different lengths; numpy's error names neither.

    Examples
    --------
    >>> refuse_ragged([[1, 2], [3]])
    Traceback (most recent call last):
    ...
    ValueError: Row 1 of X has 1 values, and row 0 has 2. Give the same number of values
    in each row.
    """
    rows = X if isinstance(X, list | tuple) else ()
    lengths = [len(row) for row in rows if isinstance(row, list | tuple)]
    other = next((i for i, n in enumerate(lengths) if n != lengths[0]), None)
    if other is not None:
        raise ValueError(
            f"Row {other} of X has {lengths[other]} values, and row 0 has {lengths[0]}."
            " Give the same number of values in each row."
        )


def remember_features(estimator: BaseEstimator, X: Any) -> None:
    """Set ``n_features_in_`` and, for a frame, ``feature_names_in_``."""
    if isinstance(X, pd.DataFrame):
        refuse_twice(X)
    _check_feature_names(estimator, X, reset=True)
    _check_n_features(estimator, X, reset=True)


def check_features(estimator: BaseEstimator, X: Any) -> None:
    """Raise scikit-learn's errors if ``X`` has other columns than ``fit`` saw."""
    if isinstance(X, pd.DataFrame):
        refuse_twice(X)
    _check_feature_names(estimator, X, reset=False)
    _check_n_features(estimator, X, reset=False)


def names_in(estimator: BaseEstimator, input_features: Any = None) -> list[str]:
    """Return the names of the columns that went in: given, of ``fit``, or numbered.

    Those given must be as many, and those of ``fit`` if that saw any.
    """
    return list(_check_feature_names_in(estimator, input_features))


def check_frame(X: Any, name: Any, parameter: str) -> None:
    """Refuse what has no columns by name, where a parameter names one."""
    if not isinstance(X, pd.DataFrame):
        raise ValueError(
            f"{parameter}={name!r} names a column, and X is a {type(X).__name__}, "
            "which has none: give a DataFrame. A step in front keeps the frame with "
            "set_output(transform='pandas')."
        )


def check_weights(sample_weight: Any, X: Any) -> np.ndarray:
    """Return finite weights of the rows of ``X``, (n_rows,), float64."""
    try:
        given = np.asarray(sample_weight)
        if not np.iscomplexobj(given):  # which scikit-learn refuses
            given.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"sample_weight holds what is no number ({error}). Give one number for "
            "each row."
        ) from error
    return _check_sample_weight(sample_weight, X, dtype=np.float64)


def output_container(estimator: BaseEstimator) -> str:
    """Return what ``set_output`` chose for ``transform``: "default", "pandas", ..."""
    return _get_output_config("transform", estimator)["dense"]


def record_of_nodes() -> np.dtype:
    """Return how scikit-learn stores the nodes of a tree of gradient boosting."""
    return np.dtype(PREDICTOR_RECORD_DTYPE)


def lists_of_columns() -> set[str]:
    """Return the types in which scikit-learn keeps columns, besides plain lists."""
    held = hasattr(_column_transformer, "_RemainderColsList")  # of 1.6
    return {f"{_column_transformer.__name__}._RemainderColsList"} if held else set()


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for a likely misspelling, else an empty string.

    Examples
    --------
    >>> did_you_mean("huor", ["hour", "minute"])
    " Did you mean 'hour'?"
    """
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""

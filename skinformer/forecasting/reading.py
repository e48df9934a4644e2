"""From X and y, as a user gives them, to an index and an array of targets."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_consistent_length

from skinformer._validation import check_weights, refuse_twice
from skinformer.exceptions import LostTimeWarning, warn
from skinformer.series.arrays import read_array
from skinformer.series.history import Observed
from skinformer.series.indexes import check_index
from skinformer.series.number_columns import check_finite, holds_numbers
from skinformer.series.panel import Given
from skinformer.series.schema import Schema

__all__ = [
    "Targets",
    "check_same_targets",
    "index_of",
    "read_asked",
    "read_given",
    "read_rows",
    "value_names",
]

TimeIndex = pd.DatetimeIndex | pd.PeriodIndex


def index_of(X: Any, n_rows: int) -> pd.Index:
    """Return the index of a frame, row numbers for anything without one."""
    index = getattr(X, "index", None)
    if not isinstance(index, pd.Index):
        return pd.RangeIndex(n_rows)
    check_index(index)
    return index


def check_same_index(X: Any, ours: pd.Index, y: Any) -> None:
    """Hold the index of X, ``ours``, against that of y; arrays have none."""
    theirs = getattr(y, "index", None)
    if not isinstance(theirs, pd.Index) or same_entries(ours, theirs):
        return
    if isinstance(theirs, TimeIndex) and not isinstance(ours, TimeIndex):
        warn(
            f"y has a {type(theirs).__name__} that X has lost; rows are taken by "
            "position. A step that drops the index, such as StandardScaler(), keeps it "
            "after set_output(transform='pandas'); of a time that is a column, the "
            "parameter time= of the forecaster names it.",
            LostTimeWarning,
        )
    # row numbers from 0 on say no more than an array would
    elif isinstance(X, pd.DataFrame) and not theirs.equals(pd.RangeIndex(len(theirs))):
        raise ValueError(different_index_message(ours, theirs))


def same_entries(ours: pd.Index, theirs: pd.Index) -> bool:
    """Compare two indexes; objects one by one, for pandas would guess at them."""
    if theirs.dtype != object or not isinstance(ours, TimeIndex):
        return ours.equals(theirs)
    return len(ours) == len(theirs) and ours.to_list() == theirs.to_list()


def different_index_message(ours: pd.Index, theirs: pd.Index) -> str:
    """Name the first row in which two indexes of one length differ."""
    for row, (x, y) in enumerate(zip(ours, theirs, strict=True)):
        if is_other(x, y):
            return (
                f"X and y have different indexes: row {row} is {x} in X and {y} "
                "in y. Align them, for example with y.loc[X.index]."
            )
    return (
        f"X and y have time indexes of different kinds: {ours.dtype} and "
        f"{theirs.dtype}. Give both the same."
    )


def is_other(ours: Any, theirs: Any) -> bool:
    """Tell whether two entries differ; a missing one is equal to nothing."""
    return theirs is pd.NA or bool(ours != theirs)


class Targets(NamedTuple):
    """The targets of some rows, checked."""

    values: np.ndarray  # (n_rows, n_targets)
    names: list
    one_axis: bool  # whether y had one axis; forecasts then have one too


def read_targets(y: Any, rows: Any) -> Targets:
    """Return targets, with their names; NaN is missing. Errors name ``rows``."""
    if y is None:
        raise ValueError(
            "This forecaster requires y to be passed, but the target y is None."
        )
    values = read_array(with_numbers(y), "y", ensure_2d=False)
    one_axis, values = values.ndim == 1, values.reshape(len(values), -1)
    if values.dtype != np.float32:
        values = values.astype(np.float64, copy=False)
    names = list(getattr(y, "columns", range(values.shape[1])))
    if one_axis:
        names = [getattr(y, "name", None) or "y"]
    check_finite(values, rows, names, "y", allow_missing=True)
    return Targets(values, names, one_axis)


def with_numbers(y: Any) -> Any:
    """Return y with objects as numbers; refuse types that convert without complaint.

    Sparse columns are made dense here, of which scikit-learn would warn.
    """
    if not isinstance(y, pd.DataFrame | pd.Series):
        return y
    frame = y.to_frame(y.name or "y") if isinstance(y, pd.Series) else y
    if frame.shape[1] == 0:
        raise ValueError("y has no column; give one for each target.")
    refuse_twice(frame, "y")
    made: dict[Any, pd.Series] = {}
    for name, column in frame.items():
        if isinstance(column.dtype, pd.CategoricalDtype) or not holds_numbers(column):
            raise ValueError(no_target_message(name, column))
        if column.dtype == object or isinstance(column.dtype, pd.SparseDtype):
            made[name] = plain_target(column, name)
    if made and isinstance(y, pd.Series):
        return next(iter(made.values()))
    return pd.DataFrame({**dict(frame.items()), **made}) if made else y


def plain_target(column: pd.Series, name: Any) -> pd.Series:
    """Convert each value, None and NA too."""
    try:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(no_target_message(name, column, f" ({error})")) from error
    return pd.Series(values, column.index, name=name)


def no_target_message(name: Any, column: pd.Series, reason: str = "") -> str:
    """Say what a target holds instead of numbers."""
    return (
        f"Target {name!r} holds {column.dtype} values, which are no numbers{reason}. "
        "Convert it, for example with astype(float)."
    )


def read_weights(sample_weight: Any, X: Any) -> np.ndarray | None:
    """Return the weights of the rows of X, (n_rows,), None where there are none.

    Raises
    ------
    ValueError
        If they are of another length, negative, or all zero.
    """
    if sample_weight is None:
        return None
    weights = check_weights(sample_weight, X)
    if (weights < 0).any() or not weights.any():
        row = int((weights < 0).argmax())
        raise ValueError(
            f"sample_weight[{row}] is {weights[row]:g}, and weights must not be "
            "negative, nor all zero. A row of weight zero is left out of the loss."
        )
    weights = weights / weights.max()
    return weights / weights.mean()  # what counts is how they differ


def read_rows(
    X: Any, y: Any, n_rows: int, schema: Schema | None = None
) -> tuple[pd.Index, Targets]:
    """Return the index and the targets of rows to be stored, held to one another.

    Errors name the series of a row where the schema knows it.
    """
    index = index_of(X, n_rows)
    if y is not None:
        check_consistent_length(X, y)
        check_same_index(X, index, y)
    rows = index if schema is None else schema.rows_of(X, index)
    return index, read_targets(y, rows)


def read_given(
    schema: Schema, X: Any, y: Any, sample_weight: Any = None
) -> tuple[Given, Targets]:
    """Read rows whose targets are known."""
    covariates = schema.read_known(X)
    index, targets = read_rows(X, y, len(covariates), schema)
    past, values = schema.read_past(X), targets.values
    if past.numeric.shape[1]:
        values = np.concatenate([values, past.numeric], axis=1)
    weights = read_weights(sample_weight, X)
    observed = Observed(values, past.codes, weights)
    return Given(index, schema.read_labels(X), observed, covariates), targets


def read_asked(schema: Schema, X: Any) -> Given:
    """Read rows that are to be forecast."""
    covariates = schema.read_known(X)
    index = index_of(X, len(covariates))
    return Given(index, schema.read_labels(X), None, covariates)


def check_same_targets(targets: Targets, y: Any, names: list) -> None:
    """Refuse other targets than those of ``fit``, by name where ``y`` is a frame."""
    named = isinstance(y, pd.DataFrame)
    if len(targets.names) != len(names) or (named and targets.names != names):
        raise ValueError(
            f"y has {len(targets.names)} targets, {targets.names}; fit saw "
            f"{len(names)}, {names}. Give the same, in order."
        )


def value_names(schema: Schema, target_names: list) -> list[str]:
    """Return what errors call the observed values."""
    past = zip(schema.past.names, schema.past.categories, strict=True)
    numbers = [name for name, categories in past if categories is None]
    return [f"Target {name!r}" for name in target_names] + [
        f"Column {name!r}" for name in numbers
    ]

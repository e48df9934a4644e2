"""``SeriesScaler``: the numeric columns of a frame on one scale."""

import copy
from typing import ClassVar

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils import check_array
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._validation import (
    StrOptions,
    all_or_nothing,
    check_features,
    check_params,
    remember_features,
)

__all__ = ["SeriesScaler"]

SCALERS = {"standard": StandardScaler, "robust": RobustScaler, "minmax": MinMaxScaler}


def numeric_columns(X: pd.DataFrame | np.ndarray) -> np.ndarray:
    """Return a mask of the columns that hold numbers, booleans aside.

    Examples
    --------
    >>> X = pd.DataFrame({"load": [1.5], "open": [True], "kind": pd.Categorical([3])})
    >>> numeric_columns(X).tolist()
    [True, False, False]
    """
    if not isinstance(X, pd.DataFrame):
        return np.ones(X.shape[1], dtype=bool)
    is_numeric, is_bool = pd.api.types.is_numeric_dtype, pd.api.types.is_bool_dtype
    return np.array([is_numeric(t) and not is_bool(t) for t in X.dtypes], dtype=bool)


def flag_columns(values: np.ndarray) -> np.ndarray:
    """Return a mask of the columns that hold nothing but 0, 1 and NaN.

    Examples
    --------
    >>> flag_columns(np.array([[0.0, 0.0], [np.nan, 2.0], [1.0, 1.0]])).tolist()
    [True, False]
    """
    return ((values == 0) | (values == 1) | np.isnan(values)).all(axis=0)


class SeriesScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Scale the numeric columns of a frame, and leave all others as they are.

    The index, the order of the columns, categories, booleans, dates and flags (columns
    in which ``fit`` saw nothing but 0 and 1) stay untouched: a flag says yes or no, and
    a category feeds an embedding table. Each other numeric column becomes, in float64,

    * "standard": (x - mean) / standard deviation,
    * "robust": (x - median) / (75th - 25th percentile),
    * "minmax": (x - minimum) / (maximum - minimum), 0 to 1 on the rows of ``fit``,

    computed by scikit-learn's ``StandardScaler``, ``RobustScaler`` and
    ``MinMaxScaler``. A constant column is divided by 1. NaN is left out of the
    statistics and stays NaN.

    Parameters
    ----------
    method : {"standard", "robust", "minmax"}, default="standard"
        How to scale.

    Attributes
    ----------
    scalers_ : list of StandardScaler, RobustScaler or MinMaxScaler
        Of length n_features_in_, the fitted scaler of each column; None for one that
        is not numeric or has no value yet. That of a flag is kept and not used.
    scaled_ : ndarray of bool of shape (n_features_in_,)
        Which columns are scaled.
    n_features_in_ : int
        Number of columns seen in ``fit``.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all of them are strings.

    Raises
    ------
    ValueError
        If a value is infinite or too large to be squared, ``fit`` is given no rows, a
        column that ``fit`` saw numeric no longer is, the columns differ from those of
        ``fit``, or ``method`` is another in ``partial_fit`` than before.
    AttributeError
        If ``partial_fit`` is asked of "robust", whose percentiles need all rows.

    See Also
    --------
    TimeFeatures : Makes the categories and flags that this scaler leaves.

    Notes
    -----
    ``InformerRegressor`` standardises its target and covariates by itself; this step
    in front of it is a choice, not a need. Numbers in a column of dtype object are
    left as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> from skinformer.preprocessing import SeriesScaler
    >>> X = pd.DataFrame({"load": [10, 20, 30], "holiday": [0, 1, 0]})
    >>> scaler = SeriesScaler("minmax").fit(X)
    >>> scaler.transform(X)
       load  holiday
    0   0.0        0
    1   0.5        1
    2   1.0        0
    >>> scaler.inverse_transform(scaler.transform(X))["load"].tolist()
    [10.0, 20.0, 30.0]
    """

    _parameter_constraints: ClassVar[dict] = {"method": [StrOptions(set(SCALERS))]}

    def __init__(self, method="standard"):
        self.method = method

    def fit(self, X, y=None):
        """Learn the scale of each numeric column.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            The rows to learn from.
        y : None
            Ignored.

        Returns
        -------
        SeriesScaler
            This object.
        """
        check_params(self)
        with all_or_nothing(self):
            X = _as_table(X)
            _refuse_no_rows(X)
            remember_features(self, X)
            self._method = self.method
            self._numeric = numeric_columns(X)
            self._flags = np.ones(self._numeric.sum(), dtype=bool)
            self._learn([None] * len(self._numeric), _numbers(X, self._numeric))
        return self

    @available_if(lambda self: self.method != "robust")
    def partial_fit(self, X, y=None):
        """Learn from further rows, as though they had stood in ``fit`` too.

        A column counts as a flag as long as all rows so far held only 0 and 1 there.
        Not available with "robust".

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            The rows to learn from.
        y : None
            Ignored.

        Returns
        -------
        SeriesScaler
            This object.
        """
        if not hasattr(self, "scaled_"):
            return self.fit(X)
        check_params(self)
        self._check_method()
        with all_or_nothing(self):
            X = self._check(X)
            _refuse_no_rows(X)
            self._learn(self.scalers_, _numbers(X, self._numeric))
        return self

    def transform(self, X):
        """Return the rows on the scale that ``fit`` learned.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows in their own units.

        Returns
        -------
        DataFrame or ndarray of shape (n_rows, n_columns)
            A frame with the index of ``X`` where ``X`` is one, else an array of
            float64, unless ``set_output`` says otherwise.
        """
        check_is_fitted(self)
        return self._replace(self._check(X), "transform")

    def inverse_transform(self, X):
        """Return scaled rows in their own units.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows as ``transform`` returns them.

        Returns
        -------
        DataFrame or ndarray of shape (n_rows, n_columns)
            A frame with the index of ``X`` where ``X`` is one, else an array.
        """
        check_is_fitted(self)
        return self._replace(self._check(X), "inverse_transform")

    def _learn(self, scalers: list, values: np.ndarray) -> None:
        """Take the statistics of flags too: a later batch may show they are none."""
        self._flags = self._flags & flag_columns(values)
        self.scaled_ = self._numeric.copy()
        self.scaled_[self._numeric] = ~self._flags
        self.scalers_ = list(scalers)
        for position, column in zip(
            np.flatnonzero(self._numeric), values.T, strict=True
        ):
            known = column[~np.isnan(column), np.newaxis]
            if len(known) == 0:
                continue
            try:
                learned = _learn_column(scalers[position], known, self.method)
            except FloatingPointError as error:
                raise ValueError(self._too_large_message(position, known)) from error
            self.scalers_[position] = learned

    def _too_large_message(self, position: int, known: np.ndarray) -> str:
        names = getattr(self, "feature_names_in_", range(len(self._numeric)))
        return (
            f"The column {names[position]!r} holds values such as "
            f"{known.flat[np.abs(known).argmax()]}, too large for the statistics of "
            f"method={self.method!r} in float64: convert it to a larger unit first."
        )

    def _check_method(self) -> None:
        """Refuse to go on with another method than the first rows were seen with."""
        if self.method != self._method:
            raise ValueError(
                f"method={self.method!r} was set after fitting with {self._method!r}, "
                "and partial_fit goes on with that one: call fit, or "
                f"set_params(method={self._method!r})."
            )

    def _check(self, X: object) -> pd.DataFrame | np.ndarray:
        X = _as_table(X)
        check_features(self, X)
        missing = np.flatnonzero(self._numeric & ~numeric_columns(X))
        if len(missing):
            name, dtype = X.columns[missing[0]], X.dtypes.iloc[missing[0]]
            raise ValueError(
                f"The column {name!r} held numbers in fit and is {dtype} now: convert "
                "it first, with pandas.to_numeric for example."
            )
        return X

    def _replace(self, X: pd.DataFrame | np.ndarray, how: str):
        """Return a copy of ``X`` with its scaled columns put through their scalers."""
        values = _numbers(X, self.scaled_)
        out = X.copy()
        if len(values) == 0:
            return out
        for position, column in zip(
            np.flatnonzero(self.scaled_), values.T, strict=True
        ):
            scale = getattr(self.scalers_[position], how)
            column = scale(column[:, np.newaxis])[:, 0]
            if isinstance(out, pd.DataFrame):
                out.isetitem(position, column)
            else:
                out[:, position] = column
        return out

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _learn_column(scaler: object, known: np.ndarray, method: str) -> object:
    """Return a scaler that has seen ``known`` (n, 1) besides all it saw before.

    Each column has a scaler of its own, which sees values alone: scikit-learn's warn
    of a column that is all NaN, and in ``partial_fit`` never recover from one.
    """
    with np.errstate(over="raise"):  # scikit-learn would warn, and return NaN or 1
        if scaler is not None:
            return copy.deepcopy(scaler).partial_fit(known)
        # Arrays inside, whatever scikit-learn's global configuration asks for.
        return SCALERS[method]().set_output(transform="default").fit(known)


def _refuse_no_rows(X: pd.DataFrame | np.ndarray) -> None:
    """Raise scikit-learn's error for a frame without rows; arrays have been checked."""
    if len(X) == 0:
        raise ValueError(
            f"Found array with 0 sample(s) (shape={X.shape}) while a minimum of 1 is "
            "required by SeriesScaler."
        )


def _as_table(X: object) -> pd.DataFrame | np.ndarray:
    """Return a frame as it is, anything else as an array of float64."""
    if isinstance(X, pd.DataFrame):
        if any(pd.api.types.is_complex_dtype(dtype) for dtype in X.dtypes):
            raise ValueError("Complex data not supported by SeriesScaler.")
        return X
    return check_array(
        X, dtype=np.float64, ensure_all_finite="allow-nan", estimator="SeriesScaler"
    )


def _numbers(X: pd.DataFrame | np.ndarray, numeric: np.ndarray) -> np.ndarray:
    """Return the numeric columns in float64, without infinity."""
    if isinstance(X, np.ndarray):
        return X[:, numeric]
    values = X.loc[:, numeric].to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        first = X.columns[numeric][np.isinf(values).any(axis=0)][0]
        raise ValueError(
            f"The column {first!r} contains infinity: replace it, by NaN for example."
        )
    return values

"""``SeriesScaler``: the numeric columns of a frame on one scale."""

import copy
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.utils.validation import check_is_fitted

from .._docs_link import DocsLink
from .._turns import changed_at_once
from .._validation import (
    StrOptions,
    available_if,
    check_features,
    check_params,
    remember_features,
)
from .numeric_table import (
    as_table,
    flag_columns,
    numbers_of,
    numeric_columns,
    refuse_no_rows,
)
from .series_column import SeriesRows, list_some, read_series, series_position
from .series_scales import learn_series

__all__ = ["SeriesScaler"]

SCALERS = {"standard": StandardScaler, "robust": RobustScaler, "minmax": MinMaxScaler}


class SeriesScaler(DocsLink, OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
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
    series : hashable or None, default=None
        The column of a frame that says which series a row belongs to. Each series is
        scaled by its own rows then, and the column is left as it is. A column that is
        constant within every series (the size of a store) would vanish in this way: it
        is scaled by all rows. Of a series that has no value in a column, the values
        of that column stay as they are.

    Attributes
    ----------
    scalers_ : list of StandardScaler, RobustScaler or MinMaxScaler
        Of length n_features_in_, the fitted scaler of each column; None for one that
        is not numeric or has no value yet. That of a flag is kept and not used. With
        ``series``, None for all.
    scaled_ : ndarray of bool of shape (n_features_in_,)
        Which columns are scaled.
    series_ : ndarray of shape (n_series,) or None
        The series seen, in order of appearance; None without ``series``.
    center_, scale_ : ndarray of shape (n_series, n_features_in_) or None
        What is taken off the values of each series, and what they are divided by then:
        0 and 1 where a column is not scaled; None without ``series``.
    n_features_in_ : int
        Number of columns seen in ``fit``.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, if all of them are strings.

    Raises
    ------
    ValueError
        If a value is infinite or too large to be squared, ``fit`` is given no rows, a
        column that ``fit`` saw numeric no longer is, the columns differ from those of
        ``fit``, or ``method`` or ``series`` is another in ``partial_fit`` than before.
        If the column ``series`` is absent or misses a value, or ``transform`` is given
        a series that was not in ``fit``.
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

    Each store on a scale of its own:

    >>> X = pd.DataFrame({"store": ["a", "b", "a", "b"], "sales": [2, 500, 6, 900]})
    >>> SeriesScaler(series="store").fit_transform(X)
      store  sales
    0     a   -1.0
    1     b   -1.0
    2     a    1.0
    3     b    1.0
    """

    _parameter_constraints: ClassVar[dict] = {
        "method": [StrOptions(set(SCALERS))],
        "series": "no_validation",  # a name can be anything hashable
    }

    # with `series` what each series has, else None
    center_: Any
    scale_: Any
    series_: Any
    _by_series: Any
    scalers_: list[Any]

    def __init__(self, method: str = "standard", *, series: Any = None) -> None:
        self.method = method
        self.series = series

    def fit(self, X: Any, y: Any = None) -> Self:
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
        with changed_at_once(self) as later:
            later._begin(as_table(X))
        return self

    @available_if(lambda self: self.method != "robust")
    def partial_fit(self, X: Any, y: Any = None) -> Self:
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
        self._check_settings()
        with changed_at_once(self) as later:
            X = later._check(X)
            refuse_no_rows(X)
            later._learn(X)
        return self

    def transform(self, X: Any) -> Any:
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

    def inverse_transform(self, X: Any) -> Any:
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

    def _begin(self, X: pd.DataFrame | np.ndarray) -> None:
        """Learn from the first rows."""
        refuse_no_rows(X)
        remember_features(self, X)
        self._method, self._series = self.method, self.series
        self._numeric = numeric_columns(X)
        if self.series is not None:
            self._numeric[series_position(X, self.series)] = False
        self._flags = np.ones(self._numeric.sum(), dtype=bool)
        self.scalers_, self._by_series = [None] * len(self._numeric), None
        self._learn(X)

    def _learn(self, X: pd.DataFrame | np.ndarray) -> None:
        """Take the statistics of flags too: a later batch may show they are none."""
        values = numbers_of(X, self._numeric)
        self._flags = self._flags & flag_columns(values)
        self.scaled_ = self._numeric.copy()
        self.scaled_[self._numeric] = ~self._flags
        self.series_ = self.center_ = self.scale_ = None
        if self._series is None:
            self._learn_columns(values)
        else:
            self._learn_series(values, read_series(X, self._series))

    def _learn_columns(self, values: np.ndarray) -> None:
        self.scalers_ = list(self.scalers_)
        for position, column in zip(
            np.flatnonzero(self._numeric).tolist(), values.T, strict=True
        ):
            known = column[~np.isnan(column), np.newaxis]
            if len(known) == 0:
                continue
            try:
                learned = _learn_column(self.scalers_[position], known, self.method)
            except FloatingPointError as error:
                raise ValueError(self._too_large_message(position, known)) from error
            self.scalers_[position] = learned

    def _learn_series(self, values: np.ndarray, rows: SeriesRows) -> None:
        found = learn_series(values, rows, self.method, self._by_series)
        is_fine = np.isfinite(found.scales).all(axis=(0, 1))
        if not is_fine.all():
            first = int(is_fine.argmin())
            position = int(np.flatnonzero(self._numeric)[first])
            column = values[:, first]
            known = column[~np.isnan(column)]
            raise ValueError(self._too_large_message(position, known))
        shape = len(found.names), len(self._numeric)
        self.center_, self.scale_ = np.zeros(shape), np.ones(shape)
        self.center_[:, self.scaled_] = found.scales.center[:, ~self._flags]
        self.scale_[:, self.scaled_] = found.scales.scale[:, ~self._flags]
        self._by_series, self.series_ = found, found.names.to_numpy()

    def _too_large_message(self, position: int, known: np.ndarray) -> str:
        names = getattr(self, "feature_names_in_", range(len(self._numeric)))
        return (
            f"The column {names[position]!r} holds values such as "
            f"{known.flat[np.abs(known).argmax()]}, too large for the statistics of "
            f"method={self.method!r} in float64: convert it to a larger unit first."
        )

    def _check_settings(self) -> None:
        """Refuse to go on with other settings than the first rows were seen with."""
        for name in ("method", "series"):
            now, before = getattr(self, name), getattr(self, f"_{name}")
            if now != before:
                raise ValueError(
                    f"{name}={now!r} was set after fitting with {before!r}, and "
                    "partial_fit goes on with that one: call fit, or "
                    f"set_params({name}={before!r})."
                )

    def _check(self, X: Any) -> Any:
        X = as_table(X)
        check_features(self, X)
        missing = np.flatnonzero(self._numeric & ~numeric_columns(X))
        if len(missing):
            name, dtype = X.columns[missing[0]], X.dtypes.iloc[missing[0]]
            raise ValueError(
                f"The column {name!r} held numbers in fit and is {dtype} now: convert "
                "it first, with pandas.to_numeric for example."
            )
        return X

    def _replace(self, X: Any, how: str) -> Any:
        """Return a copy of ``X`` with its scaled columns put through their scalers."""
        values = numbers_of(X, self.scaled_)
        out = X.copy()
        if len(values) == 0:
            return out
        places = None if self._series is None else self._places(X)
        for position, column in zip(
            np.flatnonzero(self.scaled_).tolist(), values.T, strict=True
        ):
            column = self._rescale(position, column, places, how)
            if isinstance(out, pd.DataFrame):
                out.isetitem(position, column)
            else:
                out[:, position] = column
        return out

    def _rescale(
        self, position: int, column: np.ndarray, places: np.ndarray | None, how: str
    ) -> np.ndarray:
        """Put a column through its scaler, or that of the series at ``places``."""
        if places is None:
            scale = getattr(self.scalers_[position], how)
            return scale(column[:, np.newaxis])[:, 0]
        center, scale = self.center_[places, position], self.scale_[places, position]
        if how == "transform":
            return (column - center) / scale
        return column * scale + center

    def _places(self, X: pd.DataFrame) -> np.ndarray:
        """Return the position in ``series_`` of each row; refuse unknown series."""
        rows, known = read_series(X, self._series), self._by_series
        unknown = known.unknown(rows)
        if len(unknown):
            more = "" if self._method == "robust" else ", partial_fit with theirs"
            raise ValueError(
                f"series={self._series!r}: the rows of {list_some(unknown)} belong to "
                f"no series that fit saw: {list_some(known.names)}. Fit with rows of "
                f"every series{more}, or leave these rows out."
            )
        return known.places(rows)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _learn_column(scaler: Any, known: np.ndarray, method: str) -> Any:
    """Return a scaler that has seen ``known`` (n, 1) besides all it saw before.

    Each column has a scaler of its own, which sees values alone: scikit-learn's warn
    of a column that is all NaN, and in ``partial_fit`` never recover from one.
    """
    with np.errstate(over="raise"):  # scikit-learn would warn, and return NaN or 1
        if scaler is not None:
            return copy.deepcopy(scaler).partial_fit(known)
        # Arrays inside, whatever scikit-learn's global configuration asks for.
        return SCALERS[method]().set_output(transform="default").fit(known)

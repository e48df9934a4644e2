"""A regressor of what is known ahead: calendar, weather, and a level that drifts."""

from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy.linalg import LinAlgWarning
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from skinformer._docs_link import DocsLink
from skinformer._filters import muted, predicted
from skinformer._turns import changed_at_once
from skinformer._validation import (
    Interval,
    StrOptions,
    check_features,
    check_params,
    remember_features,
)
from skinformer.series.covariates import Columns, Covariates, as_frame

from .covariate_design import CovariateDesign
from .covariate_links import choose_link
from .covariate_trend import Trend, read_time

__all__ = ["CovariateRegressor"]

BEYOND = 1.0  # how far a linear predictor may leave the range that it had in training


def check_target(X: Any, y: Any) -> np.ndarray:
    """Return y as floats, (n,)."""
    if y is None:
        raise ValueError(
            "CovariateRegressor requires y to be passed, but the target y is None."
        )
    y = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")
    check_consistent_length(X, y)
    return column_or_1d(y, warn=True)


def check_weight(sample_weight: Any, n: int) -> np.ndarray:
    """Return weights as floats, (n,); ones for None."""
    if sample_weight is None:
        return np.ones(n)
    weight = check_array(
        sample_weight, dtype=np.float64, ensure_2d=False, input_name="sample_weight"
    )
    if weight.shape != (n,):
        raise ValueError(
            f"sample_weight has the shape {weight.shape}; give one weight a row, "
            f"({n},)."
        )
    if weight.min() < 0 or weight.max() == 0:
        raise ValueError(
            "sample_weight must hold no negative weight, and not zero alone; it "
            f"reaches from {weight.min():g} to {weight.max():g}."
        )
    return weight


def read_rows(columns: Columns, frame: pd.DataFrame) -> Covariates:
    """Read covariates; a category that is missing is one that is unknown."""
    missing = [
        frame[name].isna().to_numpy()
        for name, domain in zip(columns.names, columns.categories, strict=True)
        if domain is not None
    ]
    if not np.any(missing):
        return columns.read(frame)
    filled = {
        name: frame[name].cat.set_categories(domain).fillna(domain[0])
        for name, domain in zip(columns.names, columns.categories, strict=True)
        if domain is not None and len(domain) and frame[name].isna().any()
    }
    covariates = columns.read(frame.assign(**filled))
    unknown = np.stack(missing, axis=1)  # (n, n_categorical)
    codes = np.where(unknown, columns.cardinalities, covariates.codes)
    return Covariates(covariates.numeric, codes)


def rows_in_order(X: Any, weight: np.ndarray) -> np.ndarray:
    """Return positions of the rows that weigh something, in order of their time."""
    times = read_time(X)[1]
    order = (
        np.arange(len(weight)) if times is None else np.argsort(times, kind="stable")
    )
    return order[weight[order] > 0]


class CovariateRegressor(DocsLink, RegressorMixin, BaseEstimator):
    """Regress a target on the covariates of its row: calendar, weather, time.

    Two models, whose predictions are averaged. The first is linear, with a penalty: a
    column for each level of a category or a calendar column, curves for other numbers,
    products of the column that explains most of the target (mostly the hour) with the
    others, and the level of the target as a broken line over time, flat after the last
    row and before the first. The second is gradient boosting on the target without that
    level, which finds what acts together in other ways.

    A target that is nowhere negative has a logarithmic link: effects multiply. Any
    other has effects that add up.

    Time is the index of ``X``: a ``DatetimeIndex``, a ``PeriodIndex``, or an index of
    integers other than a ``RangeIndex``. An array, and a frame with a ``RangeIndex``,
    have no time: fitted on one, there is no broken line; given to ``predict``, their
    rows take the level of the end of the training rows.

    Parameters
    ----------
    link : {"auto", "log", "identity"}, default="auto"
        "log": effects multiply, Poisson loss. "identity": effects add up, squared loss.
        "auto" is "log" for a target that is nowhere negative and not 0 throughout.
    n_trend : int, default=24
        Bends of the level over time, evenly spaced, at most one for every 168 rows; 0
        for a level that stays.
    alpha : float, default=1.0
        Penalty on the squared coefficients of the linear model, for a target that is
        divided by its mean ("log") or standardised ("identity"). It weighs as much as
        the loss of one row.
    max_iter : int, default=300
        Number of trees.
    learning_rate : float, default=0.08
        Step of the boosting.
    max_leaf_nodes : int, default=8
        Leaves of a tree, at most.
    random_state : int, RandomState instance or None, default=0
        Seed of the boosting, which looks at a random half of the columns in each split.
        The same int gives the same model.

    Attributes
    ----------
    link_ : {"log", "identity"}
        The link used.
    linear_model_ : PoissonRegressor or Ridge
        The linear model, on the columns of the design and the trend.
    boosting_ : HistGradientBoostingRegressor
        The boosted model, on the covariates.
    n_iter_ : int
        Number of trees.
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray
        Their names, if ``X`` was a frame whose columns are named by strings.

    See Also
    --------
    TimeFeatures : Calendar columns.
    LagForecaster : A regressor that sees past values of the target too.

    Notes
    -----
    A number counts as discrete if it has two values; up to seven; or up to 31 that are
    evenly spaced. A discrete column of more than seven levels is left out if its level
    means do not foretell the target in other stretches of time. Values that ``fit``
    did not see are ignored; numbers beyond those seen act as the farthest seen.

    A missing category is one that ``fit`` did not see, unless it saw missing ones: then
    both are a level of their own. Missing numbers are refused. Bends of the level are
    placed by all rows, those of weight 0 too.
    Memory grows as rows times some hundred columns.

    Examples
    --------
    >>> from skinformer import CovariateRegressor, TimeFeatures
    >>> from skinformer.datasets import make_load_series
    >>> X, y = make_load_series(24 * 7 * 9, random_state=0)
    >>> X = TimeFeatures(["hour", "weekday"]).fit_transform(X)
    >>> model = CovariateRegressor(max_iter=100).fit(X[:-168], y[:-168])
    >>> model.link_
    'log'
    >>> bool(model.score(X[-168:], y[-168:]) > 0.9)
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "link": [StrOptions({"auto", "log", "identity"})],
        "n_trend": [Interval(Integral, 0, None, closed="left")],
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "max_leaf_nodes": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        link: str = "auto",
        *,
        n_trend: int = 24,
        alpha: float = 1.0,
        max_iter: int = 300,
        learning_rate: float = 0.08,
        max_leaf_nodes: int = 8,
        random_state: Any = 0,
    ) -> None:
        self.link = link
        self.n_trend = n_trend
        self.alpha = alpha
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.max_leaf_nodes = max_leaf_nodes
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit both models.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            Numbers and columns of dtype "category".
        y : array-like of shape (n_samples,)
            Target.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights; a row of weight 0 does not count.

        Returns
        -------
        CovariateRegressor
            Itself.
        """
        check_params(self)
        with changed_at_once(self) as later:
            later._fit(as_frame(X), X, y, sample_weight)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the target from the covariates of each row.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_samples, n_features)
            Columns as in ``fit``.

        Returns
        -------
        ndarray of shape (n_samples,)
            The predictions.
        """
        check_is_fitted(self)
        frame = as_frame(X)
        check_features(self, X)
        covariates = read_rows(self._columns, frame)
        ramps = self._trend.columns(frame)
        linear = self._link.mean(np.clip(self._eta(covariates, ramps), *self._range))
        boosted = predicted(self.boosting_, self._design.tree_matrix(covariates))
        boosted = self._link.add(boosted, self._level(ramps))
        return self._link.restore((linear + boosted) / 2)

    def _fit(self, frame: pd.DataFrame, X: Any, y: Any, sample_weight: Any) -> None:
        """Fit both models on a frame of X."""
        self._columns = Columns.learn(frame, allow_missing=False)
        covariates = read_rows(self._columns, frame)
        y = check_target(frame, y)
        weight = check_weight(sample_weight, len(y))
        rows = rows_in_order(frame, weight)
        remember_features(self, X)
        covariates, y, weight = covariates.take(rows), y[rows], weight[rows]
        self._link = choose_link(self.link, y, weight)
        self.link_ = "log" if self._link.loss == "poisson" else "identity"
        self._trend = Trend.learn(frame, self.n_trend)
        z, ramps = self._link.standardize(y), self._trend.columns(frame)[rows]
        self._design = CovariateDesign.learn(covariates, z)
        self._fit_linear(covariates, ramps, z, weight)
        self._fit_boosting(covariates, ramps, z, weight)
        self.n_iter_ = self.boosting_.n_iter_

    def _fit_linear(
        self, covariates: Covariates, ramps: np.ndarray, z: np.ndarray, w: np.ndarray
    ) -> None:
        """Fit the linear model, and note the range of its predictor."""
        model = self._link.linear_model(self.alpha, w.sum())
        # a fit that is not exact to the last digit is half of an average here
        with muted(ConvergenceWarning, LinAlgWarning):
            model.fit(self._linear_matrix(covariates, ramps), z, sample_weight=w)
        self.linear_model_ = model
        eta = self._eta(covariates, ramps)
        self._range = eta.min() - BEYOND, eta.max() + BEYOND

    def _fit_boosting(
        self, covariates: Covariates, ramps: np.ndarray, z: np.ndarray, w: np.ndarray
    ) -> None:
        """Fit the boosted model on the target without its level.

        It does not see time: trees that do learn the noise of single weeks.
        """
        level = self._level(ramps)
        self.boosting_ = HistGradientBoostingRegressor(
            loss=self._link.loss,
            learning_rate=self.learning_rate,
            max_iter=self.max_iter,
            max_leaf_nodes=self.max_leaf_nodes,
            max_features=0.5,
            early_stopping=False,  # it would validate on rows among those trained on
            categorical_features=self._design.tree_categories(),
            random_state=self.random_state,
        ).fit(
            self._design.tree_matrix(covariates),
            self._link.remove(z, level),
            sample_weight=w * self._link.weight(level),
        )

    def _linear_matrix(self, covariates: Covariates, ramps: np.ndarray) -> np.ndarray:
        """Return the columns of the linear model, the ramps last, (n, n_columns)."""
        columns = np.concatenate([self._design.matrix(covariates), ramps], axis=1)
        # a linear model wants one column at least
        return columns if columns.shape[1] else np.zeros((len(covariates), 1))

    def _eta(self, covariates: Covariates, ramps: np.ndarray) -> np.ndarray:
        """Return the linear predictor, (n,)."""
        model = self.linear_model_
        return self._linear_matrix(covariates, ramps) @ model.coef_ + model.intercept_

    def _level(self, ramps: np.ndarray) -> np.ndarray:
        """Return the level of the rows, less that at the end of training, (n,)."""
        coef = self.linear_model_.coef_
        return self._trend.level(ramps, coef[len(coef) - ramps.shape[1] :])

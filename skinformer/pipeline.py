"""A pipeline that ends in a forecaster, and passes on what forecasters can do."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.validation import check_is_fitted

from skinformer._docs_link import DocsLink
from skinformer._validation import available_if

__all__ = ["ForecastPipeline", "make_forecast_pipeline"]


def last_has(method: str) -> Callable[["ForecastPipeline"], bool]:
    """Return whether the last step of a pipeline has a method, as a check."""

    def check(pipeline: "ForecastPipeline") -> bool:
        getattr(pipeline.steps[-1][1], method)  # its error says what it lacks
        return True

    return check


class ForecastPipeline(DocsLink, Pipeline):
    """A ``Pipeline`` whose last step is a forecaster, with the forecaster's methods.

    scikit-learn's ``Pipeline`` passes on ``fit``, ``predict`` and ``score``. This one
    also has ``update``, ``partial_fit``, ``calibrate``, ``predict_interval``,
    ``predict_quantiles`` and ``sample_paths``: rows pass through the fitted steps in
    front, and then to the method of the last one, whose docstring says what it does. In
    all else it is a ``Pipeline``, with its parameters and attributes.

    Parameters
    ----------
    steps : list of (str, estimator)
        Names and steps, the last of which is a forecaster.
    transform_input : list of str, default=None
        As in ``Pipeline``.
    memory : str or object with the joblib.Memory interface, default=None
        As in ``Pipeline``.
    verbose : bool, default=False
        As in ``Pipeline``.

    See Also
    --------
    make_forecast_pipeline : The same, with names made from the classes.

    Examples
    --------
    >>> from skinformer import SeasonalNaive, TimeFeatures, make_load_series
    >>> from skinformer import make_forecast_pipeline
    >>> X, y = make_load_series(24 * 40, random_state=0)
    >>> model = make_forecast_pipeline(TimeFeatures(), SeasonalNaive())
    >>> model = model.fit(X[:-240], y[:-240]).calibrate(X[-240:-24], y[-240:-24])
    >>> model.predict_interval(X[-24:], coverage=0.8).shape
    (24, 2)
    """

    def _in_front(self, X: Any) -> Any:
        """Pass rows through the fitted steps before the last one."""
        return self[:-1].transform(X) if len(self.steps) > 1 else X

    @available_if(last_has("update"))
    def update(self, X: Any, y: Any, **params: Any) -> Self:
        """Append rows that have been observed since; nothing is trained.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows as they go into the pipeline.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Their targets.
        **params : dict
            Further arguments, such as ``on_conflict``.

        Returns
        -------
        self : object
        """
        self[-1].update(self._in_front(X), y, **params)
        return self

    @available_if(last_has("partial_fit"))
    def partial_fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Append rows, and train the last step a little on them.

        The steps in front stay as they were fitted; without a fit before, all are.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows as they go into the pipeline.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Their targets.
        **params : dict
            Further arguments, such as ``n_epochs``.

        Returns
        -------
        self : object
        """
        try:
            check_is_fitted(self[-1])
        except NotFittedError:
            return self.fit(X, y)
        self[-1].partial_fit(self._in_front(X), y, **params)
        return self

    @available_if(last_has("calibrate"))
    def calibrate(self, X: Any, y: Any) -> Self:
        """Append rows, and learn from them how far forecasts miss.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows as they go into the pipeline.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Their targets.

        Returns
        -------
        self : object
        """
        self[-1].calibrate(self._in_front(X), y)
        return self

    @available_if(last_has("predict_interval"))
    def predict_interval(self, X: Any, coverage: float = 0.9) -> np.ndarray:
        """Return an interval for every row that holds its target as often as asked.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows as they go into the pipeline.
        coverage : float, default=0.9
            Share of the targets that lie within.

        Returns
        -------
        ndarray of shape (n_rows, 2) or (n_rows, n_targets, 2)
        """
        return self[-1].predict_interval(self._in_front(X), coverage)

    @available_if(last_has("predict_quantiles"))
    def predict_quantiles(self, X: Any) -> np.ndarray:
        """Forecast the quantiles that ``loss="quantile"`` has learned.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows as they go into the pipeline.

        Returns
        -------
        ndarray of shape (n_rows, n_targets, n_quantiles)
        """
        return self[-1].predict_quantiles(self._in_front(X))

    @available_if(last_has("sample_paths"))
    def sample_paths(
        self, X: Any, n: int = 100, random_state: Any = None
    ) -> np.ndarray:
        """Draw futures that hang together: for sums and maxima over the horizon.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows as they go into the pipeline.
        n : int, default=100
            Number of paths.
        random_state : int, RandomState instance or None, default=None
            Seed of the draws.

        Returns
        -------
        ndarray of shape (n, n_rows) or (n, n_rows, n_targets)
        """
        return self[-1].sample_paths(self._in_front(X), n, random_state)


def make_forecast_pipeline(*steps: Any, **options: Any) -> ForecastPipeline:
    """Make a :class:`ForecastPipeline`, named as ``make_pipeline`` names its steps.

    Parameters
    ----------
    *steps : estimators
        The last one a forecaster.
    **options : dict
        ``memory``, ``transform_input`` and ``verbose``, as of ``make_pipeline``.

    Returns
    -------
    ForecastPipeline

    Examples
    --------
    >>> from skinformer import SeasonalNaive, TimeFeatures
    >>> from skinformer import make_forecast_pipeline
    >>> list(make_forecast_pipeline(TimeFeatures(), SeasonalNaive()).named_steps)
    ['timefeatures', 'seasonalnaive']
    """
    names = [name for name, _ in make_pipeline(*steps).steps]
    return ForecastPipeline(list(zip(names, steps, strict=True)), **options)

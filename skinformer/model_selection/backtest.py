"""Rolling-origin backtest: forecasts from every origin in rows not trained on."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline

from skinformer.forecasting.base import BaseForecaster

__all__ = ["BacktestResult", "backtest"]


@dataclass(frozen=True)
class BacktestResult:
    """Forecasts of every window, and what came.

    Attributes
    ----------
    starts : ndarray of shape (n_windows,)
        First row of each window, in grid steps from the end of the history.
    target_names : list
        Names of the targets.
    y_true, y_pred : ndarray of shape (n_windows, pred_len, n_targets)
        In the unit of the targets; ``y_true`` is NaN where a row is absent, and such
        rows are left out of the errors.
    """

    starts: np.ndarray = field(repr=False)
    target_names: list
    y_true: np.ndarray = field(repr=False)
    y_pred: np.ndarray = field(repr=False)

    def errors(self, scale: ArrayLike = 1.0) -> np.ndarray:
        """Return forecast minus truth, divided by ``scale``.

        Parameters
        ----------
        scale : array-like of shape (n_targets,) or a number, default=1.0
            The standard deviation of the training rows gives standardised errors.

        Returns
        -------
        ndarray of shape (n_windows, pred_len, n_targets)
        """
        return (self.y_pred - self.y_true) / np.asarray(scale, dtype=np.float64)

    def mse(self, scale: ArrayLike = 1.0) -> float:
        """Return the mean squared error over windows, steps and targets."""
        return float(np.nanmean(self.errors(scale) ** 2))

    def mae(self, scale: ArrayLike = 1.0) -> float:
        """Return the mean absolute error over windows, steps and targets.

        Of targets in different units, give ``scale``, or take
        ``np.nanmean(np.abs(result.errors()), axis=(0, 1))``, one for each target.
        """
        return float(np.nanmean(np.abs(self.errors(scale))))


def unwrap(estimator: Any, X: Any) -> tuple[BaseForecaster, Any]:
    """Return the forecaster inside pipelines and searches, and X as it sees it."""
    while not isinstance(estimator, BaseForecaster):
        if isinstance(estimator, Pipeline) and len(estimator):
            X = estimator[:-1].transform(X) if len(estimator) > 1 else X
            estimator = estimator[-1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            raise TypeError(
                f"backtest takes a fitted forecaster of this package, a Pipeline that "
                f"ends in one, or a search over these; got {type(estimator).__name__}. "
                "One wrapped in TransformedTargetRegressor is not needed: forecasters "
                "standardise their targets themselves."
            )
    return estimator, X


def backtest(estimator: Any, X: Any, y: Any, *, stride: int = 1) -> BacktestResult:
    """Forecast from every origin in rows after those that an estimator was fitted on.

    Each window of ``pred_len`` rows is forecast from the true rows before it, those
    before the window in ``X`` and ``y`` among them. Nothing is trained, and the
    estimator is left as it is. Every window counts, the last one too.

    Parameters
    ----------
    estimator : fitted forecaster
        Or a fitted Pipeline that ends in one, or a search such as GridSearchCV.
    X : DataFrame or array-like of shape (n_rows, n_columns)
        Rows that follow the history, with their covariates. Those of the rows ahead
        are taken as known: for observed weather that is perfect foresight.
    y : array-like of shape (n_rows,) or (n_rows, n_targets)
        Their targets.
    stride : int, default=1
        Rows from one origin to the next.

    Returns
    -------
    BacktestResult

    Raises
    ------
    ValueError
        If a row is not after the history, or there are fewer than ``pred_len`` rows.
    TypeError
        If ``estimator`` holds no forecaster of this package.

    Examples
    --------
    >>> from skinformer import SeasonalNaive, backtest, make_load_series
    >>> X, y = make_load_series(24 * 30, noise=0.0, random_state=0)
    >>> model = SeasonalNaive(pred_len=24).fit(X[:-72], y[:-72])
    >>> result = backtest(model, X[-72:], y[-72:], stride=24)
    >>> result.y_pred.shape
    (3, 24, 1)
    """
    forecaster, X = unwrap(estimator, X)
    windows = forecaster.predict_windows(X, y, stride=stride)
    return BacktestResult(
        windows.starts,
        list(forecaster.target_names_),
        windows.y_true.astype(np.float64),
        windows.y_pred,
    )

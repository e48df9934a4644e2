"""A scorer for searches: one fit a fold, origins rolling through the fold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from skinformer.forecasting.origins import check_whole

from .backtest import backtest, check_future
from .metrics import check_metric

__all__ = ["make_rolling_scorer"]


@dataclass(frozen=True)
class RollingScorer:
    """The negated error of a backtest over the rows of a fold; it pickles."""

    metric: str
    horizon: int | None = None
    stride: int = 1
    gap: int = 0
    standardized: bool = False
    future_X: Callable | None = None

    def __call__(self, estimator: Any, X: Any, y: Any) -> float:
        """Score a fitted estimator on the rows of a fold."""
        result = backtest(
            estimator,
            X,
            y,
            horizon=self.horizon,
            stride=self.stride,
            gap=self.gap,
            future_X=self.future_X,
        )
        error = result.metric(self.metric, standardized=self.standardized)
        return -abs(error)  # bias has a sign, and is best at zero


def make_rolling_scorer(
    metric: str = "mae",
    *,
    horizon: int | None = None,
    stride: int = 1,
    gap: int = 0,
    standardized: bool = False,
    future_X: Callable | None = None,
) -> RollingScorer:
    """Make a scorer that rolls the origin through the rows of each fold.

    scikit-learn's own scorers forecast a fold from a single origin. This one forecasts
    from every origin in it, each time from the true rows before it, as
    :func:`~skinformer.backtest` does; an estimator is fitted once a fold. Use it with
    folds that follow their training rows, as those of ``TimeSeriesSplit``.

    Parameters
    ----------
    metric : str, default="mae"
        "mse", "mae", "rmse", "bias", "wape", "mase" or "rmsse". The score is the
        negated metric, so that greater is better; of bias, its negated size.
    horizon : int or None, default=None
        Rows of a window; None takes the ``pred_len`` of the estimator. Give it where a
        search is over ``pred_len``: windows of one length compare.
    stride : int, default=1
        Rows from one origin to the next.
    gap : int, default=0
        Rows between the last known row and the window.
    standardized : bool, default=False
        Whether errors are divided by the standard deviation of the training rows, so
        that targets in different units weigh the same.
    future_X : callable or None, default=None
        As in :func:`~skinformer.backtest`.

    Returns
    -------
    callable
        ``scorer(estimator, X, y)``, to be given as ``scoring``.

    Raises
    ------
    ValueError
        If the metric is unknown or a number is out of its range.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
    >>> from skinformer import SeasonalNaive, make_load_series, make_rolling_scorer
    >>> X, y = make_load_series(24 * 30, random_state=0)
    >>> search = GridSearchCV(
    ...     SeasonalNaive(pred_len=24),
    ...     {"season": [5, 24]},
    ...     cv=TimeSeriesSplit(3, test_size=72),
    ...     scoring=make_rolling_scorer("mae", stride=6),
    ... )
    >>> search.fit(X, y).best_params_
    {'season': 24}
    """
    check_metric(metric)
    if horizon is not None:
        check_whole("horizon", horizon)
    check_whole("stride", stride)
    check_whole("gap", gap, 0)
    check_future(future_X)
    return RollingScorer(metric, horizon, stride, gap, standardized, future_X)

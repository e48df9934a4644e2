"""Errors of a backtest: by step, by hour, by target, and the residuals."""

from typing import Any, Self

from skinformer.model_selection import BacktestResult, backtest
from skinformer.model_selection.steps import last_step

from .backtest_drawing import draw_errors, size_of
from .backtest_errors import (
    check_kind,
    check_results,
    check_same_axis,
    errors_along,
    metric_label,
    of_target,
)
from .display import Display
from .style import place_legend, tidy

__all__ = ["BacktestDisplay"]


class BacktestDisplay(Display):
    """Picture of the errors of one or several backtests.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    errors : dict of str to Series
        Errors by the name of the model. The index holds what there is one error for,
        and has the name of that axis; of residuals there is one for each row.
    kind : {"step", "hour", "weekday", "target", "series", "window", "residuals"}
        What the errors are drawn along.
    label : str
        What the errors are, and their unit.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure

    See Also
    --------
    backtest : Forecasts from every origin in rows not trained on.
    ForecastDisplay : One forecast beside the truth.
    """

    def __init__(self, *, errors: dict, kind: str, label: str):
        self.errors = errors
        self.kind = kind
        self.label = label

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        kind: str = "step",
        metric: str = "mae",
        target: Any = None,
        standardized: bool = False,
        unit: str | None = None,
        ax: Any = None,
        **backtest_params: Any,
    ) -> Self:
        """Backtest one or several models over the same rows, and draw their errors.

        Parameters
        ----------
        estimator : forecaster, regressor, Pipeline or search, or a dict of these
            As for :func:`~skinformer.backtest`; several with a name each.
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates, in time order.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Their targets.
        kind : {"step", "hour", "weekday", "target", "series", "window", "residuals"},\
                default="step"
            As in :meth:`from_predictions`.
        metric : {"mse", "mae", "rmse", "bias", "wape", "mase", "rmsse"}, default="mae"
            As in :meth:`from_predictions`.
        target : label, default=None
            As in :meth:`from_predictions`.
        standardized : bool, default=False
            As in :meth:`from_predictions`.
        unit : str, default=None
            Unit of the targets, for the axis.
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.
        **backtest_params : dict
            Further arguments of :func:`~skinformer.backtest`, such as ``horizon``,
            ``stride`` and ``train_size``.

        Returns
        -------
        BacktestDisplay

        Raises
        ------
        ValueError
            As :meth:`from_predictions` and :func:`~skinformer.backtest` do.

        Examples
        --------
        >>> from skinformer import BacktestDisplay, SeasonalNaive, make_load_series
        >>> X, y = make_load_series(24 * 30, random_state=0)
        >>> models = {
        ...     "daily": SeasonalNaive(pred_len=24, season=24),
        ...     "weekly": SeasonalNaive(pred_len=24, season=168),
        ... }
        >>> display = BacktestDisplay.from_estimator(
        ...     models, X, y, train_size=480, stride=24, kind="hour", unit="MW"
        ... )
        >>> display.ax_.get_xlabel(), display.ax_.get_ylabel()
        ('hour of the day', 'mean absolute error (MW)')
        """
        check_kind(kind)
        models = estimator
        if not isinstance(estimator, dict):
            models = {type(last_step(estimator)).__name__: estimator}
        results = {
            name: backtest(model, X, y, **backtest_params)
            for name, model in models.items()
        }
        return cls.from_predictions(
            results,
            kind=kind,
            metric=metric,
            target=target,
            standardized=standardized,
            unit=unit,
            ax=ax,
        )

    @classmethod
    def from_predictions(
        cls,
        results: BacktestResult | dict[str, BacktestResult],
        *,
        kind: str = "step",
        metric: str = "mae",
        target: Any = None,
        standardized: bool = False,
        unit: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw the errors of backtests.

        Parameters
        ----------
        results : BacktestResult or dict of name to BacktestResult
            What :func:`~skinformer.backtest` returned, of one model or several.
        kind : {"step", "hour", "weekday", "target", "series", "window", "residuals"},\
                default="step"
            What errors are drawn along: how far ahead; the hour or the weekday that is
            forecast, on the local clock; the targets, or the series, by name; the
            origin of each window. "residuals" draws how they are distributed.
        metric : {"mse", "mae", "rmse", "bias", "wape", "mase", "rmsse"}, default="mae"
            As in :meth:`BacktestResult.metric`; residuals have none.
        target : label, default=None
            Which target to show; None pools all.
        standardized : bool, default=False
            Whether errors are first divided by the standard deviation of the training
            rows, so that targets in different units can be pooled and compared.
        unit : str, default=None
            Unit of the targets, for the axis.
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        BacktestDisplay

        Raises
        ------
        ValueError
            If a name is unknown; if rows have no time, or no hours, or no series that
            ``kind`` asks for; if no truth is known; if results are of different
            targets or steps; if the training rows are needed and unknown.

        Examples
        --------
        >>> from skinformer import BacktestDisplay, SeasonalNaive, backtest
        >>> from skinformer import make_load_series
        >>> X, y = make_load_series(24 * 30, random_state=0)
        >>> result = backtest(SeasonalNaive(pred_len=24), X, y, train_size=480)
        >>> display = BacktestDisplay.from_predictions(result, unit="MW")
        >>> display.ax_.get_xlabel()
        'hours ahead'
        """
        check_kind(kind)
        if not isinstance(results, dict):
            results = {"forecast": results}
        check_results(results)
        picked = {name: of_target(result, target) for name, result in results.items()}
        errors = {
            name: errors_along(result, kind, metric, standardized)
            for name, result in picked.items()
        }
        check_same_axis(errors)
        shown = "residuals" if kind == "residuals" else metric
        label = metric_label(next(iter(picked.values())), shown, standardized, unit)
        return cls(errors=errors, kind=kind, label=label).plot(ax=ax)

    def _size(self) -> tuple[float, float]:
        return size_of(self.kind, self.errors)

    def _draw(self, ax: Any) -> None:
        draw_errors(ax, self.kind, self.errors, self.label)
        tidy(ax)
        if len(self.errors) > 1:
            place_legend(ax)

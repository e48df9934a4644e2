"""A forecast beside what was known before it and what came."""

from typing import Any, Self

import pandas as pd
from numpy.typing import ArrayLike

from skinformer.forecasting.conformal import check_coverage

from .display import Display
from .fitted import unwrap_fitted
from .forecast_inputs import (
    check_history,
    one_column,
    read_forecasts,
    read_intervals,
)
from .forecast_rows import forecast_rows
from .lines import draw_band, draw_line
from .style import (
    HINT,
    TRUTH,
    as_axis,
    label_stamps,
    line_style,
    name_y_axis,
    named,
    percent,
    place_legend,
    tidy,
    with_unit,
)

__all__ = ["ForecastDisplay"]

# from so many rows on lines are drawn thin, or their peaks run together
MANY_ROWS = 1500


class ForecastDisplay(Display):
    """Picture of a forecast, with the rows before it, its interval, and the truth.

    Use :meth:`from_estimator` or :meth:`from_predictions` to make one.

    Parameters
    ----------
    y_true : Series of shape (n_rows,)
        What was observed: history, and the truth beside the forecast; NaN where it is
        not known.
    forecasts : dict of str to Series
        Forecasts by name, each with its own index.
    start : label of the index
        First row of the forecasts.
    intervals : dict of str to DataFrame, default=None
        Intervals by the name of their forecast, with columns low and high.
    coverage : float, default=None
        Share of the rows that lie within the intervals, for the legend.
    unit : str, default=None
        Unit of the values, for the axis.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure

    See Also
    --------
    BacktestDisplay : Errors of many forecasts.
    """

    def __init__(
        self,
        *,
        y_true: pd.Series,
        forecasts: dict,
        start: Any,
        intervals: dict | None = None,
        coverage: float | None = None,
        unit: str | None = None,
    ):
        self.y_true = y_true
        self.forecasts = forecasts
        self.start = start
        self.intervals = intervals or {}
        self.coverage = coverage
        self.unit = unit

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        *,
        target: Any = None,
        series: Any = None,
        history: int = 72,
        coverage: float | None = None,
        unit: str | None = None,
        name: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Forecast rows, and draw them behind the history that the forecaster keeps.

        Parameters
        ----------
        estimator : forecaster, Pipeline or search
            A fitted forecaster of this package, or what ends in one.
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows to forecast, as for ``predict``.
        y : array-like of shape (n_rows,) or (n_rows, n_targets), default=None
            What came, if it is known.
        target : label, default=None
            Which target to show; None where there is one.
        series : label, default=None
            Which series to show; None where X has rows of one.
        history : int, default=72
            Rows to show before the forecast.
        coverage : float, default=None
            Shade the interval that holds this share of the rows; the forecaster has to
            be calibrated. None draws none.
        unit : str, default=None
            Unit of the target, for the axis.
        name : str, default=None
            What the legend calls the forecast; None takes the name of the class.
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        ForecastDisplay

        Raises
        ------
        TypeError
            If there is no forecaster at the end of ``estimator``.
        NotFittedError
            If it is not fitted.
        ValueError
            If there are several targets or series and none is named, if ``coverage``
            is asked of a forecaster that is not calibrated, and as ``predict`` does.

        Examples
        --------
        >>> from skinformer import ForecastDisplay, SeasonalNaive, make_load_series
        >>> X, y = make_load_series(24 * 40, random_state=0)
        >>> model = SeasonalNaive(pred_len=24, calibration_fraction=24 * 20)
        >>> model = model.fit(X[:-24], y[:-24])
        >>> display = ForecastDisplay.from_estimator(
        ...     model, X[-24:], y[-24:], coverage=0.9, unit="MW"
        ... )
        >>> display.ax_.get_ylabel()
        'load (MW)'
        """
        check_history(history)
        transform, forecaster = unwrap_fitted(estimator, cls.__name__)
        rows = forecast_rows(
            forecaster,
            transform(X),
            y,
            target=target,
            series=series,
            history=history,
            coverage=coverage,
        )
        called = target if target is not None else forecaster.target_names_[0]
        label = called if series is None else f"{named(called)}, {series}"
        name = type(forecaster).__name__ if name is None else name
        display = cls(
            y_true=rows.y_true.rename(label),
            forecasts={name: rows.forecast},
            start=rows.forecast.index[0],
            intervals={} if rows.interval is None else {name: rows.interval},
            coverage=coverage,
            unit=unit,
        )
        return display.plot(ax=ax)

    @classmethod
    def from_predictions(
        cls,
        y_true: pd.Series | pd.DataFrame | ArrayLike,
        forecasts: dict[str, Any] | ArrayLike,
        *,
        interval: dict[str, ArrayLike] | ArrayLike | None = None,
        coverage: float | None = None,
        history: int = 72,
        unit: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Draw forecasts of the last rows of ``y_true``.

        Parameters
        ----------
        y_true : Series, DataFrame of one column or array-like, of shape (n_rows,)
            Observed values, the rows that were forecast last; NaN where they are not
            known.
        forecasts : dict of name to array-like of shape (n_forecast,), or one of them
            Forecasts of the last ``n_forecast`` rows.
        interval : dict of name to array-like of shape (n_forecast, 2), or one of them,\
                default=None
            Lower and upper end of each row; without a name, of the first forecast.
        coverage : float, default=None
            Share of the rows that lie within, for the legend.
        history : int, default=72
            Rows to show before the forecast.
        unit : str, default=None
            Unit of the values, for the axis.
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        ForecastDisplay

        Raises
        ------
        ValueError
            If a forecast is longer than ``y_true`` or has no rows, if there is none,
            if one of them or ``y_true`` has several columns, if an interval has other
            rows than its forecast, if ``coverage`` is not between 0 and 1, or if
            ``history`` is no int of at least 0.

        Examples
        --------
        >>> from skinformer import ForecastDisplay, make_load_series
        >>> X, y = make_load_series(24 * 10, random_state=0)
        >>> display = ForecastDisplay.from_predictions(y, {"naive": y[-48:-24]})
        >>> display.ax_.get_ylabel()
        'load'
        """
        check_history(history)
        if coverage is not None:
            check_coverage(coverage)
        y_true = one_column(y_true)
        series = read_forecasts(forecasts, y_true)
        intervals = read_intervals(interval, series)
        longest = max(map(len, series.values()))
        display = cls(
            y_true=y_true.iloc[-(longest + history) :],
            forecasts=series,
            start=y_true.index[-longest],
            intervals=intervals,
            coverage=coverage,
            unit=unit,
        )
        return display.plot(ax=ax)

    def _draw(self, ax: Any) -> None:
        thin = {"lw": 0.7} if len(self.y_true) >= MANY_ROWS else {}
        label = "observed" if self.y_true.notna().any() else "_observed"
        draw_line(ax, self.y_true, label=label, color=TRUTH, **({"lw": 1.3} | thin))
        for i, (name, forecast) in enumerate(self.forecasts.items()):
            style = line_style(i) | thin
            draw_line(ax, forecast, label=name, zorder=3 - i / 100, **style)
            if name in self.intervals:
                self._draw_band(ax, name, style["color"])
        ax.axvline(as_axis(pd.Index([self.start]))[0], **HINT)
        self._label(ax)

    def _draw_band(self, ax: Any, name: str, colour: str) -> None:
        """Shade the interval of a forecast."""
        ends = self.intervals[name]
        share = (
            "interval"
            if self.coverage is None
            else f"{percent(self.coverage)} interval"
        )
        label = share if len(self.intervals) == 1 else f"{name}, {share}"
        draw_band(ax, ends, colour, label)

    def _label(self, ax: Any) -> None:
        """Name the axes, with dates that fit the span."""
        name_y_axis(ax, with_unit(named(self.y_true.name), self.unit))
        label_stamps(ax, self.y_true.index)
        ax.margins(x=0.015)
        tidy(ax)
        place_legend(ax)

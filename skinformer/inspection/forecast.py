"""A forecast beside what was known before it and what came."""

from numbers import Integral
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

__all__ = ["ForecastDisplay"]

# Okabe and Ito's colours, told apart by colour-blind eyes and in grey
TRUTH, FORECAST, OTHER = "#000000", "#D55E00", "#0072B2"


class ForecastDisplay:
    """Picture of a forecast, with the rows before it and the truth.

    Use :meth:`from_predictions` to make one.

    Parameters
    ----------
    y_true : Series of shape (n_rows,)
        What was observed: history, and the truth beside the forecast.
    forecasts : dict of str to Series
        Forecasts by name, each with its own index.
    start : label of the index
        First row of the forecasts.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    """

    def __init__(self, *, y_true: pd.Series, forecasts: dict, start: Any):
        self.y_true = y_true
        self.forecasts = forecasts
        self.start = start

    @classmethod
    def from_predictions(
        cls,
        y_true: pd.Series | pd.DataFrame | ArrayLike,
        forecasts: dict[str, Any] | ArrayLike,
        *,
        history: int = 72,
        ax: Any = None,
    ) -> Self:
        """Draw forecasts of the last rows of ``y_true``.

        Parameters
        ----------
        y_true : Series, DataFrame of one column or array-like, of shape (n_rows,)
            Observed values, the rows that were forecast last.
        forecasts : dict of name to array-like of shape (n_forecast,), or one of them
            Forecasts of the last ``n_forecast`` rows.
        history : int, default=72
            Rows to show before the forecast.
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        ForecastDisplay

        Raises
        ------
        ValueError
            If a forecast is longer than ``y_true`` or has no rows, if there is none,
            if one of them or ``y_true`` has several columns, or if ``history`` is no
            int of at least 0.

        Examples
        --------
        >>> from skinformer import ForecastDisplay, make_load_series
        >>> X, y = make_load_series(24 * 10, random_state=0)
        >>> display = ForecastDisplay.from_predictions(y, {"naive": y[-48:-24]})
        >>> display.ax_.get_ylabel()
        'load'
        """
        check_history(history)
        y_true = one_column(y_true)
        if not isinstance(forecasts, dict):
            forecasts = {"forecast": forecasts}
        if not forecasts:
            raise ValueError("forecasts is empty; give at least one, by its name.")
        values = {name: one_axis(name, given) for name, given in forecasts.items()}
        longest = max(len(forecast) for forecast in values.values())
        if longest > len(y_true):
            raise ValueError(
                f"A forecast has {longest} rows, y_true only {len(y_true)}; y_true "
                "holds the rows that were forecast, and those before them."
            )
        series = {
            name: pd.Series(forecast, index=y_true.index[-len(forecast) :])
            for name, forecast in values.items()
        }
        shown = y_true.iloc[-(longest + history) :]
        display = cls(y_true=shown, forecasts=series, start=y_true.index[-longest])
        return display.plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; by default a figure of its own.

        Returns
        -------
        self : ForecastDisplay
        """
        import matplotlib.pyplot as plt

        if ax is None:
            _, ax = plt.subplots(figsize=(9, 3.6), layout="constrained")
        ax.plot(as_axis(self.y_true.index), self.y_true, color=TRUTH, lw=1.3)
        ax.lines[-1].set_label("observed")
        for i, (name, forecast) in enumerate(self.forecasts.items()):
            style = {"color": FORECAST, "lw": 2.0} if i == 0 else {"color": OTHER}
            dashes = "-" if i == 0 else "--"
            ax.plot(as_axis(forecast.index), forecast, ls=dashes, label=name, **style)
        ax.axvline(as_axis(pd.Index([self.start]))[0], color="0.6", lw=1, ls=":")
        self._label(ax)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _label(self, ax: Any) -> None:
        """Name the axes, with dates that fit the span."""
        ax.set_ylabel(str(self.y_true.name or "target"))
        if isinstance(self.y_true.index, pd.DatetimeIndex | pd.PeriodIndex):
            from matplotlib import dates

            locator = dates.AutoDateLocator()
            ax.xaxis.set_major_locator(locator)
            ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
        else:
            ax.set_xlabel("row")
        ax.margins(x=0.01)
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, 1))


def check_history(history: Any) -> None:
    """Refuse a number of rows that is no whole number of at least 0."""
    if isinstance(history, bool) or not isinstance(history, Integral) or history < 0:
        raise ValueError(f"history={history!r} must be an int of at least 0.")


def one_axis(name: str, forecast: ArrayLike) -> np.ndarray:
    """Return a forecast of one target, shape (n_forecast,), at least one row of it."""
    values = np.asarray(forecast)
    if values.size == 0:
        raise ValueError(
            f"forecasts[{name!r}] has no rows; give those of at least one, or "
            "leave it out."
        )
    if values.size != len(np.atleast_1d(values)):
        raise ValueError(
            f"forecasts[{name!r}] has the shape {values.shape}; a picture shows one "
            "target: give the column of the one that y_true holds."
        )
    return values.ravel()


def one_column(y_true: Any) -> pd.Series:
    """Return the only column there is; rows without an index are numbered."""
    if isinstance(y_true, pd.Series):
        return y_true
    frame = pd.DataFrame(y_true)
    if not isinstance(y_true, pd.DataFrame):
        frame.columns = ["target"] if frame.shape[1] == 1 else frame.columns
    if frame.shape[1] != 1:
        raise ValueError(
            f"y_true has {frame.shape[1]} columns, {list(frame.columns)}; a picture "
            "shows one: give y_true[column] and the forecasts of that column."
        )
    return frame.iloc[:, 0]


def as_axis(index: pd.Index) -> Any:
    """Return what matplotlib can place: wall-clock times, or the labels themselves."""
    if isinstance(index, pd.PeriodIndex):
        return index.to_timestamp().to_numpy()
    if isinstance(index, pd.DatetimeIndex):
        return index.tz_localize(None).to_numpy()
    return index.to_numpy()

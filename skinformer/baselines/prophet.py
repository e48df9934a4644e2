"""Prophet: a trend with changes, seasons and holidays, all functions of the stamp."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from skinformer._extras import import_extra
from skinformer._filters import muted
from skinformer._validation import Interval, StrOptions
from skinformer.forecasting.base import BaseForecaster
from skinformer.preprocessing.holiday_calendar import check_country
from skinformer.series.grid import Grid, RowGrid, wall_clock
from skinformer.series.history import Stretch

__all__ = ["ProphetForecaster"]

# they tell of every fit; prophet.plot of packages that it does without
TALKATIVE = ("prophet", "prophet.plot", "prophet.models", "cmdstanpy")
SEASONS = ("yearly_seasonality", "weekly_seasonality", "daily_seasonality")
A_SEASON = [
    StrOptions({"auto"}),
    "boolean",
    Interval(Integral, 1, None, closed="left"),
]


def nothing_passes(record: logging.LogRecord) -> bool:
    """Filter every record out."""
    return False


@contextmanager
def quiet() -> Iterator[None]:
    """Keep prophet's log and its deprecation warnings to itself in the block."""
    with ExitStack() as stack:
        stack.enter_context(muted(Warning))
        for name in TALKATIVE:
            logger = logging.getLogger(name)
            logger.addFilter(nothing_passes)
            stack.callback(logger.removeFilter, nothing_passes)
        yield


def local_time(grid: Grid, start: int, stop: int) -> pd.DatetimeIndex:
    """Return the naive local time of rows; days in a row where there is no time.

    >>> local_time(RowGrid(), 0, 2).strftime("%Y-%m-%d").tolist()
    ['2000-01-01', '2000-01-02']
    """
    if isinstance(grid, RowGrid):
        return pd.Timestamp("2000-01-01") + pd.to_timedelta(np.arange(start, stop), "D")
    stamps: Any = grid.stamps(start, stop)
    if isinstance(stamps, pd.PeriodIndex):
        stamps = stamps.to_timestamp()
    return wall_clock(stamps)


def evaluate(model: Any, stamps: pd.DatetimeIndex) -> np.ndarray:
    """Return the forecast at each stamp, in any order and repeated, (n,)."""
    distinct, place = np.unique(stamps, return_inverse=True)
    with quiet():
        return model.predict(pd.DataFrame({"ds": distinct}))["yhat"].to_numpy()[place]


def forget(model: Any) -> Any:
    """Drop from a fitted model what it was fitted to: nothing of it is needed again."""
    model.history = model.history.iloc[:0]
    for name in ("history_dates", "stan_fit", "stan_backend", "fit_kwargs"):
        setattr(model, name, None)
    return model


class ProphetForecaster(BaseForecaster):
    """Prophet: a trend with changes of slope, seasons as waves, and holidays.

    A forecast is a function of the stamp alone, read as local time: neither the rows
    just before it nor ``update`` move it. Each target has a model of its own.
    Covariates are ignored. Rows without a time index have no seasons: the trend alone
    is fitted to them. Needs the extra ``baselines``.

    Parameters
    ----------
    pred_len : int, default=24
        Rows in a block; here it makes no difference to a forecast.
    growth : {"linear", "flat"}, default="linear"
        Whether the trend has slopes. One of a few seasons' length is best "flat".
    n_changepoints : int, default=25
        Places at which the slope may change, in the first 80% of the history.
    changepoint_prior_scale : float, default=0.05
        How freely the slope changes.
    seasonality_mode : {"additive", "multiplicative"}, default="additive"
        Whether seasons add to the trend, or scale it.
    seasonality_prior_scale : float, default=10.0
        How large seasons may be.
    yearly_seasonality : "auto", bool or int, default="auto"
        Whether there is a season of a year; an int is the number of its waves. "auto"
        asks for two years of history.
    weekly_seasonality : "auto", bool or int, default="auto"
        The same for a week; "auto" asks for two weeks, in steps below one.
    daily_seasonality : "auto", bool or int, default="auto"
        The same for a day; "auto" asks for two days, in steps below one.
    country : str or None, default=None
        ISO code of a country whose public holidays get an effect each, such as "CN".
    freq : str, offset or None, default=None
        Step of the time index; None reads it off the index.
    time : str, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        As in :class:`~skinformer.InformerRegressor`; only checked.

    Attributes
    ----------
    models_ : list of prophet.Prophet
        The fitted models, one for each target, without the rows they were fitted to.
    n_targets_ : int
        Number of targets.
    target_names_ : list
        Their names.
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray of str
        Their names, if ``X`` has any.

    Notes
    -----
    Fitted values inside the history are what the model has learned of those very rows,
    not forecasts from the rows before them.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from skinformer import ProphetForecaster
    >>> index = pd.date_range("2024-01-01", periods=24 * 8, freq="h")
    >>> X, y = pd.DataFrame(index=index), pd.Series(index.hour >= 12, index).astype(int)
    >>> model = ProphetForecaster(growth="flat").fit(X[:168], y[:168])
    >>> (model.predict(X[168:]).reshape(2, 12).mean(axis=1) + 0.0).round(1)
    array([0., 1.])
    """

    _parameter_constraints: ClassVar[dict] = {
        **BaseForecaster._parameter_constraints,
        "growth": [StrOptions({"linear", "flat"})],
        "n_changepoints": [Interval(Integral, 0, None, closed="left")],
        "changepoint_prior_scale": [Interval(Real, 0, None, closed="neither")],
        "seasonality_mode": [StrOptions({"additive", "multiplicative"})],
        "seasonality_prior_scale": [Interval(Real, 0, None, closed="neither")],
        "yearly_seasonality": A_SEASON,
        "weekly_seasonality": A_SEASON,
        "daily_seasonality": A_SEASON,
        "country": [str, None],
    }
    _or_lower = ""

    def __init__(
        self,
        *,
        pred_len: int = 24,
        growth: str = "linear",
        n_changepoints: int = 25,
        changepoint_prior_scale: float = 0.05,
        seasonality_mode: str = "additive",
        seasonality_prior_scale: float = 10.0,
        yearly_seasonality: str | bool | int = "auto",
        weekly_seasonality: str | bool | int = "auto",
        daily_seasonality: str | bool | int = "auto",
        country: str | None = None,
        freq: Any = None,
        time: Any = None,
        categorical_features: Any = "from_dtype",
    ):
        self.pred_len = pred_len
        self.growth = growth
        self.n_changepoints = n_changepoints
        self.changepoint_prior_scale = changepoint_prior_scale
        self.seasonality_mode = seasonality_mode
        self.seasonality_prior_scale = seasonality_prior_scale
        self.yearly_seasonality = yearly_seasonality
        self.weekly_seasonality = weekly_seasonality
        self.daily_seasonality = daily_seasonality
        self.country = country
        self.freq = freq
        self.time = time
        self.categorical_features = categorical_features

    def _check_settings(self) -> None:
        check_country(self.country, None)

    def _least_rows(self) -> int:
        return 2

    def _context_rows(self) -> int:
        return 1

    def _fit(self, history: Stretch) -> None:
        if isinstance(history.grid, RowGrid):
            self._refuse_seasons()
        stamps = local_time(history.grid, 0, history.n_known)[history.given]
        targets = history.targets[history.given].astype(np.float64)
        with quiet():
            self.models_ = [
                forget(self._make_model(history.grid).fit(frame, seed=0))
                for frame in (pd.DataFrame({"ds": stamps, "y": y}) for y in targets.T)
            ]

    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        first, stop = int(starts.min()), int(starts.max()) + self._pred_len
        offset = stretch.offset
        stamps = local_time(stretch.grid, offset + first, offset + stop)
        rows = starts[:, None] + np.arange(self._pred_len) - first
        asked, place = np.unique(rows, return_inverse=True)
        values = [evaluate(model, stamps[asked]) for model in self.models_]
        # (n_targets, n_asked) to (n_blocks, pred_len, n_targets)
        return np.stack(values, axis=-1)[place.reshape(rows.shape)]

    def _refuse_seasons(self) -> None:
        """Raise for a season or holidays that rows without time cannot have."""
        asked = [name for name in SEASONS if getattr(self, name) not in ("auto", False)]
        if self.country is not None:
            asked.append("country")
        if asked:
            raise ValueError(
                f"{asked[0]}={getattr(self, asked[0])!r} needs the time of each row, "
                "and X has no time index. Give X a DatetimeIndex, for example with "
                "X.set_index(pd.date_range(start, periods=len(X), freq='h'))."
            )

    def _make_model(self, grid: Grid) -> Any:
        """Return an unfitted model of prophet."""
        seasons = {name: getattr(self, name) for name in SEASONS}
        if isinstance(grid, RowGrid):
            seasons = dict.fromkeys(SEASONS, False)
        model = import_extra("prophet", type(self).__name__, "baselines").Prophet(
            growth=self.growth,
            n_changepoints=self.n_changepoints,
            changepoint_prior_scale=self.changepoint_prior_scale,
            seasonality_mode=self.seasonality_mode,
            seasonality_prior_scale=self.seasonality_prior_scale,
            uncertainty_samples=0,
            **seasons,
        )
        if self.country is not None:
            model.add_country_holidays(self.country)
        return model

"""The forecast that every other one has to beat: the last season, once more."""

from numbers import Integral
from typing import Any, ClassVar

import numpy as np

from skinformer._validation import Interval, StrOptions
from skinformer.forecasting.base import BaseForecaster
from skinformer.series.copying import latest_match
from skinformer.series.grid import ClockGrid
from skinformer.series.history import Stretch
from skinformer.series.offsets import DAY
from skinformer.series.panel import Panel

__all__ = ["SeasonalNaive"]


def repeat_season(
    values: np.ndarray,
    mean: np.ndarray,
    before: np.ndarray,
    phase: np.ndarray,
    wanted: np.ndarray,
) -> np.ndarray:
    """Return the latest known values (n, k) of the phases wanted, (n_wanted, k).

    Of the rows ``before``, (n_wanted,). If there is no such phase yet, the last value;
    if there is no value at all, the mean.
    """
    known = np.flatnonzero(~np.isnan(values).any(axis=1))
    found = latest_match(known, phase[known], before, wanted)
    last = np.searchsorted(known, before) - 1
    found = np.where(found < 0, last, found)
    forecast = values[known[found]].astype(np.float64)
    forecast[found < 0] = mean
    return forecast


class SeasonalNaive(BaseForecaster):
    """Repeat the last season.

    The forecast of a row is the latest observed value of the same phase of the season
    before its block. Covariates are ignored.

    Parameters
    ----------
    pred_len : int, default=24
        Rows in a block; longer forecasts run block after block.
    season : "auto" or int, default="auto"
        Rows in a season. "auto" is a day for steps below a day, read on the local
        clock, so that 8 o'clock stays 8 o'clock when daylight saving changes; and a
        week, a year of months, of quarters or of weeks for longer steps, one row for
        series without time or of other steps.
    freq : str, offset or None, default=None
        Step of the time index; None reads it off the index.
    time : str, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        As in :class:`~skinformer.InformerRegressor`; only checked.
    past_covariates : list, slice, callable or None, default=None
        As in :class:`~skinformer.InformerRegressor`; only checked.
    series : str, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    new_series : {"refuse", "allow"}, default="refuse"
        As in :class:`~skinformer.InformerRegressor`.
    calibration_fraction : float, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    bounds : pair, list of pairs or None, default=None
        As in :class:`~skinformer.InformerRegressor`.

    Attributes
    ----------
    season_ : int
        Rows in a season; for "auto" below a day, on a day without a change of clock.
    n_targets_ : int
        Number of targets.
    target_names_ : list
        Their names.
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray of str
        Their names, if ``X`` has any.

    Examples
    --------
    >>> import pandas as pd
    >>> from skinformer import SeasonalNaive
    >>> hours = pd.date_range("2024-01-01", periods=48, freq="h")
    >>> X, y = pd.DataFrame(index=hours), pd.Series(range(48), index=hours)
    >>> SeasonalNaive(pred_len=3).fit(X[:24], y[:24]).predict(X[24:27])
    array([0., 1., 2.])
    """

    _allows_missing = True
    _parameter_constraints: ClassVar[dict] = {
        **BaseForecaster._parameter_constraints,
        "season": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        *,
        pred_len: int = 24,
        season: str | int = "auto",
        freq: Any = None,
        time: Any = None,
        categorical_features: Any = "from_dtype",
        past_covariates: Any = None,
        series: Any = None,
        new_series: str = "refuse",
        calibration_fraction: float | int | None = None,
        bounds: Any = None,
    ):
        self.pred_len = pred_len
        self.season = season
        self.freq = freq
        self.time = time
        self.categorical_features = categorical_features
        self.past_covariates = past_covariates
        self.series = series
        self.new_series = new_series
        self.calibration_fraction = calibration_fraction
        self.bounds = bounds

    def _fit(self, history: Stretch) -> None:
        self._fit_panel(Panel((history,)))

    def _fit_panel(self, panel: Panel) -> None:
        auto, grid = self.season == "auto", panel[0].grid
        self.season_ = panel.season if isinstance(self.season, str) else self.season
        # a season of a day is read on the local clock
        self._by_clock = (
            auto and isinstance(grid, ClockGrid) and self.season_ * grid.step == DAY
        )
        self._means = [mean_of(history) for history in panel]

    def _admit(self, panel: Panel) -> None:
        n = len(self._n_fitted)
        later = [mean_of(history) for history in panel.stretches[n:]]
        self._means = self._means[:n] + later

    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        rows = starts[:, None] + np.arange(self._pred_len)
        phase = self._phase(stretch, max(int(rows.max()) + 1, stretch.n_known))
        at = np.repeat(starts, self._pred_len), phase, phase[rows].ravel()
        targets, mean = stretch.targets, self._means[stretch.series]
        if stretch.filled.last is None:  # all targets are known in the same rows
            forecast = repeat_season(targets, mean, *at)
        else:
            columns = zip(targets.T[:, :, None], mean, strict=True)
            forecast = np.hstack([repeat_season(*column, *at) for column in columns])
        return forecast.reshape(len(starts), self._pred_len, -1)

    def _phase(self, stretch: Stretch, n_rows: int) -> np.ndarray:
        """Return the phase of the season of each row, shape (n_rows,)."""
        if self._by_clock:
            return stretch.grid.slots(stretch.offset, stretch.offset + n_rows)[1]
        season = min(self.season_, np.iinfo(np.int64).max)  # any larger is as long
        return (stretch.offset + np.arange(n_rows)) % season


def mean_of(history: Stretch) -> np.ndarray:
    """Return the means of the targets, (n_targets,), in which float32 may overflow."""
    mean = np.nanmean(history.targets, axis=0, dtype=np.float64)
    return np.asarray(mean)

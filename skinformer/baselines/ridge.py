"""The closed-form map of the Informer's highway, without a network."""

from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np

from skinformer._validation import HasMethods, Interval, StrOptions
from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.highway_settings import check_highway, make_highway
from skinformer.forecasting.jobs import Jobs
from skinformer.forecasting.lengths import highway_length
from skinformer.series.history import Stretch
from skinformer.series.panel import Panel

__all__ = ["RidgeForecaster"]


class RidgeForecaster(BaseForecaster):
    """Forecast by a ridge regression from the last rows to the whole horizon.

    One linear map takes the last ``seq_len`` values, less the last one, to the next
    ``pred_len``, less the last one; a term of its own pulls back to the mean. All
    targets share the map, and each adds a deviation. Both are solved in closed form
    from sums over all windows. Cross-validation over blocks of time chooses penalties
    for slow and fast parts of the forecast, and what they draw to: the last value, or
    half the shape of the last seven seasons around their mean.

    A target is pulled to its mean as far as would have been right for the later half of
    the blocks, forecast by what was before each, and of that as much as the means of
    its seasons went back by themselves: a long series that drifts is hardly drawn to
    where it was, one of fewer than 60 seasons not at all. This is what
    :class:`~skinformer.InformerRegressor` puts beside its network; it takes seconds.

    Parameters
    ----------
    pred_len : int, default=24
        Rows in a block; longer forecasts run block after block.
    seq_len : "auto" or int, default="auto"
        Rows of history that a forecast reads. "auto" is 21 seasons (504 rows of an
        hourly series), at least 96 rows, and at most 2016 and a quarter of those given.
    highway : "ridge", "auto" or scikit-learn regressor, default="ridge"
        What speaks first: nothing; a :class:`~skinformer.CovariateRegressor` if ``X``
        has columns, of the targets that it helps to forecast in blocks of time left
        out; or a regressor from a row's covariates to its target. The map then works on
        what is left, cross-fitted in blocks of time. Generators without a seed get one,
        always the same.
    freq : str, offset or None, default=None
        Step of the time index; None reads it off the index.
    time : str, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        As in :class:`~skinformer.InformerRegressor`.
    past_covariates : list, slice, callable or None, default=None
        As in :class:`~skinformer.InformerRegressor`; the map does not read them.
    series : str, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    per_series : bool, default=True
        As in :class:`~skinformer.InformerRegressor`.
    new_series : {"refuse", "allow"}, default="refuse"
        As in :class:`~skinformer.InformerRegressor`.
    history_size : {"all", "context"}, default="all"
        As in :class:`~skinformer.InformerRegressor`.
    calibration_fraction : float, int or None, default=None
        As in :class:`~skinformer.InformerRegressor`.
    bounds : pair, list of pairs or None, default=None
        As in :class:`~skinformer.InformerRegressor`.

    Attributes
    ----------
    coef_ : ndarray of shape (n_targets, seq_len_, pred_len)
        What a row of the context, in standard deviations, adds to a row of the
        forecast.
    pull_ : ndarray of shape (n_targets,)
        Share of the pull back to the mean, from 0 to 1; 0 where the rows are too few
        to tell.
    seq_len_ : int
        Rows that a forecast reads.
    n_targets_ : int
        Number of targets.
    target_names_ : list
        Their names.
    n_features_in_ : int
        Number of columns of ``X``.
    feature_names_in_ : ndarray of str
        Their names, if ``X`` has any.

    See Also
    --------
    InformerRegressor : The same with a network beside it.

    Notes
    -----
    Missing targets count as what stands in their place; missing covariates as the
    training mean, unless the regressor takes them as they are.

    Examples
    --------
    >>> import numpy as np
    >>> from skinformer import RidgeForecaster
    >>> t = np.arange(300)
    >>> X, y = t[:, None], np.sin(t * np.pi / 6)  # X says nothing that the map reads
    >>> RidgeForecaster(pred_len=3).fit(X[:288], y[:288]).predict(X[288:291]).round(1)
    array([-0. ,  0.5,  0.9])
    """

    _allows_missing, _takes_store = True, True
    _parameter_constraints: ClassVar[dict] = {
        **BaseForecaster._parameter_constraints,
        "seq_len": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "highway": [
            StrOptions({"auto", "ridge"}),
            HasMethods(["fit", "predict", "get_params"]),
        ],
    }

    def __init__(
        self,
        *,
        pred_len: int = 24,
        seq_len: int | str = "auto",
        highway: Any = "ridge",
        freq: Any = None,
        time: Any = None,
        categorical_features: Any = "from_dtype",
        past_covariates: Any = None,
        series: Any = None,
        per_series: bool = True,
        new_series: str = "refuse",
        history_size: str = "all",
        calibration_fraction: float | int | None = None,
        bounds: Any = None,
    ):
        self.pred_len = pred_len
        self.seq_len = seq_len
        self.highway = highway
        self.freq = freq
        self.time = time
        self.categorical_features = categorical_features
        self.past_covariates = past_covariates
        self.series = series
        self.per_series = per_series
        self.new_series = new_series
        self.history_size = history_size
        self.calibration_fraction = calibration_fraction
        self.bounds = bounds

    def _check_settings(self) -> None:
        check_highway(self.highway)

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn from a history.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates, in time order, as in :class:`~skinformer.InformerRegressor`. Or
            a :class:`~skinformer.PanelStore`.
        y : Series, DataFrame or array-like of shape (n_rows,) or (n_rows, n_targets), \
                default=None
            Targets of the same rows; NaN where missing. None with a store.
        sample_weight : array-like of shape (n_rows,), default=None
            How much each row counts as one to be forecast: a window by the mean of its
            rows. Rows of weight zero stay in the history.

        Returns
        -------
        self : object
        """
        return self._fit_rows(X, y, sample_weight)

    def _fit(self, history: Stretch) -> None:
        self._fit_panel(Panel((history,)))

    def _fit_panel(self, panel: Panel) -> None:
        lengths = [history.n_known for history in panel]
        season = panel.season
        self.seq_len_ = (
            highway_length(max(lengths), self.pred_len, season)
            if isinstance(self.seq_len, str)
            else self.seq_len
        )
        highway = make_highway(self, panel, self.seq_len_)
        self._highway = highway.fit(panel.stretches, lengths, honest=False).forget()
        self.coef_, self.pull_ = self._highway.ridge_.coef_, self._highway.ridge_.pull_

    def _fit_again(self, panel: Panel) -> None:
        self._highway = self._highway.refit(panel.stretches).forget()
        self.coef_, self.pull_ = self._highway.ridge_.coef_, self._highway.ridge_.pull_

    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        return self._forecast_jobs([(stretch, starts)])

    def _forecast_jobs(self, jobs: Jobs) -> np.ndarray:
        return self._highway.forecast(jobs)

    def _admit(self, panel: Panel) -> None:
        scaler = self._highway.scaler_
        for history in self._newcomers(panel):
            scaler = scaler.admit(history)
        self._highway = self._highway.with_scaler(scaler)

    def _context_rows(self) -> int:
        return self.seq_len_

    def _least_rows(self) -> int:
        least = 1 if isinstance(self.seq_len, str) else self.seq_len
        return least + self.pred_len

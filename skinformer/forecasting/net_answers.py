"""What a fitted network answers: forecasts, and the quantiles that it has learned."""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skinformer._turns import at_one_moment
from skinformer.series.history import Stretch
from skinformer.series.windows import Windows

from .jobs import Jobs
from .net_forecasts import forecast_batch, forecast_windows
from .net_settings import NetSettings
from .windowing import WindowScaler

__all__ = ["NetAnswers", "around_median"]


def around_median(
    median: np.ndarray, heads: np.ndarray, scaler: WindowScaler, series: np.ndarray
) -> np.ndarray:
    """Put the quantiles around a median that is in the unit of the targets.

    Parameters
    ----------
    median : ndarray of shape (n, pred_len, n_targets)
    heads : ndarray of shape (n, pred_len, n_targets, 1 + n_quantiles)
        The network's median and quantiles, standardised; the median may be another.
    scaler : WindowScaler
    series : ndarray of shape (n,)
        Number of the series of each block.

    Returns
    -------
    ndarray of shape (n, pred_len, n_targets, 1 + n_quantiles), float64
    """
    heads = heads.astype(np.float64)
    of_targets = scaler.target_scaler_.of(series)
    # a target that never moved has no spread
    unit = np.where(of_targets.var_ > 0, of_targets.scale_, 0.0)[..., None]
    return median[..., None] + (heads - heads[..., :1]) * unit


class NetAnswers(NetSettings):
    """Base of :class:`NetForecaster`: forecasts of the fitted network; no training."""

    _scaler: WindowScaler

    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        return self._forecast_jobs([(stretch, starts)])

    def _network_windows(self, jobs: Jobs) -> Windows:
        """Cut the windows that the network reads to forecast blocks."""
        return self._scaler.windows(jobs)

    def _forecast_jobs(self, jobs: Jobs) -> np.ndarray:
        windows = self._network_windows(jobs)
        return self._scaler.restore(self._run(windows), windows.series)

    def _run(self, windows: Windows, heads: bool = False) -> np.ndarray:
        """Return what the network says of windows; see :func:`forecast_windows`."""
        batch_size = forecast_batch(windows.seq_len + windows.pred_len)
        return forecast_windows(self.net_, windows, batch_size, heads)

    @at_one_moment
    def predict_quantiles(self, X: Any) -> np.ndarray:
        """Forecast the quantiles that ``loss="quantile"`` has learned.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates of the rows to forecast, as for :meth:`predict`. Later blocks
            are fed with the medians of those before.

        Returns
        -------
        ndarray of shape (n_rows, n_targets, n_quantiles)
            In the order of ``quantiles``; they never cross.

        Raises
        ------
        ValueError
            If the network was fitted with another loss; and as :meth:`predict` does.

        Notes
        -----
        The network's own, as it learned them; nothing is guaranteed of them. See
        :meth:`predict_interval`.
        """
        check_is_fitted(self)
        if self._fitted_quantiles() is None:
            raise ValueError(
                f"This {type(self).__name__} was fitted with loss={self.loss!r}, and "
                "has no quantiles. Fit an InformerRegressor with loss='quantile'."
            )
        return self._answer(self._ask(X), self._forecast_heads)[..., 1:]

    def _forecast_heads(self, jobs: Jobs) -> np.ndarray:
        """Forecast median and quantiles, (n_blocks, pred_len, n_targets, 1 + n)."""
        windows = self._network_windows(jobs)
        heads = self._run(windows, heads=True)
        median = self._scaler.restore(heads[..., 0], windows.series)
        return around_median(median, heads, self._scaler, windows.series)

    def _forecast_with_width(self, jobs: Jobs) -> tuple[np.ndarray, np.ndarray | None]:
        if len(self._fitted_quantiles() or ()) < 2:  # one has no distance to another
            return super()._forecast_with_width(jobs)
        heads = self._forecast_heads(jobs)
        return heads[..., 0], heads[..., -1] - heads[..., 1]

    def _fitted_quantiles(self) -> tuple[float, ...] | None:
        """Return the levels that the fitted network has heads for, if any."""
        return getattr(self.net_.module_, "quantiles", None)

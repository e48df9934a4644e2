"""A forecaster and a regressor whose every forecast can be told by hand."""

from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from skinformer import BaseForecaster

FITS = []  # the targets, of one column, that each fit saw


class LastPlusCovariate(BaseForecaster):
    """Forecast the last known target plus the first covariate of the row."""

    _parameter_constraints: ClassVar[dict] = BaseForecaster._parameter_constraints

    def __init__(self, pred_len=2, freq=None, categorical_features=None):
        self.pred_len = pred_len
        self.freq = freq
        self.categorical_features = categorical_features

    def _fit(self, history):
        FITS.append(history.targets[:, 0].tolist())

    def _context_rows(self):
        return 1

    def _forecast(self, stretch, starts):
        rows = starts[:, None] + np.arange(self._pred_len)
        known = np.flatnonzero(stretch.given)
        last = known[np.searchsorted(known, starts) - 1]
        forecast = np.repeat(stretch.targets[last][:, None], self._pred_len, axis=1)
        if stretch.covariates.numeric.shape[1]:
            forecast = forecast + stretch.covariates.numeric[rows][:, :, :1]
        return forecast.astype(np.float64)


class TenTimes(RegressorMixin, BaseEstimator):
    """Predict ten times the first column; every target alike."""

    def fit(self, X, y):
        y = np.asarray(y)
        FITS.append(y.reshape(len(y), -1)[:, 0].tolist())
        self.shape_ = y.shape[1:]
        return self

    def predict(self, X):
        column = 10.0 * np.asarray(X, dtype=float)[:, 0]
        return np.broadcast_to(
            column.reshape(-1, *[1] * len(self.shape_)), (len(column), *self.shape_)
        )

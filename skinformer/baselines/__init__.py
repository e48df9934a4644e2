"""The methods that a network is measured against, on the same base class."""

from .arima import ARIMAForecaster
from .lags import LagForecaster
from .naive import SeasonalNaive

__all__ = ["ARIMAForecaster", "LagForecaster", "SeasonalNaive"]

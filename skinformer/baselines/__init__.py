"""The methods that a network is measured against, on the same base class."""

from .arima import ARIMAForecaster
from .lags import LagForecaster
from .lstm import LSTMForecaster
from .naive import SeasonalNaive
from .prophet import ProphetForecaster
from .ridge import RidgeForecaster
from .transformer import TransformerForecaster

__all__ = [
    "ARIMAForecaster",
    "LSTMForecaster",
    "LagForecaster",
    "ProphetForecaster",
    "RidgeForecaster",
    "SeasonalNaive",
    "TransformerForecaster",
]

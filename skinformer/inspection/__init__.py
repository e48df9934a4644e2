"""Pictures, in the manner of scikit-learn's displays."""

from .attention import AttentionDisplay
from .backtest import BacktestDisplay
from .forecast import ForecastDisplay
from .loss_curve import LossCurveDisplay

__all__ = [
    "AttentionDisplay",
    "BacktestDisplay",
    "ForecastDisplay",
    "LossCurveDisplay",
]

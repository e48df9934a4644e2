"""Pictures, in the manner of scikit-learn's displays."""

from .backtest import BacktestDisplay
from .forecast import ForecastDisplay

__all__ = ["BacktestDisplay", "ForecastDisplay"]

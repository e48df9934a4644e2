"""Pictures, in the manner of scikit-learn's displays."""

from .attention import AttentionDisplay
from .backtest import BacktestDisplay
from .forecast import ForecastDisplay

__all__ = ["AttentionDisplay", "BacktestDisplay", "ForecastDisplay"]

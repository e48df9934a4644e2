"""Pictures, in the manner of scikit-learn's displays."""

from .backtest import BacktestDisplay
from .forecast import ForecastDisplay
from .loss_curve import LossCurveDisplay

__all__ = ["BacktestDisplay", "ForecastDisplay", "LossCurveDisplay"]

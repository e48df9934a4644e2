"""Evaluation of forecasters over time."""

from .backtest import backtest
from .comparison import Comparison, compare_backtests
from .results import BacktestResult
from .scorer import make_rolling_scorer

__all__ = [
    "BacktestResult",
    "Comparison",
    "backtest",
    "compare_backtests",
    "make_rolling_scorer",
]

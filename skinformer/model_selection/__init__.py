"""Evaluation of forecasters over time."""

from .backtest import backtest
from .comparison import Comparison, compare_backtests
from .panel_split import PanelTimeSeriesSplit
from .results import BacktestResult
from .scorer import make_rolling_scorer
from .skipping import make_skipping_scorer

__all__ = [
    "BacktestResult",
    "Comparison",
    "PanelTimeSeriesSplit",
    "backtest",
    "compare_backtests",
    "make_rolling_scorer",
    "make_skipping_scorer",
]

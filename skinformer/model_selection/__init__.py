"""Evaluation of forecasters over time."""

from .backtest import BacktestResult, backtest

__all__ = ["BacktestResult", "backtest"]

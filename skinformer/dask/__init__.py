"""Forecasts and backtests of frames larger than memory, and searches, on Dask.

Needs the extra ``distributed``; it is imported by name, ``import skinformer.dask``.
"""

from .cluster import on_cluster
from .results import LazyBacktest
from .scoring import backtest, predict

__all__ = ["LazyBacktest", "backtest", "on_cluster", "predict"]

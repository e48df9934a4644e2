"""Forecasters around a network, and the base class that all forecasters share."""

from .base import BaseForecaster
from .regressor import PAPER_SETTING, InformerRegressor

__all__ = ["PAPER_SETTING", "BaseForecaster", "InformerRegressor"]

"""Transformers for a frame on its way to a forecaster: calendar and scaling."""

from .scaling import SeriesScaler
from .time_features import TimeFeatures

__all__ = ["SeriesScaler", "TimeFeatures"]

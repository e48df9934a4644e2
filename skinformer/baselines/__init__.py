"""The methods that a network is measured against, on the same base class."""

from .naive import SeasonalNaive

__all__ = ["SeasonalNaive"]

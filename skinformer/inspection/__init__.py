"""Pictures, in the manner of scikit-learn's displays."""

from .forecast import ForecastDisplay

__all__ = ["ForecastDisplay"]

"""A seeded synthetic load series, and loaders of public data sets."""

from skinformer.datasets._bike_sharing import fetch_bike_sharing
from skinformer.datasets._download import get_data_home
from skinformer.datasets._ett import fetch_ett
from skinformer.datasets._load_series import make_load_series

__all__ = ["fetch_bike_sharing", "fetch_ett", "get_data_home", "make_load_series"]

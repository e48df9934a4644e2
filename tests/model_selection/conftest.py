"""What the tests of the backtest share."""

import numpy as np
import pandas as pd
import pytest

from .transparent import FITS


@pytest.fixture(autouse=True)
def _forget_fits():
    FITS.clear()


@pytest.fixture
def daily():
    """Return twelve days without covariates, and two targets."""
    index = pd.date_range("2024-01-01", periods=12, freq="D")
    y = pd.DataFrame({"a": np.arange(12.0), "b": 10 * np.arange(12.0)}, index=index)
    return pd.DataFrame(index=index), y


@pytest.fixture
def warm(daily):
    """Return twelve days whose covariate is 0.01 times the row, and one target."""
    X, y = daily
    return X.assign(warmth=0.01 * np.arange(12)), y["a"]

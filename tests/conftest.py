"""What all tests share."""

import numpy as np
import pandas as pd
import pytest
import torch

from .browser import browser  # noqa: F401 (a fixture for all)
from .small import small


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    """Run torch on one thread: on tiny tensors, several wait for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def series():
    """Return X with a numeric and a categorical column, and two targets, 150 hours."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2024-01-01", periods=150, freq="h")
    hour = np.asarray(index.hour)
    X = pd.DataFrame(
        {"temp": rng.normal(10, 3, 150), "hour": pd.Categorical(hour, range(24))},
        index=index,
    )
    load = 1000 + 100 * np.sin(hour / 24 * 2 * np.pi) + rng.normal(0, 5, 150)
    y = pd.DataFrame({"load": load, "price": 50 + 0.1 * rng.normal(size=150)}, index)
    return X, y


@pytest.fixture(scope="session")
def fitted(series):
    """Return a model fitted on the first 120 rows; tests must not change it."""
    X, y = series
    return small().fit(X[:120], y[:120])

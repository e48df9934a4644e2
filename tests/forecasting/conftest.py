"""What tests of calibration and of intervals have in common."""

import numpy as np
import pandas as pd
import pytest

from .walks import N_FIT, hours, last_value


@pytest.fixture(scope="module")
def noise():
    """Return X and a walk of one target, 400 rows."""
    y = np.cumsum(np.random.default_rng(0).normal(size=400))
    X = hours(400)
    return X, pd.Series(y, X.index, name="walk")


@pytest.fixture(scope="module")
def calibrated(noise):
    """Return a model calibrated on rows 50 to 299; tests must not change it."""
    X, y = noise
    return last_value().fit(X[:N_FIT], y[:N_FIT]).calibrate(X[N_FIT:300], y[N_FIT:300])

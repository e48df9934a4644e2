"""Random walks, and a forecaster that repeats the last value: misses known by hand."""

import numpy as np
import pandas as pd

from skinformer import SeasonalNaive

PRED_LEN, N_FIT = 3, 50


def hours(n, start="2024-01-01"):
    return pd.DataFrame(index=pd.date_range(start, periods=n, freq="h"))


def last_value(**kwargs):
    return SeasonalNaive(season=1, pred_len=PRED_LEN, **kwargs)


def panel():
    """Return 200 hours of two series, the second ten times the first."""
    y = np.cumsum(np.random.default_rng(3).normal(size=200))
    index = hours(200).index
    X = pd.DataFrame({"store": ["a"] * 200 + ["b"] * 200}, index=index.append(index))
    return X, pd.Series(np.concatenate([y, 10 * y]), X.index)

"""Frames with columns of each kind, and how they are read."""

import pandas as pd

from skinformer.series.covariates import Columns

MIXED = pd.DataFrame(
    {
        "load": [1.5, 2.5, 4.0],
        "day": pd.Categorical(["Mon", "Sun", "Mon"], categories=["Mon", "Tue", "Sun"]),
        "busy": [True, False, True],
    }
)


def column_of(values, name="a", **kwargs):
    return pd.DataFrame({name: pd.Series(values, **kwargs)})


def read(X, categorical_features="from_dtype"):
    return Columns.learn(X, categorical_features).read(X)


def read_whole(X, categorical="from_dtype"):
    """Read rows in which nothing may be missing."""
    return Columns.learn(X, categorical, allow_missing=False).read(X)

"""Series of different lengths in one frame, whose forecasts can be told by hand."""

import numpy as np
import pandas as pd

DAYS = pd.date_range("2024-01-01", periods=12, freq="D")


def stacked(values, start=None):
    """Return X and y of series, each a list of daily values from its start on.

    ``start`` says for each name at which of the days it begins, 0 by default. Rows
    stand in the order of time, series side by side.
    """
    parts = []
    for name, rows in values.items():
        first = (start or {}).get(name, 0)
        index = DAYS[first : first + len(rows)]
        parts.append(pd.DataFrame({"store": name, "y": np.asarray(rows, float)}, index))
    frame = pd.concat(parts).sort_index(kind="stable")
    return frame[["store"]], frame["y"]


def before(X, y, day):
    """Return the rows before the day of January, and those from it on."""
    known = X.index < f"2024-01-{day:02}"
    return X[known], y[known], X[~known], y[~known]

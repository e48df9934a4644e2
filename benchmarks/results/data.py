"""The rows of each task: fitted on, forecast, and those that errors are scaled by."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import TimeSeriesSplit

from skinformer import fetch_bike_sharing, fetch_ett, make_load_series

__all__ = [
    "Part",
    "bike_folds",
    "bike_selection",
    "ett_one",
    "ett_selection",
    "ett_seven",
    "load_selection",
]

# 12, 4 and 4 months of ETTh1, as published results have it
N_TRAIN, N_FIT, N_ROWS = 8640, 11_520, 14_400
ORIGINS, N_AHEAD = (5760, 7680, 9600), 1920
# bike sharing: rows of a fit at the most, rows left out, rows of a test
N_MOST, N_GAP, N_TEST = 10_000, 48, 1000
N_BIKE_SELECTION = 12_331
LOADS = [(seed, noise) for seed in (0, 1) for noise in (0.01, 0.05)]
N_LOAD, N_LOAD_TEST = 24 * 300, 720


@dataclass(frozen=True)
class Part:
    """One fit, and the rows that are forecast after it.

    Attributes
    ----------
    name : str
    X, y : frames
        All rows of this part, in time order.
    fitted, tested : slice
        Which of them are fitted on, and forecast.
    scaled : slice
        Which of them give the standard deviation and the error of the last season.
    """

    name: str
    X: pd.DataFrame
    y: pd.DataFrame
    fitted: slice
    tested: slice
    scaled: slice


def ett(target: str | None, n_rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the first rows of ETTh1, of all targets or one, and no others."""
    X, y = fetch_ett("ETTh1", return_X_y=True)
    return X[:n_rows], (y if target is None else y[[target]])[:n_rows]


def ett_test(target: str | None) -> list[Part]:
    """Return ETTh1's test part."""
    X, y = ett(target, N_ROWS)
    fitted, tested = slice(0, N_FIT), slice(N_FIT, N_ROWS)
    return [Part("test", X, y, fitted, tested, slice(0, N_TRAIN))]


def ett_seven() -> list[Part]:
    """Return ETTh1's test part, seven targets."""
    return ett_test(None)


def ett_one() -> list[Part]:
    """Return ETTh1's test part, the oil temperature alone."""
    return ett_test("OT")


def ett_selection() -> list[Part]:
    """Return three rolling origins before ETTh1's test rows."""
    X, y = ett(None, N_FIT)
    return [
        Part(f"origin {n}", X, y, slice(0, n), slice(n, n + N_AHEAD), slice(0, n))
        for n in ORIGINS
    ]


def bike() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return bike sharing as the gallery has it: heavy rain is rain, counts to 1."""
    X, y = fetch_bike_sharing(return_X_y=True)
    weather = X["weather"].astype(str).str.replace("heavy_rain", "light_rain")
    kinds = pd.CategoricalDtype(["clear", "mist", "light_rain_snow"])
    return X.assign(weather=weather.astype(kinds)), (y / y.max()).to_frame()


def bike_folds() -> list[Part]:
    """Return the five folds of the gallery's protocol."""
    X, y = bike()
    folds = TimeSeriesSplit(
        n_splits=5, gap=N_GAP, max_train_size=N_MOST, test_size=N_TEST
    )
    return [
        fold(X, y, f"fold {i}", train[0], train[-1] + 1, test[0])
        for i, (train, test) in enumerate(folds.split(X), start=1)
    ]


def bike_selection() -> list[Part]:
    """Return three folds like the gallery's, before the first of its tests."""
    X, y = (rows[:N_BIKE_SELECTION] for rows in bike())
    firsts = [N_BIKE_SELECTION - n * N_TEST for n in (3, 2, 1)]
    return [
        fold(X, y, f"test from {first}", max(0, stop - N_MOST), stop, first)
        for first in firsts
        for stop in [first - N_GAP]
    ]


def fold(
    X: pd.DataFrame, y: pd.DataFrame, name: str, start: int, stop: int, first: int
) -> Part:
    """Return a part that is fitted on rows ``start`` to ``stop - 1``."""
    start, stop, first = int(start), int(stop), int(first)
    fitted, tested = slice(start, stop), slice(first, first + N_TEST)
    return Part(name, X, y, fitted, tested, fitted)


def load_selection() -> list[Part]:
    """Return the ends of load series of two seeds and two levels of noise."""
    fitted = slice(0, N_LOAD - N_LOAD_TEST)
    parts = []
    for seed, noise in LOADS:
        X, y = make_load_series(N_LOAD, random_state=seed, noise=noise)
        tested = slice(fitted.stop, N_LOAD)
        name = f"seed {seed}, noise {noise:g}"
        parts.append(Part(name, X, y.to_frame(), fitted, tested, fitted))
    return parts


def on_grid(y: pd.DataFrame) -> np.ndarray:
    """Return the hours of a frame without a hole, NaN where there is no row."""
    return y.asfreq("h").to_numpy(dtype=np.float64)

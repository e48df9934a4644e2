"""What is measured: kinds of data, models and sizes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from skinformer import InformerRegressor, RidgeForecaster

__all__ = ["CASES", "MODELS", "TASKS", "TOY", "Case", "Data", "Task", "make_data"]

PRED_LEN = 24  # the default of all models
SEED = 0


class Task(NamedTuple):
    """A kind of data that grows.

    Attributes
    ----------
    unit : str
        What there is more and more of.
    freq : str
        The step of the grid.
    season : int
        Rows of a day.
    held : int
        Last rows of each series, which are forecast and fitted by nothing.
    """

    unit: str
    freq: str
    season: int
    held: int


TASKS = {"series": Task("series", "h", 24, 48), "rows": Task("rows", "min", 1440, 480)}
# one epoch: what an epoch takes is told apart, and counted as often as one likes
NETWORK = {"max_epochs": 1, "random_state": SEED}
TINY = NETWORK | {"d_model": 8, "n_heads": 2, "d_ff": 8, "windows_per_epoch": 32}
MODELS: dict[str, tuple[type, dict[str, Any]]] = {
    "ridge": (RidgeForecaster, {}),
    "informer": (InformerRegressor, NETWORK),
    "tiny": (InformerRegressor, TINY),
}


@dataclass(frozen=True)
class Case:
    """One process: a model, fitted on and asked for some data.

    ``length`` is the number of rows of a series, those apart that are held back; of one
    series that grows it is the size.
    """

    task: str
    model: str
    size: int
    length: int

    def __str__(self) -> str:
        return f"{self.model} on {self.size:,} {TASKS[self.task].unit}"

    def text(self) -> str:
        """Return the argument of the worker."""
        return json.dumps(vars(self))

    @property
    def n_series(self) -> int:
        """How many series there are."""
        return self.size if self.task == "series" else 1

    def estimator(self) -> Any:
        """Make the model."""
        kind, settings = MODELS[self.model]
        grows = {"series": "name", "new_series": "allow"}
        return kind(**settings, **(grows if self.task == "series" else {}))


def series_cases(model: str, sizes: Sequence[int], length: int = 1000) -> list[Case]:
    """Return cases of more and more series of the same length."""
    return [Case("series", model, size, length) for size in sizes]


def rows_cases(model: str, sizes: Sequence[int]) -> list[Case]:
    """Return cases of one series that gets longer."""
    return [Case("rows", model, size, size) for size in sizes]


# the small ones first: they show soonest what is wrong
CASES = [
    *series_cases("ridge", [30, 100, 300, 1000, 3000]),
    *rows_cases("ridge", [10_000, 30_000, 100_000]),
    *series_cases("informer", [10, 30, 100]),
    *rows_cases("informer", [10_000, 20_000]),
    *series_cases("ridge", [10_000]),
    *rows_cases("ridge", [300_000, 1_000_000]),
    *series_cases("informer", [300]),
    *rows_cases("informer", [40_000]),
    *series_cases("informer", [1000]),
    *rows_cases("informer", [80_000, 160_000]),
]
TOY = [
    *series_cases("ridge", [2], 200),
    *series_cases("tiny", [6], 200),
    *rows_cases("tiny", [300]),
]


class Data(NamedTuple):
    """Rows that are fitted on, and those that come after them."""

    X: pd.DataFrame
    y: pd.Series
    X_next: pd.DataFrame
    y_next: pd.Series

    def ahead(self, n_series: int, rows: int = PRED_LEN) -> pd.DataFrame:
        """Return the first rows of each series that come next."""
        place = np.arange(len(self.X_next)) % (len(self.X_next) // n_series)
        return self.X_next[place < rows]


def make_data(case: Case) -> Data:
    """Make series with a daily shape and noise, one below the other, by the name."""
    task = TASKS[case.task]
    length = case.length + task.held
    stamps = pd.date_range("2000-01-01", periods=length, freq=task.freq)
    noise = np.random.default_rng(SEED).standard_normal((case.n_series, length))
    shape = np.sin(np.arange(length) * 2 * np.pi / task.season)
    index = stamps.append([stamps] * (case.n_series - 1))
    X = pd.DataFrame(index=index)
    if case.task == "series":
        names = np.repeat([f"s{k:07d}" for k in range(case.n_series)], length)
        X["name"] = pd.Categorical(names)
    y = pd.Series((shape + noise).ravel(), index=index, name="load")
    later = np.tile(np.arange(length) >= case.length, case.n_series)
    return Data(X[~later], y[~later], X[later], y[later])

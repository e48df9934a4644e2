"""Means over the seeds of a model, from records."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from benchmarks.results.records import Key
from benchmarks.results.tasks import TASKS

__all__ = ["LABELS", "Mean", "agreeing", "mean_of", "models_of", "seconds_of"]

# in the order of tables and pictures
LABELS = {
    "informer": "Informer",
    "timed": "Informer, its network counted",
    "ridge": "ridge",
    "lags": "lags (gradient boosting)",
    "covariates": "regressor of covariates",
    "naive": "seasonal naive",
    "lstm": "LSTM",
    "transformer": "Transformer",
    "arima": "ARIMA",
    "prophet": "Prophet",
    "hgb": "gradient boosting, squared loss",
    "hgb_poisson": "gradient boosting, Poisson loss",
    "paper": "paper's network, 48 → 24",
}
# Only how long a forecast takes is shown of it
ONLY_TIMED = ("timed",)
Records = Mapping[Key, Mapping[str, Any]]


class Mean(NamedTuple):
    """A mean over seeds.

    Attributes
    ----------
    value, least, most : float
    n, asked : int
        Seeds that there are, and that there are to be.
    """

    value: float
    least: float
    most: float
    n: int
    asked: int

    @property
    def complete(self) -> bool:
        """Whether every seed is there."""
        return self.n >= self.asked


def models_of(records: Records, task: str, timed: bool = False) -> list[str]:
    """Return the models of a task that have a record, in the order of tables.

    With ``timed``, those too of which only the time of a forecast is shown.
    """
    there = {key.model for key in records if key.task == task}
    return [m for m in LABELS if m in there and (timed or m not in ONLY_TIMED)]


def agreeing(records: Records, task: str, model: str) -> list[int]:
    """Return the horizons at which all seeds have the same errors, to all digits."""
    means = {
        h: mean_of(records, task, model, h) for h in TASKS[task].horizons_of(model)
    }
    return [
        h
        for h, m in means.items()
        if m and m.complete and m.n > 1 and m.least == m.most
    ]


def of_seeds(records: Records, task: str, model: str, horizon: int) -> list[Mapping]:
    """Return the records of a cell, one for each seed."""
    return [r for key, r in records.items() if key[:3] == (task, model, horizon)]


def mean_of(
    records: Records,
    task: str,
    model: str,
    horizon: int,
    metric: str = "mse",
    unit: str = "standardized",
) -> Mean | None:
    """Return the mean of a metric over seeds; None without a record."""
    found = of_seeds(records, task, model, horizon)
    asked = len(TASKS[task].models.get(model, ()))
    return averaged((record["errors"][unit][metric] for record in found), asked)


def averaged(values: Iterable[float], asked: int) -> Mean | None:
    """Return the mean and the range of values; None of none."""
    values = list(values)
    if not values:
        return None
    middle = sum(values) / len(values)
    return Mean(middle, min(values), max(values), len(values), asked)


def seconds_of(
    records: Records, task: str, model: str, horizon: int, name: str
) -> float | None:
    """Return the mean of one of the times of a cell; None without a record.

    Of one forecast it is the time of the process.
    """
    taken = [record[name] for record in of_seeds(records, task, model, horizon)]
    if name == "one_forecast_seconds":
        taken = [both["process"] for both in taken]
    return sum(taken) / len(taken) if taken else None

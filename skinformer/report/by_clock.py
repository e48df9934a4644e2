"""Level and error of forecasts by hour, weekday and month: the calendar's effect."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from skinformer.inspection.backtest_drawing import WEEKDAYS
from skinformer.model_selection import BacktestResult

__all__ = ["ByClock", "by_clock"]

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
NAMES = {
    "hour": [f"{hour:02d}" for hour in range(24)],
    "weekday": WEEKDAYS,
    "month": MONTHS.split(),
}


@dataclass(frozen=True)
class ByClock:
    """Means over the test windows by one field of the calendar.

    Attributes
    ----------
    field : {"hour", "weekday", "month"}
    labels : list of str
        Its values that occur.
    truth, forecast : ndarray of shape (n_labels, n_targets)
        Mean level.
    errors : dict of name to ndarray of shape (n_labels, n_targets)
        Mean absolute error of each forecaster.
    """

    field: str
    labels: list[str]
    truth: np.ndarray
    forecast: np.ndarray
    errors: dict[str, np.ndarray]


def slots_by_field(stamps: pd.Index) -> dict[str, np.ndarray]:
    """Return the place of each stamp in the cycles that its step has."""
    if not isinstance(stamps, pd.DatetimeIndex | pd.PeriodIndex):
        return {}
    found = {
        "hour": np.asarray(stamps.hour),
        "weekday": np.asarray(stamps.day_of_week),
        "month": np.asarray(stamps.month) - 1,
    }
    if len(np.unique(found["hour"])) > 1:  # below a day; a season is no cycle of it
        del found["month"]
    elif len(np.unique(found["weekday"])) == 7 and has_days(stamps):
        del found["hour"]
    else:
        del found["hour"], found["weekday"]
    return {name: slot for name, slot in found.items() if len(np.unique(slot)) > 1}


def has_days(stamps: pd.Index) -> bool:
    """Tell whether the step is at most a few days."""
    days = stamps.unique().sort_values()
    days = days.to_timestamp() if isinstance(days, pd.PeriodIndex) else days
    return len(days) > 1 and (days[1:] - days[:-1]).min() <= pd.Timedelta(days=3)


def by_clock(results: dict[str, BacktestResult]) -> list[ByClock]:
    """Take means over all windows, for the fields that the step has.

    The first result is the forecaster's own.
    """
    first = next(iter(results.values()))
    return [
        means_by(field, slot, results)
        for field, slot in slots_by_field(first.timestamps).items()
    ]


def means_by(
    field: str, slot: np.ndarray, results: dict[str, BacktestResult]
) -> ByClock:
    """Take means over the rows of each slot."""
    used, codes = np.unique(slot, return_inverse=True)
    first = next(iter(results.values()))
    return ByClock(
        field,
        [NAMES[field][i] for i in used],
        mean_of(codes, first.y_true, first.y_true),
        mean_of(codes, first.y_pred, first.y_true),
        {n: mean_of(codes, abs(r.errors()), r.y_true) for n, r in results.items()},
    )


def mean_of(codes: np.ndarray, values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the mean of each slot and target where the truth is known.

    Values and truth are (n_windows, horizon, n_targets), codes of the first two axes.
    """
    known = np.where(np.isnan(truth), np.nan, values).reshape(-1, values.shape[2])
    return pd.DataFrame(known).groupby(codes).mean().to_numpy()

"""Steps of a horizon as time: hours, days or months ahead."""

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset, DateOffset

from skinformer.model_selection import BacktestResult
from skinformer.series.frequency import infer_freq
from skinformer.series.offsets import HOUR, clock_step, whole_days

__all__ = ["step_of", "time_ahead"]

# nanoseconds, from the longest on: the first one that the horizon fills counts
CLOCK = {"hours": HOUR, "minutes": HOUR // 60, "seconds": HOUR // 3600}
CALENDAR = {
    "D": "days",
    "B": "business days",
    "W": "weeks",
    "MS": "months",
    "ME": "months",
    "QS": "quarters",
    "QE": "quarters",
    "YS": "years",
    "YE": "years",
}


def step_of(result: BacktestResult) -> BaseOffset | None:
    """Return the step of the rows of a backtest; None where there is no time."""
    timeline, starts = result.timeline, result.starts
    if result.series is not None:  # timelines of series stand one after another
        starts = starts[result.series == result.series[0]]
    if isinstance(timeline, pd.PeriodIndex):
        return timeline.freq
    if not isinstance(timeline, pd.DatetimeIndex):
        return None
    last = int(starts.max()) + result.y_true.shape[1]
    try:
        return infer_freq(timeline[int(starts.min()) - result.gap : last + 1])
    except ValueError:
        return None


def time_ahead(freq: BaseOffset | None, steps: np.ndarray) -> pd.Index:
    """Return how far ahead steps are, (n,); the name of the index is the unit.

    >>> from pandas.tseries.frequencies import to_offset
    >>> time_ahead(to_offset("15min"), np.array([1, 2, 12]))
    Index([0.25, 0.5, 3.0], dtype='float64', name='hours ahead')
    >>> time_ahead(to_offset("2W-SUN"), np.array([1, 2]))
    Index([2, 4], dtype='int64', name='weeks ahead')
    """
    if freq is None:
        return pd.Index(steps, name="steps ahead")
    freq = whole_days(freq)
    step = clock_step(freq)
    if step is not None:
        unit = clock_unit(step, step * int(steps[-1]))
        return pd.Index(steps * step / CLOCK[unit], name=f"{unit} ahead")
    number, unit = calendar_unit(freq)
    return pd.Index(steps * number, name=f"{unit} ahead")


def clock_unit(step: int, horizon: int) -> str:
    """Return the longest unit that is no longer than a step, or half the horizon."""
    for unit, length in CLOCK.items():
        if length <= max(step, horizon // 2):
            return unit
    return "seconds"


def calendar_unit(freq: BaseOffset) -> tuple[int, str]:
    """Return how many of which unit of the calendar a step is."""
    if type(freq) is DateOffset:  # it alone has no name
        months = freq.kwds.get("months") if len(freq.kwds) == 1 else None
        return (freq.n * months, "months") if months else (1, "steps")
    # months of business days are months, a custom business day is a business day
    code = freq.rule_code.split("-")[0].lstrip("BC") or "B"
    return (freq.n, CALENDAR[code]) if code in CALENDAR else (1, "steps")

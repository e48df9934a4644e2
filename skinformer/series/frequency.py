"""The grid that an index lies on: its frequency, given or read off its stamps."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset, DateOffset, Day, Week, WeekOfMonth

from .grid import (
    OFF_GRID,
    CalendarGrid,
    ClockGrid,
    Grid,
    PeriodGrid,
    RowGrid,
    nanoseconds,
    wall_clock,
)
from .offsets import DAY, HOUR, as_offset, clock_step, tick, whole_days
from .snapping import round_start

__all__ = ["infer_freq", "make_grid", "snapping_step"]

# a step that is not the commonest one is believed if it leaves at most so many rows
# absent for each one present: an odd stamp must not make a grid of seconds
EMPTIEST_GUESS = 4


def make_grid(
    index: pd.Index,
    freq: str | BaseOffset | None = None,
    snap: bool = True,
    like: Grid | None = None,
) -> Grid:
    """Make the grid of an index that is sorted and holds no stamp twice.

    It starts at the first stamp; where the stamps do not fit a step of days or less
    that is given, at the first one rounded to it, and they are snapped.

    Parameters
    ----------
    index : DatetimeIndex, PeriodIndex or other Index
        Any other index carries no time and gives a grid of rows.
    freq : str, offset or timedelta, default=None
        The step; by default what the stamps show. 24 hours given here are a day.
    snap : bool, default=True
        Whether stamps may be snapped.
    like : Grid, default=None
        That of another series, whose step is tried first.

    Raises
    ------
    ValueError
        If the stamps show no step, or ``freq`` is none that pandas knows, or not that
        of a PeriodIndex.
    """
    if isinstance(index, pd.PeriodIndex):
        return period_grid(index, freq)
    if not isinstance(index, pd.DatetimeIndex):
        if freq is not None:
            period_length(freq)  # rows do not use it; a misspelt one is refused still
        return RowGrid()
    if freq is None:
        if isinstance(like, ClockGrid) and shows(index, like.step):
            return grid_of(index[0], like.freq)
        return grid_of(index[0], infer_freq(index))
    offset = as_offset(freq)
    step = snapping_step(offset)
    if not snap or step is None or fits(index, offset):
        return grid_of(index[0], offset)
    return replace(grid_of(round_start(index[0], step), offset), snaps=True)


def snapping_step(offset: BaseOffset) -> int | None:
    """Return the nanoseconds of days and less, None for what stamps never snap to."""
    return offset.n * DAY if isinstance(offset, Day) else clock_step(offset)


def grid_of(first: pd.Timestamp, offset: BaseOffset) -> ClockGrid | CalendarGrid:
    """Return the grid that starts at ``first`` and steps by ``offset``."""
    step = clock_step(offset)
    return CalendarGrid(first, offset) if step is None else ClockGrid(first, step)


def period_grid(index: pd.PeriodIndex, freq: object) -> PeriodGrid:
    """Return the grid of periods, which follow one another without a gap."""
    if freq is not None and not same_length(period_length(freq), index.freq):
        raise ValueError(
            f"freq={freq!r} is not the length of the periods of X, which is "
            f"{index.freqstr!r}. Leave freq=None, or convert X.index with asfreq."
        )
    return PeriodGrid(index[0])


def period_length(freq: object) -> BaseOffset:
    """Read a frequency by the names of stamps ("ME"), or else of periods ("M")."""
    try:
        return as_offset(freq)
    except ValueError:
        if not isinstance(freq, str):
            raise
        try:
            return whole_days(pd.Period(ordinal=0, freq=freq).freq)
        except ValueError:
            pass  # unknown by either name: the first error says what is allowed
        raise


def same_length(freq: Any, length: Any) -> bool:
    """Compare a step with the length of periods; 60 minutes are an hour."""
    length = whole_days(length)
    step = clock_step(freq)
    if step is None:
        return freq.freqstr == length.freqstr
    return step == clock_step(length)


def infer_freq(index: pd.DatetimeIndex) -> BaseOffset:
    """Read the step off the stamps, some of which may be absent.

    The index's own ``freq`` is believed if its stamps bear it out: a daily index that
    was converted to another zone keeps its ``freq``, and not its hour.

    Raises
    ------
    ValueError
        If fewer than two stamps are given, or they lie on no regular grid.
    """
    if index.freq is not None and fits(index, whole_days(index.freq)):
        return whole_days(index.freq)
    if len(index) < 2:
        raise ValueError(
            "The frequency cannot be read off fewer than two stamps (n_samples = "
            f"{len(index)}); give freq=, for example freq='h'."
        )
    steps = np.diff(nanoseconds(index))
    for candidate in candidates(index, steps):
        if fits(index, candidate):
            return candidate
    raise ValueError(no_grid_message(steps))


def shows(index: pd.DatetimeIndex, step: int) -> bool:
    """Tell, quicker than :func:`infer_freq`, that it would read off this step.

    False says nothing: the step may be a rarer one, or that of a calendar.
    """
    if index.freq is not None or step >= DAY - HOUR:
        return False
    steps = np.diff(nanoseconds(index))
    is_commonest = 2 * np.count_nonzero(steps == step) > len(steps)
    return bool(is_commonest and not (steps % step).any())


def fits(index: pd.DatetimeIndex, offset: BaseOffset) -> bool:
    """Tell whether every stamp lies on the grid that starts at the first one."""
    positions = grid_of(index[0], offset).positions(index)
    return bool((positions[0] == 0) and (positions != OFF_GRID).all())


def candidates(index: pd.DatetimeIndex, steps: np.ndarray) -> Iterator[BaseOffset]:
    """Yield the offsets that the stamps may lie on, the likeliest first."""
    common, shortest = most_common(steps), int(steps.min())
    lengths = [common]
    if shortest < common and steps.sum() <= EMPTIEST_GUESS * len(steps) * shortest:
        lengths.append(shortest)  # so many rows are absent that none is commonest
    if common >= DAY - HOUR:  # a day may have 23 hours
        yield from calendar_candidates(wall_clock(index), lengths)
    yield from map(tick, lengths)


def calendar_candidates(
    wall: pd.DatetimeIndex, lengths: list[int]
) -> Iterator[BaseOffset]:
    """Yield offsets of a day or longer whose length is about one of ``lengths``."""
    for length in lengths:
        days = round(length / DAY)
        months = round(days / 30.44)
        if months and abs(days - 30.44 * months) <= 3:
            yield from month_candidates(wall[0], months)
        if days == 1 and leaves_out_weekends(wall):
            yield to_offset("B")
        if days % 7 == 0:
            yield Week(days // 7, weekday=wall[0].day_of_week)
        yield Day(days)


def month_candidates(first: pd.Timestamp, months: int) -> Iterator[BaseOffset]:
    """Yield the offsets that are so many months long."""
    for name in ("MS", "ME", "BMS", "BME"):
        yield to_offset(f"{months}{name}")
    yield DateOffset(n=1, months=months)
    week = (first.day - 1) // 7
    if week < 4:  # few months have a fifth Tuesday
        yield WeekOfMonth(months, week=week, weekday=first.day_of_week)


def leaves_out_weekends(wall: pd.DatetimeIndex) -> bool:
    """Tell whether the stamps reach over a weekend, and none lies on one."""
    weeks = (wall.asi8[[0, -1]] // DAY + 3) // 7  # 1970 began on a Thursday
    return bool(weeks[1] > weeks[0] and (wall.day_of_week < 5).all())


def most_common(steps: np.ndarray) -> int:
    """Return the step that occurs most often, the shortest of equals."""
    values, counts = np.unique(steps, return_counts=True)
    return int(values[counts.argmax()])


def no_grid_message(steps: np.ndarray) -> str:
    """Say which steps there are, and what to do."""
    values, counts = np.unique(steps, return_counts=True)
    top = np.argsort(-counts, kind="stable")[:3]
    seen = ", ".join(f"{pd.Timedelta(values[i])} ({counts[i]} times)" for i in top)
    return (
        f"The stamps lie on no regular grid; their commonest steps are {seen}. Give "
        "freq= to snap them to a grid, or put the rows on one with DataFrame.resample."
    )

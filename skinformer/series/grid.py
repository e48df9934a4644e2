"""The grid of a series: every stamp that it has, counted from its first row.

Steps below a day are counted in UTC, so that an hourly series runs on through a change
of daylight saving; a day and longer by calendar offset on the local clock, so that a
daily series stays at its local hour. Hours that make no calendar step (36 of them, or
stamps 24 hours apart that the local clock shows at changing hours) are counted in UTC
too. A grid without time counts rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import (
    BaseOffset,
    DateOffset,
    Day,
    Hour,
    Tick,
    Week,
    WeekOfMonth,
)

__all__ = [
    "OFF_GRID",
    "CalendarGrid",
    "ClockGrid",
    "Grid",
    "PeriodGrid",
    "RowGrid",
    "infer_freq",
    "make_grid",
    "same_clock",
]

OFF_GRID = np.iinfo(np.int64).min
HOUR = 3_600_000_000_000  # nanoseconds
DAY = 24 * HOUR
# a step that is not the commonest one is believed if it leaves at most so many rows
# absent for each one present: an odd stamp must not make a grid of seconds
EMPTIEST_GUESS = 4


def nanoseconds(index: pd.DatetimeIndex) -> np.ndarray:
    """Count nanoseconds since 1970, in UTC for an aware index, shape (n,)."""
    return in_nanoseconds(index).asi8


def wall_clock(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return what a clock on the local wall shows, as a naive index."""
    return in_nanoseconds(index.tz_localize(None))


def in_nanoseconds(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Convert the unit; coarser ones reach further than nanoseconds can count."""
    try:
        return index.as_unit("ns")
    except pd.errors.OutOfBoundsDatetime as error:
        raise ValueError(
            f"The stamps reach from {index.min()} to {index.max()}; those outside the "
            "years 1678 to 2261 cannot be counted. Correct or drop them."
        ) from error


def look_up(calendar: pd.DatetimeIndex, wall: pd.DatetimeIndex) -> np.ndarray:
    """Return where in the ascending calendar each stamp stands, -1 for nowhere."""
    if len(calendar) == 0:
        return np.full(len(wall), -1)
    found = np.searchsorted(calendar.asi8, wall.asi8)
    found = np.minimum(found, len(calendar) - 1)
    return np.where(calendar.asi8[found] == wall.asi8, found, -1)


@dataclass(frozen=True)
class Grid:
    """What every grid answers; positions count from the first row of the history."""

    def positions(self, index: pd.Index) -> np.ndarray:
        """Place stamps: negative before the first row, ``OFF_GRID`` between two."""
        raise NotImplementedError

    def stamps(self, start: int, stop: int) -> pd.Index:
        """Return the stamps at positions ``start`` to ``stop - 1``."""
        raise NotImplementedError

    def slots(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Return weekday and time of day, local, of those positions."""
        wall = self._wall(start, stop)
        return np.asarray(wall.day_of_week, dtype=np.int64), wall.asi8 % DAY

    @property
    def season(self) -> int:
        """Rows in the season that one looks for first; 1 where none suggests itself."""
        return 1

    def _wall(self, start: int, stop: int) -> pd.DatetimeIndex:
        return wall_clock(self.stamps(start, stop))


@dataclass(frozen=True)
class RowGrid(Grid):
    """No time: rows follow one another."""

    def stamps(self, start: int, stop: int) -> pd.Index:
        """Return the row numbers themselves."""
        return pd.RangeIndex(start, stop)

    def slots(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Every row is of the same slot."""
        same = np.zeros(max(stop - start, 0), dtype=np.int64)
        return same, same


@dataclass(frozen=True)
class ClockGrid(Grid):
    """Steps of hours and less, counted in UTC."""

    first: pd.Timestamp
    step: int  # nanoseconds

    @property
    def freq(self) -> BaseOffset:
        """The step as a pandas offset."""
        return tick(self.step)

    @property
    def season(self) -> int:
        """Rows in a day, in a week of steps of 24 hours; 1 if none holds a number."""
        return season_of(self.freq)

    def positions(self, index: pd.Index) -> np.ndarray:
        """Divide the time since the first row by the step."""
        since = nanoseconds(index) - self.first.as_unit("ns").value
        return np.where(since % self.step == 0, since // self.step, OFF_GRID)

    def stamps(self, start: int, stop: int) -> pd.Index:
        """Count from the first row in UTC, then read the local clock."""
        since = np.arange(start, stop, dtype=np.int64) * self.step
        values = pd.DatetimeIndex(since + self.first.as_unit("ns").value)
        if self.first.tz is None:
            return values
        return values.tz_localize("UTC").tz_convert(self.first.tz)


@dataclass(frozen=True)
class CalendarGrid(Grid):
    """Steps of a day and longer, by calendar offset on the local clock."""

    first: pd.Timestamp
    freq: BaseOffset

    @property
    def season(self) -> int:
        """Rows in a week of days, or in a year of anything longer."""
        return season_of(self.freq)

    def _range(self, last: pd.Timestamp) -> pd.DatetimeIndex:
        first = self.first.tz_localize(None)
        return pd.date_range(first, last, freq=self.freq).as_unit("ns")

    def positions(self, index: pd.Index) -> np.ndarray:
        """Look the stamps up in the calendar that reaches to the last of them."""
        wall = wall_clock(index)
        if len(wall) == 0:
            return np.empty(0, dtype=np.int64)
        calendar = self._range(wall.max())
        found = look_up(calendar, wall)
        if (found < 0).any() and self.first.tz is not None:
            # 02:30 does not exist on the day the clock goes forward; pandas says 03:00
            found = np.maximum(found, look_up(self._shifted(calendar), wall))
        found = np.where(found < 0, OFF_GRID, found)
        return np.where(wall < self.first.tz_localize(None), -1, found)

    def _shifted(self, calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
        ambiguous = np.ones(len(calendar), dtype=bool)
        aware = calendar.tz_localize(
            self.first.tz, ambiguous=ambiguous, nonexistent="shift_forward"
        )
        return wall_clock(aware)

    def stamps(self, start: int, stop: int) -> pd.Index:
        """Count offsets from the first row."""
        wall = self._wall(start, stop)
        if self.first.tz is None:
            return wall
        ambiguous = np.ones(len(wall), dtype=bool)
        return wall.tz_localize(
            self.first.tz, ambiguous=ambiguous, nonexistent="shift_forward"
        )

    def _wall(self, start: int, stop: int) -> pd.DatetimeIndex:
        first = self.first.tz_localize(None)
        return pd.date_range(first, periods=max(stop, 0), freq=self.freq)[
            start:
        ].as_unit("ns")


@dataclass(frozen=True)
class PeriodGrid(Grid):
    """Periods, counted by their ordinals."""

    first: pd.Period

    @property
    def freq(self) -> BaseOffset:
        """The length of a period."""
        return self.first.freq

    @property
    def season(self) -> int:
        """Rows in a day, in a week of days, or in a year of anything longer."""
        return season_of(self.freq)

    def positions(self, index: pd.Index) -> np.ndarray:
        """Subtract ordinals."""
        since = index.asi8 - self.first.ordinal
        n = self.first.freq.n
        return np.where(since % n == 0, since // n, OFF_GRID)

    def stamps(self, start: int, stop: int) -> pd.Index:
        """Count ordinals from the first period."""
        steps = np.arange(start, stop, dtype=np.int64)
        ordinals = self.first.ordinal + steps * self.first.freq.n
        return pd.PeriodIndex.from_ordinals(ordinals, freq=self.first.freq)

    def _wall(self, start: int, stop: int) -> pd.DatetimeIndex:
        return in_nanoseconds(self.stamps(start, stop).to_timestamp())


def make_grid(index: pd.Index, freq: str | BaseOffset | None = None) -> Grid:
    """Make the grid of an index that is sorted and holds no stamp twice.

    Parameters
    ----------
    index : DatetimeIndex, PeriodIndex or other Index
        Any other index carries no time and gives a grid of rows.
    freq : str, offset or timedelta, default=None
        The step; by default what the stamps show. 24 hours given here are a day.

    Raises
    ------
    ValueError
        If the stamps show no step, or ``freq`` is none that pandas knows, or not that
        of a PeriodIndex.
    """
    if isinstance(index, pd.PeriodIndex):
        return period_grid(index, freq)
    if not isinstance(index, pd.DatetimeIndex):
        return RowGrid()
    offset = as_offset(freq) if freq is not None else infer_freq(index)
    return grid_of(index[0], offset)


def grid_of(first: pd.Timestamp, offset: BaseOffset) -> ClockGrid | CalendarGrid:
    """Return the grid that starts at ``first`` and steps by ``offset``."""
    step = clock_step(offset)
    return CalendarGrid(first, offset) if step is None else ClockGrid(first, step)


def period_grid(index: pd.PeriodIndex, freq: object) -> PeriodGrid:
    """Return the grid of periods, which follow one another without a gap."""
    if freq is not None and as_offset(freq).freqstr != in_period_terms(index.freq):
        raise ValueError(
            f"freq={freq!r} is not the length of the periods of X, which is "
            f"{index.freqstr!r}. Leave freq=None, or convert X.index with asfreq."
        )
    return PeriodGrid(index[0])


def in_period_terms(freq: BaseOffset) -> str:
    """Name the length of a period as an offset; "M" for a period is "ME" for stamps."""
    return whole_days(freq).freqstr


def as_offset(freq: object) -> BaseOffset:
    """Read a frequency as pandas writes it; 24 hours are a day."""
    try:
        offset = to_offset(freq)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"freq={freq!r} is no frequency that pandas knows; give one such as 'h', "
            "'15min', 'D', 'B', 'W-SUN', 'MS' or 'ME'."
        ) from error
    if offset.n <= 0:
        raise ValueError(f"freq={freq!r} must step forward; give a positive one.")
    return whole_days(offset)


def whole_days(offset: BaseOffset) -> BaseOffset:
    """Return hours that make whole days as days of the calendar."""
    step = clock_step(offset)
    return offset if step is None or step % DAY else Day(step // DAY)


def tick(step: int) -> BaseOffset:
    """Return nanoseconds as an offset that is never a calendar day."""
    if step % DAY == 0:
        return Hour(step // HOUR)
    return to_offset(pd.Timedelta(step, unit="ns"))


def clock_step(offset: BaseOffset) -> int | None:
    """Return the nanoseconds of a step in hours or less, None for days and longer."""
    # a day is a Tick of 24 hours in pandas 2, and none in pandas 3
    if isinstance(offset, Day) or not isinstance(offset, Tick):
        return None
    return pd.Timedelta(offset).as_unit("ns").value


def season_of(freq: BaseOffset) -> int:
    """Return rows in a day, for hours; in a week, for days; in a year, for longer.

    1 where the season is no whole number of rows.

    >>> [season_of(to_offset(freq)) for freq in ("D", "B", "W-SUN", "MS", "QE", "YE")]
    [7, 5, 52, 12, 4, 1]
    >>> [season_of(to_offset(freq)) for freq in ("15min", "3h", "5h", "2D", "6MS")]
    [96, 8, 1, 1, 2]
    """
    freq = whole_days(freq)
    step = clock_step(freq)
    if step is not None:
        return 1 if DAY % step else DAY // step
    rows = rows_in_a_season(freq)
    return 1 if rows % freq.n else rows // freq.n


def rows_in_a_season(freq: BaseOffset) -> int:
    """Return the season of a single step of a calendar offset."""
    seasons = {"D": 7, "B": 5, "W": 52, "MS": 12, "ME": 12, "QS": 4, "QE": 4}
    seasons |= {"WOM": 12, "LWOM": 12}
    if type(freq) is DateOffset:  # it alone has no name
        months = freq.kwds.get("months", 0)
        return 12 // months if months and 12 % months == 0 else 1
    # business ("B") and custom ("C") months are months, a custom day a business day
    return seasons.get(freq.rule_code.split("-")[0].lstrip("BC") or "B", 1)


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
        "freq= if there is one, or put the rows on a grid with DataFrame.resample."
    )


def same_clock(grid: Grid, index: pd.Index) -> str | None:
    """Say what keeps ``index`` from being read on ``grid``, None if nothing does."""
    if isinstance(grid, RowGrid):
        if isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
            return (
                f"X has a {type(index).__name__}, but the history that fit saw carries "
                "no time. Fit with a DatetimeIndex too, or pass X without its index."
            )
        return None
    wanted = pd.PeriodIndex if isinstance(grid, PeriodGrid) else pd.DatetimeIndex
    if not isinstance(index, wanted):
        return (
            f"The history has a {wanted.__name__}, X has a {type(index).__name__}. "
            f"Give X a {wanted.__name__}; a step that drops the index keeps it after "
            "set_output(transform='pandas')."
        )
    return other_zone(grid, index)


def other_zone(grid: Grid, index: pd.Index) -> str | None:
    """Say in which zone, or length of period, grid and index differ."""
    if isinstance(grid, PeriodGrid):
        if index.freq == grid.first.freq:
            return None
        return (
            f"The history has periods of freq {grid.first.freq.freqstr!r}, X of "
            f"{index.freq.freqstr!r}; convert them with X.index.asfreq."
        )
    if str(index.tz) == str(grid.first.tz):
        return None
    naive = "no time zone"
    return (
        f"The history has {grid.first.tz or naive}, X has {index.tz or naive}; convert "
        "X.index with tz_localize or tz_convert."
    )

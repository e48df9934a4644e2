"""The grid of a series: every stamp that it has, counted from its first row.

Steps below a day are counted in UTC, so that an hourly series runs on through a change
of daylight saving; a day and longer by calendar offset on the local clock, so that a
daily series stays at its local hour. Hours that make no calendar step (36 of them, or
stamps 24 hours apart that the local clock shows at changing hours) are counted in UTC
too. A grid without time counts rows.
"""

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.tseries.offsets import BaseOffset, Day

from .offsets import DAY, season_of, tick
from .snapping import nearest_step

__all__ = [
    "OFF_GRID",
    "CalendarGrid",
    "ClockGrid",
    "Grid",
    "PeriodGrid",
    "RowGrid",
    "nanoseconds",
    "same_clock",
    "wall_clock",
]

OFF_GRID = np.iinfo(np.int64).min


def nanoseconds(index: pd.DatetimeIndex) -> np.ndarray:
    """Count nanoseconds since 1970, in UTC for an aware index, shape (n,)."""
    return in_nanoseconds(index).asi8


def wall_clock(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return what a clock on the local wall shows, as a naive index."""
    return in_nanoseconds(index.tz_localize(None))


def calendar(first: pd.Timestamp, freq: BaseOffset, **until: Any) -> pd.DatetimeIndex:
    """Make the naive stamps from ``first`` on, to a last one or a number of them."""
    try:
        return pd.date_range(first, freq=freq, **until).as_unit("ns")
    except (pd.errors.OutOfBoundsDatetime, OverflowError) as error:
        raise ValueError(too_far_message(first, freq)) from error


def too_far_message(first: pd.Timestamp, freq: BaseOffset) -> str:
    """Say that a grid ends with the nanoseconds that can be counted."""
    return (
        f"The grid in steps of {freq.freqstr!r} from {first} would reach beyond the "
        "year 2261, where stamps cannot be counted. Correct the stamps, or ask for "
        "fewer rows."
    )


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

    snaps = False  # whether stamps between two steps are those of the nearest one

    if TYPE_CHECKING:  # of every grid of stamps; some have them as fields

        @property
        def first(self) -> Any:
            """The first stamp."""
            raise NotImplementedError

        @property
        def freq(self) -> BaseOffset:
            """The step."""
            raise NotImplementedError

    def positions(self, index: Any) -> np.ndarray:
        """Place stamps: negative before the first row, ``OFF_GRID`` between two."""
        raise NotImplementedError

    def stamps(self, start: int, stop: int) -> Any:
        """Return the index of the stamps at positions ``start`` to ``stop - 1``."""
        raise NotImplementedError

    def slots(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Return weekday and time of day, local, of those positions."""
        wall = self._wall(start, stop)
        return np.asarray(wall.day_of_week, dtype=np.int64), wall.asi8 % DAY

    @property
    def cycles(self) -> tuple[int, int] | None:
        """Rows after which the time of day comes back, and the weekday with it.

        None where these are no fixed numbers, or the clock may change.
        """
        return None

    @property
    def season(self) -> int:
        """Rows in the season that one looks for first; 1 where none suggests itself."""
        return 1

    def _wall(self, start: int, stop: int) -> pd.DatetimeIndex:
        return wall_clock(self.stamps(start, stop))


@dataclass(frozen=True)
class RowGrid(Grid):
    """No time: rows follow one another."""

    @property
    def cycles(self) -> tuple[int, int]:
        """Every row is of the same slot."""
        return 1, 1

    def stamps(self, start: int, stop: int) -> pd.RangeIndex:
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
    snaps: bool = False

    @property
    def freq(self) -> BaseOffset:
        """The step as a pandas offset."""
        return tick(self.step)

    @property
    def cycles(self) -> tuple[int, int] | None:
        """Whole days and weeks of steps, if the zone never changes its clock."""
        zone = self.first.tz
        if zone is not None and zone.utcoffset(None) is None:
            return None
        return DAY // gcd(self.step, DAY), 7 * DAY // gcd(self.step, 7 * DAY)

    @property
    def season(self) -> int:
        """Rows in a day, in a week of steps of 24 hours; 1 if none holds a number."""
        return season_of(self.freq)

    def positions(self, index: pd.DatetimeIndex) -> np.ndarray:
        """Divide the time since the first row by the step."""
        since = nanoseconds(index) - self.first.as_unit("ns").value
        if self.snaps:
            return nearest_step(since, self.step)
        return np.where(since % self.step == 0, since // self.step, OFF_GRID)

    def stamps(self, start: int, stop: int) -> pd.DatetimeIndex:
        """Count from the first row in UTC, then read the local clock."""
        origin = self.first.as_unit("ns").value
        if origin + (stop - 1) * self.step > pd.Timestamp.max.value:  # would wrap round
            raise ValueError(too_far_message(self.first, self.freq))
        since = np.arange(start, stop, dtype=np.int64) * self.step
        values = pd.DatetimeIndex(since + origin)
        if self.first.tz is None:
            return values
        return values.tz_localize("UTC").tz_convert(self.first.tz)


@dataclass(frozen=True)
class CalendarGrid(Grid):
    """Steps of a day and longer, by calendar offset on the local clock."""

    first: pd.Timestamp
    freq: BaseOffset
    snaps: bool = False  # steps of days alone

    @property
    def cycles(self) -> tuple[int, int] | None:
        """Days are at the same local time."""
        return (1, 7 // gcd(self.freq.n, 7)) if isinstance(self.freq, Day) else None

    @property
    def season(self) -> int:
        """Rows in a week of days, or in a year of anything longer."""
        return season_of(self.freq)

    def _range(self, last: pd.Timestamp) -> pd.DatetimeIndex:
        return calendar(self.first.tz_localize(None), self.freq, end=last)

    def positions(self, index: pd.DatetimeIndex) -> np.ndarray:
        """Count days; look others up in the calendar up to the last of them."""
        wall = wall_clock(index)
        if len(wall) == 0:
            return np.empty(0, dtype=np.int64)
        since = wall.asi8 - self.first.tz_localize(None).as_unit("ns").value
        if self.snaps:
            return nearest_step(since, self.freq.n * DAY)
        if isinstance(self.freq, Day):  # needs no calendar
            step = self.freq.n * DAY
            found = np.where(since % step == 0, since // step, -1)
        else:
            found = look_up(self._range(wall.max()), wall)
        if (found < 0).any() and self.first.tz is not None:
            # 02:30 does not exist on the day the clock goes forward; pandas says 03:00
            shifted = self._shifted(self._range(wall.max()))
            found = np.maximum(found, look_up(shifted, wall))
        return np.where(since < 0, -1, np.where(found < 0, OFF_GRID, found))

    def _shifted(self, calendar: pd.DatetimeIndex) -> pd.DatetimeIndex:
        ambiguous = np.ones(len(calendar), dtype=bool)
        aware = calendar.tz_localize(
            self.first.tz, ambiguous=ambiguous, nonexistent="shift_forward"
        )
        return wall_clock(aware)

    def stamps(self, start: int, stop: int) -> pd.DatetimeIndex:
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
        return calendar(first, self.freq, periods=max(stop, 0))[start:]


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

    def positions(self, index: pd.PeriodIndex) -> np.ndarray:
        """Subtract ordinals."""
        since = index.asi8 - self.first.ordinal
        n = self.first.freq.n
        return np.where(since % n == 0, since // n, OFF_GRID)

    def stamps(self, start: int, stop: int) -> Any:
        """Count ordinals from the first period."""
        steps = np.arange(start, stop, dtype=np.int64)
        ordinals = self.first.ordinal + steps * self.first.freq.n
        periods: Any = pd.PeriodIndex  # whose types lack from_ordinals
        return periods.from_ordinals(ordinals, freq=self.first.freq)

    def _wall(self, start: int, stop: int) -> pd.DatetimeIndex:
        return in_nanoseconds(self.stamps(start, stop).to_timestamp())


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


def other_zone(grid: Grid, index: Any) -> str | None:
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

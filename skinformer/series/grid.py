"""The grid of a series: every stamp that it has, counted from its first row.

Steps below a day are counted in UTC, so that an hourly series runs on through a change
of daylight saving; a day and longer by calendar offset on the local clock, so that a
daily series stays at its local hour. A grid without time counts rows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset
from pandas.tseries.offsets import BaseOffset, DateOffset, Day, Tick

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
DAY = 86_400_000_000_000  # nanoseconds


def nanoseconds(index: pd.DatetimeIndex) -> np.ndarray:
    """Count nanoseconds since 1970, in UTC for an aware index, shape (n,)."""
    return index.as_unit("ns").asi8


def wall_clock(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return what a clock on the local wall shows, as a naive index."""
    return index.tz_localize(None).as_unit("ns")


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
    """Steps below a day, counted in UTC."""

    first: pd.Timestamp
    step: int  # nanoseconds

    @property
    def freq(self) -> BaseOffset:
        """The step as a pandas offset."""
        return to_offset(pd.Timedelta(self.step, unit="ns"))

    @property
    def season(self) -> int:
        """Rows in a day."""
        return DAY // self.step

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
        calendar = self._range(wall.max())
        found = calendar.get_indexer(wall)
        if (found < 0).any() and self.first.tz is not None:
            # 02:30 does not exist on the day the clock goes forward; pandas says 03:00
            found = np.maximum(found, self._shifted(calendar).get_indexer(wall))
        found = np.where(found < 0, OFF_GRID, found).astype(np.int64)
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
        step = clock_step(self.freq)
        return DAY // step if step else season_of(self.freq)

    def positions(self, index: pd.Index) -> np.ndarray:
        """Subtract ordinals."""
        since = index.asi8 - self.first.ordinal
        n = self.first.freq.n
        return np.where(since % n == 0, since // n, OFF_GRID)

    def stamps(self, start: int, stop: int) -> pd.Index:
        """Count ordinals from the first period."""
        ordinals = self.first.ordinal + np.arange(start, stop) * self.first.freq.n
        return pd.PeriodIndex.from_ordinals(ordinals, freq=self.first.freq)

    def _wall(self, start: int, stop: int) -> pd.DatetimeIndex:
        return self.stamps(start, stop).to_timestamp().as_unit("ns")


def make_grid(index: pd.Index, freq: str | BaseOffset | None = None) -> Grid:
    """Make the grid of an index that is sorted and holds no stamp twice.

    Parameters
    ----------
    index : DatetimeIndex, PeriodIndex or other Index
        Any other index carries no time and gives a grid of rows.
    freq : str or offset, default=None
        The step; by default the index's own, or else what its stamps show.

    Raises
    ------
    ValueError
        If the stamps show no step, or ``freq`` is none that pandas knows.
    """
    if isinstance(index, pd.PeriodIndex):
        return PeriodGrid(index[0])
    if not isinstance(index, pd.DatetimeIndex):
        return RowGrid()
    offset = as_offset(freq) if freq is not None else infer_freq(index)
    step = clock_step(offset)
    if step is not None:
        return ClockGrid(index[0], step)
    return CalendarGrid(index[0], offset)


def as_offset(freq: str | BaseOffset) -> BaseOffset:
    """Read a frequency as pandas writes it."""
    try:
        return to_offset(freq)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"freq={freq!r} is no frequency that pandas knows; give one such as 'h', "
            "'15min', 'D', 'B', 'W-SUN', 'MS' or 'ME'."
        ) from error


def clock_step(offset: BaseOffset) -> int | None:
    """Return the nanoseconds of a step below a day, None for a longer one."""
    if isinstance(offset, Day) or not isinstance(offset, Tick):
        return None
    step = pd.Timedelta(offset).value
    return step if step < DAY else None


def season_of(freq: BaseOffset) -> int:
    """Return rows in a week, for days, or in a year, for longer steps.

    >>> [season_of(to_offset(freq)) for freq in ("D", "B", "W-SUN", "MS", "QE", "YE")]
    [7, 5, 52, 12, 4, 1]
    """
    rows_in_a_season = {"D": 7, "B": 5, "W": 52, "M": 12, "Q": 4}
    base = to_offset(freq).name.split("-")[0].removeprefix("B") or "B"
    return max(rows_in_a_season.get(base[0], 1) // freq.n, 1)


def infer_freq(index: pd.DatetimeIndex) -> BaseOffset:
    """Read the step off the stamps, some of which may be absent.

    Raises
    ------
    ValueError
        If fewer than two stamps are given, or they lie on no regular grid.
    """
    if index.freq is not None:
        return index.freq
    if len(index) < 2:
        raise ValueError(
            "The frequency cannot be read off fewer than two stamps (n_samples = "
            f"{len(index)}); give freq=, for example freq='h'."
        )
    steps = np.diff(nanoseconds(index))
    common = most_common(steps)
    if common < DAY - 3_600_000_000_000:  # a day may have 23 hours
        if (steps % common == 0).all():
            return to_offset(pd.Timedelta(common, unit="ns"))
    else:
        offset = infer_calendar(wall_clock(index))
        if offset is not None:
            return offset
    raise ValueError(no_grid_message(steps))


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


def infer_calendar(wall: pd.DatetimeIndex) -> BaseOffset | None:
    """Find the calendar offset, of a day or longer, that every stamp lies on."""
    named = pd.infer_freq(wall) if len(wall) >= 3 else None
    if named is not None:
        return to_offset(named)
    for candidate in calendar_candidates(wall):
        if wall.isin(pd.date_range(wall[0], wall[-1], freq=candidate)).all():
            return to_offset(candidate)
    return None


def calendar_candidates(wall: pd.DatetimeIndex) -> list:
    """List the offsets whose length fits the commonest step, the likeliest first."""
    days = round(most_common(np.diff(wall.asi8)) / DAY)
    months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN"]
    months += ["JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    if days == 1:
        no_weekend = (wall.day_of_week < 5).all() and wall[-1] - wall[0] >= pd.Timedelta(
            7, unit="D"
        )
        return ["B", "D"] if no_weekend else ["D"]
    if 28 <= days <= 31:
        return ["MS", "ME", "BMS", "BME", DateOffset(months=1), Day(days)]
    if 89 <= days <= 92:
        starts = [f"{kind}-{m}" for kind in ("QS", "QE") for m in months]
        return [*starts, DateOffset(months=3), Day(days)]
    if days in (365, 366):
        starts = [f"{kind}-{m}" for kind in ("YS", "YE") for m in months]
        return [*starts, DateOffset(years=1), Day(days)]
    return [Day(days)]


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

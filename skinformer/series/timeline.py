"""Rows, gaps and blocks, as arithmetic on positions.

A position counts grid steps from the first row of the history, which has ``n`` rows:
positions below ``n`` are inside it, from ``n`` on in the future.
"""

from collections.abc import Iterator
from numbers import Integral

import numpy as np
import pandas as pd

from .cycles import latest_in_cycle
from .frequency import infer_freq, snapping_step
from .grid import OFF_GRID, CalendarGrid, ClockGrid, Grid, RowGrid, same_clock
from .offsets import DAY

# rows in which a copy is looked for first; a fortnight of hours and more
RECENT = 512

__all__ = [
    "block_of",
    "check_clock",
    "check_index",
    "check_order",
    "fitted_starts",
    "future_starts",
    "last_part",
    "latest_match",
    "place_asked",
    "place_history",
    "rows_to_copy",
    "season_slots",
]


def check_index(index: pd.Index, owner: str = "X") -> None:
    """Refuse an index that is neither a time index nor row numbers.

    Raises
    ------
    ValueError
        For text, mixed time zones, several levels, missing stamps.
    """
    if isinstance(index, pd.MultiIndex):
        raise ValueError(
            f"The index of {owner} has several levels; keep the time alone in it."
        )
    if isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        if index.hasnans:
            raise ValueError(
                f"The index of {owner} holds NaT at row {int(index.isna().argmax())}; "
                "drop the rows without a time."
            )
        return
    if not pd.api.types.is_integer_dtype(index.dtype):
        raise ValueError(no_time_message(index, owner))


def no_time_message(index: pd.Index, owner: str) -> str:
    """Say what to make of an index that is not time."""
    # by name: the parts of a zone are objects of their own in some libraries
    zones = {str(getattr(stamp, "tzinfo", "")) for stamp in index}
    if len(zones) > 1:
        return (
            f"The index of {owner} mixes time zones; make them one with "
            "pd.to_datetime(index, utc=True).tz_convert(zone)."
        )
    holds = f"The index of {owner} holds {index.dtype} values such as {index[0]!r}, "
    kind = pd.api.types.infer_dtype(index)
    if kind in ("datetime", "datetime64", "date", "period"):
        name = "PeriodIndex" if kind == "period" else "DatetimeIndex"
        return (
            f"{holds}which are times, but it is no {name}. Convert it "
            f"with pd.{name}(index)."
        )
    return (
        f"{holds}which are no times. Convert it with pd.to_datetime(index), or drop it "
        "with reset_index(drop=True)."
    )


def check_order(index: pd.Index) -> None:
    """Refuse stamps or row numbers that are repeated or run backwards, by name."""
    if not isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        check_row_numbers(index)
        return
    if (index.asi8[1:] > index.asi8[:-1]).all():
        return  # as most are; the rest is slower, and says what is wrong
    repeated = index.duplicated()
    if repeated.any():
        raise ValueError(repeated_message(index, index[repeated.argmax()]))
    backwards = index[1:] < index[:-1]
    if backwards.any():
        i = int(backwards.argmax())
        raise ValueError(
            f"The rows are not in time order: {index[i + 1]} follows {index[i]}. Sort "
            "X and y with sort_index()."
        )


def check_row_numbers(index: pd.Index) -> None:
    """Refuse shuffled rows; numbers that are left out, as by a split, are no fault."""
    if len(index) < 2 or (index.is_monotonic_increasing and index.is_unique):
        return
    numbers = index.to_numpy(dtype=np.float64, na_value=np.nan)
    i = int((~(np.diff(numbers) > 0)).argmax())
    raise ValueError(
        f"The index of X does not increase from row to row: {index[i + 1]} follows "
        f"{index[i]}. Rows without a time index are read as following one another: "
        "sort X and y with sort_index(), or, if they are in time order as they are, "
        "drop the index with reset_index(drop=True)."
    )


def repeated_message(index: pd.Index, stamp: object) -> str:
    """Say which stamp is there twice, and what a naive repeated hour needs."""
    message = f"The stamp {stamp} is there more than once; keep one row of each."
    if isinstance(index, pd.DatetimeIndex) and index.tz is None:
        message += (
            " If it is the hour that daylight saving repeats, name the zone with "
            "index.tz_localize(zone, ambiguous='infer')."
        )
    return message


def place_history(grid: Grid, index: pd.Index, start: int = 0) -> np.ndarray:
    """Return positions of rows to be stored from ``start`` on, shape (n,).

    Raises
    ------
    ValueError
        If a stamp is off the grid or before ``start``.
    """
    if isinstance(grid, RowGrid):
        return start + np.arange(len(index))
    positions = grid.positions(index)
    check_on_grid(grid, index, positions)
    early = positions < start
    if early.any():
        raise ValueError(
            f"{index[early.argmax()]} is not after the history, which ends at "
            f"{grid.stamps(start - 1, start)[0]}; pass the rows after it."
        )
    return positions


def check_on_grid(grid: Grid, index: pd.Index, positions: np.ndarray) -> None:
    """Refuse the first stamp that lies between two of the grid."""
    off = positions == OFF_GRID
    if off.any():
        raise ValueError(
            f"{index[off.argmax()]} is off the grid, which runs in steps of "
            f"{grid.freq.freqstr!r} from {grid.stamps(0, 1)[0]}. Round the stamps to "
            f"it{other_step(grid, index)}.{snapping_rule(grid)}"
        )
    if (np.diff(positions) > 0).all():
        return  # in order, as most are, and so none twice
    repeated = pd.Index(positions).duplicated()
    if repeated.any():
        raise ValueError(same_step_message(grid, index, positions, repeated.argmax()))


def same_step_message(
    grid: Grid, index: pd.Index, positions: np.ndarray, second: int
) -> str:
    """Name two stamps that are one step of the grid, and what to do."""
    first = int((positions == positions[second]).argmax())
    message = (
        f"{index[second]} is the same step of {grid.freq.freqstr!r} as {index[first]}"
    )
    if not grid.snaps:  # 02:30 in summer time, and an hour later in winter time
        return f"{message}, on the local clock; keep one row of each."
    return (
        f"{message}, to which stamps are snapped. Give a finer freq=, or aggregate "
        f"the rows first, with DataFrame.resample{other_step(grid, index)}."
    )


def snapping_rule(grid: Grid) -> str:
    """Say when stamps are snapped, of a grid of stamps that does not do it."""
    if not isinstance(grid, CalendarGrid | ClockGrid):
        return ""
    if snapping_step(grid.freq) is None:
        return " Stamps are snapped to steps of days and less alone."
    return " Stamps are snapped where freq= has snapped those given to fit."


def other_step(grid: Grid, index: pd.Index) -> str:
    """Name the step that the stamps show, if it is another than the grid's."""
    if not isinstance(index, pd.DatetimeIndex) or not index.is_monotonic_increasing:
        return ""
    try:
        shown = infer_freq(index).freqstr
    except ValueError:
        return ", or fit with the freq= that they have"
    if shown == grid.freq.freqstr:
        return ""  # of the same step, and beside the grid
    return f", or fit with freq=None, which reads the step {shown!r} off them"


def check_clock(grid: Grid, index: pd.Index) -> None:
    """Refuse an index of another kind or zone than the history's."""
    obstacle = same_clock(grid, index)
    if obstacle is not None:
        raise ValueError(obstacle)


def place_asked(grid: Grid, index: pd.Index, n: int) -> np.ndarray:
    """Return positions of rows to be forecast, in the order given, shape (n_asked,).

    Raises
    ------
    ValueError
        If a stamp is before the history, repeated, off the grid, of another zone or
        of another kind than the history's.
    """
    check_clock(grid, index)
    if isinstance(grid, RowGrid):
        return n + np.arange(len(index))
    if index.has_duplicates:
        raise ValueError(repeated_message(index, index[index.duplicated().argmax()]))
    positions = grid.positions(index)
    if (positions < 0).any():
        check_not_early(grid, index, positions)
    check_on_grid(grid, index, positions)
    return positions


def check_not_early(grid: Grid, index: pd.Index, positions: np.ndarray) -> None:
    """Refuse the first stamp before the grid's first row."""
    first = grid.stamps(0, 1)[0]
    early = (index < first) & (positions < 0)
    if early.any():
        raise ValueError(
            f"{index[early.argmax()]} is before the history, which starts at {first}; "
            "forecasts start there."
        )


def last_part(n: int, part: float | int | None) -> int:
    """Return how many of the last of n rows a fraction, or a number, stands for.

    >>> last_part(10, 0.25), last_part(10, 4), last_part(10, None)
    (3, 4, 0)
    """
    if part is None:
        return 0
    if isinstance(part, Integral):
        return min(int(part), n)
    return int(np.ceil(part * n))


def season_slots(grid: Grid, positions: np.ndarray) -> np.ndarray:
    """Return the place in the season of rows (n,), from 0 to season - 1.

    A day is read on the local clock, a week by the weekday, so that series which start
    at different times agree; any other season is counted from the first row.
    """
    season, first = grid.season, int(positions.min(initial=0))
    if season == 1 or isinstance(grid, RowGrid):
        return positions % season
    weekday, time = grid.slots(first, int(positions.max(initial=0)) + 1)
    if season == 7:
        return weekday[positions - first]
    if np.any(time != time[0]):
        return time[positions - first] * season // DAY
    return positions % season


def fitted_starts(positions: np.ndarray, n: int, pred_len: int) -> np.ndarray:
    """Return the first rows of the blocks that hold the positions inside the history.

    >>> fitted_starts(np.array([5, 3, 4, 9]), n=8, pred_len=3)
    array([3])
    """
    inside = positions[positions < n]
    return np.unique(inside // pred_len) * pred_len


def future_starts(positions: np.ndarray, n: int, pred_len: int) -> np.ndarray:
    """Return the first rows of the blocks from the end of the history to the last row.

    >>> future_starts(np.array([5, 12]), n=8, pred_len=3)
    array([ 8, 11])
    """
    return np.arange(n, max(int(positions.max()) + 1, n), pred_len)


def block_of(positions: np.ndarray, n: int, pred_len: int) -> np.ndarray:
    """Return the first row of the block that each position is forecast in.

    >>> block_of(np.array([5, 12]), n=8, pred_len=3)
    array([ 3, 11])
    """
    inside = positions // pred_len * pred_len
    ahead = n + (positions - n) // pred_len * pred_len
    return np.where(positions < n, inside, ahead)


def latest_match(
    known: np.ndarray, known_key: np.ndarray, before: np.ndarray, key: np.ndarray
) -> np.ndarray:
    """For each wanted row, find the latest known row of the same key before it.

    Parameters
    ----------
    known, known_key : ndarray of shape (n_known,)
        Positions in ascending order, and their keys.
    before, key : ndarray of shape (n_wanted,)
        Rows from ``before`` on do not count.

    Returns
    -------
    ndarray of shape (n_wanted,)
        Index into ``known``, -1 where there is none.

    Examples
    --------
    >>> known, weekday = np.array([0, 1, 2, 3]), np.array([5, 6, 5, 6])
    >>> latest_match(known, weekday, np.array([4, 2, 4]), np.array([5, 5, 0]))
    array([ 2,  0, -1])
    """
    if len(known) == 0 or len(key) == 0:
        return np.full(len(key), -1)
    codes = np.unique(np.concatenate([known_key, key]), return_inverse=True)[1]
    span = max(int(known[-1]), int(before.max())) + 1
    order = np.argsort(codes[: len(known)], kind="stable")
    ranked = codes[order] * span + known[order]
    wanted = codes[len(known) :]
    found = np.searchsorted(ranked, wanted * span + before) - 1
    fits = (found >= 0) & (codes[order][found] == wanted)
    return np.where(fits, order[found], -1)


def rows_to_copy(grid: Grid, known: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Choose, for rows whose covariates are not given, the known row they repeat.

    The latest before it of the same weekday and time of day, else of the same time of
    day, else the last; never a later row.

    Parameters
    ----------
    grid : Grid
    known : ndarray of shape (n_known,)
        Positions in ascending order; the first lies before every wanted one.
    wanted : ndarray of shape (n_wanted,)

    Returns
    -------
    ndarray of shape (n_wanted,)
        Index into ``known``.
    """
    size = RECENT
    while size < len(known):
        # a match among the last rows is the latest of all: most need no longer search
        if known[-size] < wanted.min(initial=known[-1]):
            choice, found = search_copies(grid, known[-size:], wanted)
            if found.all():
                return choice + len(known) - size
        size *= 8
    return search_copies(grid, known, wanted)[0]


def search_copies(
    grid: Grid, known: np.ndarray, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Choose among all known rows; say where weekday and time of day are the same."""
    if len(wanted) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    choice = np.searchsorted(known, wanted) - 1
    for match in matches(grid, known, wanted):
        choice = np.where(match < 0, choice, match)
    return choice, match >= 0


def matches(grid: Grid, known: np.ndarray, wanted: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the latest known rows of the same time of day, then of weekday and time."""
    if grid.cycles is not None:  # much quicker than to read the clock
        yield from (latest_in_cycle(known, wanted, cycle) for cycle in grid.cycles)
        return
    first = min(known[0], wanted.min())
    weekday, time = grid.slots(first, int(max(known[-1], wanted.max())) + 1)
    for key in (time, np.unique(time, return_inverse=True)[1] * 7 + weekday):
        yield latest_match(known, key[known - first], wanted, key[wanted - first])

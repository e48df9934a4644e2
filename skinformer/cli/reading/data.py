"""From a file to rows for a forecaster, and what was guessed on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from skinformer.series.frequency import infer_freq
from skinformer.series.offsets import as_offset

from ..options import TableOptions
from .roles import Roles, find_roles, number_column, require, split_names
from .tables import Table, read_table
from .times import Clock, find_time, read_times, refuse_repeated
from .zones import check_zone

__all__ = ["Data", "read_data", "read_later"]

FEW_STAMPS = 3


@dataclass(frozen=True)
class Data:
    """Rows of a table as a forecaster takes them.

    Attributes
    ----------
    X : DataFrame
        Columns known ahead and in the past, and that of the series; time as index.
    y : DataFrame
        The targets.
    roles : Roles
    clock : Clock
    name : str
        Of the file.
    said : dict
        What was found, to be shown to the user.
    """

    X: pd.DataFrame
    y: pd.DataFrame
    roles: Roles
    clock: Clock
    name: str
    said: dict[str, str]

    @property
    def index(self) -> pd.DatetimeIndex:
        """The time of each row."""
        return pd.DatetimeIndex(self.X.index)

    @property
    def n_steps(self) -> int:
        """Number of different times: rows, where there is one series."""
        return self.index.nunique()

    def without(self, names: Sequence[str]) -> "Data":
        """Return the same without columns of the past."""
        X, roles = self.X.drop(columns=list(names)), self.roles.without(names)
        return replace(self, X=X, roles=roles, said=self.said | said_of_roles(roles))


def read_data(path: str, options: TableOptions) -> Data:
    """Read a table to learn from, and guess what the options leave open.

    Raises
    ------
    ValueError
        If the table, its times or its columns are not what they must be.
    """
    check_zone(options.tz)
    if options.freq is not None:
        check_freq(options.freq)
    table = read_table(path)
    frame, name = table.frame, table.name
    given = split_names([options.time] if options.time else [], frame, name, "--time")
    index, clock = read_times(
        frame,
        check_time(given) or (find_time(frame, name),),
        options.tz,
        series_of(frame, name, options.series),
        options.date_format,
        guess_hour=not given,
    )
    roles = find_roles(frame, name, clock.columns, options)
    refuse_repeated(index, frame, clock, roles.series)
    X, y, was_sorted = in_order(*rows_of(frame, index, roles), roles.series)
    step = step_of(X, roles.series, options.freq, name)
    said = said_of(table, X, clock, step, was_sorted, options) | said_of_roles(roles)
    if roles.series is not None:
        said["series"] += f", {X[roles.series].nunique()} of them"
    return Data(X, y, roles, clock, name, said)


def read_later(
    path: str, roles: Roles, clock: Clock, zone: Any, targets: bool
) -> tuple[pd.DataFrame, pd.DataFrame | None, str]:
    """Read rows for a forecaster that has learned: those observed since, or ahead.

    Returns
    -------
    X, y : DataFrame
        y is None without ``targets``.
    name : str
        Of the file.
    """
    table = read_table(path)
    frame, name = table.frame, table.name
    columns = clock.columns[:1] if one_time(frame, clock) else clock.columns
    series = () if roles.series is None else (roles.series,)
    observed = roles.past + roles.targets if targets else ()
    require(frame, columns + series + roles.known + observed, name)
    series_of(frame, name, roles.series)
    index, later = read_alike(frame, columns, zone, roles.series, clock)
    check_zones(index, zone, name)
    refuse_repeated(index, frame, later, roles.series)
    asked = roles if targets else replace(roles, targets=())
    X, y, _ = in_order(*rows_of(frame, index, asked), roles.series)
    return X, y if targets else None, name


# Times


def check_freq(freq: str) -> None:
    """Refuse what is no frequency, in the words of the command line."""
    try:
        as_offset(freq)
    except ValueError as error:
        raise ValueError(str(error).replace("freq=", "--freq ")) from None


def check_time(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse more than a date and an hour."""
    if len(columns) > 2:
        raise ValueError(
            f"--time names {len(columns)} columns; give one, or those of date and hour."
        )
    return columns


def one_time(frame: pd.DataFrame, clock: Clock) -> bool:
    """Tell whether a later table has date and hour in one column, as forecasts have."""
    return len(clock.columns) == 2 and clock.columns[1] not in frame.columns


def read_alike(
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    zone: Any,
    series: str | None,
    clock: Clock,
) -> tuple[pd.DatetimeIndex, Clock]:
    """Read times by the form that was given for fit, or else as they are."""
    asked = frame, columns, zone, series
    if clock.format is None:
        return read_times(*asked, order=clock.order)
    try:
        return read_times(*asked, format=clock.format)
    except ValueError as error:
        try:  # forecasts of ours have another form
            return read_times(*asked)
        except ValueError:
            raise error from None


def check_zones(index: pd.DatetimeIndex, zone: Any, name: str) -> None:
    """Refuse times with a zone for a model without one."""
    if zone is None and index.tz is not None:
        raise ValueError(
            f"The times of {name} have offsets from UTC, those that the model was "
            "fitted on had none. Write them alike, or fit with --tz."
        )


def series_of(frame: pd.DataFrame, name: str, series: str | None) -> str | None:
    """Return the column of the series, which has a value in each row."""
    if series is None:
        return None
    require(frame, [series], name, "--series")
    missing = frame[series].isna()
    if missing.any():
        raise ValueError(
            f"Column {series!r} has no value in {frame.index.name} {missing.idxmax()}; "
            "each row needs the name of its series."
        )
    return series


def step_of(X: pd.DataFrame, series: str | None, freq: str | None, name: str) -> str:
    """Return the step of the rows, as pandas names it."""
    if freq is not None:
        return as_offset(freq).freqstr
    if series is not None:
        X = X[X[series] == X[series].value_counts().index[0]]  # the longest one
    if len(X) < FEW_STAMPS:
        raise ValueError(
            f"{name} has {len(X)} row(s); give at least as many as a forecast reads."
        )
    try:
        return infer_freq(pd.DatetimeIndex(X.index)).freqstr
    except ValueError as error:
        seen, mark, _ = str(error).partition(" Give ")
        remedy = " Give --freq, such as h or 15min, and each time is moved to the "
        raise ValueError(f"{seen}{remedy}nearest step." if mark else seen) from None


# Rows


def rows_of(
    frame: pd.DataFrame, index: pd.DatetimeIndex, roles: Roles
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return covariates and targets, with time as their index."""
    columns = {}
    for name in roles.known + roles.past:
        column = frame.get(name)
        if column is None:  # of the past: nobody knows it ahead
            column = pd.Series(float("nan"), frame.index)
        is_text = name in roles.categories
        columns[name] = category(column) if is_text else number_column(column)
    if roles.series is not None:
        columns[roles.series] = frame[roles.series]
    X = pd.DataFrame(columns, index=frame.index)
    y = pd.DataFrame({t: number_column(frame[t]) for t in roles.targets}, frame.index)
    return X.set_axis(index, axis=0), y.set_axis(index, axis=0)


def category(column: pd.Series) -> pd.Series:
    """Return text as a category."""
    return (
        column.astype(object)
        .where(column.isna(), column.astype(str))
        .astype("category")
    )


def in_order(
    X: pd.DataFrame, y: pd.DataFrame, series: str | None
) -> tuple[pd.DataFrame, pd.DataFrame, bool]:
    """Sort rows by time, unless those of each series are in order."""
    stamps = X.index.to_series()
    steps = (
        stamps.diff() if series is None else stamps.groupby(X[series].to_numpy()).diff()
    )
    if (steps.dropna() > pd.Timedelta(0)).all():
        return X, y, False
    order = stamps.argsort(kind="stable").to_numpy()
    return X.iloc[order], y.iloc[order], True


# What is said


def said_of(
    table: Table,
    X: pd.DataFrame,
    clock: Clock,
    step: str,
    was_sorted: bool,
    options: TableOptions,
) -> dict[str, str]:
    """Say what was read, and mark what was guessed."""
    first, last = span_of(pd.DatetimeIndex(X.index))
    sort = ", sorted by time" if was_sorted else ""
    return {
        "table": f"{len(X):,} rows of {table.how}{sort}",
        "time": " and ".join(clock.columns) + guessed(options.time is None),
        "dates": f"{clock.how}: {first} to {last}",
        "step": step + guessed(options.freq is None),
        "zone": str(pd.DatetimeIndex(X.index).tz or "none given"),
    }


def span_of(index: pd.DatetimeIndex) -> tuple[str, str]:
    """Return the first time and the last; dates alone where all are midnights."""
    ends = index.min(), index.max()
    if index.tz is None and (index == index.normalize()).all():
        return str(ends[0].date()), str(ends[1].date())
    return str(ends[0]), str(ends[1])


def said_of_roles(roles: Roles) -> dict[str, str]:
    """Say what the columns are."""
    said = {"target": ", ".join(roles.targets)}
    if roles.series is not None:
        said["series"] = roles.series
    said["known ahead"] = ", ".join(roles.known) or "the calendar"
    said["past only"] = ", ".join(roles.past) or "none"
    if roles.left_out:
        said["left out"] = ", ".join(roles.left_out)
    return said


def guessed(was: bool) -> str:
    """Mark what nobody has said."""
    return " (guessed)" if was else ""

"""Where the time of some rows stands, and what the local clock showed at each row."""

import difflib
import numbers
from collections.abc import Mapping
from typing import Any, NamedTuple
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
from sklearn.utils import check_array

from .._validation import check_frame, refuse_ragged
from .calendar_fields import NANOSECONDS
from .series_column import position_by_name

__all__ = ["Table", "check_zone", "find_time", "wall_time"]

NO_TIME = (
    "X carries no time: it has neither a DatetimeIndex nor a PeriodIndex. Set one "
    "(X.set_index(...)), or give the unit of numeric "
    "time with unit='s'."
)
LIMIT = 2**63 - 1  # nanoseconds since 1970 end in the year 2262


class Table(NamedTuple):
    """Rows in two dimensions, and the position of their time column."""

    data: pd.DataFrame | np.ndarray  # (n_rows, n_columns)
    position: int | None  # None: the index of the frame
    stays: bool = False  # whether the time column passes through

    def stamps(self) -> pd.Index:
        """Return the time of the rows, in whatever form X has it."""
        if isinstance(self.data, pd.DataFrame):
            if self.position is None:
                return self.data.index
            return _to_index(self.data.iloc[:, self.position])
        return pd.Index(self.data[:, self.position])

    def passing(self) -> Any:
        """Return the columns that are not the time, or all where it stays."""
        if self.stays:
            return self.data
        kept = [i for i in range(self.data.shape[1]) if i != self.position]
        if isinstance(self.data, pd.DataFrame):
            return self.data.iloc[:, kept]
        if not kept:  # stamps have no number to pass on
            return np.empty((len(self.data), 0))
        return self.data[:, kept].astype(np.float64)


def find_time(X: Any, column: object, unit: str | None, time: object = None) -> Table:
    """Return ``X`` in two dimensions with the position of its time.

    In ``column``, or in the column ``time`` of a frame, which stays.

    Examples
    --------
    >>> find_time(pd.DataFrame({"load": [1.5], "day": [19782]}), "day", "D").position
    1
    """
    if time is not None:
        check_frame(X, time, "time")
        return Table(X, position_by_name(X.columns, time, "time"), stays=True)
    if isinstance(X, (pd.DatetimeIndex, pd.PeriodIndex)):
        return Table(pd.DataFrame(index=X), None)
    if isinstance(X, pd.Index):
        X = X.to_series()
    if isinstance(X, pd.Series):
        return _find_in_series(X, column, unit)
    if isinstance(X, pd.DataFrame):
        return Table(X, _find_in_frame(X, column, unit))
    return _find_in_array(X, column, unit)


def _find_in_series(series: pd.Series, column: object, unit: str | None) -> Table:
    frame = series.to_frame("x0" if series.name is None else series.name)
    if _kind(_to_index(series)) in ("stamps", "text"):  # text: refused when it is read
        return Table(frame, 0)
    return Table(frame, _find_in_frame(frame, column, unit))


def _find_in_frame(frame: pd.DataFrame, column: object, unit: str | None) -> int | None:
    if column is not None:
        return position_by_name(frame.columns, column, "column")
    if isinstance(frame.index, (pd.DatetimeIndex, pd.PeriodIndex)):
        if unit is not None:
            raise ValueError(
                f"X has a {type(frame.index).__name__}, and unit={unit!r} speaks of "
                "numeric time: name its column with column=..., or leave unit=None."
            )
        return None
    if unit is None:
        raise ValueError(NO_TIME + _hint(frame))
    if frame.shape[1] == 0:
        raise ValueError(
            f"Found array with 0 feature(s) (shape={frame.shape}) while a minimum of "
            "1 is required: numeric time stands in a column."
        )
    return 0


def _hint(frame: pd.DataFrame) -> str:
    """Return where the time of a frame may be, as a sentence."""
    if _kind(frame.index) in ("stamps", "text"):
        return (
            " The index is no DatetimeIndex yet: X.index = pd.to_datetime(X.index), or "
            "for stamps of several offsets X.index = pd.to_datetime(X.index, utc=True)"
            ".tz_convert(zone)."
        )
    columns = zip(frame.columns, frame.dtypes, strict=True)
    dated = [name for name, dtype in columns if getattr(dtype, "kind", "") == "M"]
    return f" Columns of dates are here: {dated}." if dated else ""


def _find_in_array(X: object, column: object, unit: str | None) -> Table:
    if X is None or isinstance(X, Mapping) or np.isscalar(X):
        raise TypeError(
            "X must be a DataFrame, a Series, a time index or an array of rows; got "
            f"{X!r}."
        )
    refuse_ragged(X)
    # Sparse and complex input is refused here; 1-D is good for stamps alone.
    data = check_array(X, dtype=None, ensure_2d=False, ensure_all_finite=False)
    if _kind(pd.Index(data.ravel()[:1])) in ("stamps", "text"):
        return _find_in_stamps(data)
    if unit is None and data.dtype == object:  # which may be no numbers at all
        raise ValueError(NO_TIME)
    data = check_array(data, ensure_all_finite=False, estimator="TimeFeatures")
    if unit is None:
        raise ValueError(NO_TIME)
    position = 0 if column is None else column
    if (
        not isinstance(position, numbers.Integral)
        or not 0 <= int(position) < data.shape[1]
    ):
        raise ValueError(
            f"column={column!r} must be the position of a column of the array, "
            f"0 to {data.shape[1] - 1}."
        )
    return Table(data, int(position))


def _find_in_stamps(data: np.ndarray) -> Table:
    if data.ndim == 2 and data.shape[1] != 1:
        raise ValueError(
            f"An array of stamps must have one column; got {data.shape[1]}. Give a "
            "DataFrame, whose other columns pass through."
        )
    return Table(data.reshape(-1, 1), 0)


def _to_index(series: pd.Series) -> pd.Index:
    """Return the values with their dtype: pandas 2 warns where it has to infer one."""
    return pd.Index(series, dtype=series.dtype)


def _kind(values: pd.Index) -> str:
    """Return "stamps", "text", or "numbers" for all else."""
    if isinstance(values, (pd.DatetimeIndex, pd.PeriodIndex)):
        return "stamps"
    inferred = pd.api.types.infer_dtype(values, skipna=True)
    if inferred in ("datetime", "datetime64", "date", "period"):
        return "stamps"
    return "text" if inferred in ("string", "bytes") else "numbers"


def check_zone(tz: object) -> None:
    """Raise an error if no time zone has the name."""
    if not isinstance(tz, str):
        return
    try:
        pd.Timestamp(0, tz=tz)
    # zoneinfo's and pytz's are both KeyError; "" is an IndexError, a folder an OSError
    except (KeyError, ValueError, IndexError, OSError) as error:
        # Every zone name ends in a city, which is what people misspell or leave out.
        zones = sorted(available_timezones())
        close = [zone for zone in zones if zone.split("/")[-1].lower() == tz.lower()]
        close = close or difflib.get_close_matches(tz, zones, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"tz={tz!r} is not a known time zone.{hint}") from error


def wall_time(stamps: pd.Index, unit: str | None, tz: object = None) -> np.ndarray:
    """Return what the local clock showed, in nanoseconds since 1970 by that clock.

    Examples
    --------
    >>> stamps = pd.DatetimeIndex(["2024-07-01 00:00"], tz="UTC")
    >>> (wall_time(stamps, None, "Europe/Berlin") // NANOSECONDS["h"] % 24).tolist()
    [2]
    """
    kind = _kind(stamps)
    if kind == "text":
        raise ValueError(
            f"The time of X is text, such as {stamps.dropna()[0]!r}: convert it first "
            "with pandas.to_datetime."
        )
    try:
        local = _to_datetimes(stamps) if kind == "stamps" else _to_utc(stamps, unit, tz)
        _refuse_missing(local)
        if tz is not None:
            local = _in_zone(local, tz)
        return local.tz_localize(None).as_unit("ns").to_numpy().astype(np.int64)
    except pd.errors.OutOfBoundsDatetime as error:
        raise ValueError(
            f"The time of X reaches from {stamps.min()} to {stamps.max()}, outside the "
            "years 1678 to 2261: correct or drop these rows."
        ) from error


def _to_datetimes(stamps: pd.Index) -> pd.DatetimeIndex:
    if isinstance(stamps, pd.DatetimeIndex):
        return stamps
    _refuse_missing(stamps)
    if pd.api.types.infer_dtype(stamps) == "period":
        return pd.PeriodIndex(stamps).to_timestamp()
    try:
        return pd.DatetimeIndex(stamps)
    except pd.errors.OutOfBoundsDatetime:
        raise  # a ValueError too; ``wall_time`` says which years are allowed
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The time of X cannot be read as one column: {error}."
        ) from error


def _in_zone(local: pd.DatetimeIndex, tz: Any) -> pd.DatetimeIndex:
    if local.tz is None:
        raise ValueError(
            f"The stamps of X have no time zone, and tz={str(tz)!r} asks for one: say "
            "which zone they are in with tz_localize, or leave tz=None."
        )
    return local.tz_convert(tz)


def _to_utc(stamps: pd.Index, unit: str | None, tz: object) -> pd.DatetimeIndex:
    """Return numeric time as stamps; naive ones unless a zone is asked for."""
    if unit is None:
        raise ValueError(
            f"The time of X is {stamps.dtype}, neither dates nor with a known unit: "
            "convert it with pandas.to_datetime, or give unit='s'."
        )
    numbers_ = _to_numbers(stamps)
    _refuse_not_finite(numbers_)
    instants = pd.DatetimeIndex(_nanoseconds(numbers_, unit).view("datetime64[ns]"))
    return instants if tz is None else instants.tz_localize("UTC")


def _to_numbers(stamps: pd.Index) -> np.ndarray:
    if isinstance(stamps.dtype, np.dtype) and stamps.dtype.kind in "iu":
        return stamps.to_numpy()
    try:
        return stamps.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The time of X must be numbers, because unit is given: {error}."
        ) from error


def _nanoseconds(values: np.ndarray, unit: str) -> np.ndarray:
    scale = NANOSECONDS[unit]
    whole = np.floor(values)
    if len(values) and max(-int(whole.min()), int(whole.max())) >= LIMIT // scale:
        raise ValueError(
            f"Time {values[np.argmax(np.abs(whole))]} in unit={unit!r} lies outside "
            "the years 1678 to 2261: is the unit right?"
        )
    start = whole.astype(np.int64) * scale
    if values.dtype.kind in "iu":
        return start
    # 1/24 day is a hair less than an hour in floating point, and the hour would be the
    # one before; no feature is finer than a second, so that whole milliseconds do.
    milliseconds = np.round((values - whole) * (scale / 10**6))
    return start + milliseconds.astype(np.int64) * 10**6


def _refuse_not_finite(values: np.ndarray) -> None:
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise ValueError(
            f"The time of X contains NaN or infinity in {len(bad)} row(s), the first "
            f"of them row {bad[0]}: drop these rows or fill in their time."
        )


def _refuse_missing(stamps: pd.Index) -> None:
    bad = np.flatnonzero(stamps.isna())
    if len(bad):
        raise ValueError(
            f"The time of X is missing (NaT) in {len(bad)} row(s), the first of them "
            f"row {bad[0]}: drop these rows or fill in their time."
        )

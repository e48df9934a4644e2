"""Indexes that are time, or row numbers, in order; and what to make of others."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["RowNames", "check_index", "check_order", "repeated_message"]


@dataclass(frozen=True)
class RowNames:
    """What errors call the rows of many series: by their stamps, and whose they are.

    >>> rows = RowNames(pd.Index([5, 6, 5]), pd.Index(["a", "a", "b"]))
    >>> rows[2]
    "5 of series 'b'"
    """

    stamps: pd.Index
    labels: pd.Index

    def __getitem__(self, row: int) -> str:
        [label] = self.labels[row : row + 1].tolist()  # 7, no np.int64(7)
        return f"{self.stamps[row]} of series {label!r}"


def check_index(index: pd.Index, what: str = "The index of X") -> None:
    """Refuse an index that is neither a time index nor row numbers.

    Raises
    ------
    ValueError
        For text, mixed time zones, several levels, missing stamps.
    """
    if isinstance(index, pd.MultiIndex):
        raise ValueError(f"{what} has several levels; keep the time alone in it.")
    if isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        if index.hasnans:
            raise ValueError(
                f"{what} holds NaT at row {int(index.isna().argmax())}; "
                "drop the rows without a time."
            )
        return
    if not pd.api.types.is_integer_dtype(index.dtype):
        raise ValueError(no_time_message(index, what))


def no_time_message(index: pd.Index, what: str) -> str:
    """Say what to make of an index that is not time."""
    # by name: the parts of a zone are objects of their own in some libraries
    zones = {str(getattr(stamp, "tzinfo", "")) for stamp in index}
    if len(zones) > 1:
        return (
            f"{what} mixes time zones; make them one with "
            "pd.to_datetime(index, utc=True).tz_convert(zone)."
        )
    holds = f"{what} holds {index.dtype} values such as {index[0]!r}, "
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
        raise ValueError(repeated_message(index, index[int(repeated.argmax())]))
    stamps: Any = index
    backwards = stamps[1:] < stamps[:-1]
    if backwards.any():
        i = int(backwards.argmax())
        raise ValueError(
            f"The rows are not in time order: {index[i + 1]} follows {index[i]}. "
            f"{sorting(index)}"
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


def sorting(index: pd.Index) -> str:
    """Say how to sort rows by an index, or by the column that it was."""
    if index.name is None:
        return "Sort X and y with sort_index()."
    by = f"X.sort_values({index.name!r})"
    return f"Sort X and y by {index.name!r}: X = {by}, then y = y.loc[X.index]."


def repeated_message(index: pd.Index, stamp: object) -> str:
    """Say which stamp is there twice, and what a naive repeated hour needs."""
    where = "" if index.name is None else f" of {index.name!r}"
    message = f"The stamp {stamp}{where} is there more than once; keep one row of each."
    if isinstance(index, pd.DatetimeIndex) and index.tz is None:
        message += (
            " If it is the hour that daylight saving repeats, name the zone with "
            "tz_localize(zone, ambiguous='infer')."
        )
    return message

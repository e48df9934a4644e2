"""A look at the series and the stamps of each partition, before anything is forecast.

It reads two columns at the most, and forecasts need what it finds: that each series is
whole in one partition, and at which instants origins of a backtest are.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from skinformer.forecasting.reading import index_of
from skinformer.series.time_column import at_time

from .extra import dask_module
from .parts import Parts

__all__ = ["Survey", "take_survey"]

# lists of stamps that one task makes one of
AT_ONCE = 8


class Survey(NamedTuple):
    """What partitions hold.

    Attributes
    ----------
    labels : list of Index
        The series of each.
    stamps : Index or None
        Of all rows, each once, in order; None where nobody asked.
    """

    labels: list[pd.Index]
    stamps: pd.Index | None


def take_survey(parts: Parts, series: Any, time: Any, with_stamps: bool) -> Survey:
    """Look at the series of all partitions, and at their stamps if asked.

    Raises
    ------
    ValueError
        If a series is in two partitions.
    """
    dask = dask_module("dask")
    labels = [dask.delayed(labels_of)(frame, series) for frame in parts.frames]
    stamps = None
    if with_stamps:
        each = [dask.delayed(stamps_of)(frame, time) for frame in parts.frames]
        stamps = in_a_tree(each)
    found, stamps = dask.compute(labels, stamps)
    refuse_divided(found, parts.names, series)
    return Survey(found, stamps)


def labels_of(frame: pd.DataFrame, series: Any) -> pd.Index:
    """Return the series of a partition."""
    return pd.Index(frame[series].unique())


def stamps_of(frame: pd.DataFrame, time: Any) -> pd.Index:
    """Return the stamps of a partition, in order."""
    stamps = index_of(at_time(frame, time), len(frame))
    return stamps.unique().sort_values()


def union(indexes: list[pd.Index]) -> pd.Index:
    """Return the stamps of several partitions, in order; those without rows have none.

    >>> union([pd.Index([1, 3]), pd.Index([2, 3])]).tolist()
    [1, 2, 3]
    """
    held = [index for index in indexes if len(index)] or indexes
    kinds = {clock_of(index) for index in held}
    if len(kinds) > 1:
        raise ValueError(
            "The time of the rows is not of one kind in all partitions: "
            f"{', '.join(sorted(kinds))}. Give all the same, and the same zone."
        )
    return held[0].append(held[1:]).unique().sort_values()


def clock_of(index: pd.Index) -> str:
    """Name what stamps of an index are compared with.

    >>> clock_of(pd.DatetimeIndex(["2024-01-01"], tz="UTC"))
    'DatetimeIndex of the zone UTC'
    """
    kind = type(index).__name__
    if isinstance(index, pd.DatetimeIndex):
        return f"{kind} of {'no zone' if index.tz is None else f'the zone {index.tz}'}"
    return "no DatetimeIndex" if not isinstance(index, pd.PeriodIndex) else kind


def in_a_tree(indexes: list) -> Any:
    """Return the delayed union of delayed stamps; none of its tasks reads many."""
    delayed = dask_module("dask").delayed(union)
    while len(indexes) > 1:
        firsts = range(0, len(indexes), AT_ONCE)
        indexes = [delayed(indexes[i : i + AT_ONCE]) for i in firsts]
    return indexes[0]


def refuse_divided(
    labels: Sequence[pd.Index], names: Sequence[str], series: Any
) -> None:
    """Refuse a series that is in two partitions, by name, and rows of none.

    Its rows in the one would be forecast as if those in the other were not there.
    """
    seen: dict = {}
    for name, some in zip(names, labels, strict=True):
        if some.hasnans:
            raise ValueError(
                f"Column {series!r}, which names the series of each row, has no value "
                f"in rows of {name}. Fill it, or drop these rows."
            )
        for label in some.tolist():
            if label in seen:
                raise ValueError(
                    f"Series {label!r} is in {seen[label]} and in {name}; all rows of "
                    "a series must be in one partition, in one file. Bring them "
                    f"together: frame.shuffle({series!r})."
                )
            seen[label] = name

"""A look at the series and the stamps of each partition, before anything is forecast.

It reads few columns, and forecasts need what it finds: that each series is whole in one
partition, at which instants origins of a backtest are, and that there is a row to
forecast.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

import pandas as pd

from skinformer.forecasting.reading import index_of
from skinformer.series.time_column import at_time

from .extra import dask_module
from .parts import Parts
from .tasks import in_order, seen_rows

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


def take_survey(
    parts: Parts, series: Any, time: Any, with_stamps: bool, observed: Sequence = ()
) -> Survey:
    """Look at the series of all partitions, and at their stamps if asked.

    ``observed`` are the columns of targets after which a row is to be forecast.

    Raises
    ------
    ValueError
        If a series is in two partitions, or no row comes after the observed ones.
    """
    dask = dask_module("dask")
    labels = [dask.delayed(labels_of)(frame, series) for frame in parts.frames]
    stamps = None
    if with_stamps:
        each = [dask.delayed(stamps_of)(frame, time) for frame in parts.frames]
        stamps = in_a_tree(each)
    ahead = [
        dask.delayed(has_ahead)(frame, series, time, observed)
        for frame in (parts.frames if observed else ())
    ]
    found, stamps, ahead = dask.compute(labels, stamps, ahead)
    refuse_divided(found, parts.names, series)
    if observed and not any(ahead):
        refuse_nothing_ahead(observed)
    return Survey(found, stamps)


def labels_of(frame: pd.DataFrame, series: Any) -> pd.Index:
    """Return the series of a partition."""
    return pd.Index(frame[series].unique())


def stamps_of(frame: pd.DataFrame, time: Any) -> pd.Index:
    """Return the stamps of a partition, in order."""
    stamps = index_of(at_time(frame, time), len(frame))
    return stamps.unique().sort_values()


def has_ahead(frame: pd.DataFrame, series: Any, time: Any, observed: Sequence) -> bool:
    """Tell whether a partition has a row after the last target of its series."""
    rows = in_order(frame, time)
    return not seen_rows(rows[series], rows[observed]).all()


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


def refuse_nothing_ahead(observed: Sequence) -> NoReturn:
    """Refuse rows that are all observed: their forecast would have no row."""
    raise ValueError(
        f"No row comes after the last one with a target in {list(observed)}, so there "
        "is nothing to forecast. Add the rows to forecast, with their targets empty; "
        "or leave targets out, where the model is to forecast these rows."
    )


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

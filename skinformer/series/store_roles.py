"""What the columns of a source of Parquet are."""

from collections import Counter
from typing import Any, NamedTuple

from .store_source import ParquetSource

__all__ = ["Roles", "read_roles"]

# types of Arrow that are numbers, or codes of categories
NUMBERS = ("int", "uint", "float", "double", "halffloat", "bool", "decimal")
CATEGORIES = "dictionary"
NULL = "null"  # what Arrow calls text of which there is none, as when rows are none
LABELS = ("int", "uint", "string", "large_string", NULL, CATEGORIES)


class Roles(NamedTuple):
    """What the columns of a source are.

    Attributes
    ----------
    series : str
    time : str or None
    time_at : int
        Place of the time among the columns of X.
    targets : list of str
    one_axis : bool
        Whether the target was named alone, so that forecasts have one axis.
    columns : list of str
        Those of X, the series among them, in the order of the source.
    past : list of str
        Those that are known only up to now, as the transformer calls them.
    """

    series: str
    time: str | None
    time_at: int
    targets: list[str]
    one_axis: bool
    columns: list[str]
    past: list[str]

    @property
    def used(self) -> list[str]:
        """All columns that are read."""
        return [*self.columns, *self.targets, *([self.time] if self.time else [])]


def read_roles(
    source: ParquetSource,
    series: str,
    targets: str | list[str],
    time: str | None,
    covariates: str | list[str] | None,
    past: str | list[str] | None,
    transform: Any,
) -> Roles:
    """Return what each column of the source is.

    Raises
    ------
    ValueError
        If one is absent, named twice, or of a type that is of no use.
    """
    named, past = as_list(targets), as_list(past)
    if not named:
        raise ValueError("targets names no column; give one at least.")
    times = [] if time is None else [time]
    parts = {"series": [series], "targets": named, "time": times}
    for parameter, names in parts.items():
        source.check_has(names, parameter)
    covariates = None if covariates is None else as_list(covariates)
    if covariates is None:
        taken = {series, *named, *times}
        covariates = [name for name in source.names if name not in taken]
    source.check_has(covariates, "covariates")
    refuse_twice([series, *named, *times, *covariates])
    if transform is None:
        check_past(past, covariates)
    check_label_type(source, series)
    check_types(source, times, named, [] if transform is not None else covariates)
    kept = {series, *covariates}
    order = [name for name in source.names if name in kept or name == time]
    return Roles(
        series=series,
        time=time,
        time_at=order.index(time) if time in order else 0,
        targets=named,
        one_axis=isinstance(targets, str),
        columns=[name for name in order if name in kept],
        past=past,
    )


def as_list(names: str | list[str] | None) -> list[str]:
    """Return the names that a parameter gives."""
    return [names] if isinstance(names, str) else list(names or [])


def refuse_twice(names: list[str]) -> None:
    """Refuse a column with two uses."""
    for name, n in Counter(names).items():
        if n > 1:
            raise ValueError(
                f"Column {name!r} is named twice among series, time, targets and "
                "covariates; it can have one use."
            )


def check_past(past: list[str], covariates: list[str]) -> None:
    """Refuse columns of the past that are no covariates."""
    for name in past:
        if name not in covariates:
            raise ValueError(
                f"past_covariates names {name!r}, which is none of the covariates "
                f"{covariates}. Name it there too, or leave it out."
            )


def check_label_type(source: ParquetSource, series: str) -> None:
    """Refuse a type of which no value names a series, before any work."""
    kind = source.type_of(series)
    if not kind.startswith(LABELS):
        raise ValueError(
            f"series names {series!r}, a column of {kind} values; series are named by "
            "text or whole numbers. Make text of them."
        )


def check_types(
    source: ParquetSource, times: list[str], targets: list[str], covariates: list[str]
) -> None:
    """Refuse columns of types that say nothing for their use, before any work."""
    for name in times:
        kind = source.type_of(name)
        if not kind.startswith("timestamp"):
            raise ValueError(
                f"time names {name!r}, a column of {kind} values. Write it as "
                "timestamps."
            )
    for name in targets:
        kind = source.type_of(name)
        if not kind.startswith(NUMBERS):
            raise ValueError(
                f"Target {name!r} holds {kind} values, which are no numbers. Write "
                "numbers."
            )
    for name in covariates:
        kind = source.type_of(name)
        if not kind.startswith((*NUMBERS, CATEGORIES)):
            raise ValueError(
                f"Column {name!r} of the source holds {kind} values: neither numbers "
                "nor categories. Write it as a dictionary (in pandas, "
                "astype('category')), give a transform= that makes numbers of it, or "
                "name the covariates without it."
            )

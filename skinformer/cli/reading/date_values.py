"""Times of a column as they were read, and what errors say of one."""

from collections.abc import Hashable
from typing import NamedTuple

import pandas as pd

LONGEST = 80  # characters of a value that errors quote

__all__ = ["Dates", "at", "refuse_missing", "refuse_other", "refuse_wrong", "shown"]


class Dates(NamedTuple):
    """The times of a column.

    Attributes
    ----------
    stamps : Series of datetime64
        Naive; or, where values had offsets, in UTC.
    how : str
        How they were read, in words; to be said to the user.
    offsets : tuple of str
        The different offsets that were written, none for naive times.
    order : str or None
        "dmy" or "mdy" where day or month stood first, "ymd" where a short year did.
    """

    stamps: pd.Series
    how: str
    offsets: tuple[str, ...] = ()
    order: str | None = None


def at(column: pd.Series, row: Hashable) -> str:
    """Name a row as the user finds it: "line 7"."""
    return f"{column.index.name} {row}"


def shown(column: pd.Series, row: Hashable) -> str:
    """Quote a value, and say where it stands."""
    [value] = column[column.index == row].tolist()  # 25, and not np.int64(25)
    text = repr(value)
    if len(text) > LONGEST:  # a field may hold a whole file
        text = f"{text[:LONGEST]}... ({len(text):,} characters)"
    return f"{text} in {at(column, row)}"


def refuse_missing(column: pd.Series) -> None:
    """Refuse rows without a time."""
    missing = column.isna()
    if missing.any():
        raise ValueError(
            f"Column {column.name!r} has no time in {at(column, missing.idxmax())}. "
            "Fill it in, or take the row out."
        )


def refuse_other(text: pd.Series, other: pd.Series) -> None:
    """Refuse dates that are written in another way, and show the first of each."""
    if other.any():
        one, another = sorted([int(other.argmin()), int(other.argmax())])
        raise ValueError(
            f"Column {text.name!r} mixes two ways to write dates: "
            f"{shown(text, text.index[one])} and {shown(text, text.index[another])}. "
            "Write all in one way, best as 2024-01-31."
        )


def refuse_wrong(text: pd.Series, wrong: pd.Series) -> None:
    """Refuse dates that no calendar has."""
    if wrong.any():
        row = wrong.idxmax()
        raise ValueError(
            f"Column {text.name!r} holds {shown(text, row)}, which no calendar has. "
            "Correct it, or say how dates are written with --date-format."
        )

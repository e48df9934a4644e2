"""What each column of a table is: time, target, known ahead, known in the past."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from skinformer._validation import did_you_mean

from ..options import TableOptions
from .date_values import shown

__all__ = ["Roles", "find_roles", "number_column", "require"]


@dataclass(frozen=True)
class Roles:
    """The columns of a table by what they are.

    Attributes
    ----------
    time : tuple of str
        The column of the time; or that of the date, and that of the hour.
    targets, known, past : tuple of str
    series : str or None
    categories : tuple of str
        Those of known and past that hold text.
    left_out : tuple of str
    """

    time: tuple[str, ...]
    targets: tuple[str, ...]
    known: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    series: str | None = None
    categories: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def without(self, names: Sequence[str]) -> "Roles":
        """Return the same with columns of the past left out."""
        return replace(
            self,
            past=tuple(name for name in self.past if name not in names),
            categories=tuple(name for name in self.categories if name not in names),
            left_out=self.left_out + tuple(names),
        )


def find_roles(
    frame: pd.DataFrame, name: str, time: tuple[str, ...], options: TableOptions
) -> Roles:
    """Say what each column is, by the options and what is left.

    Raises
    ------
    ValueError
        If a column is named that is not there, or named twice; if there is no target,
        or more than one may be meant; if a number column holds text.
    """
    named = {
        "--target": split_names(options.target, frame, name, "--target"),
        "--known": split_names(options.known, frame, name, "--known"),
        "--past": split_names(options.past, frame, name, "--past"),
        "--drop": split_names(options.drop, frame, name, "--drop"),
        "--series": (options.series,) if options.series else (),
        "--time": time,
    }
    require(frame, named["--series"], name, "--series")
    refuse_two_roles(named)
    taken = {column for names in named.values() for column in names}
    rest = [column for column in frame.columns if column not in taken]
    numbers = [c for c in rest if is_number(frame[c]) and frame[c].notna().any()]
    targets = named["--target"] or only_target(numbers, rest, name)
    numbers = [column for column in numbers if column not in targets]
    past = named["--past"] if options.past else tuple(numbers)
    known = named["--known"]
    left_out = [c for c in rest if c not in targets and c not in past]
    return Roles(
        time,
        targets,
        known,
        past,
        options.series,
        tuple(c for c in known + past if not is_number(frame[c])),
        named["--drop"] + tuple(left_out),
    )


def split_names(
    given: Sequence[str] | None, frame: pd.DataFrame, name: str, option: str
) -> tuple[str, ...]:
    """Read names, separated by commas; a column may have a comma in its name."""
    found: list[str] = []
    for text in given or ():
        whole = text in frame.columns
        found += [text] if whole else [part.strip() for part in text.split(",")]
    found = [part for part in dict.fromkeys(found) if part]
    require(frame, found, name, option)
    return tuple(found)


def require(
    frame: pd.DataFrame, columns: Sequence[str], name: str, option: str | None = None
) -> None:
    """Refuse columns that a table lacks."""
    for column in columns:
        if column not in frame.columns:
            names = list(frame.columns)
            who = f"{option} names {column!r}, which {name} lacks"
            if option is None:
                who = f"{name} lacks the column {column!r}"
            raise ValueError(
                f"{who}; its columns are {', '.join(names)}."
                f"{did_you_mean(column, names)}"
            )


def refuse_two_roles(named: Mapping[str, Sequence[str]]) -> None:
    """Refuse a column that two options name."""
    seen: dict[str, str] = {}
    for option, columns in named.items():
        for column in columns:
            if column in seen:
                raise ValueError(
                    f"{seen[column]} and {option} both name {column!r}; a column is "
                    "one of them."
                )
            seen[column] = option


def only_target(numbers: list[str], rest: list[str], name: str) -> tuple[str, ...]:
    """Return the one number column that is left."""
    if len(numbers) == 1:
        return (numbers[0],)
    if not numbers:
        held = f"; left are {', '.join(rest)}" if rest else ""
        raise ValueError(
            f"{name} has no number column left to forecast{held}. Name it with "
            "--target."
        )
    raise ValueError(
        f"Which column is to be forecast? Name it with --target: {', '.join(numbers)}."
    )


# Numbers and text


def is_number(column: pd.Series) -> bool:
    """Tell a column of numbers from one of text.

    Raises
    ------
    ValueError
        If most values are numbers, and one is not.
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return True
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return False
    wrong = no_numbers(column)
    if wrong.sum() * 2 < len(wrong):
        refuse_text(column, wrong)
    return False


def number_column(column: pd.Series) -> pd.Series:
    """Return a column as numbers.

    Raises
    ------
    ValueError
        With the first value that is none.
    """
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(float)
    refuse_text(column, no_numbers(column))
    return pd.to_numeric(column).astype(float)


def no_numbers(column: pd.Series) -> pd.Series:
    """Tell which of the values that are there are no numbers."""
    return pd.to_numeric(column.dropna(), errors="coerce").isna()


def refuse_text(column: pd.Series, wrong: pd.Series) -> None:
    """Name the first value of a number column that is no number."""
    if wrong.any():
        row = wrong.idxmax()
        raise ValueError(
            f"Column {column.name!r} holds text, {shown(column, row)}, where a number "
            "is expected. Correct it; leave the field empty where a "
            "value is missing."
        )

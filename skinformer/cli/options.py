"""Options that several commands share, as dataclasses; typer reads them from here.

Nothing heavy is imported: ``--help`` and completion are to be quick.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from .kinds import ModelName

__all__ = [
    "BACKTEST",
    "MODEL",
    "BacktestOptions",
    "Data",
    "Json",
    "Model",
    "ModelFile",
    "ModelOptions",
    "Output",
    "Seed",
    "TableOptions",
    "TestSize",
    "check_coverage",
    "option",
    "output_option",
    "takes_groups",
]

COLUMNS, READING = "Columns", "Reading the table"
MODEL, BACKTEST = "Model", "Backtest"
NAMES = "separated by commas"
MOST_SEED = 2**32 - 1


def option(
    panel: str, *names: str, metavar: str | None = None, help: str, **more: Any
) -> Any:
    """Describe an option without a default of its own in the help."""
    more = {"show_default": False, "rich_help_panel": panel, **more}
    return typer.Option(*names, metavar=metavar, help=help, **more)


def output_option(help: str) -> Any:
    """Describe where a command writes."""
    return typer.Option("-o", "--output", metavar="FILE", help=help)


Data = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        help="CSV (also gzipped) or Parquet; - reads standard input.",
        show_default=False,
    ),
]
ModelFile = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL", help="A file that fit has written.", show_default=False
    ),
]
Model = Annotated[
    ModelName,
    option(
        MODEL,
        "--model",
        metavar="NAME",
        help=f"Forecaster: {', '.join(ModelName)}.",
        show_default=True,
    ),
]
Seed = Annotated[
    int,
    option(
        MODEL,
        "--seed",
        min=0,
        max=MOST_SEED,
        metavar="N",
        help="Of the training.",
        show_default=True,
    ),
]
TestSize = Annotated[
    float,
    option(
        BACKTEST,
        "--test-size",
        metavar="X",
        help="Rows at the end to test on: a share, or a number from 1 on.",
        show_default=True,
    ),
]
Output = Annotated[
    Path | None, output_option("Where to write the table: .csv, .csv.gz or .parquet.")
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object and nothing else.")
]


@dataclass(frozen=True)
class TableOptions:
    """How a table is read, and what its columns are."""

    time: Annotated[
        str | None,
        option(
            COLUMNS,
            "--time",
            metavar="COLUMNS",
            help="Time of each row; a second column holds the hour or the time of day. "
            "Guessed by name and values.",
        ),
    ] = None
    target: Annotated[
        list[str] | None,
        option(
            COLUMNS,
            "--target",
            metavar="COLUMNS",
            help=f"What to forecast, {NAMES}. Guessed if one number column is left.",
        ),
    ] = None
    known: Annotated[
        list[str] | None,
        option(
            COLUMNS,
            "--known",
            metavar="COLUMNS",
            help="Columns that are known ahead, such as planned prices or a weather "
            "forecast; predict then needs --future.",
        ),
    ] = None
    past: Annotated[
        list[str] | None,
        option(
            COLUMNS,
            "--past",
            metavar="COLUMNS",
            help="Columns that nobody knows ahead. If not given, these are all number "
            "columns that no other option names; if given, those are left out.",
        ),
    ] = None
    drop: Annotated[
        list[str] | None,
        option(COLUMNS, "--drop", metavar="COLUMNS", help="Columns to leave out."),
    ] = None
    series: Annotated[
        str | None,
        option(
            COLUMNS,
            "--series",
            metavar="COLUMN",
            help="Which series a row belongs to, where the table holds many.",
        ),
    ] = None
    tz: Annotated[
        str | None,
        option(
            READING, "--tz", metavar="ZONE", help="Zone of the times: Europe/Berlin."
        ),
    ] = None
    freq: Annotated[
        str | None,
        option(
            READING,
            "--freq",
            metavar="STEP",
            help="Step of the rows, as pandas names it: 15min, h, D, MS. Read off the "
            "times if not given; given, times beside it are moved to it.",
        ),
    ] = None
    date_format: Annotated[
        str | None,
        option(
            READING,
            "--date-format",
            metavar="FORMAT",
            help="How dates are written: '%d/%m/%Y %H:%M'. Guessed from all of them.",
        ),
    ] = None


@dataclass(frozen=True)
class ModelOptions:
    """How the forecaster is made."""

    horizon: Annotated[
        int,
        option(
            MODEL,
            "--horizon",
            min=1,
            metavar="N",
            help="Rows to forecast at a time.",
            show_default=True,
        ),
    ] = 24
    country: Annotated[
        str | None,
        option(
            MODEL,
            "--country",
            metavar="CODE",
            help="Country whose holidays count: CN, DE, US.",
        ),
    ] = None
    seed: Seed = 0
    settings: Annotated[
        list[str] | None,
        option(
            MODEL,
            "--set",
            metavar="NAME=VALUE",
            help="A parameter of the forecaster, such as max_epochs=4; repeatable.",
        ),
    ] = None


@dataclass(frozen=True)
class BacktestOptions:
    """Which rows are forecast to be compared with what came."""

    test_size: TestSize = 0.2
    stride: Annotated[
        int,
        option(
            BACKTEST,
            "--stride",
            min=1,
            metavar="N",
            help="Rows from one forecast to the next.",
            show_default=True,
        ),
    ] = 1


def check_coverage(coverage: float | None) -> None:
    """Refuse what is no share."""
    if coverage is not None and not 0 < coverage < 1:
        raise typer.BadParameter(f"--coverage {coverage:g} must lie between 0 and 1.")


def takes_groups(command: Callable) -> Callable:
    """Let typer see the fields of each dataclass that a command takes as options.

    The command is called with the dataclasses, filled.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if is_group(hint)}
    given = inspect.signature(command).parameters.values()
    flat = [p for old in given for p in flattened(old, groups, hints)]

    @wraps(command)
    def wrapper(**values: Any) -> Any:
        for name, group in groups.items():
            own = {f.name: values.pop(f.name) for f in fields(group)}
            values[name] = group(**own)
        return command(**values)

    setattr(wrapper, "__signature__", inspect.Signature(flat))  # noqa: B010
    wrapper.__annotations__ = {p.name: p.annotation for p in flat}
    del wrapper.__wrapped__  # type hints are to be those of the flat signature
    return wrapper


def is_group(hint: Any) -> bool:
    """Tell a dataclass of options from a single option."""
    return hasattr(hint, "__dataclass_fields__")


def flattened(
    old: inspect.Parameter, groups: dict[str, type], hints: dict[str, Any]
) -> list[inspect.Parameter]:
    """Return the parameters that stand for one, all of them by keyword."""
    kind = inspect.Parameter.KEYWORD_ONLY
    if old.name not in groups:
        return [old.replace(kind=kind, annotation=hints[old.name])]
    group = groups[old.name]
    types = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(f.name, kind, default=f.default, annotation=types[f.name])
        for f in fields(group)
    ]

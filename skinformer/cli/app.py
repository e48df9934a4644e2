"""The commands, what may go wrong with them, and the exit codes."""

import logging
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from skinformer._version import __version__

from .commands import backtest, compare, demo, fit, inspect, predict, report
from .talk import resuming_as_lines, say, warnings_as_lines

__all__ = ["app", "main"]

PROBLEM, USAGE, INTERRUPTED = 1, 2, 130
DEBUG = "--debug"
# what a user can mend; anything else is a mistake of ours
EXPECTED = (ValueError, OSError, ArithmeticError, ImportError, MemoryError)

app = typer.Typer(
    name="skinformer",
    help="Long-sequence time-series forecasting, from a table to a forecast.",
    epilog="A table to begin with, and a first forecast:\n\n"
    "skinformer demo --write-csv load.csv\n\n"
    "skinformer fit load.csv --target load --known temperature -o load.skinf\n\n"
    "skinformer predict load.skinf --future load-next.csv -o forecast.csv",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for module in (fit, predict, backtest, compare, report, inspect, demo):
    name = module.__name__.rpartition(".")[2]
    app.command(name, epilog=f"Example:\n\n{module.EXAMPLE}")(module.command)


def show_version(asked: bool) -> None:
    """Print the version and end."""
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def skinformer(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=show_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(
            DEBUG, help="Show where an error came from; may stand after a command too."
        ),
    ] = False,
) -> None:
    """Stand before the commands; without one, show the help as wrong usage does."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(USAGE)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0; 1 for a problem with data or model; 2 for wrong usage; 130 for Ctrl-C.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    args = [arg for arg in given if arg != DEBUG]
    debug = len(args) < len(given)
    stand_in_for_closed()
    logging.basicConfig(format="%(levelname)s: %(message)s")
    try:
        with warnings_as_lines(debug), resuming_as_lines():
            code = app(args, prog_name="skinformer", standalone_mode=False)
            sys.stdout.flush()
        if code == INTERRUPTED:  # newer releases of typer make this of Ctrl-C
            raise KeyboardInterrupt
        return code or 0
    except (KeyboardInterrupt, typer.Abort):
        say("skinformer: interrupted; no output was written or changed.")
        return INTERRUPTED
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEM
    except Exception as error:
        if debug:
            raise
        return tell(error)


def stand_in_for_closed() -> None:
    """Put nothing in the place of streams that the caller has closed: ``>&-``."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def tell(error: Exception) -> int:
    """Say an error in a line, and return the exit code."""
    if hasattr(error, "format_message"):  # wrong usage, as click has it
        return tell_usage(error)
    if isinstance(error, UnicodeEncodeError):
        say(
            f"skinformer: what is printed holds characters that the encoding "
            f"{error.encoding} lacks; set PYTHONIOENCODING=utf-8."
        )
    elif isinstance(error, EXPECTED):
        say(f"skinformer: {error or type(error).__name__}")
    else:
        say(
            f"skinformer: unexpected {type(error).__name__}: {error}. Run it again "
            f"with {DEBUG}, and report what that shows."
        )
    return PROBLEM


def tell_usage(error: Any) -> int:
    """Say what is wrong with a command line."""
    context = getattr(error, "ctx", None)
    path = "skinformer" if context is None else context.command_path
    message = error.format_message().replace("Value error, ", "").rstrip(".")
    end = "" if message.endswith("?") else "."
    say(f"{path}: {message}{end} See {path} --help.")
    return USAGE

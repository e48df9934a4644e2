"""What is said while a command works: on standard error, a line each."""

import io
import logging
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

__all__ = [
    "on_terminal",
    "resuming_as_lines",
    "say",
    "say_found",
    "show_found",
    "show_table",
    "warnings_as_lines",
]

# a table's header may hold what moves the cursor, or colours all that follows
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
WIDE = 160  # of a file or a pipe, which has no width


def on_terminal() -> bool:
    """Tell whether somebody watches: then there are bars."""
    return sys.stderr.isatty()


def say(text: str) -> None:
    """Say a line."""
    print(one_line(text), file=sys.stderr)


def one_line(text: str) -> str:
    """Return text without what would break a line, or command a terminal."""
    return CONTROL.sub("?", " ".join(text.split()))


def as_it_is(text: str) -> Text:
    """Return text for rich, to which brackets are tags otherwise."""
    return Text(one_line(text))


def show(renderable: Any, stream: Any) -> None:
    """Print with rich: colours on a terminal alone, and not with NO_COLOR."""
    if stream.isatty():
        Console(file=stream, highlight=False).print(renderable)
        return
    text = io.StringIO()
    Console(file=text, width=WIDE).print(renderable)
    lines = text.getvalue().splitlines()
    stream.write("".join(f"{line.rstrip()}\n" for line in lines))


def say_found(found: Mapping[str, str]) -> None:
    """Say what was read and guessed, in two columns."""
    show(grid_of(found), sys.stderr)


def show_found(found: Mapping[str, str]) -> None:
    """Print names and values, in two columns."""
    show(grid_of(found), sys.stdout)


def grid_of(found: Mapping[str, str]) -> Table:
    """Return names and values as a table without lines."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in found.items():
        table.add_row(name, as_it_is(value))
    return table


def show_table(
    title: str, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Print results as a table: names at the left, numbers at the right."""
    # close together: a comparison is to fit into 80 columns
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for i, name in enumerate(header):
        table.add_column(as_it_is(name), justify="right" if i else "left")
    for row in rows:
        table.add_row(*map(as_it_is, row))
    show(Group(Text(title, style="bold"), table), sys.stdout)


@contextmanager
def warnings_as_lines(debug: bool) -> Iterator[None]:
    """Say warnings of this package as lines; those of others only to debug."""
    from skinformer.exceptions import SkinformerWarning

    def show(message: Any, category: type, *args: Any, **kwargs: Any) -> None:
        if issubclass(category, SkinformerWarning):
            say(f"note: {message}")
        elif debug:
            say(f"{category.__name__}: {message}")

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.simplefilter("always", SkinformerWarning)
        warnings.showwarning = show
        yield


class Lines(logging.Handler):
    """Says what is logged as lines, beside a bar if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say a message."""
        from tqdm import tqdm

        tqdm.write(one_line(f"note: {record.getMessage()}"), file=sys.stderr)


@contextmanager
def resuming_as_lines() -> Iterator[None]:
    """Say from where a training goes on that was broken off."""
    logger, handler = logging.getLogger("skinformer.resuming"), Lines()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)

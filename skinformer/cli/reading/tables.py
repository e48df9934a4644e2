"""Tables from files: CSV, gzip, Parquet; what is wrong with one is said by its line."""

import csv
import gzip
import io
import re
import sys
import warnings
import zlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["Table", "nearby", "read_table", "require_pyarrow"]

GZIP, PARQUET, ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
SEPARATORS = ",;\t|"
STANDARD_INPUT = "-"
TABLES = (".csv", ".gz", ".parquet")
COMMA_NUMBER = r"^\s*[+-]?(?:\d{1,3}(?:\.\d{3})+|\d*),\d+\s*$"
FIELDS = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
OPEN_QUOTE = re.compile(r"EOF inside string starting at row (\d+)")


@dataclass(frozen=True)
class Table:
    """A table as it was read.

    Attributes
    ----------
    frame : DataFrame
        Its index numbers the rows as the user finds them, and is named "line" or "row".
    name : str
        Of the file, for messages.
    how : str
        Kind of file, in words.
    """

    frame: pd.DataFrame
    name: str
    how: str


def read_table(path: str) -> Table:
    """Read a file, or standard input for "-".

    Raises
    ------
    ValueError
        If it is empty, no table, or two columns have one name.
    OSError
        If it cannot be read.
    """
    name = "standard input" if path == STANDARD_INPUT else path
    data = read_bytes(path)
    packed = data[:2] == GZIP
    if packed:
        data = unpack(data, name)
    if data[:4] == PARQUET:
        return Table(read_parquet(data, name), name, "Parquet")
    if data[:4] == ZIP and name.endswith(".skinf"):
        raise ValueError(f"{name} is a model file; a table is wanted here.")
    if data[:4] == ZIP:
        raise ValueError(
            f"{name} is a zip archive or an Excel file; save the table as CSV first."
        )
    frame, separator = read_csv(decode(data, name), name)
    kind = {",": "CSV", ";": "CSV with semicolons", "\t": "text with tabs"}
    how = kind.get(separator, f"text separated by {separator}")
    return Table(frame, name, f"{how}, gzip" if packed else how)


def read_bytes(path: str) -> bytes:
    """Read all of a file, and say in a sentence why it cannot be."""
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no file {path}; {nearby(path)}") from None
    except IsADirectoryError:
        raise IsADirectoryError(f"{path} is a folder; name a file in it.") from None
    except PermissionError:
        raise PermissionError(f"{path} may not be read by this user.") from None
    except OSError as error:
        raise OSError(
            f"{path} cannot be read ({error.strerror}); give another file."
        ) from None


def nearby(path: str, kinds: tuple[str, ...] = TABLES) -> str:
    """Name the files that lie in the folder where one was looked for."""
    folder = Path(path).parent
    if not folder.is_dir():
        return f"there is no folder {folder} either."
    found = sorted(p.name for p in folder.iterdir() if p.suffix in kinds)[:5]
    beside = f"beside it lie {', '.join(found)}." if found else "look at its name."
    return beside


def unpack(data: bytes, name: str) -> bytes:
    """Unpack gzip."""
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        raise ValueError(f"{name} is a damaged gzip file; get it anew.") from None


def decode(data: bytes, name: str) -> str:
    """Read bytes as text; Excel marks UTF-8 at its beginning, and UTF-16 too."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{name} is no table in UTF-8: line {line} holds other bytes. Save it as "
            "CSV in UTF-8."
        ) from None
    if "\0" in text:
        raise ValueError(
            f"{name} is no text in UTF-8; give a CSV in UTF-8, or a Parquet file."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


# Parquet


def read_parquet(data: bytes, name: str) -> pd.DataFrame:
    """Read a Parquet file; an index that has a name or times is a column."""
    require_pyarrow()
    try:
        frame = pd.read_parquet(io.BytesIO(data), engine="pyarrow")
    except Exception as error:  # pyarrow has many errors of its own
        raise ValueError(f"{name} is a damaged Parquet file ({error}).") from error
    frame.columns = [str(column) for column in frame.columns]
    if not isinstance(frame.index, pd.RangeIndex):
        frame = with_index(frame)
    refuse_no_rows(frame, name)
    refuse_duplicates(list(frame.columns), name)
    return frame.set_axis(pd.RangeIndex(1, len(frame) + 1, name="row"), axis=0)


def with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its index in front, but what its columns hold too."""
    names = [str(name or "time") for name in frame.index.names]
    index = frame.index.to_frame(index=False).set_axis(names, axis=1)
    new = [name not in frame.columns for name in names]
    return pd.concat([index.loc[:, new], frame.reset_index(drop=True)], axis=1)


def require_pyarrow() -> None:
    """Say which package Parquet needs, and how to get it."""
    if find_spec("pyarrow") is None:
        raise ModuleNotFoundError(
            "Parquet files need the package 'pyarrow', which is not installed. Install "
            "it with: pip install 'skinformer[parquet]'",
            name="pyarrow",
        )


# CSV


def read_csv(text: str, name: str) -> tuple[pd.DataFrame, str]:
    """Read the text of a CSV file, whose separator its first line shows."""
    skipped = len(text) - len(text.lstrip("\n"))
    text = text[skipped:]
    if not text.strip():
        raise ValueError(f"{name} is empty; give a table with a header and rows.")
    separator = separator_of(text)
    refuse_duplicates(header_of(text, separator), name)
    frame = parse(text, separator, name, skipped)
    first = 2 + skipped
    frame.index = pd.RangeIndex(first, first + len(frame), name="line")
    frame = frame.dropna(how="all")
    refuse_no_rows(frame, name)
    return tidied(frame, decimal_comma=separator != ","), separator


def separator_of(text: str) -> str:
    """Return the separator that is most frequent in the first line, comma if none."""
    first = text.split("\n", 1)[0]
    counts = [first.count(separator) for separator in SEPARATORS]
    return SEPARATORS[int(np.argmax(counts))]


def header_of(text: str, separator: str) -> list[str]:
    """Return the names of the columns as they stand in the first line."""
    first = next(csv.reader(io.StringIO(text), delimiter=separator))
    return [name.strip() for name in first]


def parse(text: str, separator: str, name: str, skipped: int) -> pd.DataFrame:
    """Let pandas read the rows, and say in a sentence what it cannot."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text),
                sep=separator,
                index_col=False,
                skip_blank_lines=False,
                skipinitialspace=True,
                low_memory=False,
            )
    except pd.errors.ParserWarning:
        raise ValueError(
            f"The rows of {name} have more fields than its first line has names; give "
            "each column a name, and text with commas quotes."
        ) from None
    except pd.errors.ParserError as error:
        raise ValueError(parser_message(str(error), name, skipped)) from None
    frame.columns = [str(column).strip() for column in frame.columns]
    return frame


def parser_message(message: str, name: str, skipped: int) -> str:
    """Say which line of a table is odd; so many blank ones stand before it."""
    quote, found = OPEN_QUOTE.search(message), FIELDS.search(message)
    if quote is not None:
        line = int(quote[1]) + 1 + skipped
        return f"A quote in line {line} of {name} is never closed; close or remove it."
    if found is None:
        return f"{name} is no table that can be read: {message}."
    wanted, line, seen = map(int, found.groups())
    return (
        f"Line {line + skipped} of {name} has {seen} fields, the first one {wanted}. "
        "Correct it; text that holds the separator needs quotes."
    )


def tidied(frame: pd.DataFrame, decimal_comma: bool) -> pd.DataFrame:
    """Name or drop a column without a name, and read numbers with decimal commas."""
    blank = frame.columns[0] == "Unnamed: 0"
    if blank and is_row_number(frame.iloc[:, 0]):
        frame = frame.iloc[:, 1:]
    elif blank and "time" not in frame.columns:
        frame = frame.rename(columns={"Unnamed: 0": "time"})
    return frame.apply(with_points) if decimal_comma else frame


def is_row_number(column: pd.Series) -> bool:
    """Tell the index that ``DataFrame.to_csv`` writes in front."""
    return bool(np.array_equal(column.to_numpy(), np.arange(len(column))))


def with_points(column: pd.Series) -> pd.Series:
    """Read numbers such as 1.234,5, if most values are such."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    text = column.dropna().astype(str)
    if not text.str.match(COMMA_NUMBER).any():
        return column
    points = text.str.replace(".", "").str.replace(",", ".")
    numbers = pd.to_numeric(points, errors="coerce")
    if numbers.isna().any():
        text = text.where(numbers.isna(), points)  # the odd ones are named later
        return text.reindex(column.index)
    return numbers.reindex(column.index)


# What is refused


def refuse_no_rows(frame: pd.DataFrame, name: str) -> None:
    """Refuse a table without rows."""
    if len(frame) == 0:
        raise ValueError(f"{name} has a header and no rows; give rows to learn from.")


def refuse_duplicates(names: list[str], name: str) -> None:
    """Refuse two columns of one name."""
    seen = [n for n in names if n]
    twice = sorted({n for n in seen if seen.count(n) > 1})
    if twice:
        listed = ", ".join(map(repr, twice))
        raise ValueError(
            f"{name} has more than one column of the name {listed}; rename or remove "
            "them, so that each name is there once."
        )

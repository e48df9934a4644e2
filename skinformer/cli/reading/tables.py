"""Tables from files: CSV, gzip, Parquet; what is wrong with one is said by its line."""

import csv
import gzip
import io
import re
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from skinformer._extras import import_extra

from .date_parts import NUMBERS
from .files import STANDARD_INPUT, read_bytes
from .numbers import COMMA_NUMBER, read_commas

__all__ = ["Table", "read_table", "require_pyarrow"]

GZIP, PARQUET, ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"
SEPARATORS = ",;\t|"
OLD_WINDOWS = "windows-1252"
# beside those of pandas: of public data, and of Excel in German
MISSING = ["-", "#NV"]
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
    text, encoding = decode(data, name)
    frame, separator = read_csv(text, name)
    kind = {",": "CSV", ";": "CSV with semicolons", "\t": "text with tabs"}
    how = kind.get(separator, f"text separated by {separator}")
    how += f", {encoding} (guessed)" if encoding == OLD_WINDOWS else ""
    return Table(frame, name, f"{how}, gzip" if packed else how)


def unpack(data: bytes, name: str) -> bytes:
    """Unpack gzip."""
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        raise ValueError(f"{name} is a damaged gzip file; get it anew.") from None


def decode(data: bytes, name: str) -> tuple[str, str]:
    """Return bytes as text, and the encoding.

    Excel marks UTF-8 at its beginning, and UTF-16 too. Its plain CSV is in the encoding
    of its computer: in the west that of Windows, which holds Latin-1.
    """
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", OLD_WINDOWS):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
    raise ValueError(
        f"{name} is no text; give a CSV file, best in UTF-8, or a Parquet file."
    )


# Parquet


def read_parquet(data: bytes, name: str) -> pd.DataFrame:
    """Read a Parquet file; an index that has a name or times is a column."""
    require_pyarrow()
    try:
        frame = pd.read_parquet(io.BytesIO(data), engine="pyarrow")
    except Exception as error:  # pyarrow has many errors of its own
        raise ValueError(
            f"{name} is a damaged Parquet file ({error}); get it anew."
        ) from error
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
    import_extra("pyarrow", "A Parquet file", "parquet")


# CSV


def read_csv(text: str, name: str) -> tuple[pd.DataFrame, str]:
    """Read the text of a CSV file, whose separator its first line shows."""
    skipped = len(text) - len(text.lstrip("\n"))
    text = text[skipped:]
    if not text.strip():
        raise ValueError(f"{name} is empty; give a table with a header and rows.")
    separator = separator_of(text)
    header = header_of(text, separator)
    refuse_duplicates(header, name)
    refuse_no_header(header, name)
    frame = parse(text, separator, name, skipped)
    if separator != ",":
        frame = read_commas(frame, parse(text, separator, name, skipped, str))
    first = 2 + skipped
    frame.index = pd.RangeIndex(first, first + len(frame), name="line")
    frame = frame.dropna(how="all")
    refuse_no_rows(frame, name)
    return tidied(frame), separator


def separator_of(text: str) -> str:
    """Return the separator that is most frequent in the first line, comma if none."""
    first = text.split("\n", 1)[0]
    counts = [first.count(separator) for separator in SEPARATORS]
    return SEPARATORS[int(np.argmax(counts))]


def header_of(text: str, separator: str) -> list[str]:
    """Return the names of the columns as they stand in the first line."""
    first = next(csv.reader(io.StringIO(text), delimiter=separator))
    return [name.strip() for name in first]


def parse(
    text: str, separator: str, name: str, skipped: int, dtype: type | None = None
) -> pd.DataFrame:
    """Let pandas read the rows, and say in a sentence what it cannot."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text),
                sep=separator,
                dtype=dtype,
                index_col=False,
                skip_blank_lines=False,
                skipinitialspace=True,
                na_values=MISSING,
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


def tidied(frame: pd.DataFrame) -> pd.DataFrame:
    """Name or drop a column without a name."""
    blank = frame.columns[0] == "Unnamed: 0"
    if blank and is_row_number(frame.iloc[:, 0]):
        frame = frame.iloc[:, 1:]
    elif blank and "time" not in frame.columns:
        frame = frame.rename(columns={"Unnamed: 0": "time"})
    return frame


def is_row_number(column: pd.Series) -> bool:
    """Tell the index that ``DataFrame.to_csv`` writes in front."""
    return bool(np.array_equal(column.to_numpy(), np.arange(len(column))))


# What is refused


def refuse_no_rows(frame: pd.DataFrame, name: str) -> None:
    """Refuse a table without rows."""
    if len(frame) == 0:
        raise ValueError(f"{name} has a header and no rows; give rows to learn from.")


def refuse_no_header(header: list[str], name: str) -> None:
    """Refuse a first line that is a row: a date, and numbers."""
    if NUMBERS.match(header[0]) and all(is_value(field) for field in header):
        raise ValueError(
            f"The first line of {name} holds values, {', '.join(header[:3])}; put a "
            "line with the names of the columns before it."
        )


def is_value(field: str) -> bool:
    """Tell a field of a row, a date, a number or nothing, from a name."""
    try:
        return (
            not field or bool(NUMBERS.match(field)) or bool(np.isfinite(float(field)))
        )
    except ValueError:
        return re.match(COMMA_NUMBER, field) is not None


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

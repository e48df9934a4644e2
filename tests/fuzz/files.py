"""Tables as people save them, and what may have happened to a file on its way."""

import gzip
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["BYTES", "OPTIONS", "PLACES", "TEXTS", "FileCase", "rows_of", "write"]

ROLES = ("fit", "data", "future")


def rows_of(role: str) -> pd.DataFrame:
    """Return the rows of a role: to learn from, observed since, or still to come."""
    first, n = {"fit": (0, 60), "data": (60, 12), "future": (60, 12)}[role]
    hours = first + np.arange(n)
    rng = np.random.default_rng(first + len(role))
    return pd.DataFrame(
        {
            "time": pd.Timestamp("2024-01-01") + pd.to_timedelta(hours, unit="h"),
            "temp": rng.integers(0, 99, n) / 2,
            "load": 1000 + rng.integers(0, 999, n) / 4,
        }
    )


def by_frame(change: Callable) -> Callable:
    """Change the table before it is written."""
    return lambda text: change(
        pd.read_csv(io.StringIO(text), parse_dates=["time"])
    ).to_csv(index=False)


def by_line(change: Callable, at: int = 4) -> Callable:
    """Change one line of the text."""

    def changed(text: str) -> str:
        lines = text.splitlines()
        lines[at] = change(lines[at])
        return "\n".join(lines) + "\n"

    return changed


def by_header(header: str) -> Callable:
    return by_line(lambda line: header, at=0)


def times(form: str) -> Callable:
    return by_frame(lambda frame: frame.assign(time=frame["time"].dt.strftime(form)))


def in_field(value: str, column: int = 2) -> Callable:
    """Put another value into one field."""

    def changed(line: str) -> str:
        fields = line.split(",")
        fields[column] = value
        return ",".join(fields)

    return by_line(changed)


def mixed_dates(frame: pd.DataFrame) -> pd.DataFrame:
    first = frame["time"].dt.strftime("%d/%m/%Y %H:%M")
    return frame.assign(
        time=first.where(np.arange(len(frame)) < 6, frame["time"].astype(str))
    )


def mixed_zones(frame: pd.DataFrame) -> pd.DataFrame:
    offsets = np.where(np.arange(len(frame)) % 2, "+01:00", "+02:00")
    return frame.assign(time=frame["time"].astype(str) + offsets)


def with_commas(text: str) -> str:
    return text.replace(",", ";").replace(".", ",")


TEXTS: dict[str, Callable] = {
    "semicolons": lambda text: text.replace(",", ";"),
    "decimal commas": with_commas,
    "decimal commas, commas between": lambda text: text.replace(".", ","),
    "tabs": lambda text: text.replace(",", "\t"),
    "bars": lambda text: text.replace(",", "|"),
    "blanks between": lambda text: text.replace(",", " "),
    "blanks after commas": lambda text: text.replace(",", ", "),
    "all quoted": lambda text: "\n".join(
        ",".join(f'"{f}"' for f in line.split(",")) for line in text.splitlines()
    ),
    "an open quote": in_field('"12'),
    "a quote inside": in_field('1"2'),
    "single quotes": in_field("'12'"),
    "an empty line": by_line(lambda line: f"\n{line}"),
    "many empty lines": lambda text: "\n\n\n" + text.replace("\n", "\n\n"),
    "blank lines": by_line(lambda line: f"   \n{line}"),
    "empty fields": by_line(lambda line: ",,"),
    "a comment": lambda text: f"# of the station\n{text}",
    "units under the header": by_line(lambda line: f"{line}\nUTC,degC,MW", at=0),
    "a footer": lambda text: text + "Total,,12345\n",
    "one field more": by_line(lambda line: f"{line},7"),
    "one field less": by_line(lambda line: line.rpartition(",")[0]),
    "a field more in all rows": lambda text: text.replace("\n", ",\n", -1),
    "ragged": lambda text: "\n".join(
        line + ",1" * (i % 3) for i, line in enumerate(text.splitlines())
    ),
    "no header": lambda text: text.partition("\n")[2],
    "the header twice": lambda text: text.splitlines()[0] + "\n" + text,
    "the header again": by_line(lambda line: f"{line}\ntime,temp,load"),
    "no rows": lambda text: text.splitlines()[0] + "\n",
    "one row": lambda text: "\n".join(text.splitlines()[:2]),
    "two rows": lambda text: "\n".join(text.splitlines()[:3]),
    "nothing": lambda text: "",
    "blanks": lambda text: " \n \n",
    "cut off": lambda text: text[: len(text) // 2 + 3],
    "columns twice": by_header("time,load,load"),
    "columns twice by blanks": by_header("time,load,load "),
    "upper case": by_header("TIME,TEMP,LOAD"),
    "names with blanks": by_header(" time , temp , load "),
    "names without": by_header(",,"),
    "an empty name": by_header("time,,load"),
    "a first name lacks": by_header(",temp,load"),
    "names of numbers": by_header("0,1,2"),
    "names with brackets": by_header("time,[red]temp,load{x}%s"),
    "names that move the cursor": by_header("time,te\x1b[2Jmp,load"),
    "very long name": by_header("time,temp," + "x" * 5000),
    "name of an index": by_header("time,index,load"),
    "names of interval ends": by_header("time,load_lower,load"),
    "day first": times("%d.%m.%Y %H:%M"),
    "month first": times("%m/%d/%Y %H:%M"),
    "two digits of a year": times("%d/%m/%y %H:%M"),
    "am and pm": times("%Y-%m-%d %I:%M %p"),
    "month names": times("%d %b %Y %H:%M"),
    "iso with T": times("%Y-%m-%dT%H:%M:%S"),
    "iso in UTC": times("%Y-%m-%dT%H:%M:%SZ"),
    "compact": times("%Y%m%d%H%M"),
    "weekday names": times("%A %H:%M"),
    "times without dates": times("%H:%M"),
    "dates without times": times("%Y-%m-%d"),
    "seconds since 1970": by_frame(lambda f: f.assign(time=f["time"].astype("int64"))),
    "numbers of Excel": by_frame(
        lambda f: f.assign(time=45292 + np.arange(len(f)) / 24)
    ),
    "years": by_frame(lambda f: f.assign(time=1950 + np.arange(len(f)))),
    "mixed dates": by_frame(mixed_dates),
    "mixed zones": by_frame(mixed_zones),
    "year 9999": in_field("9999-01-01 00:00:00", 0),
    "year 1": in_field("0001-01-01 00:00:00", 0),
    "year 1677": in_field("1677-01-01 00:00:00", 0),
    "no such day": in_field("2024-02-31 00:00:00", 0),
    "24 o'clock": in_field("2024-01-01 24:00:00", 0),
    "no time": in_field("", 0),
    "text as time": in_field("yesterday", 0),
    "a number as time": in_field("7", 0),
    "a time twice": by_line(lambda line: f"{line}\n{line}"),
    "backwards": by_frame(lambda f: f[::-1]),
    "shuffled": by_frame(lambda f: f.sample(frac=1, random_state=0)),
    "a hole": by_frame(lambda f: f.drop(index=[4, 5])),
    "irregular": by_frame(
        lambda f: f.assign(time=f["time"] + pd.to_timedelta(f["temp"], unit="min"))
    ),
    "text as number": in_field("broken"),
    "n/a": in_field("n/a"),
    "NULL": in_field("NULL"),
    "infinite": in_field("inf"),
    "minus infinite": in_field("-Infinity", 1),
    "1e400": in_field("1e400"),
    "1e300": in_field("1e300"),
    "1e-320": in_field("1e-320"),
    "a million digits": in_field("1" * 10_000),
    "hexadecimal": in_field("0x1f"),
    "underscores": in_field("1_000"),
    "apostrophes": in_field("1'000"),
    "a percentage": in_field("12%"),
    "a currency": in_field("12 €"),
    "arabic digits": in_field("١٢"),
    "true": in_field("true"),
    "a formula": in_field("=A1"),
    "complex": in_field("1+2j"),
    "a list": in_field('"[1, 2]"'),
    "NaN in all": by_frame(lambda f: f.assign(load=np.nan)),
    "text in all": by_frame(lambda f: f.assign(load="x")),
    "constant": by_frame(lambda f: f.assign(load=7)),
    "without a target": by_frame(lambda f: f.drop(columns="load")),
    "without covariates": by_frame(lambda f: f.drop(columns="temp")),
    "time last": by_frame(lambda f: f[["load", "temp", "time"]]),
    "many columns": by_frame(
        lambda f: f.join(pd.DataFrame(1.5, f.index, [f"c{i}" for i in range(60)]))
    ),
    "a huge field": in_field("x" * 200_000),
    "html": lambda text: f"<!DOCTYPE html><html><body>{text}</body></html>",
    "json": lambda text: '[{"time": "2024-01-01", "load": 1}]',
    "prose": lambda text: "There is no table in here, only words.\nNone at all.\n",
    "one column": lambda text: "\n".join(
        line.split(",")[2] for line in text.splitlines()
    ),
}


def compressed(data: bytes) -> bytes:
    """Return a gzip file that is the same at any time."""
    return gzip.compress(data, mtime=0)


def flipped(data: bytes) -> bytes:
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


def as_parquet(data: bytes) -> bytes:
    frame = pd.read_csv(io.BytesIO(data))
    if "time" in frame:
        frame["time"] = pd.to_datetime(frame["time"])
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


BYTES: dict[str, Callable] = {
    "as it is": lambda data: data,
    "BOM": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda data: data.decode().encode("utf-16-le"),
    "UTF-32": lambda data: data.decode().encode("utf-32"),
    "Latin-1": lambda data: data.replace(b"temp", "Größe".encode("latin-1")),
    "no encoding": lambda data: data.replace(b"temp", b"t\x81\x8dmp"),
    "half a character": lambda data: data + b"\xc3",
    "NUL": lambda data: data.replace(b"temp", b"te\0mp"),
    "NUL at the end": lambda data: data + b"\0" * 512,
    "control characters": lambda data: data.replace(b"temp", b"te\x07mp"),
    "line ends of Windows": lambda data: data.replace(b"\n", b"\r\n"),
    "line ends of old Macs": lambda data: data.replace(b"\n", b"\r"),
    "mixed line ends": lambda data: data.replace(b"\n", b"\r\n", 3),
    "no last line end": lambda data: data.rstrip(b"\n"),
    "form feeds": lambda data: data.replace(b"\n", b"\n\x0c", 2),
    "another blank": lambda data: data.replace(b" ", "\u00a0".encode()),
    "gzip": compressed,
    "gzip, cut off": lambda data: compressed(data)[:-20],
    "gzip, flipped": lambda data: flipped(compressed(data)),
    "gzip of nothing": lambda data: compressed(b""),
    "gzip twice": lambda data: compressed(compressed(data)),
    "gzip and more": lambda data: compressed(data) + b"more",
    "parquet": as_parquet,
    "parquet, cut off": lambda data: as_parquet(data)[:-30],
    "parquet, flipped": lambda data: flipped(as_parquet(data)),
    "parquet in gzip": lambda data: compressed(as_parquet(data)),
    "parquet's name alone": lambda data: b"PAR1",
    "zip": lambda data: b"PK\x03\x04" + data,
    "a picture": lambda data: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "zeros": lambda data: b"\0" * 1000,
    "ones": lambda data: b"\xff" * 1000,
}


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_circle(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


PLACES: dict[str, Callable] = {
    "there": lambda path: None,
    "a folder": a_folder,
    "nothing": Path.unlink,
    "links in a circle": a_circle,
}

OPTIONS: dict[str, tuple[str, ...]] = {
    "--target": ("load", "laod", "time", "temp", "", ",", "load,load", "load,temp"),
    "--known": ("temp", "tepm", "time", "load", ""),
    "--past": ("temp", "load", ""),
    "--drop": ("temp", "load", "time", "*"),
    "--series": ("temp", "nowhere", "load", "time", ""),
    "--time": ("time", "temp", "load", "nowhere", "time,temp", "time,temp,load", ""),
    "--freq": ("h", "15min", "D", "banana", "0h", "-1h", "W", "100000D", "ns", ""),
    "--tz": ("Europe/Berlin", "UTC", "Mars/Olympus", "..", "", "+01:00", "\0"),
    "--date-format": ("%Y-%m-%d %H:%M:%S", "%d", "%", "%Q", "", "ISO8601", "{}"),
    "--horizon": ("4", "0", "-1", "1e3", "99999999999999999999", "x", "20", "21"),
    "--calibration": ("0", "0.3", "1", "-1", "nan", "inf", "59", "60", "1e99", "x"),
    "--set": ("season=7", "season=0", "season", "=", "season=", "x=1", "season=[1]"),
    "--country": ("DE", "XX", "", "\u00e4"),
}


@dataclass(frozen=True)
class FileCase:
    """Which file is odd, and in what; ``options`` are those of ``fit``.

    With ``coverage`` forecasts are asked for with intervals.
    """

    role: str = "fit"
    text: tuple[str, ...] = ()
    data: str = "as it is"
    place: str = "there"
    options: tuple[tuple[str, int], ...] = ()
    coverage: str | None = None

    def arguments(self) -> list[str]:
        """Return the options of ``fit``."""
        given = {"--target": "load", "--known": "temp", "--horizon": "4"}
        if self.coverage is not None:
            given["--calibration"] = "20"
        given |= {
            name: OPTIONS[name][i % len(OPTIONS[name])] for name, i in self.options
        }
        return [part for name, value in given.items() for part in (name, value)]


def write(case: FileCase, role: str, path: Path) -> bool:
    """Write the file of a role; False where one oddity undoes another."""
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(True)
    text = rows_of(role).to_csv(index=False)
    if role != case.role:
        path.write_text(text)
        return True
    try:
        for name in case.text:
            text = TEXTS[name](text)
        path.write_bytes(BYTES[case.data](text.encode()))
    except Exception:  # of pandas: what is left is no table that it reads
        return False
    PLACES[case.place](path)
    return True

"""What a command leaves behind: whole files or none, JSON, plain tables."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

__all__ = [
    "DIGITS",
    "TABLES",
    "check_output",
    "print_json",
    "replaced",
    "size_of",
    "write_frame",
]

TABLES = (".csv", ".csv.gz", ".parquet")
DIGITS = "%.10g"  # of a number in a table


def check_output(
    path: Path | None,
    suffixes: Sequence[str],
    option: str = "-o",
    inputs: Sequence[str | None] = (),
) -> None:
    """Refuse, before any work, a file that could not be written after it.

    Raises
    ------
    ValueError
        If the name says nothing of the kind of file, or is that of an input.
    OSError
        If the place cannot be written to.
    """
    if path is None:
        return
    place = place_of(path, option)
    if place.is_dir():
        raise IsADirectoryError(f"{option} {path} is a folder; name a file in it.")
    if not path.name.lower().endswith(tuple(suffixes)):
        raise ValueError(f"{option} {path} must end in {' or '.join(suffixes)}.")
    if any(given and is_same(place, Path(given)) for given in inputs):
        raise ValueError(
            f"{option} {path} is a file that is read, and would be lost; give another "
            "name."
        )
    if place.exists() and not place.is_file():
        raise ValueError(f"{option} {path} is no regular file; give another name.")
    if not place.parent.is_dir():
        folder = path.parent if path.parent.resolve() == place.parent else place.parent
        raise FileNotFoundError(
            f"{option} {path} cannot be written: there is no folder {folder}. "
            "Make it, or give another place."
        )
    try:  # permissions do not tell of a full or read-only disk
        with tempfile.TemporaryFile(dir=place.parent):
            pass
    except OSError as error:
        raise type(error)(
            f"{option} {path} cannot be written ({error.strerror}); give another place."
        ) from None


def place_of(path: Path, option: str) -> Path:
    """Return where a file would lie, behind links."""
    try:
        place = path.resolve()
        with suppress(FileNotFoundError, NotADirectoryError):
            place.lstat()
        return place
    except (OSError, RuntimeError) as error:  # a name too long; links in a circle
        reason = getattr(error, "strerror", None) or "its links lead in a circle"
        raise OSError(
            f"{option} {path} cannot be written ({reason}); give another name."
        ) from None


def is_same(path: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file."""
    return path.exists() and other.exists() and path.samefile(other)


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Yield a file beside the one wanted, which takes its place once it is whole.

    Whatever ends the block early, Ctrl-C too, leaves what was there before.
    """
    path = path.resolve()  # a link stays one
    # the name in part: it may be as long as names can be
    handle, name = tempfile.mkstemp(path.suffix, f".{path.name[:40]}.", path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(mode_of(path))
        os.replace(beside, path)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def mode_of(path: Path) -> int:
    """Return the permissions of a file: those that it has, or usual ones."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def write_frame(frame: Any, path: Path) -> None:
    """Write a table by the kind of file that its name says."""
    with replaced(path) as beside:
        if path.name.lower().endswith(".parquet"):
            frame.to_parquet(beside, engine="pyarrow", index=False)
        else:
            frame.to_csv(beside, index=False, float_format=DIGITS)


def size_of(path: Path) -> str:
    """Return the size of a file, in words."""
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(size // 1000, 1)} kB"


def print_json(values: dict[str, Any]) -> None:
    """Print one object: numbers of numpy as numbers, what is unknown as null."""
    text = json.dumps(plain(values), indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(text + "\n")


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value if isinstance(value, str | int | bool | None) else str(value)

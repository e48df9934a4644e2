"""What a command leaves behind: whole files or none, JSON, plain tables."""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from skinformer._files import check_target, replaced

__all__ = [
    "DIGITS",
    "check_output",
    "print_json",
    "size_of",
    "write_frame",
]

DIGITS = "%.10g"  # of a number in a table
C1 = re.compile(r"[\x7f-\x9f]")  # the control characters that json leaves as they are


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
        If its name has none of the suffixes, or it is one of the inputs.
    OSError
        If the place cannot be written to.
    """
    if path is None:
        return
    check_target(path, f"{option} {path}", suffixes)
    if any(given and is_same(path, Path(given)) for given in inputs):
        raise ValueError(
            f"{option} {path} is a file that is read, and would be lost; give another "
            "name."
        )


def is_same(path: Path, other: Path) -> bool:
    """Tell whether two paths lead to one file."""
    return path.exists() and other.exists() and path.samefile(other)


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
    # a column's name may hold what commands the terminal
    sys.stdout.write(C1.sub(lambda found: rf"\u{ord(found[0]):04x}", text) + "\n")


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

"""Records of runs: one JSON object a line, one file a task."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.results.models import overrides_of
from benchmarks.results.tasks import version_of

__all__ = ["FOLDER", "Key", "append", "counts", "current", "read"]

FOLDER = Path(__file__).parent / "records"


class Key(NamedTuple):
    """What a record is the record of."""

    task: str
    model: str
    horizon: int
    seed: int

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Key":
        """Return the key of a record."""
        return cls(*(record[name] for name in cls._fields))


def read(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Return all records, in the order of tasks and lines."""
    return [
        record for path in sorted(folder.glob("*.jsonl")) for record in read_file(path)
    ]


def read_file(path: Path) -> Iterable[dict[str, Any]]:
    """Yield the records of a file; a last line that was cut off is none."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(True), start=1):
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            if line.endswith("\n"):
                raise ValueError(f"{path}, line {number}, is no record") from error


def append(record: dict[str, Any], folder: Path = FOLDER) -> None:
    """Write a record in one piece, so that runs beside one another may."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record['task']}.jsonl"
    drop_cut_line(path)
    line = json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def drop_cut_line(path: Path) -> None:
    """Remove what a killed writer left at the end of a file."""
    if not path.exists():
        return
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        path.write_bytes(whole)


def counts(record: dict[str, Any]) -> bool:
    """Tell whether a record is of the code and of the variant as they are now."""
    model = record["model"]
    same_variant = record["overrides"] == overrides_of(model)
    return record["version"] == version_of(model) and same_variant


def current(records: Iterable[dict[str, Any]]) -> dict[Key, dict[str, Any]]:
    """Return the records that count, the latest of each key."""
    return {Key.of(record): record for record in records if counts(record)}

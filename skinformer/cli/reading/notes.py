"""What was found of a table, as a model file keeps it."""

from dataclasses import asdict
from typing import Any, TypeVar

__all__ = ["from_notes", "to_notes"]

Found = TypeVar("Found")


def to_notes(found: Any) -> dict[str, Any]:
    """Return the fields of a dataclass, with lists in place of tuples."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(found).items()}


def from_notes(kind: type[Found], notes: dict[str, Any]) -> Found:
    """Read what :func:`to_notes` has written."""
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in notes.items()})

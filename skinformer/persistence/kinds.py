"""How values become JSON and come back: a table of kinds, one for each tag.

A JSON object with one key is a tagged value; ``{"tuple": [1, 2]}`` is ``(1, 2)``. What
has no kind is refused by name.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from skinformer.exceptions import ModelFileError

if TYPE_CHECKING:
    from .reading import Reader
    from .writing import Writer

__all__ = ["KINDS", "Kind", "Malformed", "need", "refuse", "register", "room_of"]

LONGEST = 200  # of what is told of a file


class Malformed(ValueError):
    """What a file holds is not as it is written."""


class Kind(NamedTuple):
    """A kind of value: what it is called, and the way there and back."""

    tag: str
    write: Callable[[Any, str, "Writer"], Any]
    read: Callable[[Any, "Reader"], Any]


# by tag
KINDS: dict[str, Kind] = {}


def register(
    tag: str,
    write: Callable[[Any, str, "Writer"], Any],
    read: Callable[[Any, "Reader"], Any],
) -> Kind:
    """Add a kind to the table."""
    KINDS[tag] = Kind(tag, write, read)
    return KINDS[tag]


def need(holds: Any, what: str) -> None:
    """Raise unless a file is as it is written."""
    if not holds:
        raise Malformed(what[:LONGEST])


def room_of(n_bytes: int) -> int:
    """Return the bytes that a model may take, of a file of some bytes.

    Ranges, text and what is held in several places are larger than what is stored.
    """
    return 2**26 + 8 * n_bytes


def refuse(path: str, value: Any, remedy: str) -> ModelFileError:
    """Return the error of a value that a file cannot hold."""
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    kind = kind.removeprefix("builtins.")
    name = getattr(value, "__qualname__", "")
    shown = f"the {kind} {name!r}" if name else f"a {kind}"
    return ModelFileError(f"{path} is {shown}, which no model file can hold. {remedy}")

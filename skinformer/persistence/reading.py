"""From the entries of a file to a model; nothing is unpickled, nothing is run.

The modules that are only imported here register the kinds of values that they read.
"""

import contextlib
import json
import sys
from typing import Any

import numpy as np

from skinformer.series.grid import Grid

from . import boosting, foreign, frames, nets, objects, prophets, splines, times  # noqa: F401
from .archive import ARRAYS, MODEL, STEPS, parse_json
from .kinds import KINDS, need, room_of

__all__ = ["Reader", "content_of", "model_of"]

CONTENT = {"header", "notes", "shared", "model"}
MOST_ALIKE = 64  # different values of one hash


class Reader:
    """Makes values of nodes.

    Parameters
    ----------
    arrays : list of ndarray
    steps : bytes or None
        What skops wrote.
    device : str or None
        Where networks go; None for the device that the model names.
    room : int
        Bytes that ranges, text and arrays may take together.

    Attributes
    ----------
    shared : list
        Objects that several others hold.
    target : str
        Device of the network that is being read.
    """

    def __init__(
        self,
        arrays: list[np.ndarray],
        steps: bytes | None,
        device: str | None = None,
        room: int = 2**26,
    ):
        self.shared: list[Any] = []
        self.device, self.target = device, "cpu"
        self._arrays, self._room = arrays, room
        self._alike: dict[int, set[str]] = {}
        self._steps = None if steps is None else foreign.unpack(steps)

    def read(self, node: Any) -> Any:
        """Return the value of a node."""
        if node is None or type(node) in (bool, str, float):
            return node
        if type(node) is int:
            if abs(node) >= sys.hash_info.modulus:  # others are their own hash
                self.tell_apart(node, node)
            return node
        if type(node) is list:
            return [self.read(item) for item in node]
        need(type(node) is dict and len(node) == 1, "a tagged value")
        ((tag, content),) = node.items()
        if tag == "shared":
            return pick(self.shared, content)
        need(tag in KINDS, f"a tag that this release knows, not {tag!r}")
        return KINDS[tag].read(content, self)

    def array(self, number: Any, order: str) -> np.ndarray:
        """Return an array by its number: the same one each time."""
        array = pick(self._arrays, number)
        self.spend(array.nbytes)
        return array.T if order == "F" else array

    def step(self, number: Any) -> Any:
        """Return an estimator that skops wrote."""
        return pick(self._steps or [], number)

    def spend(self, n_bytes: int) -> None:
        """Raise before a small file makes a large model."""
        self._room -= n_bytes
        need(self._room >= 0, "a model that is not far larger than its file")

    def tell_apart(self, value: Any, node: Any) -> None:
        """Raise if too many different values have one hash: a dict of them is slow."""
        with contextlib.suppress(TypeError):  # a list in it has no hash
            alike = self._alike.setdefault(hash(value), set())
            alike.add(json.dumps(node))
            need(len(alike) <= MOST_ALIKE, "values that are told apart")


def pick(values: list, number: Any) -> Any:
    """Return one of some values by its number."""
    need(type(number) is int and 0 <= number < len(values), "a number of what is held")
    return values[number]


def content_of(entries: dict[str, bytes]) -> dict:
    """Return the JSON of a file, by its parts."""
    content = parse_json(entries[MODEL])
    need(type(content) is dict and content.keys() == CONTENT, "the parts of a model")
    need(type(content["header"]) is dict, "a header")
    need(type(content["shared"]) is list, "shared objects")
    return content


def model_of(entries: dict[str, bytes], device: str | None) -> Any:
    """Return the model of the entries of a file."""
    content = content_of(entries)
    room = room_of(sum(map(len, entries.values())))
    reader = Reader(unpack(entries[ARRAYS]), entries.get(STEPS), device, room)
    for node in content["shared"]:
        reader.shared.append(reader.read(node))
        need(isinstance(reader.shared[-1], Grid), "a grid that histories share")
    model = reader.read(content["model"])
    need(objects.is_model(model), "a model")
    return model


def unpack(data: bytes) -> list[np.ndarray]:
    """Return the arrays of a safetensors file, in the order of their numbers."""
    from safetensors.numpy import load

    arrays = load(data)
    names = [str(i) for i in range(len(arrays))]
    need(arrays.keys() == set(names), "arrays by number")
    # those of older releases of safetensors cannot be written to
    each = (arrays[name] for name in names)
    return [array if array.flags.writeable else array.copy() for array in each]

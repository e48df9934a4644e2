"""From a model to the entries of a file."""

import json
from typing import Any

import numpy as np
from pandas.tseries.offsets import BaseOffset
from sklearn.base import BaseEstimator

from skinformer.exceptions import ModelFileError

from . import foreign, nets, objects, prophets
from .archive import ARRAYS, MODEL, MOST_JSON, STEPS
from .boosting import BOOSTING
from .frames import FRAMES
from .kinds import Kind, refuse
from .plain import PLAIN, SCALAR, is_by_columns
from .registry import NAMES, SHARED
from .splines import SPLINES
from .times import OFFSET, TIMES, ZONE, is_zone

__all__ = ["Writer", "entries_of"]

BY_TYPE: dict[type, Kind] = PLAIN | TIMES | FRAMES | SPLINES | BOOSTING | nets.TORCH
BY_TYPE |= dict.fromkeys(NAMES, objects.OBJECT)
INSTEAD = (
    "Give a name, a list or another value of Python, numpy or pandas in its place, or "
    "keep the model with joblib.dump."
)


class Writer:
    """Writes values as nodes of JSON, and keeps the arrays apart.

    Attributes
    ----------
    arrays : list of ndarray
        Each once, however many hold it.
    shared : list of nodes
        Of objects that several hold.
    steps : list of estimators
        Those that skops is to write.
    """

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self.shared: list[Any] = []
        self.steps: list[Any] = []
        self._places: dict[int, int] = {}
        self._kept: list[Any] = []  # an id is that of one object while it is kept

    def write(self, value: Any, path: str) -> Any:
        """Return the node of a value; ``path`` is how errors name it."""
        if value is None or type(value) in (bool, str, int):
            return value
        if type(value) is float and np.isfinite(value):
            return value
        if type(value) is list:
            return [self.write(v, f"{path}[{i}]") for i, v in enumerate(value)]
        if isinstance(value, SHARED) and type(value) in NAMES:
            return {"shared": self._place(value, self._add_shared, path)}
        kind = kind_of(value, path)
        return {kind.tag: kind.write(value, path, self)}

    def add_array(self, value: np.ndarray) -> int:
        """Keep an array, and return its number."""
        return self._place(value, self._add_array)

    def add_step(self, value: Any, path: str) -> int:
        """Keep an estimator for skops, and return its number."""
        return self._place(value, self._add_step, path)

    def _place(self, value: Any, add: Any, *args: Any) -> int:
        if id(value) not in self._places:
            self._kept.append(value)
            self._places[id(value)] = add(value, *args)
        return self._places[id(value)]

    def _add_array(self, value: np.ndarray) -> int:
        self.arrays.append(value)
        return len(self.arrays) - 1

    def _add_shared(self, value: Any, path: str) -> int:
        node = {objects.OBJECT.tag: objects.OBJECT.write(value, path, self)}
        self.shared.append(node)
        return len(self.shared) - 1

    def _add_step(self, value: Any, path: str) -> int:
        foreign.check_trusted(value, path)
        self.steps.append(value)
        return len(self.steps) - 1


def kind_of(value: Any, path: str) -> Kind:
    """Return the kind of a value."""
    made = type(value)
    if made in BY_TYPE:
        return BY_TYPE[made]
    if isinstance(value, np.generic):
        return SCALAR
    if isinstance(value, BaseOffset):
        return OFFSET
    if is_zone(value):
        return ZONE
    found = nets.kind_of(value, path) or prophets.kind_of(value)
    if found is not None:
        return found
    if isinstance(value, BaseEstimator) or made.__module__.startswith("sklearn."):
        return foreign.STEP
    raise refuse(path, value, INSTEAD)


def entries_of(model: Any, header: dict, notes: Any) -> dict[str, bytes]:
    """Return the entries of the file of a model."""
    writer = Writer()
    node = writer.write(model, "")
    content = {
        "header": header,
        "notes": notes,
        "shared": writer.shared,
        "model": node,
    }
    text = json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
    if len(text) > MOST_JSON:
        raise ModelFileError(
            f"The names, labels and settings of the model take {len(text)} bytes, and "
            f"a model file has room for {MOST_JSON}. Keep fewer series in one model."
        )
    entries = {MODEL: text, ARRAYS: pack(writer.arrays)}
    if writer.steps:
        entries[STEPS] = foreign.pack(writer.steps)
    return entries


def pack(arrays: list[np.ndarray]) -> bytes:
    """Return arrays as safetensors, which stores them row by row."""
    from safetensors.numpy import save

    return save({str(i): as_stored(array) for i, array in enumerate(arrays)})


def as_stored(array: np.ndarray) -> np.ndarray:
    """Return numbers in rows, those of columns on their side, stamps as counts."""
    if array.dtype.kind in "mM":
        array = array.astype(array.dtype.newbyteorder("=")).view(np.int64)
    if is_by_columns(array):
        array = array.T
    return np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")

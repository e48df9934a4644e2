"""What skops trusts, and we do not: what is harmless as a type, not as numbers.

Compiled code of scikit-learn, scipy and numpy follows some numbers without looking
where they lead. Where these can be checked they are, else the type is refused, both
ways.
"""

import gc
import io
import json
import types
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.preprocessing import OneHotEncoder

from .kinds import need, room_of
from .plain import LENGTH_MT

__all__ = ["check_made", "check_nodes", "nodes_of", "strange_in"]

# of modules: support vectors, neighbours and centres of any shape are read as they are
MODULES = (
    "sklearn.cluster.",
    "sklearn.feature_extraction.",
    "sklearn.neighbors.",
    "sklearn.svm._classes.",
)
# linear, and predicted by numpy
SAFE = {"sklearn.svm._classes.LinearSVC", "sklearn.svm._classes.LinearSVR"}
# whose numbers are places
LOADERS = {"SparseMatrixNode"}
NODE = 64  # bytes that a node counts for


# As skops writes them


def nodes_of(data: bytes) -> Any:
    """Return the tree of nodes of what skops wrote."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return json.loads(archive.read("schema.json"))


def every(node: Any) -> Iterator[dict]:
    """Yield each dict of a tree of JSON."""
    below = node.values() if type(node) is dict else node
    if type(node) is dict:
        yield node
    if type(node) in (dict, list):
        for part in below:
            yield from every(part)


def strange_in(nodes: Any) -> list[str]:
    """Return the types that we do not trust, by name."""
    found = set()
    for node in every(nodes):
        name = f"{node.get('__module__')}.{node.get('__class__')}"
        if node.get("__loader__") in LOADERS:
            found.add(name)
        if name.startswith(MODULES) and name not in SAFE:
            found.add(name)
    return sorted(found)


def check_nodes(data: bytes) -> None:
    """Raise if a small file would make many objects, or large ones, of few.

    A node may be that of another by its number, so that each of some can hold the one
    before it twice.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    weight = weigh(nodes_of(data), sizes, {})
    need(weight <= room_of(len(data)), "steps that are not far larger than their file")


def weigh(node: Any, sizes: dict[str, int], known: dict[Any, int]) -> int:
    """Count the bytes of a node and of all that it holds, each time it is held."""
    if type(node) is list:
        return sum(weigh(part, sizes, known) for part in node)
    if type(node) is not dict:
        return 0
    number = node.get("__id__")
    if number is not None and number in known:
        return known[number]
    known[number] = NODE
    weight = NODE + sum(weigh(part, sizes, known) for part in node.values())
    file = node.get("file")
    weight += sizes.get(file, 0) if type(file) is str else 0
    known[number] = weight
    return weight


# As they were made


def check_made(steps: list) -> None:
    """Raise if compiled code would be led astray by what the steps hold."""
    for value in reached(steps):
        if isinstance(value, np.random.RandomState):
            state: Any = value.get_state(legacy=True)
            kind, _, place, *_ = state
            need(kind == "MT19937" and 0 <= place <= LENGTH_MT, "a place in it")
        if isinstance(value, np.random.Generator):
            made = type(value.bit_generator)
            need(made is np.random.PCG64, "a generator PCG64")
        if isinstance(value, OneHotEncoder):
            check_one_hot(value)
        memory = getattr(value, "__dict__", {}).get("memory")
        need(memory is None, "steps without a cache, which holds pickles")


def reached(value: Any) -> Iterator[Any]:
    """Yield what an object holds, and what that holds, each once."""
    seen, left = {id(value)}, [value]
    while left:
        yield left[-1]
        for held in gc.get_referents(left.pop()):
            if id(held) not in seen and not isinstance(held, OF_CODE):
                seen.add(id(held))
                left.append(held)


OF_CODE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType)


def check_one_hot(encoder: OneHotEncoder) -> None:
    """Raise unless all categories have a column: scipy writes where it is told to."""
    if not hasattr(encoder, "_n_features_outs"):
        return
    counts = encoder._compute_n_features_outs()
    need(encoder._n_features_outs == counts, "columns of categories")
    grouped = getattr(encoder, "_infrequent_enabled", False)
    dropped = encoder._drop_idx_after_grouping
    dropped = [None] * len(counts) if dropped is None else list(dropped)
    maps: list[Any] = [None] * len(counts)
    if grouped:
        maps = encoder._default_to_infrequent_mappings
    need(len(dropped) == len(maps) == len(counts), "columns of categories")
    for i, n in enumerate(counts):
        n += dropped[i] is not None
        need(dropped[i] is None or 0 <= dropped[i] < n, "a category that is dropped")
        groups = np.arange(n) if maps[i] is None else np.asarray(maps[i])
        need(len(groups) == len(encoder.categories_[i]), "groups of categories")
        need(bool(((groups >= 0) & (groups < n)).all()), "groups of categories")
        check_order(encoder.categories_[i])


def check_order(categories: np.ndarray) -> None:
    """Raise unless numbers ascend: they are looked up by bisection."""
    if categories.dtype.kind in "biuf":
        numbers = categories[~np.isnan(categories)]
        ascend = bool((np.diff(numbers.astype(float)) >= 0).all())
        need(ascend and len(categories) - len(numbers) <= 1, "ascending categories")

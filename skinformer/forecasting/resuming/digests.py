"""Values written out, or known by a digest, the same in every process."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator

__all__ = ["digest", "told"]

SIMPLE = (bool, int, float, complex, str, bytes, type(None))
DEEPEST = 12  # beyond it an object may hold itself


def digest(value: Any) -> str:
    """Return the digest of arrays, tensors and what holds them, as "#" and 16 digits.

    >>> digest([1.5, "a"]) == digest([1.5, "b"])
    False
    """
    sums = hashlib.blake2b(digest_size=8)
    add(sums, value)
    return f"#{sums.hexdigest()}"


def add(sums: Any, value: Any) -> None:
    """Add a value to a digest."""
    if isinstance(value, torch.Tensor):
        tensor = value.detach().cpu().contiguous().reshape(-1)
        sums.update(f"{tuple(value.shape)} {value.dtype};".encode())
        sums.update(tensor.view(torch.uint8).numpy())
    elif isinstance(value, np.ndarray) and value.dtype.kind != "O":
        sums.update(f"{value.shape} {value.dtype};".encode())
        sums.update(np.ascontiguousarray(value).reshape(-1).view(np.uint8))
    elif isinstance(value, pd.Index | pd.Series | pd.DataFrame | np.ndarray):
        add(sums, np.asarray(value).tolist())
    elif isinstance(value, Mapping):
        add(sums, [part for pair in value.items() for part in pair])
    elif isinstance(value, list | tuple):
        sums.update(f"{len(value)}[".encode())
        for item in value:
            add(sums, item)
    else:
        sums.update(f"{told(value)};".encode())


def told(value: Any, depth: int = 0) -> str:
    """Write a value out as it is to be compared; sequences are alike, whatever kind.

    >>> told((1, np.float64(0.5))), told({"optimizer": torch.optim.SGD})
    ('[1, 0.5]', "{'optimizer': torch.optim.sgd.SGD}")
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, SIMPLE):
        return repr(value)
    if depth > DEEPEST:
        return named(type(value))
    if isinstance(value, list | tuple | range):
        return f"[{', '.join(told(item, depth + 1) for item in value)}]"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(told(item, depth + 1) for item in value))}}}"
    if isinstance(value, Mapping):
        return f"{{{pairs_told(value, ': ', depth)}}}"
    if isinstance(value, pd.Index) and len(value) <= 8:
        return told(value.tolist(), depth)
    if isinstance(value, np.ndarray | torch.Tensor | pd.Index | pd.Series):
        return digest(value)
    return object_told(value, depth)


def pairs_told(value: Mapping, between: str, depth: int) -> str:
    """Write keys and values out."""
    parts = [
        f"{key if between == '=' else repr(key)}{between}{told(item, depth + 1)}"
        for key, item in value.items()
    ]
    return ", ".join(parts)


def object_told(value: Any, depth: int) -> str:
    """Write an object out by its class, and what it is made of."""
    if hasattr(value, "__qualname__"):  # classes and functions
        return named(value)
    if isinstance(value, np.random.RandomState):
        return f"RandomState({digest(list(value.get_state(legacy=True)))})"
    if isinstance(value, pd.offsets.BaseOffset):
        return value.freqstr
    parts = parts_of(value)
    if not parts:  # of one that is written in C, such as a stamp
        text = repr(value)
        return named(type(value)) if " at 0x" in text else text
    return f"{named(type(value))}({pairs_told(parts, '=', depth)})"


def parts_of(value: Any) -> dict[str, Any] | None:
    """Return what an object is made of: parameters, settings, weights."""
    if isinstance(value, BaseEstimator):
        return value.get_params(deep=False)
    if not hasattr(value, "__dict__"):
        return None
    settings = {
        name: part
        for name, part in vars(value).items()
        if not name.startswith("_") and not name.endswith("_") and name != "training"
    }
    if isinstance(value, torch.nn.Module):
        settings |= value.named_children()
        settings["weights"] = digest(value.state_dict())
    return settings


def named(value: Any) -> str:
    """Return the full name of a class or a function."""
    return f"{getattr(value, '__module__', '')}.{value.__qualname__}"

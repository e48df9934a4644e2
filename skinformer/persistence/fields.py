"""Whether a value is of the type that a field is declared with."""

import types
from numbers import Integral, Real
from typing import Any, Union, get_args, get_origin

import numpy as np

__all__ = ["is_of"]


def is_of(value: Any, hint: Any) -> bool:
    """Say whether a value is of a type, as annotations have it.

    >>> is_of((1, 2), tuple[int, ...]), is_of((1, "a"), tuple[int, ...])
    (True, False)
    >>> is_of(None, int | None), is_of(True, int), is_of(np.float64(2), float)
    (True, False, True)
    """
    if hint in (Any, object):
        return True
    if hint is None or hint is types.NoneType:
        return value is None
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(is_of(value, arg) for arg in args)
    if origin is tuple and args[-1:] == (Ellipsis,):
        return isinstance(value, tuple) and all(is_of(v, args[0]) for v in value)
    if origin is not None:
        return isinstance(value, origin)
    if hint in (int, float):
        number = Integral if hint is int else Real
        return isinstance(value, number) and not isinstance(value, bool | np.bool_)
    if hint is bool:
        return isinstance(value, bool | np.bool_)
    return isinstance(value, hint)

"""One forecaster in several threads.

Who asks it sees one moment of it: all attributes as they were when the call began. Who
changes it works on a copy, which takes its place at once; changes take turns.
"""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from skinformer._forks import new_lock

__all__ = ["as_it_is", "at_one_moment", "changed_at_once"]

Method = TypeVar("Method", bound=Callable[..., Any])
Estimator = TypeVar("Estimator")

# of each estimator that was changed, by its id; beside it, for it is saved and copied
_turns: dict[int, Any] = {}
_looking_up = new_lock()


def turn_of(estimator: Any) -> Any:
    """Return the lock of those who change an estimator."""
    with _looking_up:
        key = id(estimator)
        if key not in _turns:
            _turns[key] = new_lock()
            weakref.finalize(estimator, _turns.pop, key, None).atexit = False
        return _turns[key]


def as_it_is(estimator: Estimator) -> Estimator:
    """Return a shallow copy, which no later change of the estimator reaches."""
    twin = object.__new__(type(estimator))
    twin.__dict__ = dict(vars(estimator))  # at once: no thread comes in between
    return twin


def at_one_moment(method: Method) -> Method:
    """Let a method that changes nothing see its estimator as it is at the call."""

    @wraps(method)
    def asked(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method(as_it_is(self), *args, **kwargs)

    return cast(Method, asked)


@contextmanager
def changed_at_once(estimator: Estimator) -> Iterator[Estimator]:
    """Yield a copy to be changed, which takes the estimator's place after the block.

    All of it or, after an error or Ctrl-C in the block, nothing of it. What the
    attributes refer to must be replaced in the block, not changed in place.
    """
    with turn_of(estimator):
        later = as_it_is(estimator)
        yield later
        estimator.__dict__ = vars(later)

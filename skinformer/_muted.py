"""Warnings of others that are not passed on."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["muted"]

# Python has one list of filters for all threads: blocks that overlap would leave those
# of one another in place
_one_at_a_time = threading.RLock()


@contextmanager
def muted(*categories: type[Warning]) -> Iterator[None]:
    """Ignore warnings of some categories in the block, one thread at a time."""
    with _one_at_a_time, warnings.catch_warnings():
        for category in categories:
            warnings.simplefilter("ignore", category)
        yield

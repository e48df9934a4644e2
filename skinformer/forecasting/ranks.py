"""The place of this process among those that train one network, as torch knows it."""

from torch import distributed

__all__ = ["writes_here"]


def writes_here() -> bool:
    """Say whether this process writes files and bars: the first of those that train."""
    joined = distributed.is_available() and distributed.is_initialized()
    return not joined or distributed.get_rank() == 0

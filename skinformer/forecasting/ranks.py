"""The place of this process among those that train one network, as torch knows it."""

from torch import distributed

__all__ = ["meet", "several_processes", "writes_here"]


def is_joined() -> bool:
    """Say whether this process has joined others, or is one of one."""
    return distributed.is_available() and distributed.is_initialized()


def several_processes() -> bool:
    """Say whether other processes train the same network."""
    return is_joined() and distributed.get_world_size() > 1


def writes_here() -> bool:
    """Say whether this process writes files and bars: the first of those that train."""
    return not is_joined() or distributed.get_rank() == 0


def meet() -> None:
    """Wait until all processes that train together have come here."""
    if is_joined():
        distributed.barrier()

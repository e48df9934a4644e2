"""Locks of open files, which the operating system lets go of when a process ends."""

import os

__all__ = ["take_lock"]


def take_lock(number: int) -> bool:
    """Lock an open file until it is closed; tell whether it can be locked at all.

    Some file systems of clusters have no locks.

    Raises
    ------
    BlockingIOError
        If it is locked.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return take_lock_on_windows(number)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def take_lock_on_windows(number: int) -> bool:  # pragma: no cover
    """Lock a byte of an open file, one beyond what is read of it."""
    import msvcrt

    os.lseek(number, 2**20, os.SEEK_SET)
    try:
        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError as error:
        raise BlockingIOError(str(error)) from None
    os.lseek(number, 0, os.SEEK_SET)
    return True

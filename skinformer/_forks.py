"""What a process has to do so that its forked children can compute.

A fork copies one thread. The others, on which an OpenMP library had shared out its
work, are gone in the child, and the library waits for them for ever: torch and
scikit-learn's trees hang there. GNU's library, which comes with both, can be told to
send its threads home before the fork; parent and child then start new ones when they
need them, and add up in the same order. Other OpenMP libraries see to forks themselves,
and so does OpenBLAS.
"""

import ctypes
import os
import sys
import threading
import weakref
from collections.abc import Iterator
from typing import Any

from threadpoolctl import ThreadpoolController

__all__ = ["new_lock", "prepare_forks"]

GNU = "libgomp"
HARD = 2  # omp_pause_hard of the OpenMP standard: give up the threads

# locks that a thread may hold which the child lacks
_locks: weakref.WeakSet = weakref.WeakSet()


def new_lock() -> Any:
    """Return a lock that its thread may take again, free in every forked child."""
    lock = threading.RLock()
    _locks.add(lock)
    return lock


def gnu_libraries() -> Iterator[ctypes.CDLL]:
    """Yield GNU's OpenMP libraries, of which each package may bring its own."""
    for library in ThreadpoolController().lib_controllers:
        if library.prefix == GNU:
            yield ctypes.CDLL(library.filepath)


def can_pause(library: ctypes.CDLL) -> bool:
    """Say whether a library can give up its threads: those before 2019 cannot."""
    return hasattr(library, "omp_pause_resource_all")


def pause_threads() -> None:
    """Let the libraries give up the threads that they keep for this one."""
    for library in filter(can_pause, gnu_libraries()):
        library.omp_pause_resource_all(HARD)


def ask_for_no_threads() -> None:
    """Let libraries that could not give up their threads work on the one there is."""
    for library in gnu_libraries():
        if not can_pause(library):
            library.omp_set_num_threads(1)


def free_locks() -> None:
    """Make locks new that another thread held when the process was forked."""
    bars = sys.modules.get("tqdm.std")
    of_bars = [bars.TqdmDefaultWriteLock.th_lock] if bars else []
    for lock in [*_locks, *of_bars]:
        if not lock._is_owned():  # by the thread that forked, which is here
            lock._at_fork_reinit()  # as logging does with its own


def after_fork() -> None:
    """Make a forked child fit to compute."""
    free_locks()
    ask_for_no_threads()


def prepare_forks() -> None:
    """See to the forks of this process, from now on."""
    if hasattr(os, "register_at_fork"):  # Windows has no forks
        os.register_at_fork(before=pause_threads, after_in_child=after_fork)

"""One BLAS thread for as long as any fit asks for it."""

from typing import Any

from threadpoolctl import threadpool_limits

from skinformer._forks import new_lock

__all__ = ["one_blas_thread"]


class OneBlasThread:
    """Limits BLAS to one thread in a ``with`` block.

    The limit is the whole process's. Where blocks of several threads overlap, the first
    sets it and the last puts back what was before; each for itself would leave the
    limit of another in place.
    """

    def __init__(self) -> None:
        self._lock = new_lock()
        self._n_inside = 0
        self._limits: Any = None

    def __enter__(self) -> None:
        """Limit BLAS, unless it is already."""
        with self._lock:
            if self._n_inside == 0:
                self._limits = threadpool_limits(1, "blas")
            self._n_inside += 1

    def __exit__(self, *_: object) -> None:
        """Put the number of threads back, if no other block is left."""
        with self._lock:
            self._n_inside -= 1
            if self._n_inside == 0:
                self._limits.restore_original_limits()


one_blas_thread = OneBlasThread()

"""The fits of a backtest: one after another, or at the same time, as joblib is told."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from joblib import effective_n_jobs
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed
from tqdm.auto import tqdm

from .refits import Refits
from .rolling import Roll

__all__ = ["Fits", "each_fit"]

Told = TypeVar("Told")


@dataclass(frozen=True)
class Fits:
    """What all fits share: one object, so that it goes to each worker once.

    Attributes
    ----------
    estimator : object
        Is cloned for each fit.
    rows : Placed
        All of them; each fit takes its own.
    roll : Roll
    refits : Refits
    """

    estimator: Any
    rows: Any
    roll: Roll
    refits: Refits

    def __sizeof__(self) -> int:
        """Count what the rows hold; by this joblib's dask backend tells what to share.

        What seems small to it travels with every task.
        """
        held = (self.rows.X, self.rows.y)
        return LEAST_SHARED + sum(bytes_of(part) for part in held)


# more than the 1,000 bytes from which on joblib's dask backend shares an object: a
# small frame may come with a future_X that holds a large one
LEAST_SHARED = 2000


def bytes_of(values: Any) -> int:
    """Return how much memory a frame, a series or an array takes."""
    if hasattr(values, "memory_usage"):
        return int(np.sum(values.memory_usage(deep=True)))
    return int(getattr(values, "nbytes", sys.getsizeof(values)))


def each_fit(
    work: Callable[[Fits, np.ndarray], Told], fits: Fits, parts: list[np.ndarray]
) -> list[Told]:
    """Return ``work(fits, part)`` of every part of the origins, in their order.

    At the same time where a ``joblib.parallel_config`` around the call says so.
    """
    if len(parts) == 1 or effective_n_jobs(None) == 1:
        return [work(fits, part) for part in parts]
    # a bar belongs to the terminal of this process
    apart = replace(fits.roll, bar=tqdm(disable=True))
    shared = replace(fits, estimator=clone(fits.estimator), roll=apart)
    # tasks that wait keep Dask from taking back the copy that they share
    every = Parallel(pre_dispatch="all")
    done = every(delayed(work)(shared, part) for part in parts)
    fits.roll.bar.update(sum(len(part) for part in parts))
    return done

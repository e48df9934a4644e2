"""On which rows clones are fitted, and how often."""

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from skinformer.forecasting.origins import check_whole

from .rows import Placed

__all__ = ["Refits", "segments"]


@dataclass(frozen=True)
class Refits:
    """On which rows clones are fitted.

    Attributes
    ----------
    train_size : int or None
        Rows before the first origin; None where nothing is fitted.
    max_train_size : int or None
        Rows of a fit at the most.
    refit : bool or int
        Whether, or after how many origins, a clone is fitted anew.
    """

    train_size: int | Any  # Any is None here: nothing is fitted
    max_train_size: int | None
    refit: bool | int

    def __post_init__(self) -> None:
        """Refuse settings out of range, or without ``train_size``."""
        check_refit(self.refit)
        for name in ("train_size", "max_train_size"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name))
        if self.train_size is not None:
            return
        for name in ("max_train_size", "refit"):
            if getattr(self, name) not in (None, False):
                raise ValueError(
                    f"{name}={getattr(self, name)!r} needs train_size, the rows of X "
                    "before the first origin; X and y are then all rows."
                )

    def first_origin(self, rows: Placed) -> int:
        """Return the position after the first ``train_size`` rows, or stamps."""
        if self.train_size >= len(rows.positions):
            raise ValueError(
                f"train_size={self.train_size} leaves no row to forecast: X has "
                f"{len(rows.positions)}. Give more rows, or a lower train_size."
            )
        return int(rows.positions[self.train_size - 1]) + 1

    def training_rows(self, rows: Placed, origin: int) -> slice:
        """Return the given rows, or stamps, that a fit at ``origin`` sees."""
        known = rows.given(0, origin)
        most = known.stop if self.max_train_size is None else self.max_train_size
        return slice(max(known.stop - most, 0), known.stop)


def check_refit(refit: Any) -> None:
    """Refuse what is neither a bool nor a number of origins."""
    whole = isinstance(refit, Integral) and int(refit) >= 1
    if not whole and refit is not False:
        raise ValueError(
            f"refit={refit!r} must be True, False, or an int of at least 1: fit anew "
            "at every so many origins."
        )


def segments(origins: np.ndarray, refit: bool | int) -> list[np.ndarray]:
    """Cut origins into those that share a fit.

    >>> [part.tolist() for part in segments(np.array([4, 6, 8]), 2)]
    [[4, 6], [8]]
    >>> len(segments(np.arange(5), True)), len(segments(np.arange(5), False))
    (5, 1)
    """
    size = int(refit) or len(origins)  # True is one origin
    return [origins[i : i + size] for i in range(0, len(origins), size)]

"""Ridge regressions of several targets, which share a map and deviate from it."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from typing import Any

import numpy as np

from .lazy_arrays import Arrays, LazyArrays, lengths_of
from .moments import Moments, window_moments
from .ridge_regression import Regression
from .window_blocks import Part, WindowBlocks

__all__ = ["Column", "SharedRegression", "sums"]

TOGETHER = 2**20  # rows of series, made one by one, that are held together

# the values of one target, in each series
Column = Callable[[int], Arrays]
Pair = tuple[np.ndarray, np.ndarray]


def sums(of_windows: Callable, zs: Any, blocks: WindowBlocks, parts: list[Part]) -> Any:
    """Sum something over the windows of some parts of series."""
    values, weights = blocks.cut(zs, parts)
    return of_windows(values, blocks.seq_len, blocks.pred_len, weights)


def within(parts: list[Part], first: int, stop: int) -> list[Part]:
    """Return the parts of some series; they stand in the order of these."""
    ends = (bisect_left(parts, s, key=lambda part: part.series) for s in (first, stop))
    return parts[slice(*ends)]


def groups(lengths: Sequence[int], cut: bool) -> list[tuple[int, int]]:
    """Return the first and the last series of groups of a million rows; one if uncut.

    >>> groups([600_000, 600_000, 5, 7], cut=True)
    [(0, 2), (2, 4)]
    """
    if not cut:
        return [(0, len(lengths))]
    found, first, n = [], 0, 0
    for s, length in enumerate(lengths, 1):
        n += length
        if n >= TOGETHER or s == len(lengths):
            found.append((first, s))
            first, n = s, 0
    return found


class SharedRegression:
    """Regressions of several targets: of all together, and of what each adds.

    The windows of all series count in either. What is asked for is given as lists of
    parts: first those of the whole, then those of each block.

    Parameters
    ----------
    column : callable
        Returns the values of one target in the rows that count, a list of one array
        for each series.
    n_targets : int
    blocks : WindowBlocks
    """

    def __init__(self, column: Column, n_targets: int, blocks: WindowBlocks):
        self.column, self.n_targets, self.blocks = column, n_targets, blocks

    def of_target(self, c: int, sets: list[list[Part]]) -> Regression:
        """Sum over the windows of a target: the whole, and each block."""
        whole, *blocks = self.moments(c, sets)
        return Regression.of(whole, blocks)

    def moments(self, c: int, sets: list[list[Part]]) -> list[Moments]:
        """Sum over the windows of a target, for each of some lists of parts.

        Series that are made one by one are made once, some at a time.
        """
        zs = self.column(c)
        totals: list[Moments] = []
        for first, stop in groups(lengths_of(zs), isinstance(zs, LazyArrays)):
            some = {s: zs[s] for s in range(first, stop)}
            each = [
                sums(window_moments, some, self.blocks, within(parts, first, stop))
                for parts in sets
            ]
            totals = list(map(Moments.plus, totals, each)) if totals else each
        return totals

    def together(self, sets: list[list[Part]]) -> Regression:
        """Sum over the windows of all targets."""
        each = (self.of_target(c, sets) for c in range(self.n_targets))
        return reduce(Regression.plus, each)

    def own_errors(
        self, common: list[np.ndarray], sets: list[list[Part]]
    ) -> np.ndarray:
        """Cross-validate the penalties of what targets add to a common map.

        Returns
        -------
        ndarray of shape (n_penalties, pred_len)
        """
        each = (self.of_target(c, sets) for c in range(self.n_targets))
        return reduce(np.add, (own.less(common).errors() for own in each))

    def solutions(
        self, sets: list[list[Part]], penalties: list[np.ndarray], prior: np.ndarray
    ) -> Iterator[list[Pair]]:
        """Yield those of each target: on all windows, then without each block's.

        Each is a pair, without and with the pull, (p, pred_len).
        """
        together, ways = self.together(sets), (False, True)
        common = [together.solutions(penalties[0], pull, prior) for pull in ways]
        if self.n_targets == 1:
            yield list(zip(*common, strict=True))
            return
        for c in range(self.n_targets):
            regression = self.of_target(c, sets)
            own = [
                regression.less(common[pull]).solutions(penalties[1], pull)
                for pull in ways
            ]
            both = [map(np.add, *pair) for pair in zip(common, own, strict=True)]
            yield list(zip(*both, strict=True))

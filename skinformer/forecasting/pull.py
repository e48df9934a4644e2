"""How far later blocks of time ask a map to be pulled back to the mean."""

import numpy as np

from .lazy_arrays import Arrays, each
from .moments import Moments
from .shared_regression import Column, SharedRegression
from .shares import best_shares
from .window_blocks import Part

__all__ = ["asked_pull", "pull_share"]


def pull_share(without: np.ndarray, pulled: np.ndarray, moments: Moments) -> float:
    """Return the share of the way between two solutions that fits some windows best.

    Parameters
    ----------
    without, pulled : ndarray of shape (p, pred_len)
    moments : Moments
        Of the windows.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    The slope is 1.5, that is half the way from 1 to 2:

    >>> one, two = np.ones((1, 1)), np.full((1, 1), 2.0)
    >>> pull_share(one, two, Moments(np.array([[4.0]]), np.array([[6.0]]), 1))
    0.5
    """
    pull = pulled - without
    product = (pull * moments.less(without).cross).sum()
    return float(best_shares(product, (pull * (moments.gram @ pull)).sum()))


def known_before(column: Column, parts: list[Part]) -> Column:
    """Return a reader of rows before the end of parts, less their mean before them.

    Series without a part have no rows.
    """
    ends = {s: (start, stop) for s, start, stop in parts}

    def known(s: int, z: np.ndarray) -> np.ndarray:
        if s not in ends:
            return z[:0]
        start, stop = ends[s]
        return z[:stop] - z[:start].mean()

    def read(c: int) -> Arrays:
        zs = column(c)
        return each(zs, known, [ends.get(s, (0, 0))[1] for s in range(len(zs))])

    return read


def pull_of_block(
    regression: SharedRegression,
    parts: list[Part],
    penalties: list[np.ndarray],
    prior: np.ndarray,
) -> np.ndarray | None:
    """Return what one block would have had, by the rows before: (n_targets,).

    None if no window counts, in the block or before it.
    """
    blocks, n_targets = regression.blocks, regression.n_targets
    before = [Part(s, 0, start) for s, start, _ in parts]
    after = blocks.with_context(parts)
    if not (blocks.any_counts(before) and blocks.any_counts(after)):
        return None
    column = known_before(regression.column, parts)
    known = SharedRegression(column, n_targets, blocks)
    solutions = known.solutions([before], penalties, prior)
    return np.array(
        [
            pull_share(*pair, known.moments(c, [after])[0])
            for c, [pair] in enumerate(solutions)
        ]
    )


def asked_pull(
    regression: SharedRegression, penalties: list[np.ndarray], prior: np.ndarray
) -> np.ndarray:
    """Return the mean of what the later half of the blocks would have had.

    Returns
    -------
    ndarray of shape (n_targets,)
        Zeros where there are fewer than two blocks.
    """
    n = regression.blocks.n_blocks
    later = [regression.blocks.later_block(number) for number in range(n // 2, n)]
    each = [pull_of_block(regression, parts, penalties, prior) for parts in later]
    asked = [shares for shares in each if shares is not None]
    return np.mean(asked, axis=0) if asked else np.zeros(regression.n_targets)

"""From rows that are asked for to blocks that are forecast, and back.

Rows inside a history lie in blocks that start at its first row; those after it in
blocks that start at its end, each of which is fed with the forecasts before it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from skinformer.series.covariates import Covariates
from skinformer.series.history import Stretch
from skinformer.series.timeline import block_of, fitted_starts, future_starts

from .jobs import Jobs

__all__ = ["Ask", "Finish", "Forecast", "Rollout", "forecast_rows", "roll_on"]

# Forecasts blocks, (B, pred_len, n_targets, n_kinds): the first kind is fed back.
Forecast: TypeAlias = Callable[[Jobs], np.ndarray]
# Changes blocks before they are told and fed back: takes them, and which block from the
# end of the history on they are.
Finish: TypeAlias = Callable[[np.ndarray, int], np.ndarray]


class Rollout(NamedTuple):
    """How blocks are forecast, one after another.

    Attributes
    ----------
    pred_len : int
        Rows of a block.
    context : int or None
        Rows before its start that a block may use; None for all.
    forecast, finish : callable
    """

    pred_len: int
    context: int | None
    forecast: Forecast
    finish: Finish


class Ask(NamedTuple):
    """Rows of one series to be forecast.

    Attributes
    ----------
    history : Stretch
    positions : ndarray of shape (n,)
        Counted from the first row of the history.
    given : Covariates of n rows
    """

    history: Stretch
    positions: np.ndarray
    given: Covariates

    def of(self, rows: np.ndarray) -> "Ask":
        """Return some of the rows."""
        return Ask(self.history, self.positions[rows], self.given.take(rows))

    def starts(self, pred_len: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the starts of the blocks inside the history, and after it."""
        rows = self.positions, self.history.n_known, pred_len
        return fitted_starts(*rows), future_starts(*rows)

    def stretch(
        self, starts: np.ndarray, pred_len: int, context: int | None
    ) -> Stretch:
        """Return the rows that the blocks at ``starts`` may use."""
        first = 0 if context is None else max(int(starts.min()) - context, 0)
        stop = max(int(starts.max()) + pred_len, self.history.n_known)
        return self.history.ahead(self.positions, self.given, first, stop)


def forecast_rows(asks: Sequence[Ask], rollout: Rollout) -> list[np.ndarray]:
    """Forecast the rows of every ask, each (n, n_targets, n_kinds)."""
    pred_len = rollout.pred_len
    plans = [ask.starts(pred_len) for ask in asks]
    stretches = [
        ask.stretch(np.concatenate(starts), pred_len, rollout.context)
        for ask, starts in zip(asks, plans, strict=True)
    ]
    fitted = fitted_blocks(asks, plans, stretches, rollout)
    ahead = roll_on(stretches, [len(future) for _, future in plans], rollout)
    return [
        pick_rows(ask, np.concatenate(starts), [*inside, *after], pred_len)
        for ask, starts, inside, after in zip(asks, plans, fitted, ahead, strict=True)
    ]


def pick_rows(
    ask: Ask, starts: np.ndarray, blocks: list[np.ndarray], pred_len: int
) -> np.ndarray:
    """Return the rows that were asked for, out of the blocks at ``starts``."""
    start = block_of(ask.positions, ask.history.n_known, pred_len)
    return np.stack(blocks)[np.searchsorted(starts, start), ask.positions - start]


def fitted_blocks(
    asks: Sequence[Ask],
    plans: list[tuple[np.ndarray, np.ndarray]],
    stretches: list[Stretch],
    rollout: Rollout,
) -> list[list[np.ndarray]]:
    """Forecast the blocks inside the history of every ask."""
    blocks: list[list[np.ndarray]] = [[] for _ in asks]
    which = [i for i, (past, _) in enumerate(plans) if len(past)]
    if not which:
        return blocks
    jobs = [
        (stretches[i], plans[i][0] - (stretches[i].offset - asks[i].history.offset))
        for i in which
    ]
    owner = np.repeat(which, [len(starts) for _, starts in jobs])
    finished = rollout.finish(rollout.forecast(jobs), 0)
    for i, block in zip(owner, finished, strict=True):
        blocks[i].append(block)
    return blocks


def roll_on(
    stretches: list[Stretch],
    n_blocks: Sequence[int],
    rollout: Rollout,
) -> list[list[np.ndarray]]:
    """Forecast so many blocks after the end of each stretch, each fed with the last.

    The first blocks of all stretches are forecast together, then the second ones.

    Returns
    -------
    list of list of ndarray of shape (pred_len, n_targets, n_kinds)
    """
    stretches = list(stretches)
    blocks: list[list[np.ndarray]] = [[] for _ in stretches]
    for number in range(max(n_blocks, default=0)):
        which = np.flatnonzero(np.asarray(n_blocks) > number).tolist()
        for i in which:
            stretches[i] = stretches[i].last_rows(rollout.context)
        jobs = [(stretches[i], np.array([stretches[i].n_known])) for i in which]
        finished = rollout.finish(rollout.forecast(jobs), number)
        for i, block in zip(which, finished, strict=True):
            blocks[i].append(block)
            if n_blocks[i] > number + 1:
                stretches[i] = stretches[i].then_forecast(block[..., 0])
    return blocks

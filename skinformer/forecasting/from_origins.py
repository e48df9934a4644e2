"""From origins to the windows that are forecast after them."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from skinformer.series.covariates import Covariates
from skinformer.series.history import Stretch

from .blocks import Ask, Rollout, roll_on
from .jobs import Jobs
from .origins import AsKnown

__all__ = ["block_job", "forecast_origins"]

# origins that are rolled on together, for the memory of their stretches
ORIGINS_AT_ONCE = 256


class Spot(NamedTuple):
    """An origin in a history, and what was known ahead of it, if not what is stored."""

    history: Stretch
    origin: int
    known: AsKnown | None


def forecast_origins(
    jobs: Jobs,
    n_rows: int,
    rollout: Rollout,
    read: Callable[[Any], Covariates],
    known: Sequence[AsKnown] | None = None,
) -> np.ndarray:
    """Forecast the rows from each origin on, (n_origins, n_rows, n_targets).

    Parameters
    ----------
    jobs : Jobs
        Histories, and origins in each; one after another in what comes back.
    n_rows : int
        Rows from an origin on.
    rollout : Rollout
    read : callable
        Reads covariates as a user gives them.
    known : sequence of AsKnown, optional
        What was known ahead, for each job; by default the covariates stored.
    """
    if known is None and n_rows <= rollout.pred_len:
        blocks = rollout.forecast([block_job(*job, rollout) for job in jobs])
        return rollout.finish(blocks, 0)[:, :n_rows, :, 0]
    each = [None] * len(jobs) if known is None else known
    spots = [
        Spot(history, int(origin), ahead)
        for (history, origins), ahead in zip(jobs, each, strict=True)
        for origin in origins
    ]
    firsts = range(0, len(spots), ORIGINS_AT_ONCE)
    parts = [spots[i : i + ORIGINS_AT_ONCE] for i in firsts]
    return np.concatenate([roll_from(part, n_rows, rollout, read) for part in parts])


def block_job(
    history: Stretch, origins: np.ndarray, rollout: Rollout
) -> tuple[Stretch, np.ndarray]:
    """Return the rows that the blocks at some origins may use, and their starts."""
    ask = Ask(history, np.empty(0, dtype=int), history.covariates.take(slice(0)))
    stretch = ask.stretch(origins, rollout.pred_len, rollout.context)
    return stretch, origins - (stretch.offset - history.offset)


def roll_from(
    spots: Sequence[Spot], n_rows: int, rollout: Rollout, read: Callable
) -> np.ndarray:
    """Forecast block after block from origins, (n_origins, n_rows, n_targets)."""
    n_blocks = -(-n_rows // rollout.pred_len)
    stretches = [stretch_from(spot, n_rows, rollout, read) for spot in spots]
    blocks = np.array(roll_on(stretches, [n_blocks] * len(spots), rollout))[..., 0]
    # (n_origins, n_blocks, pred_len, n_targets) -> (n_origins, n_rows, n_targets)
    return blocks.reshape(len(spots), -1, blocks.shape[3])[:, :n_rows]


def stretch_from(spot: Spot, n_rows: int, rollout: Rollout, read: Callable) -> Stretch:
    """Return what is known at an origin, and covariates of the rows after it."""
    ask = Ask(spot.history.before(spot.origin), *covariates_ahead(spot, n_rows, read))
    starts = np.arange(spot.origin, spot.origin + n_rows, rollout.pred_len)
    return ask.stretch(starts, rollout.pred_len, rollout.context)


def covariates_ahead(
    spot: Spot, n_rows: int, read: Callable
) -> tuple[np.ndarray, Covariates]:
    """Return positions and covariates of the rows ahead: as stored, or as known."""
    (history, origin, known), stop = spot, spot.origin + n_rows
    if known is None:
        positions = np.arange(origin, min(stop, history.n_known))
        return positions, history.covariates.take(positions)
    positions, frame = known.ask(origin, origin, stop)
    nothing = frame is None
    return positions, history.covariates.take(slice(0)) if nothing else read(frame)

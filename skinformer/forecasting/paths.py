"""Paths: forecasts with what they may miss, each block fed with those before it."""

from typing import Any

import numpy as np

from .blocks import Ask, roll_on
from .calibration import CalibratedForecaster
from .jobs import Jobs, slots_of

__all__ = ["draw_paths", "refuse_known"]


def refuse_known(ask: Ask, index: Any) -> None:
    """Refuse to draw rows that have been observed."""
    inside = ask.positions < ask.history.n_known
    if inside.any():
        raise ValueError(
            f"{index[int(inside.argmax())]} is inside the history; paths are drawn of "
            "rows after it."
        )


def draw_paths(
    forecaster: CalibratedForecaster,
    ask: Ask,
    positions: np.ndarray,
    n: int,
    seed: int,
) -> np.ndarray:
    """Draw paths of rows of one ask that lie ahead, (n, n_rows, n_targets).

    With one seed, what series missed together stays together.
    """
    pred_len = forecaster._pred_len
    _, starts = ask.starts(pred_len)
    stretch = ask.stretch(starts, pred_len, forecaster._context_rows())
    starts = starts - (stretch.offset - ask.history.offset)
    seeds = np.random.default_rng(seed).integers(2**31, size=len(starts))

    def finish(blocks: np.ndarray, number: int) -> np.ndarray:
        """Add what forecasts may miss, and keep within the bounds."""
        job = [(stretch, starts[number : number + 1])]
        missed = draw_blocks(forecaster, job, blocks[..., 1:], int(seeds[number]))
        return forecaster._finish_blocks(blocks[..., :1] + missed[..., None])

    rollout = forecaster._rollout(forecaster._point_and_width, finish)
    blocks = roll_on([stretch] * n, [len(starts)] * n, rollout)
    # (n, n_blocks, pred_len, n_targets, 1) -> (n, n_rows_ahead, n_targets)
    rows = np.array(blocks)[..., 0].reshape(n, -1, forecaster.n_targets_)
    return rows[:, positions - ask.history.n_known]


def draw_blocks(
    forecaster: CalibratedForecaster, job: Jobs, widths: np.ndarray, seed: int
) -> np.ndarray:
    """Draw residuals for forecasts of the block of a job, (n, pred_len, n_targets).

    ``widths`` (n, pred_len, n_targets, 0 or 1) are told of each forecast.
    """
    slot, [(stretch, _)] = int(slots_of(job)[0]), job
    told = np.ones(widths.shape[1:3]) if widths.shape[-1] else None
    drawn = forecaster._log.draw(len(widths), slot, stretch.series, told, seed)
    drawn = drawn if told is None else drawn * widths[..., 0]
    return drawn * forecaster._unit_of(job)

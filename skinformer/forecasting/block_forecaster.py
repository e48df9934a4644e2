"""From rows that are asked for to blocks that are forecast, and back."""

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np
from sklearn.base import RegressorMixin

from skinformer.series.history import Stretch

from .blocks import Finish, Forecast, Rollout, forecast_rows
from .from_origins import forecast_origins
from .jobs import Jobs
from .keeper import HistoryKeeper
from .origins import AsKnown
from .placing import Asked

__all__ = ["BlockForecaster"]


class BlockForecaster(RegressorMixin, HistoryKeeper):
    """Base of :class:`BaseForecaster`: rows out of blocks that a subclass forecasts."""

    @abstractmethod
    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        """Forecast blocks of ``pred_len`` rows, (n_blocks, pred_len, n_targets).

        The block at ``starts[i]``, counted from the first row of the stretch, may use
        the targets of the rows before it and the covariates of its own rows.
        """

    def _forecast_jobs(self, jobs: Jobs) -> np.ndarray:
        """Forecast blocks of several stretches, (n_blocks, pred_len, n_targets)."""
        return np.concatenate([self._forecast(*job) for job in jobs])

    def _rollout(self, forecast: Forecast, finish: Finish | None = None) -> Rollout:
        """Return how blocks are forecast one after another, within the bounds."""
        lengths = self._pred_len, self._context_rows()
        return Rollout(*lengths, forecast, finish or self._finish_blocks)

    def _answer(self, asked: Asked, forecast: Forecast) -> np.ndarray:
        """Forecast rows as they are given, (n_rows, n_targets, n_kinds).

        Rows that no series is asked for are zero.
        """
        blocks = forecast_rows(asked.asks, self._rollout(forecast))
        answer = np.zeros((len(asked.index), *blocks[0].shape[1:]))
        for rows, block in zip(asked.which, blocks, strict=True):
            answer[rows] = block
        if not np.isfinite(answer).all():
            raise ValueError(
                "The forecast is not finite: X or the history holds values far beyond "
                "those that were trained on. Look for outliers, or fit again."
            )
        return answer

    def _forecast_point(self, jobs: Jobs) -> np.ndarray:
        """Forecast blocks, (n_blocks, pred_len, n_targets, 1)."""
        return self._forecast_jobs(jobs)[..., None]

    def _finish_blocks(self, blocks: np.ndarray, _: int = 0) -> np.ndarray:
        """Keep blocks (B, pred_len, n_targets, n_kinds) within the bounds."""
        if self._bounds is None:
            return blocks
        return np.moveaxis(self._bounds.clip(np.moveaxis(blocks, 3, 0)), 0, 3)

    def _forecast_origins(
        self, jobs: Jobs, n_rows: int, known: Sequence[AsKnown] | None = None
    ) -> np.ndarray:
        """Forecast the rows from each origin on; see :func:`forecast_origins`."""
        rollout = self._rollout(self._forecast_point)
        return forecast_origins(jobs, n_rows, rollout, self._read_ahead, known)

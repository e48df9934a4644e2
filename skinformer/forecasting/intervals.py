"""How sure a forecast is: intervals and paths, from residuals of rows not seen."""

from functools import partial
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skinformer._turns import at_one_moment

from .calibration import CalibratedForecaster
from .conformal import check_coverage
from .jobs import Jobs, series_of, slots_of
from .origins import check_whole
from .paths import draw_paths, refuse_known
from .placing import Asked
from .seeds import check_seed, draw_seed

__all__ = ["IntervalForecaster"]

# paths that show how errors grow beyond one block
N_PATHS = 400


class IntervalForecaster(CalibratedForecaster):
    """Base of :class:`BaseForecaster`: intervals around forecasts, and paths.

    They rest on residuals of windows whose rows the forecaster has not been trained on.
    """

    @at_one_moment
    def predict_interval(self, X: Any, coverage: float = 0.9) -> np.ndarray:
        """Return an interval for every row that holds its target as often as asked.

        Conformal: as wide as residuals were, per step ahead and per target, in windows
        that neither training, nor early stopping, nor any other choice has seen.
        Residuals count in units of what is usual at their step and place in the season,
        of how large they were lately, and of the quantiles of ``loss="quantile"``: so
        ``update`` widens intervals after misses, and narrows them again. Beyond
        ``pred_len`` residuals are drawn and fed back, block after block, and the
        interval holds as many of these paths.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates of the rows to forecast, as for ``predict``.
        coverage : float, default=0.9
            Share of the targets that lie within.

        Returns
        -------
        ndarray of shape (n_rows, 2) or (n_rows, n_targets, 2)
            Lower and upper end; with an axis for the targets if ``y`` had one.

        Raises
        ------
        ValueError
            If there are no residuals yet, or too few for this coverage, with both
            numbers; and as ``predict`` does.

        Notes
        -----
        The ranks are those of conformal prediction, whose guarantee is for residuals
        that are exchangeable. Those of windows that overlap, of a series that changes,
        are not: how often intervals hold is measured (``docs/coverage.md``), and not
        guaranteed, least of all for one hour or one week. A highway learns from the
        rows that calibrate once these have been measured. Fitted values of rows that
        were trained on lie within too often.

        References
        ----------
        Vovk, Gammerman & Shafer, *Algorithmic Learning in a Random World*, 2005.
        """
        check_is_fitted(self)
        check_coverage(coverage)
        self._check_log(coverage)
        asked = self._ask(X)
        forecast = partial(self._forecast_interval, coverage)
        answer = np.empty((len(asked.index), self.n_targets_, 2))
        near = asked.within(self._pred_len)
        if near.asks:
            answer[:] = self._answer(near, forecast)[..., 1:]
        self._answer_far_rows(answer, asked, coverage)
        return answer[:, 0] if self._one_axis else answer

    @at_one_moment
    def sample_paths(
        self, X: Any, n: int = 100, random_state: Any = None
    ) -> np.ndarray:
        """Draw futures that hang together: for sums and maxima over the horizon.

        Residuals of whole blocks, all steps and targets of one window together, are
        added to the forecast; later blocks are forecast from the path so far. Paths of
        several series that end together are made of residuals of the same times, so
        that sums over series hang together too.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates of rows after the history, as for ``predict``.
        n : int, default=100
            Number of paths.
        random_state : int, RandomState instance or None, default=None
            Seed of the draws.

        Returns
        -------
        ndarray of shape (n, n_rows) or (n, n_rows, n_targets)

        Raises
        ------
        ValueError
            If there are no residuals yet, or a row lies inside the history.

        Notes
        -----
        Paths are as likely as blocks of residuals were; nothing is guaranteed of them.
        Beyond ``pred_len`` blocks are drawn independently.
        """
        check_is_fitted(self)
        check_whole("n", n)
        self._check_log(None)
        asked = self._ask(X)
        for ask, rows in asked.each():
            refuse_known(ask, asked.index[rows])
        paths = np.empty((n, len(asked.index), self.n_targets_))
        seed = draw_seed(check_seed(random_state))
        for ask, rows in asked.each():
            paths[:, rows] = draw_paths(self, ask, ask.positions, n, seed)
        return paths[..., 0] if self._one_axis else paths

    def _forecast_interval(self, coverage: float, jobs: Jobs) -> np.ndarray:
        """Return point, lower and upper end, (n_blocks, pred_len, n_targets, 3)."""
        point, unit, width = self._forecast_with_units(jobs)
        ends = self._log.offsets(coverage, slots_of(jobs), series_of(jobs), width)
        return np.stack([point, *(point + end * unit for end in ends)], axis=-1)

    def _answer_far_rows(
        self, answer: np.ndarray, asked: Asked, coverage: float
    ) -> None:
        """Put, in place, the ends of paths where rows lie beyond the first block."""
        tails = (1 - coverage) / 2, (1 + coverage) / 2
        for ask, rows in asked.each():
            far = ask.positions >= ask.history.n_known + self._pred_len
            if far.any():
                paths = draw_paths(self, ask, ask.positions[far], N_PATHS, seed=0)
                # (2, n_far, n_targets) -> (n_far, n_targets, 2)
                ends = np.moveaxis(np.quantile(paths, tails, axis=0), 0, 2)
                answer[rows[far]] = ends

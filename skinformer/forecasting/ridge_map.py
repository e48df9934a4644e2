"""The closed-form path of a forecast: one linear map from the context to the horizon.

It is a ridge regression over all windows of one series or of many, from sums that
:mod:`~skinformer.forecasting.moments` forms. The slow and fast parts of a forecast each
have a penalty of their own. All targets of all series share one map; each target adds a
deviation of its own, penalised too. Penalties are chosen by cross-validation over
blocks of time, and so is whether they draw the forecast to the last value or to the
shape of the last seasons.

The map is solved twice, with and without a pull back to the mean. Blocks in the middle
cannot tell whether a series returns to its mean: the blocks around them know theirs.
So each target is pulled as far as would have been right for blocks at the end, mapped
by what was before them (at the penalties of all rows). A few blocks may ask for a pull
by chance, so this counts as far as the means of its seasons went back by themselves.
"""

import logging
from typing import Any, Self

import numpy as np

from .lazy_arrays import Arrays, each, lengths_of
from .moments import cosines, output_squares
from .one_blas_thread import one_blas_thread
from .prior_map import seasonal_prior
from .pull import asked_pull
from .reversion import mean_reverted_share
from .ridge_regression import (
    PENALTIES,
    Regression,
    bands,
    best_penalties,
    least_errors,
    tried_outputs,
)
from .shared_regression import Column, SharedRegression, sums
from .usual_size import of_usual_size, together_of_usual_size
from .window_blocks import Part, WindowBlocks, block_of

__all__ = ["RidgeMap"]

logger = logging.getLogger("skinformer")


class RidgeMap:
    """A linear map from context to horizon, solved in closed form.

    Parameters
    ----------
    seq_len, pred_len : int
        Rows of context and of horizon.
    season : int, default=1
        Rows of the season that a penalty may draw to, and whose means show how far a
        series drifts.

    Attributes
    ----------
    coef_ : ndarray of shape (n_targets, seq_len, pred_len)
        What each row of the context adds to each row of the forecast.
    block_coef_ : ndarray of shape (n_blocks, n_targets, seq_len, pred_len) or None
        The same, solved without the windows of one block of time, at the penalties, the
        pull and the means of all rows; the whole one where there are fewer than two
        blocks. None if not asked for.
    center_ : ndarray of shape (n_targets,)
        The means, to which the pull goes back; of several series, which are to be
        centred each by its own mean, zeros.
    edges_ : list of ndarray of shape (n_own_blocks + 1,)
        First rows of the blocks of each series, and the end. Blocks are numbered from
        the end, so that all series have the last one.
    penalties_ : list of ndarray of shape (pred_len,)
        Per window and cosine of the horizon: of the shared map, then of the targets'
        deviations if there are several.
    prior_ : ndarray of shape (seq_len + 1, pred_len)
        Coefficients, for the horizon's cosines, of what the penalties draw to.
    pull_ : ndarray of shape (n_targets,)
        Share of the pull back to the mean, from 0 to 1; 0 where no series has two
        blocks, or sixty seasons.

    Examples
    --------
    A wave goes on:

    >>> wave = np.sin(np.arange(156.0) * np.pi / 6)
    >>> ridge = RidgeMap(seq_len=12, pred_len=3).fit(lambda c: [wave], n_targets=1)
    >>> ridge.forecast(wave[None, -12:, None]).round(1).ravel()  # (1, pred_len, 1)
    array([-0. ,  0.5,  0.9])
    """

    def __init__(self, seq_len: int, pred_len: int, season: int = 1):
        self.seq_len, self.pred_len, self.season = seq_len, pred_len, season

    def fit(
        self,
        column: Column,
        n_targets: int,
        by_block: bool = True,
        weights: list[np.ndarray] | None = None,
    ) -> Self:
        """Learn from all windows of some columns.

        Parameters
        ----------
        column : callable
            Returns the standardised values of one target, a list of one array (n_rows,)
            for each series, of any length; asked for one after another, so that they
            need not be in memory together.
        n_targets : int
        by_block : bool, default=True
            Whether to solve without each block too.
        weights : list of ndarray of shape (n_rows,), or None, default=None
            Of each series' rows as targets, not negative. A window counts with the mean
            of its horizon; one of weight zero is as if it were not there.
        """
        # a small system takes many times longer on several threads, if others run too
        with one_blas_thread:
            blocks = self._set_blocks(column, n_targets, weights)
            regression = self._regression(column, n_targets, blocks)
            self.prior_, self.penalties_ = self._choose_penalties(regression)
            self.pull_ = self._choose_pull(regression)
            sets = blocks.sets()
            maps = self._maps(regression, sets if by_block else sets[:1])
        self._say_choices()
        self.coef_ = maps[0].copy()  # no view, which would keep the other maps alive
        self.block_coef_: np.ndarray | Any = None  # Any is None here
        if by_block:
            self.block_coef_ = maps[1:] if len(maps) > 1 else maps
        return self

    def error_left_out(
        self, zs: Arrays, weights: list[np.ndarray] | None = None
    ) -> float:
        """Return the error of a map of some series on blocks that it has not seen.

        Parameters
        ----------
        zs : list of ndarray of shape (n_rows,)
        weights : list of ndarray of shape (n_rows,), or None, default=None
            As in :meth:`fit`.

        Returns
        -------
        float
            Sum of the squares over the cosines that are tried, in the unit of the
            series, at the best penalties; 0 where there are fewer than two blocks.
        """
        with one_blas_thread:
            blocks = self._set_blocks(lambda c: zs, 1, weights)
            if not blocks.n_blocks:
                return 0.0
            left = [z - self.center_[0] for z in blocks.read(zs)]
            usual = together_of_usual_size(left)
            unit = np.concatenate(left).std() / (np.concatenate(usual).std() or 1.0)
            return float(unit**2 * self._error_on_blocks(usual, blocks))

    def _error_on_blocks(self, zs: Arrays, blocks: WindowBlocks) -> float:
        whole, *parts = blocks.sets()
        regression = SharedRegression(lambda c: zs, 1, blocks)
        errors = self._errors_of_settings(regression.together([whole, *parts]))
        band, tried = bands(self.pred_len), tried_outputs(self.pred_len)
        least = sum(errors[:, band == k].sum(axis=1).min() for k in np.unique(band))
        squares = (sums(output_squares, zs, blocks, part) for part in parts)
        return least + sum(square[tried].sum() for square in squares)

    def forecast(self, context: np.ndarray, block: int | None = None) -> np.ndarray:
        """Map contexts (B, seq_len, n_targets) to forecasts (B, pred_len, n_targets).

        With ``block``, by the map that has not seen the windows of that block.
        """
        coef = self.coef_ if block is None else self.block_coef_[block]
        center = self.center_.astype(context.dtype, copy=False)
        # (n_targets, B, seq_len) @ (n_targets, seq_len, pred_len)
        forecast = np.moveaxis(context - center, 2, 0) @ coef.astype(
            context.dtype, copy=False
        )
        return np.moveaxis(forecast, 0, 2) + center

    def blocks_of(self, starts: np.ndarray, series: np.ndarray | int = 0) -> np.ndarray:
        """Say in which block of time windows start, shape (n_windows,).

        Parameters
        ----------
        starts : ndarray of shape (n_windows,)
            Rows of the window's series.
        series : int or ndarray of shape (n_windows,), default=0
            Which series that is.
        """
        return block_of(self.edges_, starts, series)

    def _set_blocks(
        self, column: Column, n_targets: int, weights: list[np.ndarray] | None
    ) -> WindowBlocks:
        """Set the blocks and the means of the rows."""
        lengths = list(lengths_of(column(0)))
        blocks = WindowBlocks(lengths, self.seq_len, self.pred_len, weights)
        self.edges_ = blocks.edges_of_series()
        self.center_ = np.zeros(n_targets)
        if len(lengths) == 1 and blocks.any_rows():
            self.center_ = np.array(
                [blocks.read(column(c))[0].mean() for c in range(n_targets)]
            )
        return blocks

    def _regression(
        self, column: Column, n_targets: int, blocks: WindowBlocks
    ) -> SharedRegression:
        """Return the regression of the centred rows, each column of usual size."""

        def read(c: int) -> Arrays:
            zs, center = blocks.read(column(c)), self.center_[c]
            return each(zs, lambda _, z: of_usual_size(z - center))

        return SharedRegression(read, n_targets, blocks)

    # What is chosen

    def _say_choices(self) -> None:
        """Log the penalties, and how far targets are drawn back to their means."""
        logger.debug(
            "ridge map of %d rows to %d: penalties %s, pull %s",
            self.seq_len,
            self.pred_len,
            ", ".join(f"{p.min():.3g} to {p.max():.3g}" for p in self.penalties_),
            np.round(self.pull_, 2).tolist(),
        )

    def _choose_penalties(
        self, regression: SharedRegression
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the prior, and penalties of the shared map and of the deviations."""
        sets = regression.blocks.sets()
        together = regression.together(sets)
        prior, penalty = self._choose_prior(together)
        if regression.n_targets == 1:
            return prior, [penalty]
        common = together.solutions(penalty, True, prior)
        del together  # before there are sums of each target
        errors = regression.own_errors(common, sets)
        return prior, [penalty, best_penalties(errors, np.zeros_like(errors[0], int))]

    def _errors_of_settings(self, together: Regression) -> np.ndarray:
        """Return errors of every penalty beside either prior, (2 * n, pred_len)."""
        seasonal = seasonal_prior(self.seq_len, self.pred_len, self.season)
        errors = together.errors_beside([np.zeros_like(seasonal), seasonal])
        return errors.reshape(-1, self.pred_len)

    def _choose_prior(self, together: Regression) -> tuple[np.ndarray, np.ndarray]:
        """Return what each band of cosines is drawn to, and its penalty."""
        errors = self._errors_of_settings(together)
        best = least_errors(errors, bands(self.pred_len))
        is_seasonal, penalty = np.divmod(best, len(PENALTIES))
        seasonal = seasonal_prior(self.seq_len, self.pred_len, self.season)
        return seasonal * is_seasonal, PENALTIES[penalty]

    def _choose_pull(self, regression: SharedRegression) -> np.ndarray:
        """Return what later blocks asked for, times how far each target goes back."""
        back = [
            mean_reverted_share(regression.column(c), self.season, self.pred_len)
            for c in range(regression.n_targets)
        ]
        if not any(back):
            return np.zeros(len(back))
        return asked_pull(regression, self.penalties_, self.prior_) * np.array(back)

    # Maps

    def _maps(self, regression: SharedRegression, sets: list[list[Part]]) -> np.ndarray:
        """Go the share of the pull from one solution to the other, as maps of values.

        Returns
        -------
        ndarray of shape (1 + n_blocks, n_targets, seq_len, pred_len)
            Of all windows, then without each block's.
        """
        solutions = regression.solutions(sets, self.penalties_, self.prior_)
        maps = [
            [
                self._to_map(without + share * (pulled - without))
                for without, pulled in pairs
            ]
            for share, pairs in zip(self.pull_, solutions, strict=True)
        ]
        return np.stack(maps, axis=1)

    def _to_map(self, coef: np.ndarray) -> np.ndarray:
        """Turn coefficients (p, pred_len) into a map of values, (seq_len, pred_len)."""
        coef = coef @ cosines(self.pred_len).T
        on_values = coef[:-1].copy()
        # the last value is taken off the inputs, and put back on the outputs
        on_values[-1] += 1 - coef.sum(axis=0)
        return on_values

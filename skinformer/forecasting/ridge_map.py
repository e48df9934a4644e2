"""The closed-form path of a forecast: one linear map from the context to the horizon.

It is a ridge regression over all windows, from sums that
:mod:`~skinformer.forecasting.moments` forms. The slow and fast parts of a forecast each
have a penalty of their own. All targets share one map; each adds a deviation of its
own, penalised too. Penalties are chosen by cross-validation over blocks of time, and so
is whether they draw the forecast to the last value or to the shape of the last seasons.

The map is solved twice, with and without a pull back to the mean. Blocks in the middle
cannot tell whether a series returns to its mean: the blocks around them know theirs.
So each target is pulled as far as would have been right for blocks at the end, mapped
by what was before them (at the penalties of all rows). A few blocks may ask for a pull
by chance, so this counts as far as the means of its seasons went back by themselves.
"""

from collections.abc import Callable, Iterator
from functools import reduce
from itertools import pairwise
from typing import Self

import numpy as np

from .moments import Moments, cosines, output_squares, window_moments
from .prior_map import seasonal_prior
from .reversion import reverted_share
from .ridge_regression import (
    PENALTIES,
    Regression,
    bands,
    best_penalties,
    least_errors,
    tried_outputs,
)
from .shares import best_shares

__all__ = ["RidgeMap"]

N_BLOCKS = 6
# root mean square, in the unit of penalties, beyond which values are shrunk, and below
# whose inverse they are stretched
FAR = 3.0

NO_BLOCKS = np.empty(0, dtype=int)

Column = Callable[[int], np.ndarray]


def block_edges(n_rows: int, seq_len: int, pred_len: int) -> np.ndarray:
    """Cut the rows that have a whole context before them into blocks of time.

    A block has room for a horizon and some windows more; the targets of two blocks have
    no row in common.

    >>> block_edges(100, seq_len=10, pred_len=20)
    array([ 10,  40,  70, 100])
    """
    n_blocks = min((n_rows - seq_len) // (pred_len + pred_len // 10 + 1), N_BLOCKS)
    return np.linspace(seq_len, n_rows, max(n_blocks, 1) + 1).astype(int)


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


def of_usual_size(z: np.ndarray) -> np.ndarray:
    """Bring centred values (n,) near to one that newer rows have led far from it.

    The map is the same in any unit; penalties are meant for values of about one.

    >>> of_usual_size(np.array([60.0, -60.0])), of_usual_size(np.array([0.5, -0.5]))
    (array([ 3., -3.]), array([ 0.5, -0.5]))
    """
    largest = np.abs(z).max(initial=0.0)
    if largest == 0.0:
        return z
    size = largest * np.sqrt(np.mean((z / largest) ** 2))
    return z * (np.clip(size, 1 / FAR, FAR) / size)


def centred(column: Column, center: np.ndarray) -> Column:
    """Return a reader of the same columns, less their means, of usual size."""
    return lambda c: of_usual_size(column(c) - center[c])


def known_before(column: Column, start: int, stop: int) -> Column:
    """Return a reader of rows before ``stop``, less their mean before ``start``."""

    def read(c: int) -> np.ndarray:
        z = column(c)[:stop]
        return z - z[:start].mean()

    return read


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
        The means, to which the pull goes back.
    edges_ : ndarray of shape (n_blocks + 1,)
        First rows of the blocks, and the end.
    penalties_ : list of ndarray of shape (pred_len,)
        Per window and cosine of the horizon: of the shared map, then of the targets'
        deviations if there are several.
    prior_ : ndarray of shape (seq_len + 1, pred_len)
        Coefficients, for the horizon's cosines, of what the penalties draw to.
    pull_ : ndarray of shape (n_targets,)
        Share of the pull back to the mean, from 0 to 1; 0 where there are fewer than
        two blocks, or sixty seasons.

    Examples
    --------
    A wave goes on:

    >>> wave = np.sin(np.arange(156.0) * np.pi / 6)
    >>> ridge = RidgeMap(seq_len=12, pred_len=3).fit(lambda c: wave, n_targets=1)
    >>> ridge.forecast(wave[None, -12:, None]).round(1).ravel()  # (1, pred_len, 1)
    array([-0. ,  0.5,  0.9])
    """

    def __init__(self, seq_len: int, pred_len: int, season: int = 1):
        self.seq_len, self.pred_len, self.season = seq_len, pred_len, season

    def fit(self, column: Column, n_targets: int, by_block: bool = True) -> Self:
        """Learn from all windows of some columns.

        Parameters
        ----------
        column : callable
            Returns the standardised values of one target, (n_rows,); asked for one
            after another, so that they need not be in memory together.
        n_targets : int
        by_block : bool, default=True
            Whether to solve without each block too.
        """
        column = self._centre(column, n_targets)
        self.prior_, self.penalties_ = self._choose_penalties(column, n_targets)
        self.pull_ = self._choose_pull(column, n_targets)
        maps = self._maps(column, n_targets, self._blocks() if by_block else NO_BLOCKS)
        self.coef_ = maps[0].copy()  # no view, which would keep the other maps alive
        self.block_coef_ = None
        if by_block:
            self.block_coef_ = maps[1:] if len(maps) > 1 else maps
        return self

    def error_left_out(self, z: np.ndarray) -> float:
        """Return the error of a map of one series on blocks that it has not seen.

        Parameters
        ----------
        z : ndarray of shape (n_rows,)

        Returns
        -------
        float
            Sum of the squares over the cosines that are tried, in the unit of z, at the
            best penalties; 0 where there are fewer than two blocks.
        """
        centred, edges = self._centre(lambda c: z, 1)(0), self._blocks()
        unit = z.std() / (centred.std() or 1.0)
        errors = self._errors_of_settings(self._regression(centred, edges))
        band, tried = bands(self.pred_len), tried_outputs(self.pred_len)
        least = sum(errors[:, band == k].sum(axis=1).min() for k in np.unique(band))
        given = (centred[a - self.seq_len : b] for a, b in pairwise(edges))
        squares = sum(output_squares(x, self.seq_len, self.pred_len) for x in given)
        return float(unit**2 * (least + np.sum(squares[tried]))) if len(edges) else 0.0

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

    def blocks_of(self, starts: np.ndarray) -> np.ndarray:
        """Say in which block of time windows start, shape (n_windows,)."""
        block = np.searchsorted(self.edges_, starts, side="right") - 1
        return block.clip(0, len(self.block_coef_) - 1)

    def _centre(self, column: Column, n_targets: int) -> Column:
        """Set the blocks and the means of the rows, and return them centred."""
        self.edges_ = block_edges(len(column(0)), self.seq_len, self.pred_len)
        self.center_ = np.array([column(c).mean() for c in range(n_targets)])
        return centred(column, self.center_)

    def _blocks(self) -> np.ndarray:
        """Return the edges of the blocks, if there are several."""
        return self.edges_ if len(self.edges_) > 2 else NO_BLOCKS

    # Regressions: of a column, and of all together

    def _moments(self, z: np.ndarray) -> Moments:
        """Sum over the windows of some rows."""
        return window_moments(z, self.seq_len, self.pred_len)

    def _regression(self, z: np.ndarray, edges: np.ndarray) -> Regression:
        """Sum over the windows of a column, and over those of each block."""
        blocks = [self._moments(z[a - self.seq_len : b]) for a, b in pairwise(edges)]
        return Regression.of(self._moments(z), blocks)

    def _shared(self, column: Column, n_targets: int, edges: np.ndarray) -> Regression:
        """Sum over the windows of all columns."""
        each = (self._regression(column(c), edges) for c in range(n_targets))
        return reduce(Regression.plus, each)

    # What is chosen

    def _choose_penalties(
        self, column: Column, n_targets: int
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the prior, and penalties of the shared map and of the deviations."""
        shared = self._shared(column, n_targets, self._blocks())
        prior, penalty = self._choose_prior(shared)
        if n_targets == 1:
            return prior, [penalty]
        common = shared.solutions(penalty, True, prior)
        return prior, [penalty, self._choose_own(column, n_targets, common)]

    def _choose_own(
        self, column: Column, n_targets: int, common: list[np.ndarray]
    ) -> np.ndarray:
        """Return the penalty of the targets' deviations from a common map."""
        edges = self._blocks()
        errors = sum(
            self._regression(column(c), edges).less(common).errors()
            for c in range(n_targets)
        )
        return best_penalties(errors, np.zeros(self.pred_len, dtype=int))

    def _errors_of_settings(self, shared: Regression) -> np.ndarray:
        """Return errors of every penalty beside either prior, (2 * n, pred_len)."""
        seasonal = seasonal_prior(self.seq_len, self.pred_len, self.season)
        errors = shared.errors_beside([np.zeros_like(seasonal), seasonal])
        return errors.reshape(-1, self.pred_len)

    def _choose_prior(self, shared: Regression) -> tuple[np.ndarray, np.ndarray]:
        """Return what each band of cosines is drawn to, and its penalty."""
        errors = self._errors_of_settings(shared)
        best = least_errors(errors, bands(self.pred_len))
        is_seasonal, penalty = np.divmod(best, len(PENALTIES))
        seasonal = seasonal_prior(self.seq_len, self.pred_len, self.season)
        return seasonal * is_seasonal, PENALTIES[penalty]

    def _choose_pull(self, column: Column, n_targets: int) -> np.ndarray:
        """Return what later blocks asked for, times how far each target goes back."""
        blocks = list(pairwise(self._blocks()))
        if not blocks:
            return np.zeros(n_targets)
        later = blocks[len(blocks) // 2 :]
        asked = np.mean([self._pull_of(column, n_targets, *b) for b in later], axis=0)
        season, ahead = self.season, self.pred_len
        back = [reverted_share(column(c), season, ahead) for c in range(n_targets)]
        return asked * np.array(back)

    def _pull_of(
        self, column: Column, n_targets: int, start: int, stop: int
    ) -> np.ndarray:
        """Return what one block would have had, by the rows before: (n_targets,)."""
        known = known_before(column, start, stop)
        before = self._solutions(lambda c: known(c)[:start], n_targets, NO_BLOCKS)
        return np.array(
            [
                pull_share(*pair, self._moments(known(c)[start - self.seq_len :]))
                for c, [pair] in enumerate(before)
            ]
        )

    # Solutions: without and with the pull, (p, pred_len)

    def _solutions(
        self, column: Column, n_targets: int, edges: np.ndarray
    ) -> Iterator[list[tuple[np.ndarray, np.ndarray]]]:
        """Yield those of each target: on all windows, then without each block's."""
        shared, ways = self._shared(column, n_targets, edges), (False, True)
        common = [
            shared.solutions(self.penalties_[0], pull, self.prior_) for pull in ways
        ]
        if n_targets == 1:
            yield list(zip(*common, strict=True))
            return
        for c in range(n_targets):
            regression = self._regression(column(c), edges)
            own = [
                regression.less(common[pull]).solutions(self.penalties_[1], pull)
                for pull in ways
            ]
            sums = [map(np.add, *both) for both in zip(common, own, strict=True)]
            yield list(zip(*sums, strict=True))

    def _maps(self, column: Column, n_targets: int, edges: np.ndarray) -> np.ndarray:
        """Go the share of the pull from one solution to the other, as maps of values.

        Returns
        -------
        ndarray of shape (1 + n_blocks, n_targets, seq_len, pred_len)
            Of all windows, then without each block's.
        """
        maps = [
            [
                self._to_map(without + share * (pulled - without))
                for without, pulled in pairs
            ]
            for share, pairs in zip(
                self.pull_, self._solutions(column, n_targets, edges), strict=True
            )
        ]
        return np.stack(maps, axis=1)

    def _to_map(self, coef: np.ndarray) -> np.ndarray:
        """Turn coefficients (p, pred_len) into a map of values, (seq_len, pred_len)."""
        coef = coef @ cosines(self.pred_len).T
        on_values = coef[:-1].copy()
        # the last value is taken off the inputs, and put back on the outputs
        on_values[-1] += 1 - coef.sum(axis=0)
        return on_values

"""The closed-form path of a forecast: one linear map from the context to the horizon.

Every window gives one row of a regression. Its inputs are the values of the context
less the last one, and minus the last one itself, whose coefficient is the pull back to
the mean; its outputs are the values of the horizon less the last one, as coefficients
of a cosine transform along the horizon, so that slow and fast parts of a forecast each
have a penalty of their own. All targets share one map; each adds a deviation of its
own, penalised too. Penalties are chosen by cross-validation over blocks of time.

All of it is a function of products of one row with another, summed over the windows.
Products of rows ``lag`` apart differ from one pair of window positions to the next by
two terms only, so that the sums of all windows cost little more than those of one pair
of positions: exact, and as quick for a million rows as for a thousand.
"""

from collections.abc import Callable
from typing import NamedTuple, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import dct
from scipy.linalg import cho_factor, cho_solve

from skinformer.series.chunks import chunks

__all__ = ["Moments", "RidgeMap", "solve", "window_moments"]

# penalties that are tried, as a multiple of the number of windows: the inputs are
# standardised, so that 1 shrinks a direction of unit variance by half
PENALTIES = 10.0 ** np.arange(-3.5, 2.51, 0.5)
USUAL = 5  # the number of the one that is taken where there are too few rows to choose
N_BLOCKS = 6
BANDS = 4  # octaves of the horizon's cosines that share a penalty


class Moments(NamedTuple):
    """Sums over windows; those of two sets of windows add up.

    Attributes
    ----------
    gram : ndarray of shape (p, p)
        Products of inputs.
    cross : ndarray of shape (p, pred_len)
        Products of inputs with outputs.
    n : int
        Number of windows.
    """

    gram: np.ndarray
    cross: np.ndarray
    n: int

    def plus(self, other: "Moments", sign: int = 1) -> "Moments":
        """Add those of other windows, or take them off with ``sign=-1``."""
        return Moments(*(a + sign * b for a, b in zip(self, other, strict=True)))

    def of_outputs(self, which: np.ndarray) -> "Moments":
        """Keep some outputs."""
        return self._replace(cross=self.cross[:, which])

    def less(self, coef: np.ndarray) -> "Moments":
        """Return the sums with what a map explains taken off the outputs."""
        return self._replace(cross=self.cross - self.gram @ coef)


def raw_products(z: np.ndarray, length: int) -> np.ndarray:
    """Sum, over all windows of z (n,), the products of their rows.

    Returns
    -------
    ndarray of shape (length, length)
        ``sum(z[t + i] * z[t + j] for t in range(n - length + 1))`` at (i, j).

    Examples
    --------
    >>> raw_products(np.array([1.0, 2.0, 3.0]), length=2)  # windows (1, 2) and (2, 3)
    array([[ 5.,  8.],
           [ 8., 13.]])
    """
    n = len(z) - length + 1
    first = np.zeros(length)
    for part in chunks(n):  # products of the windows' first rows with all others
        rows = sliding_window_view(z[part.start : part.stop + length - 1], length)
        first += z[part] @ rows
    # one step down the diagonal, one product enters and one leaves
    enters, leaves = z[n : n + length - 1], z[: length - 1]
    products = np.empty((length, length))
    products[0] = products[:, 0] = first
    for i in range(1, length):
        step = enters[i - 1] * enters[i - 1 :] - leaves[i - 1] * leaves[i - 1 :]
        products[i, i:] = products[i - 1, i - 1 : -1] + step
        products[i:, i] = products[i, i:]
    return products


def window_moments(z: np.ndarray, seq_len: int, pred_len: int) -> Moments:
    """Sum over all windows of a series z (n,) what the regression needs."""
    length = seq_len + pred_len
    if len(z) < length:
        empty = np.zeros((seq_len + 1, seq_len + 1)), np.zeros((seq_len + 1, pred_len))
        return Moments(*empty, 0)
    products = raw_products(z, length)
    last = seq_len - 1
    # (z_i - last)(z_j - last), for all pairs of rows
    with_last, square = products[last], products[last, last]
    centred = products - with_last - with_last[:, None] + square
    pull = square - with_last  # -last times (z_j - last)
    gram = np.empty((seq_len + 1, seq_len + 1))
    gram[:-1, :-1] = centred[:seq_len, :seq_len]
    gram[-1, :-1] = gram[:-1, -1] = pull[:seq_len]
    gram[-1, -1] = square
    cross = np.vstack([centred[:seq_len, seq_len:], pull[seq_len:]])
    # (p, pred_len) @ (pred_len, pred_len): outputs as cosines along the horizon
    return Moments(gram, cross @ cosines(pred_len), len(z) - length + 1)


def cosines(pred_len: int) -> np.ndarray:
    """Return the orthonormal cosine transform, (pred_len, pred_len), slowest first."""
    return dct(np.eye(pred_len), norm="ortho", axis=0).T


def bands(pred_len: int) -> np.ndarray:
    """Number the band of each cosine, shape (pred_len,), by octaves.

    >>> bands(9)
    array([0, 1, 1, 2, 2, 3, 3, 3, 3])
    """
    octave = np.log2(np.arange(pred_len) + 1) / np.log2(pred_len + 1)
    return (octave * BANDS).astype(int)


def solve(moments: Moments, penalty: np.ndarray) -> np.ndarray:
    """Return the ridge coefficients.

    Parameters
    ----------
    moments : Moments
    penalty : ndarray of shape (pred_len,)
        One for each output, per window.

    Returns
    -------
    ndarray of shape (p, pred_len)
    """
    coef = np.empty_like(moments.cross)
    diagonal = np.arange(len(coef))
    for value in np.unique(penalty):
        gram, outputs = moments.gram.copy(), penalty == value
        gram[diagonal, diagonal] += value * max(moments.n, 1)
        # a factor for each penalty: quicker than the eigenvectors that would serve all
        factor = cho_factor(gram, overwrite_a=True, check_finite=False)
        coef[:, outputs] = cho_solve(
            factor, moments.cross[:, outputs], check_finite=False
        )
    return coef


def squared_error(coef: np.ndarray, moments: Moments) -> np.ndarray:
    """Return the squared error of each output, (pred_len,), less a constant."""
    return (coef * (moments.gram @ coef - 2 * moments.cross)).sum(axis=0)


def best_penalties(errors: np.ndarray, band: np.ndarray) -> np.ndarray:
    """Choose the penalty of each band of outputs, shape (pred_len,).

    Parameters
    ----------
    errors : ndarray of shape (n_penalties, pred_len)
    band : ndarray of shape (pred_len,)
        Outputs with one number share a penalty.
    """
    chosen = np.empty(len(band))
    for k in np.unique(band):
        chosen[band == k] = PENALTIES[errors[:, band == k].sum(axis=1).argmin()]
    return chosen


def tried_outputs(pred_len: int) -> np.ndarray:
    """Return the cosines whose errors choose the penalties: all slow, some fast ones.

    >>> len(tried_outputs(24)), len(tried_outputs(720))
    (24, 73)
    """
    return np.unique(np.geomspace(1, pred_len, 100).round().astype(int)) - 1


def block_edges(n_rows: int, seq_len: int, pred_len: int) -> np.ndarray:
    """Cut the rows that have a whole context before them into blocks of time.

    A block has room for a horizon and some windows more; the targets of two blocks have
    no row in common.

    >>> block_edges(100, seq_len=10, pred_len=20)
    array([ 10,  40,  70, 100])
    """
    n_blocks = min((n_rows - seq_len) // (pred_len + pred_len // 10 + 1), N_BLOCKS)
    return np.linspace(seq_len, n_rows, max(n_blocks, 1) + 1).astype(int)


class Regression(NamedTuple):
    """Sums over all windows, over those of each block, and over all blocks but it."""

    whole: Moments
    blocks: list[Moments]
    others: list[Moments]

    @classmethod
    def of(cls, whole: Moments, blocks: list[Moments]) -> "Regression":
        """Form the sums over all blocks but one."""
        total = blocks[0]
        for block in blocks[1:]:
            total = total.plus(block)
        return cls(whole, blocks, [total.plus(block, -1) for block in blocks])

    def plus(self, other: "Regression") -> "Regression":
        """Add the sums over other windows, block by block."""
        return Regression(
            self.whole.plus(other.whole),
            [a.plus(b) for a, b in zip(self.blocks, other.blocks, strict=True)],
            [a.plus(b) for a, b in zip(self.others, other.others, strict=True)],
        )

    def less(self, coefs: list[np.ndarray]) -> "Regression":
        """Return the regression of what maps leave over: one whole, one a block."""
        return Regression(
            self.whole.less(coefs[0]),
            [m.less(coef) for m, coef in zip(self.blocks, coefs[1:], strict=True)],
            [m.less(coef) for m, coef in zip(self.others, coefs[1:], strict=True)],
        )

    def errors(self) -> np.ndarray:
        """Cross-validate every penalty, shape (n_penalties, pred_len).

        Errors of outputs that are not tried are left at zero.
        """
        errors = np.zeros((len(PENALTIES), self.whole.cross.shape[1]))
        if len(self.blocks) < 2:
            errors[USUAL] = -1.0
            return errors
        tried = tried_outputs(errors.shape[1])
        for block, others in zip(self.blocks, self.others, strict=True):
            block, others = block.of_outputs(tried), others.of_outputs(tried)
            for i, penalty in enumerate(PENALTIES):
                coef = solve(others, np.full(len(tried), penalty))
                errors[i, tried] += squared_error(coef, block)
        return errors

    def solutions(self, penalty: np.ndarray, by_block: bool) -> list[np.ndarray]:
        """Solve on all windows and, if asked, without those of each block."""
        parts = [self.whole, *(self.others if by_block else ())]
        return [solve(moments, penalty) for moments in parts]


class RidgeMap:
    """A linear map from context to horizon, solved in closed form.

    Parameters
    ----------
    seq_len, pred_len : int
        Rows of context and of horizon.

    Attributes
    ----------
    coef_ : ndarray of shape (n_targets, seq_len, pred_len)
        What each row of the context adds to each row of the forecast.
    block_coef_ : ndarray of shape (n_blocks, n_targets, seq_len, pred_len) or None
        The same, solved without the windows of one block of time; the whole one where
        there are fewer than two blocks. None after ``refit``.
    edges_ : ndarray of shape (n_blocks + 1,)
        First rows of the blocks, and the end.
    penalties_ : list of ndarray of shape (pred_len,)
        Per window and cosine of the horizon: of the shared map, then of the targets'
        deviations if there are several.

    Examples
    --------
    A wave goes on:

    >>> wave = np.sin(np.arange(156.0) * np.pi / 6)
    >>> ridge = RidgeMap(seq_len=12, pred_len=3).fit(lambda c: wave, n_targets=1)
    >>> ridge.forecast(wave[None, -12:, None]).round(1).ravel()  # (1, pred_len, 1)
    array([-0. ,  0.5,  0.9])
    """

    def __init__(self, seq_len: int, pred_len: int):
        self.seq_len, self.pred_len = seq_len, pred_len

    def fit(self, column: Callable[[int], np.ndarray], n_targets: int) -> Self:
        """Learn from all windows of some columns.

        Parameters
        ----------
        column : callable
            Returns the standardised values of one target, (n_rows,); asked for one
            after another, so that they need not be in memory together.
        n_targets : int
        """
        n_rows = len(column(0))
        self.edges_ = block_edges(n_rows, self.seq_len, self.pred_len)
        self.penalties_ = []
        maps = self._fit(column, n_targets, by_block=len(self.edges_) > 2)
        self.coef_ = maps[0]
        self.block_coef_ = np.stack(maps[1:] or maps[:1])
        return self

    def refit(self, column: Callable[[int], np.ndarray], n_targets: int) -> "RidgeMap":
        """Return the map that other rows give, at the penalties chosen before."""
        other = RidgeMap(self.seq_len, self.pred_len)
        other.edges_ = np.array([self.seq_len, len(column(0))])
        other.penalties_ = self.penalties_
        other.coef_ = other._fit(column, n_targets, by_block=False)[0]
        other.block_coef_ = None
        return other

    def forecast(self, context: np.ndarray, block: int | None = None) -> np.ndarray:
        """Map contexts (B, seq_len, n_targets) to forecasts (B, pred_len, n_targets).

        With ``block``, by the map that has not seen the windows of that block.
        """
        coef = self.coef_ if block is None else self.block_coef_[block]
        # (n_targets, B, seq_len) @ (n_targets, seq_len, pred_len)
        forecast = np.moveaxis(context, 2, 0) @ coef.astype(context.dtype, copy=False)
        return np.moveaxis(forecast, 0, 2)

    def blocks_of(self, starts: np.ndarray) -> np.ndarray:
        """Say in which block of time windows start, shape (n_windows,)."""
        block = np.searchsorted(self.edges_, starts, side="right") - 1
        return block.clip(0, len(self.block_coef_) - 1)

    # Steps of a fit

    def _fit(
        self, column: Callable[[int], np.ndarray], n_targets: int, by_block: bool
    ) -> list[np.ndarray]:
        """Return the maps of all windows, then without each block's."""
        shared = self._regression(column(0))
        for c in range(1, n_targets):
            shared = shared.plus(self._regression(column(c)))
        penalty = self._penalty(0, shared.errors, bands(self.pred_len))
        common = shared.solutions(penalty, by_block)
        if n_targets == 1:
            return [self._to_map(coef)[None] for coef in common]
        own = self._deviations(column, n_targets, common, by_block)
        return [
            np.stack([self._to_map(coef + deviation) for deviation in deviations])
            for coef, deviations in zip(common, own, strict=True)
        ]

    def _deviations(
        self,
        column: Callable[[int], np.ndarray],
        n_targets: int,
        common: list[np.ndarray],
        by_block: bool,
    ) -> list[tuple[np.ndarray, ...]]:
        """Return what each target adds to the shared maps, map by map."""

        def rest(c: int) -> Regression:
            regression = self._regression(column(c))
            # without blocks there is but one map to take off
            each = common if by_block else common * (1 + len(regression.blocks))
            return regression.less(each)

        def errors() -> np.ndarray:
            return sum(rest(c).errors() for c in range(n_targets))

        penalty = self._penalty(1, errors, np.zeros(self.pred_len, dtype=int))
        own = [rest(c).solutions(penalty, by_block) for c in range(n_targets)]
        return list(zip(*own, strict=True))

    def _penalty(
        self, i: int, errors: Callable[[], np.ndarray], band: np.ndarray
    ) -> np.ndarray:
        """Choose the i-th penalty, unless it has been chosen."""
        if i == len(self.penalties_):
            self.penalties_ = [*self.penalties_, best_penalties(errors(), band)]
        return self.penalties_[i]

    def _regression(self, z: np.ndarray) -> Regression:
        """Sum over the windows of a column."""
        sizes = self.seq_len, self.pred_len
        whole = window_moments(z, *sizes)
        if len(self.edges_) == 2:
            return Regression.of(whole, [whole])
        edges = zip(self.edges_[:-1], self.edges_[1:], strict=True)
        blocks = [window_moments(z[a - self.seq_len : b], *sizes) for a, b in edges]
        return Regression.of(whole, blocks)

    def _to_map(self, coef: np.ndarray) -> np.ndarray:
        """Turn coefficients (p, pred_len) into a map of values, (seq_len, pred_len)."""
        coef = coef @ cosines(self.pred_len).T
        on_values = coef[:-1].copy()
        # the last value is taken off the inputs, and put back on the outputs
        on_values[-1] += 1 - coef.sum(axis=0)
        return on_values

"""Ridge regression from sums over windows, with penalties by blocks of time."""

from functools import reduce
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from .moments import Moments

__all__ = [
    "PENALTIES",
    "Regression",
    "bands",
    "best_penalties",
    "least_errors",
    "solve",
    "tried_outputs",
]

# penalties that are tried, as a multiple of the number of windows: the inputs are
# standardised, so that 1 shrinks a direction of unit variance by half
PENALTIES = 10.0 ** np.arange(-3.5, 2.51, 0.5)
USUAL = 5  # the number of the one that is taken where there are too few rows to choose
BANDS = 4  # octaves of the horizon's cosines that share a penalty


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


def least_errors(errors: np.ndarray, band: np.ndarray) -> np.ndarray:
    """Choose one of some settings for each band of outputs, shape (pred_len,).

    Parameters
    ----------
    errors : ndarray of shape (n_settings, pred_len)
    band : ndarray of shape (pred_len,)
        Outputs with one number share a setting.
    """
    chosen = np.empty(len(band), dtype=int)
    for k in np.unique(band):
        chosen[band == k] = errors[:, band == k].sum(axis=1).argmin()
    return chosen


def best_penalties(errors: np.ndarray, band: np.ndarray) -> np.ndarray:
    """Choose the penalty of each band of outputs, shape (pred_len,).

    Parameters
    ----------
    errors : ndarray of shape (n_penalties, pred_len)
    band : ndarray of shape (pred_len,)
    """
    return PENALTIES[least_errors(errors, band)]


def tried_outputs(pred_len: int) -> np.ndarray:
    """Return the cosines whose errors choose the penalties: all slow, some fast ones.

    >>> len(tried_outputs(24)), len(tried_outputs(720))
    (24, 73)
    """
    return np.unique(np.geomspace(1, pred_len, 100).round().astype(int)) - 1


def errors_of_block(
    block: Moments, others: Moments, priors: list[np.ndarray], tried: np.ndarray
) -> np.ndarray:
    """Return errors on a block, by its others: (n_priors, n_penalties, n_tried)."""
    # the outputs of all priors side by side: one factor of a gram serves them all
    which = np.tile(tried, len(priors))
    beside = np.hstack([prior[:, tried] for prior in priors])
    known, left = block.of_outputs(which), others.of_outputs(which).less(beside)
    errors = [
        squared_error(beside + solve(left, np.full(len(which), penalty)), known)
        for penalty in PENALTIES
    ]
    # (n_penalties, n_priors * n_tried) -> (n_priors, n_penalties, n_tried)
    return np.reshape(errors, (len(PENALTIES), len(priors), -1)).swapaxes(0, 1)


class Regression(NamedTuple):
    """Sums over all windows, over those of each block, and over all blocks but it.

    Without blocks, penalties cannot be tried.
    """

    whole: Moments
    blocks: list[Moments]
    others: list[Moments]

    @classmethod
    def of(cls, whole: Moments, blocks: list[Moments]) -> "Regression":
        """Form the sums over all blocks but one."""
        if not blocks:
            return cls(whole, [], [])
        total = reduce(Moments.plus, blocks)
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
        """Cross-validate every penalty, shape (n_penalties, pred_len)."""
        return self.errors_beside([np.zeros_like(self.whole.cross)])[0]

    def errors_beside(self, priors: list[np.ndarray]) -> np.ndarray:
        """Cross-validate every penalty on what is left beside some maps.

        Parameters
        ----------
        priors : list of ndarray of shape (p, pred_len)

        Returns
        -------
        ndarray of shape (n_priors, n_penalties, pred_len)
            Errors of the sum of prior and ridge; of outputs that are not tried, zero.
        """
        pred_len = self.whole.cross.shape[1]
        errors = np.zeros((len(priors), len(PENALTIES), pred_len))
        if not self.blocks:
            errors[0, USUAL] = -1.0
            return errors
        tried = tried_outputs(pred_len)
        for block, others in zip(self.blocks, self.others, strict=True):
            errors[..., tried] += errors_of_block(block, others, priors, tried)
        return errors

    def solutions(
        self, penalty: np.ndarray, pull: bool, prior: np.ndarray | None = None
    ) -> list[np.ndarray]:
        """Solve on all windows, then without those of each block.

        Penalties draw to ``prior`` (p, pred_len), or to nothing.
        """
        parts = [self.whole, *self.others]
        if not pull:
            parts = [moments.without_pull() for moments in parts]
        if prior is None:
            return [solve(moments, penalty) for moments in parts]
        return [prior + solve(moments.less(prior), penalty) for moments in parts]

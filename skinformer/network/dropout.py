"""Dropout whose masks are cheap on a CPU.

torch draws one random number for every element; on a CPU that took a quarter of a
training step. Here one 64-bit number serves eight elements.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skinformer.network.machine import runs_eagerly_on_cpu

__all__ = ["Dropout", "drop_rows", "dropout", "dropout_", "keep_mask"]

LEVELS = 2**8  # values of the random byte that decides about an element


def keep_mask(shape: torch.Size, p: float, like: Tensor) -> Tensor:
    """Draw 0 with probability ``p`` and else 1 / (1 - p), in dtype and place of like.

    Of the bytes 0 to 255 the smallest 256·p decide for 0. Where that is no whole
    number it is rounded down or up at random, once for the whole mask, so that the
    probability of every element is ``p``.
    """
    if not runs_eagerly_on_cpu(like):
        return F.dropout(like.new_ones(shape), p)
    n, p = shape.numel(), min(p, 1 - 1 / LEVELS)
    dropped = int(p * LEVELS + torch.rand(()).item())
    words = torch.empty((n + 7) // 8, dtype=torch.int64)
    words.random_(torch.iinfo(torch.int64).min, None)
    keep = torch.empty(shape, dtype=like.dtype)
    # Straight into numbers: a mask of bools would have to be converted, which takes
    # longer than to compare.
    torch.ge(words.view(torch.uint8)[:n].view(shape), dropped, out=keep)
    return keep.mul_(1 / (1 - p))


def dropout(x: Tensor, p: float) -> Tensor:
    """Set elements to zero with probability ``p``, and scale the others by 1 / (1 - p).

    Parameters
    ----------
    x : Tensor of any shape
    p : float
        At least 0 and below 1; on a CPU at most 255/256 are dropped.

    Returns
    -------
    Tensor of the same shape
    """
    if p == 0.0:
        return x
    if not runs_eagerly_on_cpu(x):
        return F.dropout(x, p)  # one kernel there
    return x * keep_mask(x.shape, p, x)


def dropout_(x: Tensor, p: float) -> Tensor:
    """:func:`dropout`, on a CPU in place, for a tensor that nobody else reads.

    A large tensor less is memory that the system need not hand out page by page.
    """
    if p == 0.0 or not runs_eagerly_on_cpu(x):
        return dropout(x, p)
    return x.mul_(keep_mask(x.shape, p, x))


def drop_rows(x: Tensor, p: float) -> Tensor:
    """:func:`dropout` of whole rows, the last axis of ``x``, at once."""
    return x if p == 0.0 else x * keep_mask(x.shape[:-1], p, x).unsqueeze(-1)


class Dropout(nn.Module):
    """:func:`dropout` in training mode, nothing in evaluation mode.

    Parameters
    ----------
    p : float
        Probability of an element to be set to zero.
    """

    def __init__(self, p: float):
        super().__init__()
        self.p = p

    @property
    def rate(self) -> float:
        """The probability in the mode that the module is in."""
        return self.p if self.training else 0.0

    def forward(self, x: Tensor) -> Tensor:
        """Return x, of any shape, with elements dropped."""
        return dropout(x, self.rate)

    def in_place(self, x: Tensor) -> Tensor:
        """Drop elements of x itself, which nobody else may read."""
        return dropout_(x, self.rate)

    def add(self, rows: Tensor, update: Tensor) -> Tensor:
        """Return ``rows`` + ``update`` with elements of the latter dropped."""
        if self.rate == 0.0 or not runs_eagerly_on_cpu(update):
            return rows + self(update)
        return torch.addcmul(rows, update, keep_mask(update.shape, self.p, update))

    def extra_repr(self) -> str:
        """Show the probability."""
        return f"p={self.p}"

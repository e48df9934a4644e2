"""Dropout whose masks are cheap on a CPU.

torch draws one random number for every element; on a CPU that took a quarter of a
training step. Here one 64-bit number serves four elements.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Dropout", "dropout"]

LEVELS = 2**16  # a probability is rounded to a multiple of 1 / LEVELS


def dropout(x: Tensor, p: float) -> Tensor:
    """Set elements to zero with probability ``p``, and scale the others by 1 / (1 - p).

    Parameters
    ----------
    x : Tensor of any shape
    p : float
        At least 0 and below 1; on a CPU rounded to a multiple of 2**-16.

    Returns
    -------
    Tensor of the same shape
    """
    if p == 0.0:
        return x
    if x.device.type != "cpu":
        return F.dropout(x, p)
    dropped = min(round(p * LEVELS), LEVELS - 1)
    words = torch.empty((x.numel() + 3) // 4, dtype=torch.int64)
    words.random_(torch.iinfo(torch.int64).min, None)
    sixteen_bits = words.view(torch.int16)[: x.numel()].view(x.shape)
    keep = sixteen_bits >= dropped - LEVELS // 2
    return x * keep.to(x.dtype).mul_(LEVELS / (LEVELS - dropped))


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

    def forward(self, x: Tensor) -> Tensor:
        """Return x, of any shape, with elements dropped."""
        return dropout(x, self.p) if self.training else x

    def extra_repr(self) -> str:
        """Show the probability."""
        return f"p={self.p}"

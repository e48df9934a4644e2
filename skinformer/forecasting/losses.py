"""Losses over the targets that are known, and the rows that count."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from skinformer.network.quantiles import MEDIAN, PinballLoss

__all__ = ["LOSSES", "TINY", "MaskedLoss", "counted", "make_loss"]

LOSSES = {"mse": nn.MSELoss, "mae": nn.L1Loss, "huber": nn.HuberLoss}
TINY = torch.finfo(torch.float32).tiny


class MaskedLoss(nn.Module):
    """A loss over the targets that are known.

    Parameters
    ----------
    loss : Module
        Called with predictions and targets of one shape.
    has_gaps : bool, default=False
        Whether targets may be NaN; those are left out.
    """

    def __init__(self, loss: nn.Module, has_gaps: bool = False):
        super().__init__()
        self.loss, self.has_gaps = loss, has_gaps

    @property
    def is_mean(self) -> bool:
        """Whether it is a mean over targets, not a sum."""
        return getattr(self.loss, "reduction", "mean") != "sum"

    @property
    def is_ours(self) -> bool:
        """Whether it is known what it says: zero where the forecast is the truth."""
        return type(self.loss) in (*LOSSES.values(), PinballLoss)

    def forward(
        self,
        y_pred: torch.Tensor,
        y_true: torch.Tensor,
        weights: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the loss, a scalar; ``weights`` (B, pred_len) are those of rows."""
        if weights is not None:
            return self._weighted(y_pred, y_true, weights)
        if not self.has_gaps:
            return self.loss(y_pred, y_true)
        known = ~torch.isnan(y_true)
        if not (self.is_ours and self.is_mean):
            return self.loss(y_pred[known], y_true[known])
        # To pick elements by a mask waits for a GPU to count them. Where the truth is
        # the forecast itself, these losses are zero, and so is their gradient.
        y_true = torch.where(known, y_true, y_pred.detach())
        # of windows without a known target, zero
        return self.loss(y_pred, y_true) * (known.numel() / known.sum().clamp(min=1))

    def _weighted(
        self, y_pred: torch.Tensor, y_true: torch.Tensor, weights: torch.Tensor
    ) -> torch.Tensor:
        """Return the weighted mean, or sum, of the losses of the known targets."""
        # (B, pred_len) -> (B, pred_len, 1[, 1])
        weights = weights.reshape(*weights.shape, *[1] * (y_true.ndim - 2))
        known = ~torch.isnan(y_true)
        weights = torch.where(known, weights, 0.0)
        y_true = torch.where(known, y_true, y_pred.detach())
        losses = elementwise(self.loss)(y_pred, y_true)
        total = (losses * weights).sum()
        return total / weights.sum().clamp(min=TINY) if self.is_mean else total


def counted(y: torch.Tensor, weights: torch.Tensor | None = None) -> torch.Tensor:
    """Return how much targets (B, pred_len * n_targets) count in a mean loss, a scalar.

    Parameters
    ----------
    y : Tensor
        NaN where not known.
    weights : Tensor of shape (B, pred_len), optional
        Of the rows.

    Examples
    --------
    >>> counted(torch.tensor([[1.0, torch.nan], [2.0, 3.0]])).item()
    3.0
    """
    known = (~torch.isnan(y)).float()
    if weights is None:
        return known.sum()
    # (B, pred_len * n_targets) -> (B, pred_len, n_targets)
    return (known.view(*weights.shape, -1) * weights[..., None]).sum()


def elementwise(loss: nn.Module) -> nn.Module:
    """Return a loss of ours that returns one number for each element."""
    copied: Any = copy.copy(loss)
    copied.reduction = "none"
    return copied


def make_loss(
    loss: str | nn.Module, quantiles: Sequence[float] | None = None
) -> nn.Module:
    """Return the module that a name stands for, or a copy of the module given.

    With ``quantiles``, the loss of a network that has heads for them.
    """
    if quantiles is not None:
        return PinballLoss((MEDIAN, *quantiles))
    return LOSSES[loss]() if isinstance(loss, str) else copy.deepcopy(loss)

"""Quantiles of a forecast that never cross: steps away from its median.

The network says the median, and how far it is from each quantile to the next one
towards the median. Such a step is positive, whatever the weights are.
"""

from collections.abc import Sequence
from itertools import pairwise
from numbers import Real
from statistics import NormalDist
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from skinformer.network.linear import linear

__all__ = [
    "PinballLoss",
    "QuantileSpread",
    "check_quantiles",
    "median_of",
    "spread_of_steps",
]

MEDIAN = 0.5
# a step that starts as nothing would not learn to be more
LEAST_STEP = 1e-3


def check_quantiles(quantiles: Any) -> None:
    """Refuse what are no levels of quantiles in rising order.

    Raises
    ------
    ValueError
        If there is none, if one is not between 0 and 1, or if they do not rise.
    """
    levels = [] if isinstance(quantiles, str | Real) else list(quantiles)
    within = levels and all(isinstance(q, Real) and 0 < float(q) < 1 for q in levels)
    if not within or any(high <= low for low, high in pairwise(levels)):
        raise ValueError(
            f"quantiles={quantiles!r} must be numbers between 0 and 1, without the "
            "ends, each larger than the one before, such as (0.05, 0.5, 0.95)."
        )


def median_of(forecast: Any) -> Any:
    """Return the median (B, L, N) of heads (B, L, N, 1 + n); a forecast as it is.

    Works for tensors and arrays alike.
    """
    return forecast[..., 0] if forecast.ndim == 4 else forecast


def spread_of_steps(steps: Tensor, n_below: int) -> Tensor:
    """Add up steps (..., n) away from the median, of which ``n_below`` lie below it.

    Both are in rising order: the last step below the median and the first one above
    begin there.

    Examples
    --------
    >>> import torch
    >>> spread_of_steps(torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]), n_below=2)
    tensor([-3., -2.,  3.,  7., 12.])
    """
    below, above = steps[..., :n_below], steps[..., n_below:]
    below = -below.flip(-1).cumsum(-1).flip(-1)
    return torch.cat([below, above.cumsum(-1)], dim=-1)


def normal_steps(levels: Sequence[float]) -> list[float]:
    """Return how far each quantile of the standard normal law is from the next.

    >>> [round(step, 2) for step in normal_steps((0.05, 0.5, 0.75))]
    [1.64, 0.67]
    """
    normal = [NormalDist().inv_cdf(level) for level in levels]
    return [high - low for low, high in pairwise(normal)]


class QuantileSpread(nn.Module):
    """How far each quantile is from the median.

    Before training it is the same for every row: what the standard normal law has, or
    what :meth:`start` was given.

    Parameters
    ----------
    d_model : int
        Width of a row.
    n_targets : int
        Targets that have quantiles.
    quantiles : sequence of float
        Their levels, in rising order.

    Attributes
    ----------
    levels : list of float
        The same and the median's; there is a step from each to the next.

    Examples
    --------
    >>> import torch
    >>> spread = QuantileSpread(8, n_targets=2, quantiles=(0.1, 0.5, 0.8))
    >>> spread(torch.zeros(3, 5, 8)).shape
    torch.Size([3, 5, 2, 3])
    """

    def __init__(self, d_model: int, n_targets: int, quantiles: Sequence[float]):
        super().__init__()
        self.levels = sorted({*map(float, quantiles), MEDIAN})
        self.n_targets, self.n_below = n_targets, self.levels.index(MEDIAN)
        self.has_median = MEDIAN in quantiles
        self.n_steps = len(self.levels) - 1
        # no random number is drawn: all other weights are those of any network
        self.weight = nn.Parameter(torch.zeros(n_targets * self.n_steps, d_model))
        self.bias = nn.Parameter(torch.zeros(n_targets * self.n_steps))
        self.start(torch.tensor(normal_steps(self.levels)).expand(n_targets, -1))

    @torch.no_grad()
    def start(self, steps: Tensor) -> None:
        """Begin with ``steps`` (n_targets, n_steps); NaN leaves one as it is."""
        steps = steps.to(self.bias).flatten().clamp(min=LEAST_STEP)
        # of which softplus makes the steps: log(exp(step) - 1), for large ones too
        start = steps + steps.neg().expm1().neg().log()
        self.bias.copy_(torch.where(steps.isnan(), self.bias, start))

    def forward(self, rows: Tensor) -> Tensor:
        """Return what to add to the median, (B, L, n_targets, n_quantiles), rising."""
        steps = F.softplus(linear(rows, self.weight, self.bias))
        # (B, L, n_targets * n_steps) -> (B, L, n_targets, n_steps)
        steps = steps.unflatten(-1, (self.n_targets, self.n_steps))
        spread = spread_of_steps(steps, self.n_below)
        if not self.has_median:
            return spread
        below, above = spread[..., : self.n_below], spread[..., self.n_below :]
        middle = spread.new_zeros(*spread.shape[:-1], 1)
        return torch.cat([below, middle, above], dim=-1)


class PinballLoss(nn.Module):
    """The mean pinball loss over heads: the least for the quantiles of the truth.

    A forecast that is too low by d costs level · d, one that is too high by d costs
    (1 - level) · d. At the level of the median that is half the absolute error.

    Parameters
    ----------
    levels : sequence of float
        Of the heads, in their order.

    Examples
    --------
    >>> import torch
    >>> loss = PinballLoss([0.5, 0.9])
    >>> loss(torch.tensor([[3.0, 4.0]]), torch.tensor([[5.0, 5.0]]))
    tensor(0.9500)
    """

    levels: Tensor

    def __init__(self, levels: Sequence[float]):
        super().__init__()
        self.register_buffer("levels", torch.tensor(list(levels)), persistent=False)
        self.reduction = "mean"  # or "none", as losses of torch have it

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        """Return the loss, a scalar, of two tensors (..., n_heads)."""
        low, high = F.relu(y_true - y_pred), F.relu(y_pred - y_true)
        losses = self.levels * low + (1 - self.levels) * high
        return losses if self.reduction == "none" else losses.mean()

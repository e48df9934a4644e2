"""Attention of a few queries on a CPU, with the way back written by hand.

torch's fused attention computes the weights again when it goes back, so that it never
holds them all. Where they are not many that takes longer than to keep them, as is done
here. And what autograd would copy to put the rows of ProbSparse attention together, and
to take their gradients apart, is written straight to its place.

Both classes here equal, to rounding, what :mod:`skinformer.network.attention`
composes of torch's operations elsewhere; the tests hold one against the other.
"""

import math
from typing import Any

import torch
from torch import Tensor

from skinformer.network.machine import runs_eagerly_on_cpu

__all__ = ["KeptWeights", "SparseAttention", "keeps_weights"]

#: Weights B·H·L_Q·L_K up to which they are kept, per column D: the wider the heads, the
#: more it takes to compute the weights again.
KEPT = 2**18


def keeps_weights(q: Tensor, k: Tensor, v: Tensor, n_queries: int) -> bool:
    """Say whether the classes here are the quickest for ``n_queries`` rows of q.

    >>> q = torch.empty(32, 4, 96, 16)
    >>> keeps_weights(q, q, q, n_queries=96)
    True
    """
    B, H, _, D = q.shape
    few = B * H * n_queries * k.shape[2] <= KEPT * D
    return few and q.dtype == k.dtype == v.dtype and runs_eagerly_on_cpu(q)


# The mathematics, on heads that are flat: (B·H, L, D)


def weigh(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> tuple[Tensor, ...]:
    """Return softmax(q·k / √D)·v and the weights; ``mask`` says what q may see."""
    scores = torch.bmm(q * q.shape[-1] ** -0.5, k.mT)  # (B·H, L_Q, L_K)
    if mask is not None:
        scores.masked_fill_(~mask, -math.inf)
    # Over the scores themselves: row by row torch reads before it writes.
    weights = torch.softmax(scores, dim=-1, out=scores)
    return torch.bmm(weights, v), weights


def weigh_back(
    grad: Tensor, q: Tensor, k: Tensor, v: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradients of q, k and v from that of the output of :func:`weigh`."""
    scale = q.shape[-1] ** -0.5
    of_weights = torch.bmm(grad, v.mT)
    of_scores = torch.ops.aten._softmax_backward_data.out(
        of_weights, weights, -1, weights.dtype, grad_input=of_weights
    ).mul_(scale)
    of_q, of_k = torch.bmm(of_scores, k), torch.bmm(of_scores.mT, q)
    return of_q, of_k, torch.bmm(weights.mT, grad)


def flat(heads: Tensor) -> Tensor:
    """Return heads (B, H, L, D) as (B·H, L, D)."""
    B, H, L, D = heads.shape
    return heads.reshape(B * H, L, D)


def refuse_second_derivative() -> None:
    """Raise where the way back is to be differentiated: autograd would be wrong."""
    if torch.is_grad_enabled():
        raise RuntimeError(
            "This attention cannot be differentiated twice on a CPU: its way back is "
            "written by hand. Differentiate without create_graph=True, or ask for the "
            "weights (need_weights=True), which takes torch's own operations."
        )


class KeptWeights(torch.autograd.Function):
    """Dense attention, (B, H, L_Q, D), that keeps its weights for the way back."""

    @staticmethod
    @torch.autocast("cpu", enabled=False)
    def forward(
        ctx: Any, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None
    ) -> Tensor:
        """Return the weighted values; ``mask`` is (L_Q, L_K) or (B·H, L_Q, L_K)."""
        q, k, v, shape = flat(q), flat(k), flat(v), q.shape
        output, weights = weigh(q, k, v, mask)
        ctx.save_for_backward(q, k, v, weights)
        return output.view(*shape[:3], v.shape[2])

    @staticmethod
    @torch.autocast("cpu", enabled=False)
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of q, k and v."""
        refuse_second_derivative()
        B, H = grad.shape[:2]
        grads = weigh_back(flat(grad), *ctx.saved_tensors)
        return *(g.view(B, H, *g.shape[1:]) for g in grads), None


class SparseAttention(torch.autograd.Function):
    """ProbSparse attention without mask: active queries attend, others get the mean."""

    @staticmethod
    @torch.autocast("cpu", enabled=False)
    def forward(
        ctx: Any, q: Tensor, k: Tensor, v: Tensor, active: Tensor, keep: Tensor | None
    ) -> Tensor:
        """Return the context of every query, (B, H, L_Q, D).

        ``active`` (B, H, u) are positions of queries, ``keep`` (B, H, L_K, 1) what the
        values are multiplied with where they are weighted.
        """
        n_queries, mean = q.shape[2], v.mean(dim=2)  # (B, H, D)
        q = flat(torch.take_along_dim(q, active.unsqueeze(-1), dim=2))  # (B·H, u, D)
        k, v = flat(k), flat(v if keep is None else v * keep)
        exact, weights = weigh(q, k, v, None)
        ctx.save_for_backward(q, k, v, weights, active, keep)
        return _among_means(exact, mean, active, n_queries)

    @staticmethod
    @torch.autocast("cpu", enabled=False)
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of q, k and v."""
        refuse_second_derivative()
        *saved, active, keep = ctx.saved_tensors
        exact = torch.take_along_dim(grad, active.unsqueeze(-1), dim=2)  # (B, H, u, D)
        grads = weigh_back(flat(exact), *saved)
        of_active, of_k, of_v = (g.view(*active.shape[:2], *g.shape[1:]) for g in grads)
        positions = active.unsqueeze(-1).expand_as(of_active)
        of_q = torch.zeros_like(grad).scatter_(2, positions, of_active)
        if keep is not None:
            of_v.mul_(keep)
        of_mean = grad.sum(dim=2, keepdim=True) - exact.sum(dim=2, keepdim=True)
        of_v.add_(of_mean, alpha=1 / of_v.shape[2])  # (B, H, L_K, D) + (B, H, 1, D)
        return of_q, of_k, of_v, None, None


def _among_means(exact: Tensor, mean: Tensor, active: Tensor, n_queries: int) -> Tensor:
    """Put rows (B·H, u, D) at ``active`` (B, H, u) among means (B, H, D)."""
    B, H, D = mean.shape
    # In the order in which the heads are joined: (B, L_Q, H, D)
    rows = mean.unsqueeze(1).expand(B, n_queries, H, D).contiguous().view(-1, D)
    rows.index_copy_(0, _rows_of(active, n_queries), exact.view(-1, D))
    return rows.view(B, n_queries, H, D).transpose(1, 2)


def _rows_of(active: Tensor, n_queries: int) -> Tensor:
    """Return where rows at ``active`` (B, H, u) lie among rows (B, L_Q, H), flat."""
    B, H, _ = active.shape
    window = torch.arange(B).view(B, 1, 1)
    head = torch.arange(H).view(1, H, 1)
    return ((window * n_queries + active) * H + head).view(-1)

"""Dense and ProbSparse attention as pure functions.

Axes, here and in the whole folder: B batch, H heads, L_Q and L_K lengths of queries and
keys, D width of one head, U number of sampled keys, u number of active queries.

ProbSparse attention is that of Zhou et al., "Informer: Beyond Efficient Transformer for
Long Sequence Time-Series Forecasting", AAAI 2021, https://arxiv.org/abs/2012.07436,
sections 3.1 and 3.2.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from skinformer.network.cpu_attention import (
    KeptWeights,
    SparseAttention,
    keeps_weights,
)
from skinformer.network.dropout import drop_rows, keep_mask

__all__ = [
    "LAZY_CONTEXTS",
    "dense_attention",
    "key_sample",
    "probsparse_attention",
    "rank_queries",
    "sample_size",
    "sparsity",
]

LAZY_CONTEXTS = ("mean", "sum")


def dense_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    causal: bool = False,
    dropout: float = 0.0,
    need_weights: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attend from every query to every key: softmax(q·k / √D)·v.

    Parameters
    ----------
    q : Tensor of shape (B, H, L_Q, D)
        Queries.
    k, v : Tensor of shape (B, H, L_K, D)
        Keys and values.
    causal : bool, default=False
        Whether a query sees only the keys up to its own position. Queries that are
        fewer than the keys stand at the last positions.
    dropout : float, default=0.0
        Probability with which a key's weights are dropped, for all queries of a head
        at once; zero outside training.
    need_weights : bool, default=False
        Whether to return the weights, which takes a tensor of L_Q × L_K.

    Returns
    -------
    output : Tensor of shape (B, H, L_Q, D)
        The weighted values.
    weights : Tensor of shape (B, H, L_Q, L_K) or None
        The weights before dropout, so that every row sums to one.

    Raises
    ------
    ValueError
        If ``causal`` and there are more queries than keys.

    Notes
    -----
    Dropping a key for all queries of a head, and not weight by weight, leaves every
    weight with the same probability of being dropped, and needs no mask of L_Q × L_K:
    it is the dropout of a row of v ("column" dropout in Lin et al., *DropAttention*,
    2019, https://arxiv.org/abs/1907.11065, here without renormalising).

    Examples
    --------
    >>> import torch
    >>> q = k = torch.zeros(1, 1, 2, 1)
    >>> v = torch.tensor([2.0, 4.0]).view(1, 1, 2, 1)
    >>> dense_attention(q, k, v)[0].flatten()
    tensor([3., 3.])
    >>> dense_attention(q, k, v, causal=True)[0].flatten()
    tensor([2., 3.])
    """
    n_queries, n_keys = q.shape[2], k.shape[2]
    _check_lengths(n_queries, n_keys, causal)
    v = drop_rows(v, dropout)
    mask = None
    if causal and n_queries > 1:  # a single query stands last, and sees all
        positions = torch.arange(n_keys - n_queries, n_keys, device=q.device)
        mask = _visible_keys(positions, n_keys)
    return _weighted_values(q, k, v, mask, need_weights)


def probsparse_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    factor: int,
    causal: bool = False,
    lazy_context: str = "mean",
    random_keys: bool,
    dropout: float = 0.0,
    need_weights: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attend exactly from the few queries that matter, uniformly from the others.

    A sample of U = min(L_K, max(1, factor·⌈ln L_K⌉)) keys, the same for all queries,
    scores each query by how far its attention is from uniform::

        M(q) = max over the sample of q·k − mean over the sample of q·k

    The u queries with the largest M, counted in the same way from L_Q, are *active*
    and attend to all keys. The others are *lazy*: they receive what uniform attention
    gives, the mean of v. If all would be active this is :func:`dense_attention`.

    Under a causal mask neither M nor the competition for the u places is causal: what
    a row gets depends on whether later rows rank before it.

    Parameters
    ----------
    q : Tensor of shape (B, H, L_Q, D)
        Queries.
    k, v : Tensor of shape (B, H, L_K, D)
        Keys and values.
    factor : int
        The c of the paper: how many keys and queries per unit of ⌈ln L⌉.
    causal : bool, default=False
        Whether a query sees only the keys up to its own position.
    lazy_context : {"mean", "sum"}, default="mean"
        What a lazy query gets under the causal mask: the running mean of v, or the
        running sum of the authors' implementation. Without mask it is the mean.
    random_keys : bool
        Whether the sample is drawn from torch's default generator or evenly spaced.
    dropout : float, default=0.0
        As in :func:`dense_attention`, for the active queries.
    need_weights : bool, default=False
        Whether to return the weights, which takes a tensor of L_Q × L_K.

    Returns
    -------
    output : Tensor of shape (B, H, L_Q, D)
        The context of every query, in the order of the queries.
    weights : Tensor of shape (B, H, L_Q, L_K) or None
        What the values were multiplied with, before dropout. Rows sum to one, save
        those of lazy queries under ``lazy_context="sum"``.

    Raises
    ------
    ValueError
        If ``causal`` and there are not as many queries as keys.

    Examples
    --------
    With three keys and factor 1 two queries are active; the third gets the mean.

    >>> import torch
    >>> q = torch.tensor([0.0, 9.0, -9.0]).view(1, 1, 3, 1)
    >>> k = torch.tensor([-9.0, 0.0, 9.0]).view(1, 1, 3, 1)
    >>> v = torch.tensor([1.0, 2.0, 6.0]).view(1, 1, 3, 1)
    >>> probsparse_attention(q, k, v, factor=1, random_keys=False)[0].flatten()
    tensor([3., 6., 1.])
    """
    n_queries, n_keys = q.shape[2], k.shape[2]
    n_active = sample_size(n_queries, factor)
    if n_active == n_queries:
        return dense_attention(
            q, k, v, causal=causal, dropout=dropout, need_weights=need_weights
        )
    if causal and n_queries != n_keys:
        raise ValueError(
            "Causal ProbSparse attention needs as many queries as keys, "
            f"got {n_queries} queries and {n_keys} keys."
        )
    _, active = rank_queries(q, k, factor, random_keys=random_keys)  # (B, H, u)
    if not (causal or need_weights) and keeps_weights(q, k, v, n_active):
        keep = keep_mask(v.shape[:3], dropout, v).unsqueeze(-1) if dropout else None
        return SparseAttention.apply(q, k, v, active, keep), None
    chosen = torch.take_along_dim(q, active.unsqueeze(-1), dim=2)  # (B, H, u, D)
    mask = _visible_keys(active, n_keys) if causal else None  # (B, H, u, L_K)
    exact, exact_weights = _weighted_values(
        chosen, k, drop_rows(v, dropout), mask, need_weights
    )
    output = _put_rows(_lazy_values(v, n_queries, causal, lazy_context), active, exact)
    if exact_weights is None:
        return output, None
    lazy_weights = _lazy_weights(q, n_keys, causal, lazy_context)
    return output, _put_rows(lazy_weights, active, exact_weights)


def sample_size(length: int, factor: int) -> int:
    """Return min(L, max(1, factor·⌈ln L⌉)): how many of ``length`` rows to take.

    Examples
    --------
    >>> sample_size(96, factor=5), sample_size(7, factor=5), sample_size(1, factor=5)
    (25, 7, 1)
    """
    return min(length, max(1, factor * math.ceil(math.log(length))))


def key_sample(
    length: int, size: int, *, random: bool, device: torch.device | None = None
) -> Tensor:
    """Choose ``size`` of ``length`` positions, at random or evenly spaced.

    Evenly spaced means the middles of ``size`` equal parts, in integers, so that a
    forecast does not depend on the state of a generator or on rounding.

    Examples
    --------
    >>> key_sample(12, 3, random=False)
    tensor([ 2,  6, 10])
    """
    if random:
        return torch.randperm(length, device=device)[:size]
    parts = torch.arange(size, device=device)
    return (2 * parts + 1) * length // (2 * size)


@torch.no_grad()  # ranking has no derivative
def sparsity(q: Tensor, k: Tensor, sample: Tensor) -> Tensor:
    """Return M of every query, (B, H, L_Q): how far its attention is from uniform.

    Examples
    --------
    >>> import torch
    >>> q = torch.tensor([0.0, 9.0, -5.0]).view(1, 1, 3, 1)
    >>> k = torch.tensor([-1.0, 1.0]).view(1, 1, 2, 1)
    >>> sparsity(q, k, torch.tensor([0, 1])).flatten()
    tensor([0., 9., 5.])
    """
    # One matrix product for all queries. A sample per query, as in the authors' code,
    # needs its keys gathered: 1.65 GB at B 32, H 8, L 720.
    keys = k[:, :, sample]  # (B, H, U, D)
    # max q·k − mean q·k = max q·(k − mean k)
    keys = keys - keys.mean(dim=2, keepdim=True)
    scores = keys @ q.contiguous().mT  # (B, H, U, L_Q)
    return scores.amax(dim=2)


@torch.no_grad()
def rank_queries(
    q: Tensor, k: Tensor, factor: int, *, random_keys: bool
) -> tuple[Tensor, Tensor]:
    """Return M of every query, (B, H, L_Q), and where the largest are, (B, H, u).

    Examples
    --------
    >>> import torch
    >>> q = torch.tensor([0.0, 9.0, -5.0]).view(1, 1, 3, 1)
    >>> k = torch.tensor([-1.0, 7.0, 1.0]).view(1, 1, 3, 1)
    >>> scores, active = rank_queries(q, k, 1, random_keys=False)
    >>> scores.flatten(), active.flatten().sort().values
    (tensor([0., 9., 5.]), tensor([1, 2]))
    """
    n_queries, n_keys = q.shape[2], k.shape[2]
    n_sampled = sample_size(n_keys, factor)
    sample = key_sample(n_keys, n_sampled, random=random_keys, device=k.device)
    scores = sparsity(q, k, sample)
    n_active = sample_size(n_queries, factor)
    return scores, scores.topk(n_active, dim=-1, sorted=False).indices


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Attend by whichever way is quickest; all mean the same."""
    if not keeps_weights(q, k, v, q.shape[2]):
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    if mask is not None and mask.ndim == 4:
        mask = mask.flatten(0, 1)  # (B, H, L_Q, L_K) -> (B·H, L_Q, L_K)
    return KeptWeights.apply(q, k, v, mask)


def _weighted_values(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, need_weights: bool
) -> tuple[Tensor, Tensor | None]:
    """Attend with the weights at hand, which torch's fused kernels never are."""
    if not need_weights:
        return _attend(q, k, v, mask), None
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (B, H, L_Q, L_K)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1)
    return weights.to(v.dtype) @ v, weights


def _visible_keys(positions: Tensor, n_keys: int) -> Tensor:
    """Return which keys (..., n_keys) a query at each position (...) may see."""
    return torch.arange(n_keys, device=positions.device) <= positions.unsqueeze(-1)


def _lazy_values(v: Tensor, n_queries: int, causal: bool, lazy_context: str) -> Tensor:
    """Return what every query would get if it were lazy, (B, H, L_Q, D)."""
    if not causal:
        return v.mean(dim=2, keepdim=True).expand(-1, -1, n_queries, -1)
    running = v.cumsum(dim=2)
    if lazy_context == "mean":
        running = running / torch.arange(1, n_queries + 1, device=v.device).view(-1, 1)
    return running


def _lazy_weights(q: Tensor, n_keys: int, causal: bool, lazy_context: str) -> Tensor:
    """Return the weights (B, H, L_Q, L_K) behind :func:`_lazy_values`."""
    weights = q.new_ones(q.shape[2], n_keys)
    if causal:
        weights = weights.tril()
    if not causal or lazy_context == "mean":
        weights = weights / weights.sum(dim=-1, keepdim=True)
    return weights.expand(*q.shape[:2], -1, -1)


def _put_rows(rows: Tensor, positions: Tensor, new: Tensor) -> Tensor:
    """Return ``rows`` (B, H, L, N) with those at ``positions`` (B, H, u) replaced."""
    # Under autocast sums come back in float32 and products in half precision.
    new = new.to(rows.dtype)
    return rows.scatter(2, positions.unsqueeze(-1).expand_as(new), new)


def _check_lengths(n_queries: int, n_keys: int, causal: bool) -> None:
    if causal and n_queries > n_keys:
        raise ValueError(
            "Causal attention needs at least as many keys as queries, "
            f"got {n_queries} queries and {n_keys} keys."
        )

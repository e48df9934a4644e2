"""Dense and ProbSparse attention: pure functions, and the multi-head module over them.

Axes, here and in the whole folder: B batch, H heads, L_Q and L_K lengths of queries and
keys, D width of one head, U number of sampled keys, u number of active queries.

ProbSparse attention is that of Zhou et al., "Informer: Beyond Efficient Transformer for
Long Sequence Time-Series Forecasting", AAAI 2021, https://arxiv.org/abs/2012.07436,
sections 3.1 and 3.2.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from skinformer.network.dropout import dropout as drop

__all__ = [
    "ATTENTIONS",
    "LAZY_CONTEXTS",
    "MultiHeadAttention",
    "active_queries",
    "dense_attention",
    "key_sample",
    "probsparse_attention",
    "sample_size",
]

ATTENTIONS = ("full", "prob")
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
        Whether a query sees only the keys up to its own position.
    dropout : float, default=0.0
        Probability with which a weight is dropped; zero outside training.
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
        If ``causal`` and there are not as many queries as keys.

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
    _check_lengths(q, k, causal)
    if not need_weights and _has_fused_kernel(q, dropout):
        output = F.scaled_dot_product_attention(
            q, k, v, is_causal=causal, dropout_p=dropout
        )
        return output, None
    positions = torch.arange(q.shape[2], device=q.device)
    mask = _visible_keys(positions, k.shape[2]) if causal else None
    output, weights = _weighted_values(q, k, v, mask, dropout)
    return output, weights if need_weights else None


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
        Probability with which a weight of an active query is dropped.
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
    _check_lengths(q, k, causal)
    n_queries, n_keys = q.shape[2], k.shape[2]
    n_active = sample_size(n_queries, factor)
    if n_active == n_queries:
        return dense_attention(
            q, k, v, causal=causal, dropout=dropout, need_weights=need_weights
        )
    sample = key_sample(
        n_keys, sample_size(n_keys, factor), random=random_keys, device=k.device
    )
    active = active_queries(q, k, sample, n_active)  # (B, H, u)
    exact, exact_weights = _attend_active(
        q, k, v, active, causal=causal, dropout=dropout, need_weights=need_weights
    )
    lazy = _lazy_values(v, n_queries, causal, lazy_context)
    output = _put_rows(lazy, active, exact)
    if not need_weights:
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
def active_queries(q: Tensor, k: Tensor, sample: Tensor, n_active: int) -> Tensor:
    """Return the positions (B, H, u) of the queries with the largest M.

    Examples
    --------
    >>> import torch
    >>> q = torch.tensor([0.0, 9.0, -5.0]).view(1, 1, 3, 1)
    >>> k = torch.tensor([-1.0, 1.0]).view(1, 1, 2, 1)
    >>> active_queries(q, k, torch.tensor([0, 1]), n_active=1)
    tensor([[[1]]])
    """
    # One matrix product for all queries. A sample per query, as in the authors' code,
    # needs its keys gathered: 1.65 GB at B 32, H 8, L 720.
    scores = q @ k[:, :, sample].transpose(-2, -1)  # (B, H, L_Q, U)
    measure = scores.amax(-1) - scores.mean(-1)  # (B, H, L_Q)
    return measure.topk(n_active, dim=-1).indices


def _attend_active(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    active: Tensor,
    *,
    causal: bool,
    dropout: float,
    need_weights: bool,
) -> tuple[Tensor, Tensor | None]:
    """Attend from the queries at ``active`` (B, H, u) to all keys they may see."""
    chosen = torch.take_along_dim(q, active.unsqueeze(-1), dim=2)  # (B, H, u, D)
    mask = _visible_keys(active, k.shape[2]) if causal else None  # (B, H, u, L_K)
    if need_weights or not _has_fused_kernel(q, dropout):
        return _weighted_values(chosen, k, v, mask, dropout)
    output = F.scaled_dot_product_attention(
        chosen, k, v, attn_mask=mask, dropout_p=dropout
    )
    return output, None


def _has_fused_kernel(q: Tensor, dropout: float) -> bool:
    """Say whether torch fuses this attention; on a CPU it does not with dropout."""
    return dropout == 0.0 or q.device.type != "cpu"


def _weighted_values(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, dropout: float
) -> tuple[Tensor, Tensor]:
    """Attend with the weights at hand, which torch's fused kernels never are."""
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (B, H, L_Q, L_K)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    weights = scores.softmax(-1)
    return drop(weights, dropout).to(v.dtype) @ v, weights


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


def _check_lengths(q: Tensor, k: Tensor, causal: bool) -> None:
    if causal and q.shape[2] != k.shape[2]:
        raise ValueError(
            "Causal attention needs as many queries as keys, "
            f"got {q.shape[2]} queries and {k.shape[2]} keys."
        )


class MultiHeadAttention(nn.Module):
    """Attention in several heads between four linear projections.

    Parameters
    ----------
    d_model : int
        Width of a row.
    n_heads : int
        Number of heads; divides ``d_model``.
    attention : {"full", "prob"}, default="full"
        :func:`dense_attention` or :func:`probsparse_attention`. The latter draws its
        keys at random in training mode and spaces them evenly in evaluation mode.
    causal : bool, default=False
        Whether a row sees only the rows up to its own position.
    factor : int, default=5
        How many keys and queries ProbSparse attention takes per unit of ⌈ln L⌉.
    mix : bool, default=False
        Whether to cut the heads' output into rows without moving the heads behind
        time first. A row then holds one head's output at several times and sees
        later rows. The authors' decoder does so; their checkpoints need it.
    lazy_context : {"mean", "sum"}, default="mean"
        What lazy queries get under the causal mask.
    dropout : float, default=0.0
        Probability with which an attention weight is dropped in training mode.

    Raises
    ------
    ValueError
        If ``n_heads`` does not divide ``d_model``, or an option is not known.

    References
    ----------
    Zhou et al., AAAI 2021, https://arxiv.org/abs/2012.07436, section 3.

    Examples
    --------
    >>> import torch
    >>> attention = MultiHeadAttention(d_model=6, n_heads=2, attention="prob")
    >>> rows, weights = attention(torch.ones(5, 7, 6), torch.ones(5, 7, 6))
    >>> rows.shape, weights
    (torch.Size([5, 7, 6]), None)
    """

    def __init__(
        self,
        d_model: int,
        n_heads: int,
        *,
        attention: str = "full",
        causal: bool = False,
        factor: int = 5,
        mix: bool = False,
        lazy_context: str = "mean",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        _check_options(d_model, n_heads, attention, lazy_context)
        self.n_heads = n_heads
        self.attention = attention
        self.causal = causal
        self.factor = factor
        self.mix = mix
        self.lazy_context = lazy_context
        self.dropout = dropout
        self.query_projection = nn.Linear(d_model, d_model)
        self.key_projection = nn.Linear(d_model, d_model)
        self.value_projection = nn.Linear(d_model, d_model)
        self.out_projection = nn.Linear(d_model, d_model)

    def forward(
        self, rows: Tensor, source: Tensor, need_weights: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        """Let ``rows`` (B, L_Q, d_model) attend to ``source`` (B, L_K, d_model).

        Returns the new rows (B, L_Q, d_model) and, if asked for, the weights
        (B, H, L_Q, L_K), else None.
        """
        q = self._split_heads(self.query_projection(rows))
        k = self._split_heads(self.key_projection(source))
        v = self._split_heads(self.value_projection(source))
        heads, weights = self._attend(q, k, v, need_weights)
        return self.out_projection(self._join_heads(heads)), weights

    def _attend(
        self, q: Tensor, k: Tensor, v: Tensor, need_weights: bool
    ) -> tuple[Tensor, Tensor | None]:
        common = {
            "causal": self.causal,
            "dropout": self.dropout if self.training else 0.0,
            "need_weights": need_weights,
        }
        if self.attention == "full":
            return dense_attention(q, k, v, **common)
        return probsparse_attention(
            q,
            k,
            v,
            factor=self.factor,
            lazy_context=self.lazy_context,
            random_keys=self.training,
            **common,
        )

    def _split_heads(self, rows: Tensor) -> Tensor:
        B, L, width = rows.shape
        # (B, L, H·D) -> (B, L, H, D) -> (B, H, L, D)
        return rows.view(B, L, self.n_heads, width // self.n_heads).transpose(1, 2)

    def _join_heads(self, heads: Tensor) -> Tensor:
        B, H, L, D = heads.shape
        if self.mix:
            return heads.reshape(B, L, H * D)  # (B, H, L, D) cut as if it were rows
        return heads.transpose(1, 2).reshape(B, L, H * D)  # (B, L, H, D) -> (B, L, H·D)


def _check_options(
    d_model: int, n_heads: int, attention: str, lazy_context: str
) -> None:
    if d_model % n_heads:
        raise ValueError(
            "d_model must be divisible by n_heads, "
            f"got d_model={d_model} and n_heads={n_heads}."
        )
    if attention not in ATTENTIONS:
        raise ValueError(f"attention must be one of {ATTENTIONS}, got {attention!r}.")
    if lazy_context not in LAZY_CONTEXTS:
        raise ValueError(
            f"lazy_context must be one of {LAZY_CONTEXTS}, got {lazy_context!r}."
        )

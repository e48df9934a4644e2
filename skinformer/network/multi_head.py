"""Attention in several heads, between linear projections."""

from typing import Any

import torch
from torch import Tensor, nn

from skinformer.network.attention import (
    LAZY_CONTEXTS,
    dense_attention,
    probsparse_attention,
    rank_queries,
    sample_size,
)
from skinformer.network.linear import Linear, linear

__all__ = ["ATTENTIONS", "MultiHeadAttention"]

ATTENTIONS = ("full", "prob")


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
        Probability with which a key is dropped, for all queries of a head at once, in
        training mode.

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
        # queries, keys and values in one product: rows of the weight in this order
        self.in_projection = Linear(d_model, 3 * d_model)
        self.out_projection = Linear(d_model, d_model)

    def forward(
        self,
        rows: Tensor,
        source: Tensor | None = None,
        *,
        last: int | None = None,
        need_weights: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Let ``rows`` (B, L_Q, d_model) attend to ``source`` (B, L_K, d_model).

        Without ``source`` to themselves. Of the new rows (B, L_Q, d_model) the
        ``last`` ones, at least 1, are returned, and the weights (B, H, L_Q, L_K) of
        all if asked for, else None.
        """
        q, k, v = self._project(rows, source, None if need_weights else last)
        heads, weights = self._attend(q, k, v, need_weights)
        joined = self._join_heads(heads)
        if last is not None:
            joined = joined[:, -last:]
        return self.out_projection(joined), weights

    def read(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values of ``source`` (B, L_K, d_model), (B, H, L_K, D) each.

        For a decoder that keeps them from step to step, and gives them to
        :meth:`attend_to`.
        """
        d_model = source.shape[2]
        weight, bias = self.in_projection.weight, self.in_projection.bias
        k, v = self._split_heads(linear(source, weight[d_model:], bias[d_model:]))
        return k, v

    def attend_to(self, rows: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Let ``rows`` (B, L_Q, d_model) attend to what :meth:`read` returned.

        Where the attention is causal, the rows stand at the last of the keys' places.
        """
        heads, _ = self._attend(self._queries(rows), keys, values, need_weights=False)
        return self.out_projection(self._join_heads(heads))

    def ranking(
        self, rows: Tensor, source: Tensor | None = None
    ) -> tuple[Tensor, Tensor] | None:
        """Return M of every row and which of them are active, (B, H, L_Q) each.

        As evaluation mode ranks them; None where all rows attend exactly.
        """
        L_Q = rows.shape[1]
        if self.attention == "full" or sample_size(L_Q, self.factor) == L_Q:
            return None
        q, k, _ = self._project(rows, source, None)
        scores, chosen = rank_queries(q, k, self.factor, random_keys=False)
        active = torch.zeros_like(scores, dtype=torch.bool).scatter(2, chosen, True)
        return scores, active

    def _queries(self, rows: Tensor) -> Tensor:
        """Return the queries of ``rows`` (B, L_Q, d_model), (B, H, L_Q, D)."""
        d_model = rows.shape[2]
        weight, bias = self.in_projection.weight, self.in_projection.bias
        (q,) = self._split_heads(linear(rows, weight[:d_model], bias[:d_model]))
        return q

    def _project(
        self, rows: Tensor, source: Tensor | None, last: int | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values, (B, H, L, D) each."""
        # Where a query is ranked among the others, or its row cut from theirs, all of
        # them are needed.
        if last is not None and self.attention == "full" and not self.mix:
            source = rows if source is None else source
            rows = rows[:, -last:]
        if source is None:
            q, k, v = self._split_heads(self.in_projection(rows))
            return q, k, v
        return self._queries(rows), *self.read(source)

    def _attend(
        self, q: Tensor, k: Tensor, v: Tensor, need_weights: bool
    ) -> tuple[Tensor, Tensor | None]:
        common: dict[str, Any] = {
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

    def _split_heads(self, rows: Tensor) -> list[Tensor]:
        """Cut rows of one or more projections into one tensor for each."""
        B, L, width = rows.shape
        D = self.out_projection.in_features // self.n_heads
        # (B, L, n·H·D) -> (B, L, n, H, D) -> n times (B, L, H, D) -> (B, H, L, D)
        parts = rows.view(B, L, width // (self.n_heads * D), self.n_heads, D).unbind(2)
        return [part.transpose(1, 2) for part in parts]

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

"""The generative decoder: all rows of the forecast in one pass.

Zhou et al., AAAI 2021, https://arxiv.org/abs/2012.07436, section 3.3.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from skinformer.network.dropout import Dropout
from skinformer.network.encoder import FeedForward
from skinformer.network.multi_head import MultiHeadAttention

__all__ = ["Decoder", "DecoderLayer"]


class DecoderLayer(nn.Module):
    """Self-attention, cross-attention, feed-forward; residual and norm after each.

    Parameters
    ----------
    self_attention : MultiHeadAttention
        Among the decoder's rows, masked.
    cross_attention : MultiHeadAttention
        From the decoder's rows to the encoder's.
    d_model, d_ff : int
        Width of a row, and of the feed-forward part inside.
    activation : {"gelu", "relu"}, default="gelu"
        Activation of the feed-forward part.
    dropout : float, default=0.0
        Probability of dropping an entry in training mode.

    Examples
    --------
    >>> import torch
    >>> masked, cross = MultiHeadAttention(6, 2, causal=True), MultiHeadAttention(6, 3)
    >>> layer = DecoderLayer(masked, cross, d_model=6, d_ff=11)
    >>> layer(torch.zeros(2, 5, 6), torch.zeros(2, 7, 6))[0].shape
    torch.Size([2, 5, 6])
    """

    def __init__(
        self,
        self_attention: MultiHeadAttention,
        cross_attention: MultiHeadAttention,
        d_model: int,
        d_ff: int,
        *,
        activation: str = "gelu",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.self_attention = self_attention
        self.norm1 = nn.LayerNorm(d_model)
        self.cross_attention = cross_attention
        self.norm2 = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(
            d_model, d_ff, activation=activation, dropout=dropout
        )
        self.norm3 = nn.LayerNorm(d_model)
        self.dropout = Dropout(dropout)

    def forward(
        self,
        rows: Tensor,
        memory: Tensor,
        *,
        last: int | None = None,
        need_weights: bool = False,
    ) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Decode ``rows`` (B, L, d_model) beside the encoder's ``memory`` (B, S, ...).

        Returns new rows, all L or the ``last`` ones, and the weights (B, H, L, L) of
        the self-attention and (B, H, L or last, S) of the cross-attention, None unless
        asked for.
        """
        attended, self_weights = self.self_attention(
            rows, last=last, need_weights=need_weights
        )
        if last is not None:
            rows = rows[:, -last:]
        rows = self.norm1(self.dropout.add(rows, attended))
        attended, cross_weights = self.cross_attention(
            rows, memory, need_weights=need_weights
        )
        rows = self.norm2(self.dropout.add(rows, attended))
        rows = self.norm3(self.dropout.add(rows, self.feed_forward(rows)))
        return rows, self_weights, cross_weights


class Decoder(nn.Module):
    """Decoder layers one after the other, then a norm.

    Parameters
    ----------
    layers : sequence of DecoderLayer
        The layers, first to last.
    d_model : int
        Width of a row.

    Examples
    --------
    >>> import torch
    >>> def layer():
    ...     masked, cross = MultiHeadAttention(6, 2), MultiHeadAttention(6, 2)
    ...     return DecoderLayer(masked, cross, d_model=6, d_ff=11)
    >>> decoder = Decoder([layer(), layer()], d_model=6)
    >>> decoder(torch.zeros(2, 5, 6), torch.zeros(2, 7, 6), last=3)[0].shape
    torch.Size([2, 3, 6])
    """

    def __init__(self, layers: Sequence[DecoderLayer], d_model: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.norm = nn.LayerNorm(d_model)

    def forward(
        self, rows: Tensor, memory: Tensor, last: int, need_weights: bool = False
    ) -> tuple[Tensor, list[Tensor | None], list[Tensor | None]]:
        """Decode ``rows``; return the ``last`` of them and each layer's weights.

        These are self-attention's and then cross-attention's; the last layer crosses
        with the ``last`` rows alone.
        """
        self_weights, cross_weights = [], []
        for depth, layer in enumerate(self.layers):
            # nobody reads the other rows of the last layer
            is_last = depth == len(self.layers) - 1
            rows, of_self, of_cross = layer(
                rows, memory, last=last if is_last else None, need_weights=need_weights
            )
            self_weights.append(of_self)
            cross_weights.append(of_cross)
        return self.norm(rows), self_weights, cross_weights

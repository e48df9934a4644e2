"""The Transformer with dense attention, decoding one row a pass.

Vaswani et al., *Attention Is All You Need*, NeurIPS 2017,
https://arxiv.org/abs/1706.03762.
"""

from typing import Any, NamedTuple, Self

import torch
from torch import Tensor

from skinformer.network.decoder import Decoder, DecoderLayer
from skinformer.network.encoder import Encoder, EncoderLayer
from skinformer.network.multi_head import MultiHeadAttention
from skinformer.network.step_by_step import StepByStep

__all__ = ["LayerCache", "TransformerNetwork", "decode_row"]


class LayerCache(NamedTuple):
    """Keys and values that one layer of the decoder keeps from step to step."""

    keys: Tensor  # (B, H, L, D), of the decoder's rows so far
    values: Tensor
    memory_keys: Tensor  # (B, H, S, D), of what the encoder returned
    memory_values: Tensor

    @classmethod
    def start(cls, layer: DecoderLayer, memory: Tensor, n_rows: int) -> Self:
        """Return a cache for ``n_rows`` rows beside ``memory`` (B, S, d_model)."""
        B, _, d_model = memory.shape
        H = layer.self_attention.n_heads
        keys, values = memory.new_zeros(2, B, H, n_rows, d_model // H)
        # laid out once as every step reads them
        read = (part.contiguous() for part in layer.cross_attention.read(memory))
        return cls(keys, values, *read)


def decode_row(layer: DecoderLayer, row: Tensor, cache: LayerCache, t: int) -> Tensor:
    """Decode row number ``t`` (B, 1, d_model) alone, as ``layer`` would among others.

    Its keys and values are written into the cache, which holds those of rows 0 to
    t - 1.
    """
    k, v = layer.self_attention.read(row)
    cache.keys[:, :, t], cache.values[:, :, t] = k[:, :, 0], v[:, :, 0]
    so_far = cache.keys[:, :, : t + 1], cache.values[:, :, : t + 1]
    attended = layer.self_attention.attend_to(row, *so_far)
    row = layer.norm1(layer.dropout.add(row, attended))
    attended = layer.cross_attention.attend_to(
        row, cache.memory_keys, cache.memory_values
    )
    row = layer.norm2(layer.dropout.add(row, attended))
    return layer.norm3(layer.dropout.add(row, layer.feed_forward(row)))


class TransformerNetwork(StepByStep):
    """Encoder and decoder of dense attention; the decoder forecasts row by row.

    Given the true rows it decodes all rows in one pass, each of which sees the rows
    before it. Without them it decodes one row a pass, each fed with the forecast of
    the row before. Keys and values are kept from pass to pass, so that a pass works on
    one row, and row t attends to t rows. These passes compute no gradient.

    Parameters
    ----------
    d_model : int, default=64
        Width of a row.
    n_heads : int, default=4
        Attention heads; divides ``d_model``.
    e_layers, d_layers : int
        Layers of the encoder and of the decoder.
    d_ff : int, default=128
        Width inside the feed-forward parts.
    activation : {"gelu", "relu"}, default="gelu"
        Activation of the feed-forward parts.
    dropout : float, default=0.0
        Probability of dropping an entry in training.
    **options
        As of :class:`~skinformer.network.step_by_step.StepByStep`.

    Examples
    --------
    >>> import torch
    >>> net = TransformerNetwork(
    ...     n_inputs=2, n_targets=2, seq_len=7, pred_len=3, d_model=8, n_heads=2
    ... )
    >>> net(torch.zeros(5, 7, 2)).shape
    torch.Size([5, 3, 2])
    """

    def __init__(
        self,
        *,
        d_model: int = 64,
        n_heads: int = 4,
        e_layers: int = 2,
        d_layers: int = 1,
        d_ff: int = 128,
        activation: str = "gelu",
        dropout: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(width=d_model, positions=True, dropout=dropout, **options)
        inner: dict[str, Any] = {
            "d_model": d_model,
            "d_ff": d_ff,
            "activation": activation,
            "dropout": dropout,
        }

        def attend(causal: bool = False) -> MultiHeadAttention:
            return MultiHeadAttention(d_model, n_heads, causal=causal, dropout=dropout)

        encoder_layers = [EncoderLayer(attend(), **inner) for _ in range(e_layers)]
        self.encoder = Encoder(encoder_layers, d_model, distil=False)
        decoder_layers = [
            DecoderLayer(attend(causal=True), attend(), **inner)
            for _ in range(d_layers)
        ]
        self.decoder = Decoder(decoder_layers, d_model)

    def _encode(self, rows: Tensor) -> Tensor:
        return self.encoder(rows)[0]

    def _decode(
        self, memory: Tensor, start: Tensor, ahead: Tensor, given: Tensor | None
    ) -> Tensor:
        if given is None:
            return self._step_by_step(memory, start, ahead)
        rows = self.decoder_embedding(given, ahead)
        return self.projection(self.decoder(rows, memory, self.pred_len)[0])

    @torch.no_grad()  # the cache is written in place
    def _step_by_step(self, memory: Tensor, start: Tensor, ahead: Tensor) -> Tensor:
        layers: Any = self.decoder.layers
        caches = [LayerCache.start(layer, memory, self.pred_len) for layer in layers]
        value, forecast = start.unsqueeze(1), []  # (B, N) -> (B, 1, N)
        for t in range(self.pred_len):
            row = self.decoder_embedding(value, ahead[:, t : t + 1])
            for layer, cache in zip(layers, caches, strict=True):
                row = decode_row(layer, row, cache, t)
            value = self.projection(self.decoder.norm(row))
            forecast.append(value)
        return torch.cat(forecast, dim=1)  # pred_len times (B, 1, N) -> (B, L, N)

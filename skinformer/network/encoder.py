"""The encoder: self-attention layers with distilling between them, and its stack.

Zhou et al., AAAI 2021, https://arxiv.org/abs/2012.07436, section 3.2 and figure 3.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from skinformer.network.dropout import Dropout
from skinformer.network.linear import CircularConv, Linear
from skinformer.network.multi_head import MultiHeadAttention

__all__ = [
    "ACTIVATIONS",
    "DistilLayer",
    "Encoder",
    "EncoderLayer",
    "FeedForward",
    "StackedEncoder",
]

ACTIVATIONS = {"gelu": nn.GELU, "relu": nn.ReLU}


class FeedForward(nn.Module):
    """Two linear layers on every row: d_model → d_ff → d_model.

    Parameters
    ----------
    d_model, d_ff : int
        Outer and inner width.
    activation : {"gelu", "relu"}, default="gelu"
        What stands between the two layers.
    dropout : float, default=0.0
        Probability of dropping an entry between the layers in training mode.

    Raises
    ------
    ValueError
        If ``activation`` is not known.

    Examples
    --------
    >>> import torch
    >>> FeedForward(3, 7)(torch.zeros(2, 5, 3)).shape
    torch.Size([2, 5, 3])
    """

    def __init__(
        self, d_model: int, d_ff: int, *, activation: str = "gelu", dropout: float = 0.0
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"activation must be one of {tuple(ACTIVATIONS)}, got {activation!r}."
            )
        self.expand = Linear(d_model, d_ff)
        self.activation = ACTIVATIONS[activation]()
        self.contract = Linear(d_ff, d_model)
        self.dropout = Dropout(dropout)

    def forward(self, rows: Tensor) -> Tensor:
        """Map ``rows`` (B, L, d_model) to rows of the same shape."""
        inner = self.activation(self.expand(rows))  # (B, L, d_ff)
        # Going back, ReLU looks at what it returned, GELU at what it was given.
        reads_output = isinstance(self.activation, nn.ReLU)
        drop = self.dropout if reads_output else self.dropout.in_place
        return self.contract(drop(inner))


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each with residual and normalisation after it.

    Parameters
    ----------
    attention : MultiHeadAttention
        The self-attention, not masked.
    d_model, d_ff : int
        Width of a row, and of the feed-forward part inside.
    activation : {"gelu", "relu"}, default="gelu"
        Activation of the feed-forward part.
    dropout : float, default=0.0
        Probability of dropping an entry in training mode.

    Examples
    --------
    >>> import torch
    >>> layer = EncoderLayer(MultiHeadAttention(6, 2), d_model=6, d_ff=11)
    >>> layer(torch.zeros(3, 5, 6))[0].shape
    torch.Size([3, 5, 6])
    """

    def __init__(
        self,
        attention: MultiHeadAttention,
        d_model: int,
        d_ff: int,
        *,
        activation: str = "gelu",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.attention = attention
        self.norm1 = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(
            d_model, d_ff, activation=activation, dropout=dropout
        )
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = Dropout(dropout)

    def forward(
        self, rows: Tensor, need_weights: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        """Return new rows (B, L, d_model), and weights (B, H, L, L) if asked for."""
        attended, weights = self.attention(rows, need_weights=need_weights)
        rows = self.norm1(self.dropout.add(rows, attended))
        return self.norm2(self.dropout.add(rows, self.feed_forward(rows))), weights


class DistilLayer(nn.Module):
    """Halve the number of rows: convolution, batch normalisation, ELU, max pooling.

    L rows become ⌈L / 2⌉: 96 → 48 → 24, and 1 → 1.

    Parameters
    ----------
    d_model : int
        Width of a row.

    References
    ----------
    Zhou et al., AAAI 2021, https://arxiv.org/abs/2012.07436, equation 5.

    Examples
    --------
    >>> import torch
    >>> DistilLayer(3)(torch.zeros(2, 96, 3)).shape
    torch.Size([2, 48, 3])
    """

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.conv = CircularConv(d_model, d_model)
        self.norm = nn.BatchNorm1d(d_model)

    def forward(self, rows: Tensor) -> Tensor:
        """Map ``rows`` (B, L, d_model) to (B, ⌈L / 2⌉, d_model)."""
        B, L, d_model = rows.shape
        # (B, L, d_model) -> (B·L, d_model): normalised over B and L
        rows = F.elu(self._normalize(self.conv(rows).reshape(B * L, d_model)))
        # (B·L, d_model) -> (B, d_model, L, 1): an image with channels last, not copied
        image = rows.view(B, L, 1, d_model).permute(0, 3, 1, 2)
        image = F.max_pool2d(image, (3, 1), stride=(2, 1), padding=(1, 0))
        return image.squeeze(-1).transpose(1, 2)  # (B, ⌈L / 2⌉, d_model)

    def _normalize(self, rows: Tensor) -> Tensor:
        """Normalise ``rows`` (B·L, d_model) over their number."""
        if self.training and len(rows) == 1:
            # One value has no spread: torch refuses, and the batch's own statistics
            # would erase it. A last batch of one short window must not end training.
            norm = self.norm
            return F.batch_norm(
                rows,
                norm.running_mean,
                norm.running_var,
                norm.weight,
                norm.bias,
                training=False,
                eps=norm.eps,
            )
        return self.norm(rows)


class Encoder(nn.Module):
    """Encoder layers with a distilling layer after each but the last, then a norm.

    Parameters
    ----------
    layers : sequence of EncoderLayer
        The layers, first to last.
    d_model : int
        Width of a row.
    distil : bool, default=True
        Whether the rows are halved between layers.

    Examples
    --------
    >>> import torch
    >>> layers = [EncoderLayer(MultiHeadAttention(6, 2), 6, 11) for _ in range(3)]
    >>> Encoder(layers, d_model=6)(torch.zeros(2, 96, 6))[0].shape
    torch.Size([2, 24, 6])
    """

    def __init__(
        self, layers: Sequence[EncoderLayer], d_model: int, *, distil: bool = True
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        n_distils = len(layers) - 1 if distil else 0
        self.distils = nn.ModuleList(DistilLayer(d_model) for _ in range(n_distils))
        self.norm = nn.LayerNorm(d_model)

    def forward(
        self, rows: Tensor, need_weights: bool = False
    ) -> tuple[Tensor, list[Tensor | None]]:
        """Encode ``rows`` (B, L, d_model); return them and each layer's weights."""
        weights = []
        for depth, layer in enumerate(self.layers):
            rows, layer_weights = layer(rows, need_weights)
            weights.append(layer_weights)
            if depth < len(self.distils):
                rows = self.distils[depth](rows)
        return self.norm(rows), weights


class StackedEncoder(nn.Module):
    """Replicas of the encoder over the last L, L/2, L/4 … rows, joined along time.

    Parameters
    ----------
    encoders : sequence of Encoder
        Encoder J reads the last L // 2**J rows.

    References
    ----------
    Zhou et al., AAAI 2021, https://arxiv.org/abs/2012.07436, section 3.2, figure 3.

    Examples
    --------
    Two layers leave 48 of 96 rows, one layer all of the last 48:

    >>> import torch
    >>> def encoder(depth):
    ...     layers = [EncoderLayer(MultiHeadAttention(6, 2), 6, 11)] * depth
    ...     return Encoder(layers, d_model=6)
    >>> StackedEncoder([encoder(2), encoder(1)])(torch.zeros(2, 96, 6))[0].shape
    torch.Size([2, 96, 6])
    """

    def __init__(self, encoders: Sequence[Encoder]) -> None:
        super().__init__()
        self.encoders = nn.ModuleList(encoders)

    def forward(
        self, rows: Tensor, need_weights: bool = False
    ) -> tuple[Tensor, list[Tensor | None]]:
        """Encode ``rows`` (B, L, d_model); weights follow replica by replica."""
        L = rows.shape[1]
        parts, weights = [], []
        for replica, encoder in enumerate(self.encoders):
            part, part_weights = encoder(rows[:, L - L // 2**replica :], need_weights)
            parts.append(part)
            weights.extend(part_weights)
        return torch.cat(parts, dim=1), weights

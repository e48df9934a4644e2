"""The Informer: embedding → encoder → generative decoder → projection.

Zhou et al., "Informer: Beyond Efficient Transformer for Long Sequence Time-Series
Forecasting", AAAI 2021, https://arxiv.org/abs/2012.07436, figure 2.
"""

from collections.abc import Sequence
from functools import partial
from numbers import Integral
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from skinformer.network.decoder import Decoder, DecoderLayer
from skinformer.network.embedding import InputEmbedding
from skinformer.network.encoder import Encoder, EncoderLayer, StackedEncoder
from skinformer.network.informer_checks import check_parameters, check_shape
from skinformer.network.instance_norm import (
    WindowScale,
    denormalize_window,
    normalize_window,
    window_scale,
)
from skinformer.network.multi_head import MultiHeadAttention
from skinformer.network.quantiles import QuantileSpread

__all__ = ["AttentionWeights", "Informer"]


class AttentionWeights(NamedTuple):
    """The attention weights of one forward pass, before dropout, layer by layer.

    Attributes
    ----------
    encoder : list of Tensor of shape (B, H, L, L)
        One per encoder layer, L halving with the distilling; replica by replica for
        a stack.
    decoder_self : list of Tensor of shape (B, H, label_len + pred_len, same)
        One per decoder layer.
    decoder_cross : list of Tensor of shape (B, H, label_len + pred_len, S)
        One per decoder layer, over the S rows that the encoder returned; the last one
        (B, H, pred_len, S), of the rows that are forecast.
    """

    encoder: list[Tensor]
    decoder_self: list[Tensor]
    decoder_cross: list[Tensor]


class _Window(NamedTuple):
    """What ``forward`` is given, the values normalised."""

    values: Tensor
    covariates: Tensor | None
    categories: Tensor | None
    missing_values: Tensor | None
    missing_covariates: Tensor | None

    def rows(self, block: slice, ahead: int = 0) -> "_Window":
        """Cut rows out of the context, and after it ``ahead`` rows without values."""
        # (B, rows, n_inputs) -> (B, rows + ahead, n_inputs)
        values = F.pad(self.values[:, block], (0, 0, 0, ahead))
        missing = _rows(self.missing_values, block)
        missing = None if missing is None else F.pad(missing, (0, 0, 0, ahead))
        rest = self.covariates, self.categories, self.missing_covariates
        covariates, categories, absent = (_rows(t, block) for t in rest)
        return _Window(values, covariates, categories, missing, absent)


class Informer(nn.Module):
    """The network of the paper, from windows of values to forecasts.

    With the default decoder (``decoder_attention="full"``, ``cross_attention="full"``,
    ``mix=False``) row t of the forecast depends on the values and on the covariates of
    rows up to t only.

    Parameters
    ----------
    n_inputs : int
        Columns of values, targets included.
    n_targets : int
        Columns to forecast: the first of the values.
    n_covariates : int, default=0
        Numeric covariates, known for the forecast rows too.
    cardinalities : sequence of int, default=()
        Number of categories of each categorical covariate. A code equal to it stands
        for "unknown".
    seq_len : int
        Rows that the encoder reads.
    label_len : int
        Known rows that the decoder starts from, 0 to ``seq_len``.
    pred_len : int
        Rows to forecast.
    d_model : int, default=512
        Width of a row inside the network.
    n_heads : int, default=8
        Attention heads; divides ``d_model``.
    e_layers : int or sequence of int, default=2
        Encoder layers; a sequence such as (3, 2, 1) makes a stack of encoders over
        the last L, L/2, L/4 rows.
    d_layers : int, default=1
        Decoder layers.
    d_ff : int, default=2048
        Inner width of the feed-forward parts.
    factor : int, default=5
        Keys and queries that ProbSparse attention takes per unit of ⌈ln L⌉.
    attention : {"prob", "full"}, default="prob"
        Self-attention of the encoder: ProbSparse or dense.
    decoder_attention : {"full", "prob"}, default="full"
        Masked self-attention of the decoder. "prob" is the paper's; it ranks the rows
        of a block against one another, so that later covariates move earlier rows.
    cross_attention : {"full", "prob"}, default="full"
        Attention from the decoder's rows to the encoder's: dense as in the paper, or
        ProbSparse, which costs less with long horizons and is not causal either.
    distil : bool, default=True
        Whether the encoder halves its rows between layers.
    mix : bool, default=False
        Whether the decoder's self-attention cuts its heads into rows without moving
        them behind time first, as the authors' code does. Not causal either.
    dropout : float, default=0.05
        Probability of dropping an entry in training. In an attention a key is dropped,
        for all queries of a head at once.
    activation : {"gelu", "relu"}, default="gelu"
        Activation of the feed-forward parts.
    embedding : {"learned", "fixed"}, default="learned"
        Rows of the category tables: trained, or sinusoids of the code.
    instance_norm : {"mean_std", "last", None}, default=None
        Whether each window is normalised by its own mean and standard deviation, or
        by its last value, column by column; undone on the forecast.
    lazy_context : {"mean", "sum"}, default="mean"
        What lazy queries get in a masked ProbSparse attention: the running mean, or
        the running sum of the authors' code.

    residual : bool, default=False
        Whether the forecast is a correction to another one: it starts at zero, and the
        level of the window is not put back.
    masks : bool, default=False
        Whether ``forward`` takes what is missing of values and covariates.
    quantiles : sequence of float or None, default=None
        Levels of quantiles to forecast besides the median, in rising order. They never
        cross.

    Raises
    ------
    ValueError
        If a parameter is out of range, not a known option, or does not fit another;
        the message names it, what is allowed, and what was given.

    See Also
    --------
    load_informer2020_state_dict : This network with weights of the authors' code.

    References
    ----------
    Zhou et al., AAAI 2021, https://arxiv.org/abs/2012.07436.

    Examples
    --------
    Three windows of two columns and an hour of day, the first column to be forecast:

    >>> import torch
    >>> from skinformer.network import Informer
    >>> net = Informer(
    ...     n_inputs=2, n_targets=1, cardinalities=(24,),
    ...     seq_len=48, label_len=24, pred_len=12, d_model=16, n_heads=2, d_ff=32,
    ... )
    >>> hours = torch.arange(48 + 12).remainder(24).view(1, 60, 1).expand(3, -1, -1)
    >>> net(torch.zeros(3, 48, 2), categories=hours).shape
    torch.Size([3, 12, 1])
    """

    def __init__(
        self,
        *,
        n_inputs: int,
        n_targets: int,
        n_covariates: int = 0,
        cardinalities: Sequence[int] = (),
        seq_len: int,
        label_len: int,
        pred_len: int,
        d_model: int = 512,
        n_heads: int = 8,
        e_layers: int | Sequence[int] = 2,
        d_layers: int = 1,
        d_ff: int = 2048,
        factor: int = 5,
        attention: str = "prob",
        decoder_attention: str = "full",
        cross_attention: str = "full",
        distil: bool = True,
        mix: bool = False,
        dropout: float = 0.05,
        activation: str = "gelu",
        embedding: str = "learned",
        instance_norm: str | None = None,
        lazy_context: str = "mean",
        residual: bool = False,
        masks: bool = False,
        quantiles: Sequence[float] | None = None,
    ) -> None:
        check_parameters({k: v for k, v in locals().items() if k != "self"})
        super().__init__()
        self.n_inputs = n_inputs
        self.n_targets = n_targets
        self.n_covariates = n_covariates
        self.seq_len = seq_len
        self.label_len = label_len
        self.pred_len = pred_len
        self.instance_norm = instance_norm
        self.residual = residual
        self.quantiles = None if quantiles is None else tuple(map(float, quantiles))

        embed = partial(
            InputEmbedding,
            n_inputs,
            d_model,
            n_covariates=n_covariates,
            cardinalities=cardinalities,
            embedding=embedding,
            dropout=dropout,
            masks=masks,
        )
        attend = partial(
            MultiHeadAttention, d_model, n_heads, factor=factor, dropout=dropout
        )
        inner: dict[str, Any] = {
            "d_model": d_model,
            "d_ff": d_ff,
            "activation": activation,
            "dropout": dropout,
        }

        def encoder(depth: int) -> Encoder:
            layers = [
                EncoderLayer(attend(attention=attention), **inner) for _ in range(depth)
            ]
            return Encoder(layers, d_model, distil=distil)

        def decoder_layer() -> DecoderLayer:
            masked = attend(
                attention=decoder_attention,
                causal=True,
                mix=mix,
                lazy_context=lazy_context,
            )
            cross = attend(attention=cross_attention)
            return DecoderLayer(masked, cross, **inner)

        self.encoder_embedding = embed(length=seq_len)
        self.encoder: Encoder | StackedEncoder
        if isinstance(e_layers, int | Integral):
            self.encoder = encoder(int(e_layers))
        else:
            self.encoder = StackedEncoder([encoder(depth) for depth in e_layers])
        self.decoder_embedding = embed(length=label_len + pred_len)
        self.decoder = Decoder([decoder_layer() for _ in range(d_layers)], d_model)
        self.projection = nn.Linear(d_model, n_targets)
        if residual:  # to begin with, there is nothing to correct
            nn.init.zeros_(self.projection.weight)
            nn.init.zeros_(self.projection.bias)
        self.spread = None
        if self.quantiles is not None:
            self.spread = QuantileSpread(d_model, n_targets, self.quantiles)

    def forward(
        self,
        values: Tensor,
        covariates: Tensor | None = None,
        categories: Tensor | None = None,
        missing_values: Tensor | None = None,
        missing_covariates: Tensor | None = None,
        need_weights: bool = False,
    ) -> Tensor | tuple[Tensor, AttentionWeights]:
        """Forecast the ``pred_len`` rows that follow each window.

        Parameters
        ----------
        values : Tensor of shape (B, seq_len, n_inputs)
            Known rows; the first ``n_targets`` columns are the targets.
        covariates : Tensor of shape (B, seq_len + pred_len, n_covariates), optional
            Numeric covariates of the known and the forecast rows.
        categories : Tensor of shape (B, seq_len + pred_len, n_categories), optional
            Integer codes of the known and the forecast rows.
        missing_values : Tensor of shape (B, seq_len, n_inputs), optional
            1 where a value is missing and another stands in its place, 0 else.
        missing_covariates : Tensor of shape (B, seq_len + pred_len, n_covariates), \
optional
            The same of the covariates.
        need_weights : bool, default=False
            Whether to return the attention weights too.

        Returns
        -------
        forecast : Tensor of shape (B, pred_len, n_targets)
            In the units of ``values``. With ``quantiles``, of shape
            (B, pred_len, n_targets, 1 + n_quantiles): the median, then the quantiles.
        weights : AttentionWeights
            Only if ``need_weights``.

        Raises
        ------
        ValueError
            If an input has another shape.
        """
        self._check_inputs(values, covariates, categories)
        scale = window_scale(values, self.instance_norm)
        values = normalize_window(values, scale)
        window = _Window(
            values, covariates, categories, missing_values, missing_covariates
        )
        memory, encoder_weights = self._encode(window, need_weights)
        rows, *decoder_weights = self._decode(window, memory, need_weights)
        forecast = self._project(rows, scale)
        if not need_weights:
            return forecast
        return forecast, AttentionWeights(encoder_weights, *decoder_weights)

    def mark_seen(self, codes: Tensor) -> None:
        """Add ``codes`` (N, n_categories) to those that training saw.

        In evaluation mode a learned row that was not trained, and "unknown" if it was
        not, give way to the mean of the trained rows of their table.

        Raises
        ------
        ValueError
            If ``codes`` has another number of columns, or a code is out of range.
        """
        self.encoder_embedding.mark_seen(codes)
        self.decoder_embedding.mark_seen(codes)

    def _encode(
        self, window: "_Window", need_weights: bool
    ) -> tuple[Tensor, list[Any]]:
        """Return what the decoder looks back at, (B, S, d_model), and weights."""
        rows = self.encoder_embedding(*window.rows(slice(None, self.seq_len)))
        return self.encoder(rows, need_weights)

    def _decode(
        self, window: "_Window", memory: Tensor, need_weights: bool
    ) -> tuple[Tensor, list[Any], list[Any]]:
        """Return the rows to be forecast, (B, pred_len, d_model), and weights."""
        block = slice(self.seq_len - self.label_len, None)
        rows = self.decoder_embedding(*window.rows(block, ahead=self.pred_len))
        return self.decoder(rows, memory, self.pred_len, need_weights)

    def _project(self, rows: Tensor, scale: WindowScale) -> Tensor:
        """Return the forecast of rows (B, pred_len, d_model), in the window's units."""
        if self.residual:  # a correction has a spread, and no level
            scale = WindowScale(torch.zeros_like(scale.center), scale.scale)
        # (B, pred_len, d_model) -> (B, pred_len, n_targets)
        median = denormalize_window(self.projection(rows), scale)
        if self.spread is None:
            return median
        # (B, 1, n_inputs) -> (B, 1, n_targets, 1)
        unit = scale.scale[..., : self.n_targets].unsqueeze(-1)
        median = median.unsqueeze(-1)
        return torch.cat([median, median + unit * self.spread(rows)], dim=-1)

    def _check_inputs(
        self, values: Tensor, covariates: Tensor | None, categories: Tensor | None
    ) -> None:
        L = self.seq_len + self.pred_len
        n_categories = len(self.encoder_embedding.tables)
        check_shape("values", values, self.seq_len, self.n_inputs)
        check_shape("covariates", covariates, L, self.n_covariates)
        check_shape("categories", categories, L, n_categories)


def _rows(tensor: Tensor | None, rows: slice) -> Tensor | None:
    """Return those rows of a tensor (B, L, C) that may be absent."""
    return None if tensor is None else tensor[:, rows]

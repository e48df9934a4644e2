"""What networks share that decode step by step: each row is fed with the one before.

The Informer's decoder is given zeros for the rows to forecast, and returns them all in
one pass. Here a decoder is given the row before each, true in training and its own
forecast else.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from skinformer.network.embedding import InputEmbedding
from skinformer.network.instance_norm import (
    WindowScale,
    denormalize_window,
    normalize_window,
    window_scale,
)

__all__ = ["RowEmbedding", "StepByStep", "rows_before"]


def rows_before(start: Tensor, targets: Tensor) -> Tensor:
    """Return the row before each of ``targets`` (B, L, N), the first being ``start``.

    Where a value is not known (NaN) the latest known one before it is repeated.

    Parameters
    ----------
    start : Tensor of shape (B, N)
        The row before the first target; without NaN.
    targets : Tensor of shape (B, L, N)

    Returns
    -------
    Tensor of shape (B, L, N)

    Examples
    --------
    >>> import torch
    >>> targets = torch.tensor([1.0, torch.nan, 3.0, 4.0]).view(1, 4, 1)
    >>> rows_before(torch.zeros(1, 1), targets).flatten()
    tensor([0., 1., 1., 3.])
    """
    rows = torch.cat([start.unsqueeze(1), targets[:, :-1]], dim=1)
    places = torch.arange(rows.shape[1], device=rows.device).view(1, -1, 1)
    latest = torch.where(rows.isnan(), 0, places).cummax(dim=1).values  # (B, L, N)
    return rows.gather(1, latest)


def cut(
    tensors: Sequence[Tensor | None], row: int
) -> tuple[list[Tensor | None], list[Tensor | None]]:
    """Cut tensors (B, L, C) that may be absent into the rows before, and from, one."""
    before = [None if tensor is None else tensor[:, :row] for tensor in tensors]
    after = [None if tensor is None else tensor[:, row:] for tensor in tensors]
    return before, after


class RowEmbedding(InputEmbedding):
    """An embedding in which a row sees no other row, in two parts.

    What is known ahead of a row, its covariates and its position, is embedded for all
    rows at once by :meth:`ahead`; the values are added row by row as they come. The
    values pass a linear map instead of a convolution along time, which would show a row
    the one after it.

    Parameters
    ----------
    n_inputs : int
        Columns of values.
    width : int
        Width of the result.
    length : int, default=0
        The largest number of rows that will be asked for; 0 adds no position.
    **options
        ``n_covariates``, ``cardinalities``, ``embedding`` and ``dropout``, as of
        :class:`~skinformer.network.InputEmbedding`.

    Examples
    --------
    >>> import torch
    >>> embed = RowEmbedding(2, width=8, length=5, n_covariates=3)
    >>> ahead = embed.ahead((7, 5), torch.zeros(7, 5, 3))
    >>> embed(torch.zeros(7, 1, 2), ahead[:, 4:]).shape
    torch.Size([7, 1, 8])
    """

    value: nn.Linear

    def __init__(
        self, n_inputs: int, width: int, length: int = 0, **options: Any
    ) -> None:
        super().__init__(n_inputs, width, length, **options)
        self.value = nn.Linear(n_inputs, width)

    def ahead(
        self,
        shape: tuple[int, int],
        covariates: Tensor | None = None,
        categories: Tensor | None = None,
        missing_covariates: Tensor | None = None,
    ) -> Tensor:
        """Embed what is known of rows before their values are, (B, L, width).

        ``shape`` is (B, L), ``covariates`` (B, L, n_covariates), ``categories``
        (B, L, n_categories) of integer codes, and ``missing_covariates`` 1 where a
        covariate is missing.
        """
        known = self.value.weight.new_zeros(*shape, self.value.out_features)
        if len(self.position):
            known = known + self.position[: shape[1]]  # (B, L, width) + (L, width)
        known = self.add_missing(known, None, missing_covariates)
        if self.covariate is not None:
            known = known + self.covariate(covariates)
        codes: Any = categories  # None only where there is no table
        for column, table in enumerate(self.tables):
            known = known + table(codes[..., column])
        return known

    # another forward than that of the base class, for whose sake nobody calls it
    def forward(  # type: ignore[override]
        self, values: Tensor, ahead: Tensor, missing_values: Tensor | None = None
    ) -> Tensor:
        """Embed ``values`` (B, L, n_inputs) of rows of which ``ahead`` was known."""
        rows = self.add_missing(self.value(values) + ahead, missing_values, None)
        return self.dropout.in_place(rows)


class StepByStep(nn.Module):
    """Base of networks that encode a window, and decode one row after the other.

    A subclass implements :meth:`_encode` and :meth:`_decode`. Row t of the forecast
    depends on the values, and on the covariates of rows up to t only.

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
    seq_len, pred_len : int
        Rows that the encoder reads, and rows to forecast.
    width : int
        Width of a row inside the network.
    positions : bool
        Whether the embedding adds the position of a row.
    dropout : float, default=0.0
        Probability of dropping an entry of an embedding in training.
    instance_norm : {"mean_std", "last", None}, default=None
        What is taken off each window, and put back on its forecast.
    masks : bool, default=False
        Whether ``forward`` takes what is missing of values and covariates.
    """

    def __init__(
        self,
        *,
        n_inputs: int,
        n_targets: int,
        n_covariates: int = 0,
        cardinalities: Sequence[int] = (),
        seq_len: int,
        pred_len: int,
        width: int,
        positions: bool,
        dropout: float = 0.0,
        instance_norm: str | None = None,
        masks: bool = False,
    ) -> None:
        super().__init__()
        self.n_targets = n_targets
        self.seq_len = seq_len
        self.pred_len = pred_len
        self.instance_norm = instance_norm
        rest: dict[str, Any] = {
            "n_covariates": n_covariates,
            "cardinalities": cardinalities,
            "dropout": dropout,
            "masks": masks,
        }
        lengths = (seq_len, pred_len) if positions else (0, 0)
        self.encoder_embedding = RowEmbedding(n_inputs, width, lengths[0], **rest)
        self.decoder_embedding = RowEmbedding(n_targets, width, lengths[1], **rest)
        self.projection = nn.Linear(width, n_targets)

    def forward(
        self,
        values: Tensor,
        covariates: Tensor | None = None,
        categories: Tensor | None = None,
        missing_values: Tensor | None = None,
        missing_covariates: Tensor | None = None,
        targets: Tensor | None = None,
    ) -> Tensor:
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
        missing_covariates : Tensor, optional
            The same of the covariates.
        targets : Tensor of shape (B, pred_len, n_targets), optional
            The true rows, NaN where not known, for the decoder to be fed with in
            training. Without them it is fed with its own forecasts.

        Returns
        -------
        Tensor of shape (B, pred_len, n_targets)
            In the units of ``values``.
        """
        scale = window_scale(values, self.instance_norm)
        values = normalize_window(values, scale)
        parts = covariates, categories, missing_covariates
        known, later = cut(parts, self.seq_len)
        past = self.encoder_embedding.ahead((len(values), values.shape[1]), *known)
        state = self._encode(self.encoder_embedding(values, past, missing_values))
        start: Tensor = values[:, -1, : self.n_targets]
        given: Tensor | None = None
        if targets is not None:
            of_targets = WindowScale(*(of[..., : self.n_targets] for of in scale))
            given = rows_before(start, normalize_window(targets, of_targets))
        ahead = self.decoder_embedding.ahead((len(values), self.pred_len), *later)
        return denormalize_window(self._decode(state, start, ahead, given), scale)

    def mark_seen(self, codes: Tensor) -> None:
        """Add ``codes`` (N, n_categories) to those that training saw.

        As :meth:`skinformer.Informer.mark_seen` does.
        """
        self.encoder_embedding.mark_seen(codes)
        self.decoder_embedding.mark_seen(codes)

    @abstractmethod
    def _encode(self, rows: Tensor) -> Any:
        """Return what the decoder is to know of ``rows`` (B, seq_len, width)."""

    @abstractmethod
    def _decode(
        self, state: Any, start: Tensor, ahead: Tensor, given: Tensor | None
    ) -> Tensor:
        """Return the forecast (B, pred_len, n_targets), normalised.

        ``start`` (B, n_targets) is the last known row, ``ahead`` (B, pred_len, width)
        what is known of the rows to forecast, and ``given`` (B, pred_len, n_targets)
        the true row before each, or None.
        """

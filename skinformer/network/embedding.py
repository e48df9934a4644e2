"""The embedding of a row: its values, its position, and what is known about its time.

Zhou et al., AAAI 2021, https://arxiv.org/abs/2012.07436, section 3.2 and appendix B.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from skinformer.network.dropout import Dropout
from skinformer.network.linear import CircularConv

__all__ = ["EMBEDDINGS", "CategoryTable", "InputEmbedding", "sinusoid_table"]

EMBEDDINGS = ("learned", "fixed")


def sinusoid_table(n_rows: int, width: int) -> Tensor:
    """Return sines (even columns) and cosines (odd columns) of falling frequency.

    Row p holds sin(p·f) and cos(p·f) with f = 10000^(−2i/width) in columns 2i and
    2i + 1. An odd ``width`` ends with a sine.

    Examples
    --------
    >>> sinusoid_table(2, 3)
    tensor([[0.0000, 1.0000, 0.0000],
            [0.8415, 0.5403, 0.0022]])
    """
    # In float32 throughout, as the networks were that reference checkpoints come from:
    # at position 720 double precision would move the table by more than 1e-5.
    position = torch.arange(n_rows, dtype=torch.float32).unsqueeze(1)  # (n_rows, 1)
    exponent = torch.arange(0, width, 2, dtype=torch.float32)
    angle = position * torch.exp(exponent * -(math.log(10000.0) / width))
    table = torch.empty(n_rows, width)
    table[:, 0::2] = angle.sin()
    table[:, 1::2] = angle[:, : width // 2].cos()
    return table


class CategoryTable(nn.Module):
    """One row per category, and what to do with those that training never saw.

    The codes are 0 to ``cardinality``, the last of which stands for "unknown".

    In evaluation mode a code whose row was not trained uses the mean of the rows that
    were: an untrained row holds nothing but its random start. A fixed row needs no
    training; there only "unknown" is replaced, in training mode too.

    Parameters
    ----------
    cardinality : int
        Number of known categories.
    width : int
        Width of a row.
    embedding : {"learned", "fixed"}, default="learned"
        Rows that are trained, or sinusoids of the code.

    Attributes
    ----------
    weight : Parameter or Tensor of shape (cardinality + 1, width)
        The rows.
    seen : Tensor of shape (cardinality + 1,), bool
        The codes marked by :meth:`mark_seen`. If there are none, all but the last
        count as seen.

    Raises
    ------
    ValueError
        If ``embedding`` is not known.

    Examples
    --------
    >>> import torch
    >>> table = CategoryTable(3, width=1).eval()
    >>> _ = table.weight.data.copy_(torch.tensor([[1.0], [3.0], [9.0], [7.0]]))
    >>> table.mark_seen(torch.tensor([0, 1, 1]))
    >>> table(torch.tensor([0, 1, 2, 3])).flatten().tolist()
    [1.0, 3.0, 2.0, 2.0]
    """

    weight: Tensor
    seen: Tensor

    def __init__(
        self, cardinality: int, width: int, *, embedding: str = "learned"
    ) -> None:
        super().__init__()
        if embedding not in EMBEDDINGS:
            raise ValueError(
                f"embedding must be one of {EMBEDDINGS}, got {embedding!r}."
            )
        self.fixed = embedding == "fixed"
        n_rows = cardinality + 1
        if self.fixed:
            self.register_buffer("weight", sinusoid_table(n_rows, width))
        else:
            self.weight = nn.Parameter(torch.randn(n_rows, width))
        self.register_buffer("seen", torch.zeros(n_rows, dtype=torch.bool))

    def forward(self, codes: Tensor) -> Tensor:
        """Look up integer ``codes`` (...) and return their rows (..., width)."""
        return F.embedding(codes.long(), self._table())

    @torch.no_grad()
    def mark_seen(self, codes: Tensor) -> None:
        """Add the integer ``codes``, of any shape, to those that training saw.

        Raises
        ------
        ValueError
            If a code is negative or above the cardinality.
        """
        cardinality = len(self.seen) - 1
        outside = codes[(codes < 0) | (codes > cardinality)]
        if len(outside):
            raise ValueError(
                f"Codes must be from 0 to {cardinality}, the last for unknown; "
                f"got {outside[0].item()}."
            )
        self.seen[codes.to(self.seen.device).long()] = True

    def _table(self) -> Tensor:
        """Return the rows as :meth:`forward` uses them."""
        if self.training and not self.fixed:
            return self.weight
        trained = self._trained()
        mean = _mean(self.weight, trained)
        replaced = self._is_unknown() if self.fixed else ~trained
        return torch.where(replaced.unsqueeze(1), mean, self.weight)

    def _trained(self) -> Tensor:
        """Return the rows that may stand for the others, (cardinality + 1,) bool."""
        known = ~self._is_unknown()
        seen = self.seen & known if self.fixed else self.seen
        return torch.where(seen.any(), seen, known)

    def _is_unknown(self) -> Tensor:
        last = len(self.seen) - 1
        return torch.arange(last + 1, device=self.seen.device) == last

    def extra_repr(self) -> str:
        """Describe the table as torch's own modules do."""
        n_rows, width = self.weight.shape
        return f"{n_rows - 1}, {width}, embedding={EMBEDDINGS[self.fixed]!r}"


def _mean(rows: Tensor, chosen: Tensor) -> Tensor:
    """Average the chosen rows by weights: indexing with a mask waits for the GPU."""
    share = chosen.to(rows.dtype) / chosen.sum()  # (n_rows,)
    return (share.unsqueeze(1) * rows).sum(dim=0)  # (width,)


class InputEmbedding(nn.Module):
    """Value embedding + position + covariates, then dropout.

    Parameters
    ----------
    n_inputs : int
        Columns of values.
    d_model : int
        Width of the result.
    length : int
        The largest number of rows that will be asked for.
    n_covariates : int, default=0
        Numeric covariates; they pass a linear layer.
    cardinalities : sequence of int, default=()
        Number of categories of each categorical covariate; each has its own
        :class:`CategoryTable`.
    embedding : {"learned", "fixed"}, default="learned"
        Kind of the tables.
    dropout : float, default=0.0
        Probability with which an entry of the sum is dropped in training mode.
    masks : bool, default=False
        Whether the rows are told which of their values and numeric covariates are
        missing; what that adds starts at zero.

    References
    ----------
    Zhou et al., AAAI 2021, https://arxiv.org/abs/2012.07436, appendix B.

    Examples
    --------
    >>> import torch
    >>> embed = InputEmbedding(2, d_model=8, length=5, cardinalities=(24,))
    >>> embed(torch.zeros(3, 5, 2), categories=torch.full((3, 5, 1), 23)).shape
    torch.Size([3, 5, 8])
    """

    value: nn.Module
    position: Tensor
    missing_values: Tensor | None
    missing_covariates: Tensor | None

    def __init__(
        self,
        n_inputs: int,
        d_model: int,
        length: int,
        *,
        n_covariates: int = 0,
        cardinalities: Sequence[int] = (),
        embedding: str = "learned",
        dropout: float = 0.0,
        masks: bool = False,
    ) -> None:
        super().__init__()
        self.value = CircularConv(n_inputs, d_model)
        # A function of the shape alone: nothing to store beside the weights.
        table = sinusoid_table(length, d_model)
        self.register_buffer("position", table, persistent=False)
        self.covariate = nn.Linear(n_covariates, d_model) if n_covariates else None
        self.tables = nn.ModuleList(
            CategoryTable(cardinality, d_model, embedding=embedding)
            for cardinality in cardinalities
        )
        self.dropout = Dropout(dropout)
        # zeros, which draw nothing: weights of complete rows are as without masks
        widths = {"missing_values": n_inputs, "missing_covariates": n_covariates}
        for name, n_columns in widths.items():
            has_any = masks and n_columns
            zeros = nn.Parameter(torch.zeros(d_model, n_columns)) if has_any else None
            self.register_parameter(name, zeros)

    def forward(
        self,
        values: Tensor,
        covariates: Tensor | None = None,
        categories: Tensor | None = None,
        missing_values: Tensor | None = None,
        missing_covariates: Tensor | None = None,
    ) -> Tensor:
        """Embed L rows as (B, L, d_model).

        ``values`` is (B, L, n_inputs), ``covariates`` (B, L, n_covariates) and
        ``categories`` (B, L, n_categories) of integer codes; ``missing_values`` and
        ``missing_covariates`` are 1 where a number is missing, and 0 else.
        """
        rows = self.value(values)  # (B, L, n_inputs) -> (B, L, d_model)
        rows = rows + self.position[: rows.shape[1]]  # (B, L, d_model) + (L, d_model)
        rows = self.add_missing(rows, missing_values, missing_covariates)
        if self.covariate is not None:
            rows = rows + self.covariate(covariates)
        codes: Any = categories  # None only where there is no table
        for column, table in enumerate(self.tables):
            rows = rows + table(codes[..., column])
        return self.dropout.in_place(rows)

    def add_missing(
        self, rows: Tensor, values: Tensor | None, covariates: Tensor | None
    ) -> Tensor:
        """Add to ``rows`` (B, L, d_model) what is to be known of missing numbers."""
        pairs = (values, self.missing_values), (covariates, self.missing_covariates)
        for missing, weight in pairs:
            if missing is not None and weight is not None:
                # (B, L, n_columns) -> (B, L, d_model)
                rows = rows + F.linear(missing, weight)
        return rows

    def mark_seen(self, codes: Tensor) -> None:
        """Add ``codes`` (N, n_categories) to those that training saw, by column.

        Raises
        ------
        ValueError
            If there are not as many columns as tables, or a code is outside its table.
        """
        if codes.ndim != 2 or codes.shape[1] != len(self.tables):
            raise ValueError(
                f"codes must have shape (N, {len(self.tables)}), "
                f"got {tuple(codes.shape)}."
            )
        table: Any
        for column, table in enumerate(self.tables):
            table.mark_seen(codes[:, column])

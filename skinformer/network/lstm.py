"""A network of two LSTMs: one reads the known rows, one forecasts row after row.

Hochreiter and Schmidhuber, *Long Short-Term Memory*, Neural Computation 1997, between
encoder and decoder as in Sutskever et al., NeurIPS 2014,
https://arxiv.org/abs/1409.3215.
"""

from typing import Any

import torch
from torch import Tensor, nn

from skinformer.network.dropout import Dropout
from skinformer.network.step_by_step import StepByStep

__all__ = ["CellState", "LSTMDecoder", "LSTMNetwork"]

#: Hidden and cell state of every layer, (B, hidden_size) each.
CellState = list[tuple[Tensor, Tensor]]


class LSTMDecoder(nn.Module):
    """LSTM cells one above the other, for one row at a time.

    Parameters
    ----------
    hidden_size : int
        Width of a row, of the hidden and of the cell state.
    n_layers : int, default=1
        Cells, first to last.
    dropout : float, default=0.0
        Probability of dropping an entry between two cells in training.

    Examples
    --------
    >>> import torch
    >>> cells = LSTMDecoder(5, n_layers=2)
    >>> state = [(torch.zeros(3, 5), torch.zeros(3, 5))] * 2
    >>> row, state = cells(torch.zeros(3, 5), state)
    >>> row.shape
    torch.Size([3, 5])
    """

    # A whole LSTM called with one row took two to four times as long as a cell.

    def __init__(
        self, hidden_size: int, n_layers: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.cells = nn.ModuleList(
            nn.LSTMCell(hidden_size, hidden_size) for _ in range(n_layers)
        )
        self.dropout = Dropout(dropout)

    def forward(self, row: Tensor, state: CellState) -> tuple[Tensor, CellState]:
        """Read ``row`` (B, hidden_size); return the last cell's row and all states."""
        new = []
        for depth, (cell, before) in enumerate(zip(self.cells, state, strict=True)):
            new.append(cell(self.dropout(row) if depth else row, before))
            row = new[-1][0]
        return row, new


class LSTMNetwork(StepByStep):
    """An LSTM that reads a window, and another that forecasts it on, row by row.

    A row of the window is the sum of a linear map of its values, one of its numeric
    covariates, and a table row for each of its categories. The decoder starts from the
    state that the encoder ends with. Its row is the row before, true or forecast,
    embedded with the covariates of the row to forecast.

    Parameters
    ----------
    hidden_size : int, default=64
        Width of rows, hidden and cell states.
    n_layers : int, default=1
        Layers of the encoder, and of the decoder.
    dropout : float, default=0.0
        Probability of dropping an entry of an embedding, and between two layers, in
        training.
    teacher_forcing : float, default=0.0
        Probability with which a row is fed with the true row before, where ``forward``
        is given them; else it is fed with the forecast of that row.
    **options
        As of :class:`~skinformer.network.step_by_step.StepByStep`.

    Examples
    --------
    >>> import torch
    >>> net = LSTMNetwork(n_inputs=2, n_targets=2, seq_len=7, pred_len=3, hidden_size=8)
    >>> net(torch.zeros(5, 7, 2)).shape
    torch.Size([5, 3, 2])
    """

    def __init__(
        self,
        *,
        hidden_size: int = 64,
        n_layers: int = 1,
        dropout: float = 0.0,
        teacher_forcing: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(width=hidden_size, positions=False, dropout=dropout, **options)
        self.teacher_forcing = teacher_forcing
        self.encoder = nn.LSTM(
            hidden_size,
            hidden_size,
            n_layers,
            batch_first=True,
            dropout=dropout if n_layers > 1 else 0.0,  # torch warns of one layer
        )
        self.decoder = LSTMDecoder(hidden_size, n_layers, dropout)

    def _encode(self, rows: Tensor) -> CellState:
        _, (hidden, cell) = self.encoder(rows)
        return list(zip(hidden, cell, strict=True))  # (n_layers, B, hidden_size) each

    def _decode(
        self, state: CellState, start: Tensor, ahead: Tensor, given: Tensor | None
    ) -> Tensor:
        forced = self._forced(given)
        row, forecast = start, []
        # unbound, since each slice's way back would fill a tensor of all rows
        for t, known in enumerate(ahead.unbind(1)):
            if forced is not None and given is not None:
                row = torch.where(forced[:, t], given[:, t], row)
            embedded = self.decoder_embedding(row, known)
            output, state = self.decoder(embedded, state)
            row = self.projection(output)
            forecast.append(row)
        return torch.stack(forecast, dim=1)  # pred_len times (B, N) -> (B, pred_len, N)

    def _forced(self, given: Tensor | None) -> Tensor | None:
        """Draw who is fed with the true row before, (B, pred_len, 1) bool."""
        if given is None or self.teacher_forcing == 0.0:
            return None
        draws = torch.rand(*given.shape[:2], 1, device=given.device)
        return draws < self.teacher_forcing

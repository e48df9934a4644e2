"""A network of one weight, and windows for it, as short as can be."""

import numpy as np
import torch
from torch import nn

from skinformer.forecasting.batches import BatchLoader
from skinformer.forecasting.losses import MaskedLoss
from skinformer.forecasting.training import ForecastNet
from skinformer.series.windows import Windows

from ..histories import rows_of

SEQ_LEN, PRED_LEN = 5, 3


class LastValue(nn.Module):
    """Forecast w times the last value, for every step; starts at w = 0."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(()))

    def forward(self, values):
        return self.w * values[:, -1:].expand(-1, PRED_LEN, -1)


class TwoHeads(LastValue):
    """The same, and quantiles that lie v below it; starts at v = 1."""

    def __init__(self):
        super().__init__()
        self.v = nn.Parameter(torch.ones(()))

    def forward(self, values):
        median = super().forward(values)
        return torch.stack([median, median - self.v], dim=-1)


def windows(values, starts=None):
    values = np.asarray(values, dtype=np.float32).reshape(len(values), -1)
    if starts is None:
        starts = np.arange(SEQ_LEN, len(values) - PRED_LEN + 1)
    nothing = np.empty((len(values), 0), dtype=np.float32)
    rows = rows_of(values, nothing, nothing.astype(np.int64))
    return Windows(rows, np.asarray(starts), SEQ_LEN, PRED_LEN)


def make_net(callbacks=(), **kwargs):
    settings = {
        "module": LastValue,
        "criterion": MaskedLoss,
        "criterion__loss": nn.MSELoss(),
        "optimizer": torch.optim.SGD,
        "lr": 0.1,
        "max_epochs": 3,
        "batch_size": 4,
        "iterator_train": BatchLoader,
        "iterator_valid": BatchLoader,
        "train_split": None,
        "callbacks": list(callbacks),
        "callbacks__print_log": None,
        "verbose": 0,
    }
    return ForecastNet(**(settings | kwargs)).initialize()

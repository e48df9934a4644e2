"""Forecasts of a trained net."""

import numpy as np
import torch

from skinformer.network.quantiles import median_of
from skinformer.series.windows import Windows

from .batches import to_device
from .memory import in_pieces
from .training import ForecastNet

__all__ = ["forecast_batch", "forecast_windows"]

# rows of all windows in a batch that needs no gradient
FORECAST_ROWS = 256 * 120


def forecast_batch(n_rows: int) -> int:
    """Return how many windows of ``n_rows`` to forecast at once, for their memory.

    >>> forecast_batch(96 + 24), forecast_batch(720 + 720)
    (256, 21)
    """
    return max(FORECAST_ROWS // n_rows, 1)


def forecast_windows(
    net: ForecastNet, windows: Windows, batch_size: int, heads: bool = False
) -> np.ndarray:
    """Forecast windows, (n_windows, pred_len, n_targets); the net is in eval mode.

    With ``heads``, (n_windows, pred_len, n_targets, 1 + n_quantiles) of a network that
    has them: the median, then the quantiles.
    """
    forecasts: list[np.ndarray] = []
    kind, first = torch.device(net.device).type, 0

    def compute(size: int) -> np.ndarray:
        inputs = windows.inputs(slice(first, first + size))
        forecast = net.module_(**to_device(inputs, net.device))
        return (forecast if heads else median_of(forecast)).cpu().numpy()

    # in single precision, whatever the caller has switched on around it
    with torch.inference_mode(), torch.autocast(kind, enabled=False):
        while first < len(windows):
            forecast, batch_size = in_pieces(
                compute, batch_size, net.device, "forecasting"
            )
            forecasts.append(forecast)
            first += batch_size
    return np.concatenate(forecasts)

"""What a network is told of the rows that train it, before they do."""

from collections.abc import Sequence

import numpy as np
import torch
from skorch import NeuralNet

from skinformer.series.windows import Windows

__all__ = ["mark_seen", "start_spread"]

# windows that tell how far quantiles begin apart
START_WINDOWS = 256


def mark_seen(net: NeuralNet, codes: np.ndarray) -> None:
    """Tell the network which categories its training rows hold; codes are (n, k)."""
    if codes.shape[1]:
        net.module_.mark_seen(torch.from_numpy(codes).to(net.device))


def start_spread(net: NeuralNet, windows: Windows) -> None:
    """Begin with quantiles as far apart as those of what is to be corrected.

    Only for a network that begins by correcting nothing: what it is to say is then the
    error that it makes.
    """
    spread = getattr(net.module_, "spread", None)
    if spread is None or not net.module_.residual:
        return
    few = np.linspace(0, len(windows) - 1, min(len(windows), START_WINDOWS))
    _, targets = windows.batch(few.astype(int))
    # (n_windows, pred_len, n_targets) -> (n_targets, n_windows * pred_len)
    errors = targets.reshape(-1, targets.shape[2]).T
    steps = [known_steps(each, spread.levels) for each in errors]
    spread.start(torch.from_numpy(np.array(steps)))


def known_steps(errors: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return how far each quantile is from the next, NaN if no error is known.

    >>> known_steps(np.array([3.0, np.nan, 0.0, 1.0]), [0.0, 0.5, 1.0])
    array([1., 2.])
    """
    known = errors[~np.isnan(errors)]
    if len(known) == 0:
        return np.full(len(levels) - 1, np.nan)
    return np.diff(np.quantile(known, levels))

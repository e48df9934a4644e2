"""Windows for a network to learn what a linear map leaves over of their targets."""

from typing import Any

import numpy as np

from skinformer.series.windows import Windows

from .ridge_map import RidgeMap
from .window_blocks import block_starts, block_within

__all__ = ["ResidualWindows"]


class ResidualWindows(Windows):
    """Windows whose targets are what the linear map leaves over.

    Parameters
    ----------
    windows : Windows
        As the network reads them.
    long : Windows
        The same, as long as the map's context.
    ridge : RidgeMap
    honest : bool
        Whether each window is mapped without what its own block of time has taught.
    """

    def __init__(self, windows: Windows, long: Windows, ridge: RidgeMap, honest: bool):
        vars(self).update(vars(windows))
        self.long, self.ridge, self.honest = long, ridge, honest
        self._block_starts = block_starts(ridge.edges_)  # once, not batch by batch

    def take(self, chosen: Any) -> "ResidualWindows":
        """Return some of the windows."""
        other: Any = super().take(chosen)
        other.long = self.long.take(chosen)
        return other

    def batch(self, which: Any) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Copy a batch of windows; see :meth:`Windows.batch`."""
        inputs, targets = super().batch(which)
        return inputs, targets - self._carried(which)

    def _carried(self, which: Any) -> np.ndarray:
        """Map the windows' contexts, (B, pred_len, n_targets)."""
        context = self.long.context(which)
        if not self.honest:
            return self.ridge.forecast(context)
        at = self.starts[which], self.which[which]
        block = block_within(self._block_starts, *at)
        carried = np.empty(
            (len(context), self.pred_len, context.shape[2]), dtype=context.dtype
        )
        for k in np.unique(block):
            carried[block == k] = self.ridge.forecast(context[block == k], k)
        return carried

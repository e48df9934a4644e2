"""Batches that several processes share out, each of which copies its own part."""

import numpy as np
import torch

from .batches import BatchLoader

__all__ = ["RankLoader", "cut"]


def cut(batch: np.ndarray, rank: int, size: int) -> np.ndarray:
    """Return the part of a batch that falls to one of several processes.

    Parts are as long as one another, or one window longer; where there are fewer
    windows than processes, the last ones have none.

    >>> [cut(np.arange(5), rank, size=3).tolist() for rank in range(3)]
    [[0, 1], [2, 3], [4]]
    """
    return np.array_split(batch, size)[rank]


class RankLoader(BatchLoader):
    """The batches of another loader, of which only a part is copied.

    Parameters
    ----------
    loader : BatchLoader
        Of the batches over all processes.
    rank, size : int
        The number of this process, and how many there are.
    generator : torch.Generator
        Shuffles; in the same state in all processes. The global generator is not: by
        dropout it runs apart.
    """

    def __init__(
        self, loader: BatchLoader, rank: int, size: int, generator: torch.Generator
    ):
        vars(self).update(vars(loader))
        self.rank, self.size, self.generator = rank, size, generator

    @property
    def sizes(self) -> list[int]:
        """Windows in each batch, over all processes."""
        n, size = self.n_windows, self.batch_size
        return [min(size, n - first) for first in range(0, n, size)]

    def _copy(self, batch: np.ndarray) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Copy a part; of no window, tensors without a row."""
        part = cut(batch, self.rank, self.size)
        if len(part):
            return super()._copy(part)
        width = self.dataset.pred_len * self.dataset.n_targets
        empty = torch.empty(0, width, device=self.device)
        return {"values": empty}, empty

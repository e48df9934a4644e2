"""Batches of windows, as tensors where a network reads them."""

from collections.abc import Iterator

import numpy as np
import torch

from skinformer.series.windows import Windows

__all__ = ["BatchLoader", "to_device"]

# windows that are shuffled whole for a pass over a few of them; of more, so many are
# drawn: a list of all would take longer than the training, and more memory
MOST_SHUFFLED = 2**22


class BatchLoader:
    """Batches of windows, in their order or shuffled anew at every pass.

    torch's own DataLoader collates window by window, and draws a seed from the global
    generator even for ``predict``; windows are copied a batch at a time instead.

    Parameters
    ----------
    dataset : Windows
    batch_size : int
    shuffle : bool, default=False
    limit : int or None, default=None
        Windows in a pass at the most: others at every pass if they are shuffled, else
        the first.
    device : str, default="cpu"
        Where the tensors go.
    """

    # what shuffles; None for torch's own
    generator: torch.Generator | None = None

    def __init__(
        self,
        dataset: Windows,
        batch_size: int,
        shuffle: bool = False,
        limit: int | None = None,
        device: str = "cpu",
    ):
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self.limit, self.device = limit, device

    @property
    def n_windows(self) -> int:
        """Windows in a pass."""
        n = len(self.dataset)
        return n if self.limit is None else min(n, self.limit)

    def __len__(self) -> int:
        """Count the batches."""
        return -(-self.n_windows // self.batch_size)

    def __iter__(self) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        """Yield inputs, and targets as (B, pred_len * n_targets).

        Scorers of scikit-learn, which skorch's EpochScoring calls, take two axes.
        """
        order = draw_order(
            len(self.dataset), self.n_windows, self.shuffle, self.generator
        )
        for first in range(0, len(order), self.batch_size):
            yield self._copy(order[first : first + self.batch_size])

    def _copy(self, batch: np.ndarray) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Copy the windows of a batch, given by their numbers."""
        inputs, targets = self.dataset.batch(batch)
        tensors = to_device(inputs, self.device)
        (y,) = to_device({"y": targets}, self.device).values()
        return tensors, y.flatten(1)


def draw_order(
    n: int, n_drawn: int, shuffle: bool, generator: torch.Generator | None = None
) -> np.ndarray:
    """Draw ``n_drawn`` of n windows without repetition, or take the first ones."""
    if not shuffle:
        return np.arange(n_drawn)
    if n <= MOST_SHUFFLED or n_drawn > n // 2:
        return torch.randperm(n, generator=generator).numpy()[:n_drawn]
    drawn = np.empty(0, dtype=np.int64)
    while len(drawn) < n_drawn:  # once, but for a stroke of luck
        more = torch.randint(n, (2 * n_drawn,), generator=generator).numpy()
        drawn = np.concatenate([drawn, more])
        drawn = drawn[np.sort(np.unique(drawn, return_index=True)[1])]
    return drawn[:n_drawn]


def to_device(arrays: dict[str, np.ndarray], device: str) -> dict[str, torch.Tensor]:
    """Make tensors of arrays, without waiting for a GPU to have them."""
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    if device == "cpu":
        return tensors
    if device.startswith("cuda"):
        # from pinned memory the copy runs beside the computation
        tensors = {name: tensor.pin_memory() for name, tensor in tensors.items()}
    return {
        name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()
    }

"""Steps on fewer windows at once, where memory does not hold a batch."""

from collections.abc import Callable, Iterator
from typing import Any

import torch

from skinformer.exceptions import SmallerBatchWarning, warn

__all__ = ["Batch", "in_pieces", "pieces_of"]

# what torch says where it has no error of its own for it
SAID = (
    "DefaultCPUAllocator: can't allocate memory",
    "MPS backend out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
)

NO_ROOM = (
    "The memory of the device {!r} does not hold one window. Lower seq_len, pred_len, "
    "d_model, d_ff or the number of layers, give attention='prob', or take another "
    "device."
)

Batch = tuple[dict[str, torch.Tensor], torch.Tensor]


def lacks_memory(error: Exception) -> bool:
    """Say whether an error tells that memory has run out.

    >>> lacks_memory(RuntimeError("MPS backend out of memory (allocated: 9 GB)"))
    True
    """
    if isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in SAID)


def pieces_of(batch: Batch, size: int) -> Iterator[Batch]:
    """Cut a batch of windows into pieces of a size.

    >>> batch = {"values": torch.zeros(5, 2, 1)}, torch.zeros(5, 3)
    >>> [len(y) for _, y in pieces_of(batch, 2)]
    [2, 2, 1]
    """
    inputs, y = batch
    for first in range(0, len(y), size):
        part = slice(first, first + size)
        yield {name: tensor[part] for name, tensor in inputs.items()}, y[part]


def in_pieces(
    compute: Callable[[int], Any],
    n: int,
    device: str,
    what: str,
    undo: Callable[[], None] | None = None,
) -> tuple[Any, int]:
    """Compute something of ``n`` windows at once, or of half as many, and so on.

    Parameters
    ----------
    compute : callable
        Takes how many windows to take at once.
    n : int
        How many it takes at first.
    device : str
        Where it computes.
    what : str
        What it is, for the warning.
    undo : callable or None, default=None
        Called before another attempt.

    Returns
    -------
    result : object
        What ``compute`` returns.
    size : int
        How many windows it took at once.

    Raises
    ------
    MemoryError
        If not even one window fits.
    """
    while True:
        try:
            return compute(n), n
        except RuntimeError as error:
            if not lacks_memory(error):
                raise
            if n == 1:
                raise MemoryError(NO_ROOM.format(device)) from error
        # here the error is gone, which held on to all that had been computed
        release(device)
        if undo is not None:
            undo()
        n = -(-n // 2)
        warn(
            f"The memory of the device {device!r} has run out: {what} takes {n} "
            "windows at once from here on. A step of training is still that of a whole "
            "batch, and forecasts do not change.",
            SmallerBatchWarning,
        )


def release(device: str) -> None:
    """Give memory that torch holds in reserve back to the device."""
    if torch.device(device).type == "cuda":
        torch.cuda.empty_cache()
    elif torch.device(device).type == "mps":
        torch.mps.empty_cache()

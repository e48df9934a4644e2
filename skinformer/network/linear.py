"""Linear maps and convolutions of rows, by the quickest way that the machine has.

On AMD's processors with AVX-512 torch's matrix products of single precision take longer
than its convolutions (docs/performance.md): the former come from MKL, which does not
seem to use AVX-512 there, the latter from oneDNN, which does. A linear map is a
convolution of width one, and gives the same numbers to rounding. Processors of other
makers with AVX-512 take the same way, unmeasured.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from skinformer.network.machine import runs_eagerly_on_cpu

__all__ = ["CircularConv", "Linear", "linear"]

#: Multiplications from which on a convolution is the quicker linear map.
WORTHWHILE = 2**23


def linear(rows: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Map rows (B, L, K) to rows (B, L, N): rows · weightᵀ + bias.

    Examples
    --------
    >>> import torch
    >>> linear(torch.ones(2, 3, 5), torch.ones(7, 5), torch.ones(7)).shape
    torch.Size([2, 3, 7])
    """
    if not _prefers_convolution(rows, weight):
        return F.linear(rows, weight, bias)
    B, L, K = rows.shape
    # (B, L, K) -> (1, B·L, 1, K) -> (1, K, B·L, 1): an image with channels last
    image = rows.reshape(1, B * L, 1, K).permute(0, 3, 1, 2)
    mapped = F.conv2d(image, weight[:, :, None, None], bias)  # (1, N, B·L, 1)
    return mapped.permute(0, 2, 3, 1).reshape(B, L, len(weight))


def _prefers_convolution(rows: Tensor, weight: Tensor) -> bool:
    return (
        runs_eagerly_on_cpu(rows)
        and rows.ndim == 3
        and rows.dtype == torch.float32
        and rows.numel() * len(weight) >= WORTHWHILE
        and torch.backends.cpu.get_cpu_capability() == "AVX512"
        and torch.backends.mkldnn.is_available()
        and not torch.is_autocast_enabled("cpu")
    )


class Linear(nn.Linear):
    """torch's linear layer over rows, computed by :func:`linear`."""

    def forward(self, rows: Tensor) -> Tensor:
        """Map ``rows`` (B, L, in_features) to (B, L, out_features)."""
        return linear(rows, self.weight, self.bias)


class CircularConv(nn.Conv1d):
    """A convolution of width 3 along time, whose first row follows the last.

    Parameters
    ----------
    in_channels, out_channels : int
        Width of a row before and after.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        # the padding is made in forward, rows first; here it is what the layer shows
        super().__init__(
            in_channels, out_channels, kernel_size=3, padding=1, padding_mode="circular"
        )

    def forward(self, rows: Tensor) -> Tensor:
        """Map ``rows`` (B, L, in_channels) to (B, L, out_channels)."""
        rows = torch.cat([rows[:, -1:], rows, rows[:, :1]], dim=1)
        # (B, L + 2, C) -> (B, C, L + 2, 1): an image with channels last, not copied
        image = rows.unsqueeze(2).permute(0, 3, 1, 2)
        mapped = F.conv2d(image, self.weight.unsqueeze(-1), self.bias)  # (B, N, L, 1)
        return mapped.squeeze(-1).transpose(1, 2)

"""Where the shortcuts for a CPU apply."""

import torch
from torch import Tensor

__all__ = ["runs_eagerly_on_cpu"]


def runs_eagerly_on_cpu(x: Tensor) -> bool:
    """Say whether operations on x run one by one on a CPU.

    A compiler finds its own shortcuts, and would have to break off its graph at ours.
    """
    return x.device.type == "cpu" and not torch.compiler.is_compiling()

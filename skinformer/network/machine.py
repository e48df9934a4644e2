"""Where the shortcuts for a CPU apply."""

import torch
from torch import Tensor

__all__ = ["runs_eagerly_on_cpu"]


def runs_eagerly_on_cpu(x: Tensor) -> bool:
    """Say whether operations on x run one by one on a CPU.

    A compiler finds its own shortcuts, and would have to break off its graph at ours;
    a trace cannot hold them; and a transform of torch.func cannot look into them.
    """
    return x.device.type == "cpu" and not (
        torch.compiler.is_compiling()
        or torch.jit.is_tracing()
        or torch._C._are_functorch_transforms_active()
    )

"""Normalisation of each window by its own level and spread, undone on the forecast.

A window whose level lies far from the training mean is then as familiar as any other.
After Kim et al., "Reversible Instance Normalization", ICLR 2022, without its learned
part, and the last-value variant of Zeng et al. (NLinear), AAAI 2023,
https://arxiv.org/abs/2205.13504.
"""

from typing import NamedTuple

import torch
from torch import Tensor

__all__ = [
    "INSTANCE_NORMS",
    "MIN_SCALE",
    "WindowScale",
    "denormalize_window",
    "normalize_window",
    "window_scale",
]

INSTANCE_NORMS = ("mean_std", "last", None)

#: Smallest scale, in units of the training standard deviation: a flat window is
#: divided by this instead of by its rounding error.
MIN_SCALE = 0.01


class WindowScale(NamedTuple):
    """Level and spread of each column of each window, both (B, 1, C)."""

    center: Tensor
    scale: Tensor


def window_scale(
    values: Tensor, kind: str | None, *, min_scale: float = MIN_SCALE
) -> WindowScale:
    """Measure each window of ``values`` (B, L, C), column by column.

    Parameters
    ----------
    values : Tensor of shape (B, L, C)
        Windows, in units of the training standard deviation.
    kind : {"mean_std", "last", None}
        Mean and standard deviation; the last value and one; or zero and one.
    min_scale : float, default=0.01
        What the standard deviation is raised to where it is smaller.

    Returns
    -------
    WindowScale
        ``center`` and ``scale``, both (B, 1, C).

    Raises
    ------
    ValueError
        If ``kind`` is not known.

    Examples
    --------
    >>> import torch
    >>> window = torch.tensor([1.0, 3.0]).view(1, 2, 1)
    >>> center, scale = window_scale(window, "mean_std")
    >>> center.item(), scale.item()
    (2.0, 1.0)
    """
    if kind not in INSTANCE_NORMS:
        raise ValueError(
            f"instance_norm must be one of {INSTANCE_NORMS}, got {kind!r}."
        )
    last = values[:, -1:]
    if kind == "mean_std":
        variance, mean = torch.var_mean(values, dim=1, correction=0, keepdim=True)
        return WindowScale(mean, variance.sqrt().clamp(min=min_scale))
    center = last if kind == "last" else torch.zeros_like(last)
    return WindowScale(center, torch.ones_like(last))


def normalize_window(values: Tensor, scale: WindowScale) -> Tensor:
    """Return ``values`` (B, L, C) less the center, divided by the scale.

    Examples
    --------
    >>> import torch
    >>> window = torch.tensor([1.0, 3.0]).view(1, 2, 1)
    >>> normalize_window(window, window_scale(window, "last")).flatten()
    tensor([-2.,  0.])
    """
    return (values - scale.center) / scale.scale


def denormalize_window(values: Tensor, scale: WindowScale) -> Tensor:
    """Undo :func:`normalize_window` on the first columns, as many as there are.

    Examples
    --------
    >>> import torch
    >>> window = torch.tensor([[[1.0, 5.0], [3.0, 5.0]]])
    >>> forecast = torch.tensor([[[0.5]]])
    >>> denormalize_window(forecast, window_scale(window, "mean_std"))
    tensor([[[2.5000]]])
    """
    n_columns = values.shape[-1]
    return values * scale.scale[..., :n_columns] + scale.center[..., :n_columns]

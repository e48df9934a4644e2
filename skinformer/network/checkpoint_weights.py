"""The weights of the authors' network, as a checkpoint has them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

__all__ = ["read_weights"]


def read_weights(
    state_dict: Mapping[str, Tensor | np.ndarray],
) -> dict[str, Tensor]:
    """Return the weights as tensors, without prefix and without position tables."""
    check_mapping(state_dict)
    given = {
        name.removeprefix("module."): as_tensor(name, weight)
        for name, weight in state_dict.items()
        if not name.endswith("position_embedding.pe")
    }
    broken = [name for name, weight in given.items() if not is_finite(weight)]
    if broken:
        raise ValueError(
            f"Weights are complex, NaN or infinite: {', '.join(broken)}. Load a "
            "checkpoint from before the training diverged."
        )
    return given


def check_mapping(state_dict: Any) -> None:
    """Refuse what is no mapping of names to weights, and say where these may be."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            "state_dict must be a mapping of names to weights, as model.state_dict() "
            f"returns and torch.load(path) reads it; got {type(state_dict).__name__}."
        )
    for name, weight in state_dict.items():
        if not isinstance(name, str):
            raise TypeError(f"A name in state_dict must be a str, got {name!r}.")
        if isinstance(weight, Mapping):
            raise ValueError(
                f"state_dict[{name!r}] is a mapping and no weight: if the weights are "
                f"in there, pass checkpoint[{name!r}]."
            )


def as_tensor(name: str, weight: Tensor | np.ndarray) -> Tensor:
    if isinstance(weight, Tensor):
        return weight
    try:
        # A copy: torch warns when it shares memory with an array that is read-only.
        return torch.tensor(weight)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(
            f"Weight {name!r} must be a Tensor or an ndarray of numbers, got "
            f"{type(weight).__name__} ({error})."
        ) from error


def is_finite(weight: Tensor) -> bool:
    return not weight.is_complex() and bool(torch.isfinite(weight).all())

"""What a picture of attention is given, and what is written above it."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .style import named

__all__ = [
    "check_attends",
    "check_kind",
    "pick_heads",
    "pick_layer",
    "read_weights",
    "share_note",
]

KINDS = ("cross", "encoder", "decoder")
# targets whose shares are told one by one
MOST_NAMES = 3


def check_kind(kind: Any) -> None:
    """Refuse an attention that there is not."""
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} must be one of {KINDS}.")


def check_attends(forecaster: Any) -> None:
    """Refuse a forecaster without a network, or one whose network does not attend."""
    name, other = type(forecaster).__name__, "Give an InformerRegressor."
    if not hasattr(forecaster, "net_"):
        raise TypeError(f"{name} has no network, and so no attention. {other}")
    from skinformer.network import MultiHeadAttention

    modules = forecaster.net_.module_.modules()
    if not any(isinstance(module, MultiHeadAttention) for module in modules):
        raise TypeError(f"The network of {name} has no attention. {other}")


def pick_layer(layers: Sequence[Any], kind: str, layer: int | None) -> int:
    """Return the number of a layer: by default the nearest to the rows that are drawn.

    >>> pick_layer("abc", "encoder", None), pick_layer("abc", "cross", None)
    (0, 2)
    """
    if not len(layers):
        raise ValueError(f"kind={kind!r}: this network has no such attention.")
    if layer is None:
        return 0 if kind == "encoder" else len(layers) - 1
    return pick("layer", layer, len(layers), f"{kind} has {len(layers)} layers")


def pick_heads(n_heads: int, head: int | None) -> list[int]:
    """Return the heads that are drawn.

    >>> pick_heads(3, None), pick_heads(3, 1)
    ([0, 1, 2], [1])
    """
    if head is None:
        return list(range(n_heads))
    return [pick("head", head, n_heads, f"there are {n_heads} heads")]


def pick(name: str, given: Any, n: int, what: str) -> int:
    """Refuse what is no number from 0 to n - 1."""
    is_whole = isinstance(given, Integral) and not isinstance(given, bool)
    if not is_whole or not 0 <= given < n:
        raise ValueError(f"{name}={given!r} must be an int from 0 to {n - 1}: {what}.")
    return int(given)


def share_note(shares: np.ndarray | None, names: Sequence[Any]) -> str:
    """Say how much of what the network says counts in the forecast.

    >>> share_note(np.array([0.25, 0.0]), ["load", "price"])
    "Share of the network's correction that counts: load 0.25, price 0.00."
    >>> share_note(np.array([0.0]), ["load"])
    'The network counts for nothing here: this forecast is the highway alone.'
    """
    if shares is None:
        return ""
    if not shares.any():
        return (
            "The network counts for nothing here: this forecast is the highway alone."
        )
    if len(shares) > MOST_NAMES:
        told = f"{shares.min():.2f} to {shares.max():.2f}, by target"
    else:
        pairs = zip(names, shares, strict=True)
        told = ", ".join(f"{named(name)} {share:.2f}" for name, share in pairs)
    return f"Share of the network's correction that counts: {told}."


def read_weights(
    weights: ArrayLike, active: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (n_heads, n_queries, n_keys) and who is active, by head.

    >>> weights, active = read_weights([[0.5, 0.5]], None)
    >>> weights.shape, active
    ((1, 1, 2), array([[ True]]))
    """
    weights = np.asarray(weights, dtype=float)
    if weights.ndim not in (2, 3) or weights.size == 0:
        raise ValueError(
            f"weights has the shape {weights.shape}; give those of one window, "
            "(n_heads, n_queries, n_keys) or (n_queries, n_keys)."
        )
    weights = weights.reshape(-1, *weights.shape[-2:])  # (n_heads, n_queries, n_keys)
    wanted = weights.shape[:2]
    if active is None:
        return weights, np.ones(wanted, dtype=bool)
    active = np.atleast_2d(np.asarray(active, dtype=bool))
    if active.shape != wanted:
        raise ValueError(
            f"active has the shape {active.shape}, where weights ask for {wanted}: "
            "one entry for each query of each head."
        )
    return weights, active

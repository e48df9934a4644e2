"""What an Informer can be made of, and be given."""

from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from torch import Tensor

from skinformer.network.attention import LAZY_CONTEXTS
from skinformer.network.embedding import EMBEDDINGS
from skinformer.network.encoder import ACTIVATIONS
from skinformer.network.instance_norm import INSTANCE_NORMS
from skinformer.network.multi_head import ATTENTIONS
from skinformer.network.quantiles import check_quantiles

__all__ = ["check_parameters", "check_shape"]

# Smallest value of each size.
SIZES = {
    "n_inputs": 1,
    "n_targets": 1,
    "n_covariates": 0,
    "seq_len": 1,
    "label_len": 0,
    "pred_len": 1,
    "d_model": 1,
    "n_heads": 1,
    "d_layers": 1,
    "d_ff": 1,
    "factor": 1,
}

OPTIONS = {
    "attention": ATTENTIONS,
    "decoder_attention": ATTENTIONS,
    "cross_attention": ATTENTIONS,
    "activation": tuple(ACTIVATIONS),
    "embedding": EMBEDDINGS,
    "instance_norm": INSTANCE_NORMS,
    "lazy_context": LAZY_CONTEXTS,
}


def check_parameters(given: Mapping[str, Any]) -> None:
    """Hold the constructor's arguments against what the network can be.

    Whether heads share ``d_model`` evenly is checked where there are heads.
    """
    for name, low in SIZES.items():
        check_size(name, given[name], low)
    for name, allowed in OPTIONS.items():
        if given[name] not in allowed:
            raise ValueError(f"{name} must be one of {allowed}, got {given[name]!r}.")
    for cardinality in given["cardinalities"]:
        check_size("Each of cardinalities", cardinality, 1)
    check_at_most(given, "n_targets", "n_inputs")
    check_at_most(given, "label_len", "seq_len")
    check_depth(given["e_layers"], given["seq_len"])
    if given["quantiles"] is not None:
        check_quantiles(given["quantiles"])
    dropout = given["dropout"]
    if not isinstance(dropout, Real) or not 0 <= float(dropout) < 1:
        raise ValueError(f"dropout must be a number in [0, 1), got {dropout!r}.")


def check_size(name: str, given: Any, low: int) -> None:
    """Refuse what is no int, or too small a one."""
    if isinstance(given, bool) or not isinstance(given, Integral) or given < low:
        raise ValueError(f"{name} must be an int of at least {low}, got {given!r}.")


def check_at_most(given: Mapping[str, Any], name: str, limit: str) -> None:
    """Refuse one argument that exceeds another."""
    if given[name] > given[limit]:
        raise ValueError(
            f"{name} must be at most {limit}={given[limit]}, got {given[name]}."
        )


def check_depth(e_layers: int | Sequence[int], seq_len: int) -> None:
    """Refuse encoders without layers, and more of them than there are rows to halve."""
    if isinstance(e_layers, Integral):
        check_size("e_layers", e_layers, 1)
        return
    if isinstance(e_layers, str) or not isinstance(e_layers, Sequence) or not e_layers:
        raise ValueError(
            f"e_layers must be an int or a sequence of them, got {e_layers!r}."
        )
    for depth in e_layers:
        check_size("Each of e_layers", depth, 1)
    deepest = int(seq_len).bit_length()  # replica J reads seq_len // 2**J >= 1 rows
    if len(e_layers) > deepest:
        raise ValueError(
            f"e_layers must have at most {deepest} entries with seq_len={seq_len}, "
            f"because each replica reads half the rows of the one before; "
            f"got {len(e_layers)}: {e_layers!r}."
        )


def check_shape(name: str, tensor: Tensor | None, length: int, width: int) -> None:
    """Refuse an input (B, length, width) of another shape; without columns none."""
    if tensor is None and width == 0:
        return
    shape = None if tensor is None else tuple(tensor.shape)
    if shape is None or shape[1:] != (length, width):
        raise ValueError(f"{name} must have shape (B, {length}, {width}), got {shape}.")

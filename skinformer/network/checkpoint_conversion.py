"""Weights of the authors' network under our names, and in our shapes."""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from skinformer.network.checkpoint_config import table_names
from skinformer.network.informer import Informer

__all__ = ["converted"]

# Our names, as patterns, and those of the authors' code.
NAMES = (
    (r"^encoder_embedding\.", "enc_embedding."),
    (r"^decoder_embedding\.", "dec_embedding."),
    (r"\.value\.", ".value_embedding.tokenConv."),
    (r"\.covariate\.", ".temporal_embedding.embed."),
    (r"^(encoder\.(encoders\.\d+\.)?)layers\.", r"\1attn_layers."),
    (r"\.distils\.", ".conv_layers."),
    (r"(conv_layers\.\d+\.)conv\.", r"\1downConv."),
    (r"\.feed_forward\.expand\.", ".conv1."),
    (r"\.feed_forward\.contract\.", ".conv2."),
)


def converted(
    network: Informer, given: Mapping[str, Tensor], config: Mapping[str, Any]
) -> dict[str, Tensor]:
    """Return the state of our network, with the weights of theirs.

    Raises
    ------
    ValueError
        If weights are missing, unexpected, or of another shape.
    """
    state = network.state_dict()
    theirs = {name: reference_names(name, config) for name in names_to_fill(state)}
    check_names(list(chain.from_iterable(theirs.values())), given)
    check_shapes(state, theirs, given)
    taken = {
        name: joined([reshaped(name, given[part]) for part in parts])
        for name, parts in theirs.items()
    }
    return {**state, **taken}


def names_to_fill(state: Iterable[str]) -> list[str]:
    """Return what a checkpoint must fill: all but which codes training saw."""
    return [name for name in state if not name.endswith(".seen")]


def reference_names(name: str, config: Mapping[str, Any]) -> list[str]:
    """Return the authors' names of what one of our weights holds, in its order."""
    parts = ("query", "key", "value") if ".in_projection." in name else ("",)
    return [
        reference_name(name.replace(".in_projection.", f".{part}_projection."), config)
        for part in parts
    ]


def reference_name(name: str, config: Mapping[str, Any]) -> str:
    """Return the authors' name of a weight, ours but for the name."""
    for ours, theirs in NAMES:
        name = re.sub(ours, theirs, name)
    inside = ".emb" if config["embed"] == "fixed" else ""
    for position, table in enumerate(table_names(config)):
        theirs = f".temporal_embedding.{table}_embed{inside}."
        name = name.replace(f".tables.{position}.", theirs)
    return name


def check_names(expected: list[str], given: Mapping[str, Tensor]) -> None:
    """Refuse weights that are missing, or that nothing asks for."""
    missing = [name for name in expected if name not in given]
    unexpected = [name for name in given if name not in expected]
    if missing or unexpected:
        raise ValueError(
            "The checkpoint does not fit its configuration. "
            f"Missing: {', '.join(missing) or 'none'}. "
            f"Unexpected: {', '.join(unexpected) or 'none'}."
        )


def check_shapes(
    state: Mapping[str, Tensor],
    theirs: Mapping[str, list[str]],
    given: Mapping[str, Tensor],
) -> None:
    """Refuse weights that do not fit into ours; they have the authors' names."""
    wrong = [
        f"{part} {tuple(given[part].shape)}"
        for name, parts in theirs.items()
        for part in parts
        if reshaped(name, given[part]).shape != shape_of_part(state[name], len(parts))
    ]
    if wrong:
        raise ValueError(
            f"Weights of another shape than configured: {', '.join(wrong)}."
        )


def shape_of_part(weight: Tensor, n_parts: int) -> tuple[int, ...]:
    """Return the shape of each of the parts that lie below one another in a weight."""
    return (len(weight) // n_parts, *weight.shape[1:]) if weight.ndim else ()


def joined(parts: list[Tensor]) -> Tensor:
    """Put the parts of one of our weights below one another."""
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def reshaped(name: str, weight: Tensor) -> Tensor:
    """Return a weight of theirs in the shape that ours has."""
    if ".feed_forward." in name and weight.ndim == 3:
        return weight.squeeze(-1)  # Conv1d of kernel 1, (out, in, 1) -> (out, in)
    if ".tables." in name and weight.ndim == 2:
        # Their tables have no row for "unknown". The mean is what it would use.
        return torch.cat([weight, weight.mean(dim=0, keepdim=True)])
    return weight

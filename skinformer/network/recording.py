"""What the attentions of a network did in one forward pass.

Hooks of torch ask each attention for its weights while they are looked at; outside of
that no pass does more than it needs.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from skinformer.network.decoder import DecoderLayer
from skinformer.network.encoder import EncoderLayer
from skinformer.network.multi_head import MultiHeadAttention
from skinformer.network.step_by_step import StepByStep

__all__ = ["AttentionMap", "NetworkAttention", "attend_and_record", "recorded"]


class AttentionMap(NamedTuple):
    """What one attention did.

    Attributes
    ----------
    weights : Tensor of shape (B, H, L_Q, L_K)
        What the values were multiplied with.
    active : Tensor of shape (B, H, L_Q), bool
        Which queries attended exactly; all of them in dense attention.
    sparsity : Tensor of shape (B, H, L_Q) or None
        M, by which queries are ranked; None in dense attention.
    """

    weights: Tensor
    active: Tensor
    sparsity: Tensor | None


class NetworkAttention(NamedTuple):
    """What the attentions of one forward pass did, layer by layer.

    Attributes
    ----------
    encoder : list of AttentionMap
        Replica by replica for a stack.
    decoder, cross : list of AttentionMap
        Self-attention and cross-attention of the decoder. The last cross-attention
        holds the rows that are forecast alone.
    """

    encoder: list[AttentionMap]
    decoder: list[AttentionMap]
    cross: list[AttentionMap]


@contextmanager
def recorded(net: nn.Module) -> Iterator[dict[nn.Module, AttentionMap]]:
    """Record what each attention of ``net`` does in the passes within.

    Yields
    ------
    dict of MultiHeadAttention to AttentionMap
        Filled as they are called, by any thread; a later call replaces an earlier one.

    Raises
    ------
    ValueError
        If ``net`` is in training mode, in which keys are drawn anew at each pass.

    Examples
    --------
    >>> import torch
    >>> attention = MultiHeadAttention(6, n_heads=2, attention="prob", factor=1).eval()
    >>> with recorded(attention) as maps:
    ...     _ = attention(torch.randn(5, 7, 6))
    >>> maps[attention].weights.shape, maps[attention].active.sum(dim=2)[0]
    (torch.Size([5, 2, 7, 7]), tensor([2, 2]))
    """
    if net.training:
        raise ValueError("A network in training mode cannot be recorded; call eval().")
    maps: dict[nn.Module, AttentionMap] = {}

    def note(module: Any, args: tuple, _: dict, output: tuple) -> None:
        maps[module] = read_map(module, args, output[1])

    hooks = []
    for module in net.modules():
        if isinstance(module, MultiHeadAttention):
            hooks += [
                module.register_forward_pre_hook(ask_for_weights, with_kwargs=True),
                module.register_forward_hook(note, with_kwargs=True),
            ]
    try:
        yield maps
    finally:
        for hook in hooks:
            hook.remove()


def with_shared_weights(net: nn.Module) -> nn.Module:
    """Return a copy of a network over the same tensors, for hooks of its own.

    Those of the network itself would fire in the passes of other threads too.
    """
    tensors = chain(net.parameters(), net.buffers())
    return copy.deepcopy(net, {id(tensor): tensor for tensor in tensors})


def ask_for_weights(_: nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """Let an attention return its weights, whatever it was asked for."""
    return args, {**kwargs, "need_weights": True}


def read_map(module: MultiHeadAttention, args: tuple, weights: Tensor) -> AttentionMap:
    """Return what an attention did with ``args``, its rows and their source."""
    with torch.no_grad():
        ranking = module.ranking(*args)
    if ranking is None:
        return AttentionMap(weights, torch.ones_like(weights[..., 0]).bool(), None)
    return AttentionMap(weights, ranking[1], ranking[0])


def attend_and_record(
    net: nn.Module, inputs: dict[str, Any]
) -> tuple[Tensor, NetworkAttention]:
    """Return a forecast, and what the attentions did for it.

    A network that decodes step by step is given its own forecast in a second pass, so
    that all of its steps are seen at once.

    Parameters
    ----------
    net : Module
        In evaluation mode.
    inputs : dict
        Arguments of its ``forward``.

    Returns
    -------
    forecast : Tensor
        What ``forward`` returns.
    attention : NetworkAttention
        Its lists are empty where the network has no such part.

    Examples
    --------
    >>> import torch
    >>> from skinformer.network import Informer
    >>> net = Informer(
    ...     n_inputs=1, n_targets=1, seq_len=48, label_len=5, pred_len=7, d_model=6,
    ...     n_heads=2, d_ff=11,
    ... )
    >>> _, attention = attend_and_record(net.eval(), {"values": torch.randn(3, 48, 1)})
    >>> [layer.weights.shape[2] for layer in attention.encoder]
    [48, 24]
    >>> attention.cross[0].weights.shape
    torch.Size([3, 2, 7, 24])
    """
    net = with_shared_weights(net)
    if isinstance(net, StepByStep):
        inputs = {**inputs, "targets": net(**inputs)}
    with recorded(net) as maps:
        forecast = net(**inputs)
    encoder = [m.attention for m in net.modules() if isinstance(m, EncoderLayer)]
    decoder = [m for m in net.modules() if isinstance(m, DecoderLayer)]
    return forecast, NetworkAttention(
        [maps[attention] for attention in encoder],
        [maps[layer.self_attention] for layer in decoder],
        [maps[layer.cross_attention] for layer in decoder],
    )

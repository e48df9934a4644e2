"""Arguments that go on to torch and skorch, checked before they get there."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from skorch.callbacks import Callback
from torch import nn

__all__ = [
    "check_callbacks",
    "check_heads",
    "check_loss",
    "check_net_params",
    "check_weighted",
]

# arguments of the skorch net that a parameter of ours stands for
OURS = {
    "max_epochs": "max_epochs",
    "lr": "lr",
    "optimizer__lr": "lr",
    "optimizer__weight_decay": "weight_decay",
    "batch_size": "batch_size",
    "iterator_train__batch_size": "batch_size",
    "device": "device",
    "precision": "precision",
    "compile": "compile",
    "iterator_train__limit": "windows_per_epoch",
    "callbacks": "callbacks",
    "verbose": "verbose",
    "warm_start": "warm_start",
    "criterion": "loss",
    "train_split": "validation_fraction",
}
# and those that what surrounds the net depends on
FIXED = ("module", "criterion", "dataset", "iterator_", "predict_nonlinearity")


def check_heads(d_model: int, n_heads: int) -> None:
    """Refuse columns that the heads of attention cannot share."""
    if d_model % n_heads:
        raise ValueError(
            f"d_model={d_model} is not divisible by n_heads={n_heads}; every head gets "
            "d_model / n_heads columns. Make d_model a multiple of n_heads."
        )


def check_loss(loss: str | nn.Module) -> None:
    """Try a loss module on a batch: it must return one number.

    Raises
    ------
    ValueError
        If it takes other arguments than predictions and targets, or returns several.
    """
    if isinstance(loss, str):
        return
    pair = torch.zeros(2, 3, 1), torch.ones(2, 3, 1)
    try:
        with torch.no_grad():
            shape = tuple(torch.as_tensor(loss(*pair)).shape)
    except Exception as error:
        raise ValueError(
            f"loss={loss!r} cannot be called with predictions and targets of one "
            f"shape: {error}. Give 'mse', 'mae', 'huber', or a module such as "
            "nn.MSELoss()."
        ) from error
    if shape:
        raise ValueError(
            f"loss={loss!r} returns a tensor of shape {shape}; it must return one "
            "number, as with reduction='mean'."
        )


def check_weighted(loss: str | nn.Module, sample_weight: Any) -> None:
    """Refuse weights for a loss that cannot be had for each element.

    Raises
    ------
    ValueError
        For a module without a ``reduction``, which torch's own losses have.
    """
    if sample_weight is None or isinstance(loss, str) or hasattr(loss, "reduction"):
        return
    raise ValueError(
        f"loss={loss!r} cannot be weighted by sample_weight: it has no attribute "
        "reduction that 'none' may be set to. Give 'mse', 'mae', 'huber', 'quantile' "
        "or a loss of torch's, or leave sample_weight out."
    )


def check_callbacks(callbacks: Sequence | None) -> None:
    """Hold each against what skorch takes: callbacks, or pairs of name and callback.

    Raises
    ------
    ValueError
        For anything else, and for a name that is there twice.
    """
    names = []
    for callback in callbacks or ():
        name, body = callback if is_pair(callback) else (None, callback)
        is_class = inspect.isclass(body) and issubclass(body, Callback)
        if not (is_class or isinstance(body, Callback) or (name and body is None)):
            raise ValueError(
                f"callbacks holds {callback!r}; give skorch callbacks, or pairs of a "
                "name and a callback."
            )
        if name in names and name is not None:
            raise ValueError(f"callbacks holds two of the name {name!r}; rename one.")
        names.append(name)


def is_pair(callback: Any) -> bool:
    """Tell whether this is a name and something else."""
    is_two = isinstance(callback, tuple) and len(callback) == 2
    return is_two and isinstance(callback[0], str)


def check_net_params(net_params: Mapping | None) -> None:
    """Refuse arguments of the skorch net that would contradict a parameter.

    Raises
    ------
    ValueError
        For a parameter of ours by another name, or a part that must stay.
    """
    for name, value in (net_params or {}).items():
        if name in OURS:
            raise ValueError(
                f"net_params holds {name!r}, which the parameter {OURS[name]!r} is "
                "for; set that one."
            )
        if not isinstance(name, str) or name.startswith(FIXED):
            raise ValueError(
                f"net_params holds {name!r}, which cannot be changed; it takes "
                "'optimizer' and other arguments of skorch's NeuralNet."
            )
        if name == "optimizer" and not is_optimizer(value):
            raise ValueError(
                f"net_params holds optimizer={value!r}; give a class such as "
                "torch.optim.SGD."
            )


def is_optimizer(value: Any) -> bool:
    """Tell whether this is a class of optimizers."""
    return inspect.isclass(value) and issubclass(value, torch.optim.Optimizer)

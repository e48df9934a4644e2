"""The state of a training, as tensors, numbers and text, and the way back.

skorch's own callbacks have no ``state_dict``; what they have learned is named here.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from skorch.callbacks import Callback, EarlyStopping, LRScheduler

from ..generators import generator_states, set_generators

__all__ = ["numpy_state", "put_back", "set_numpy_state", "state_of"]

SIMPLE = (bool, int, float, str, type(None))


# All of it


def state_of(net: Any, n_before: int) -> dict[str, Any]:
    """Return the state of a training at the end of an epoch.

    Epochs are those after ``n_before``, without their batches.
    """
    state = {
        "module": net.module_.state_dict(),
        "criterion": net.criterion_.state_dict(),
        "optimizer": net.optimizer_.state_dict(),
        "epochs": [without_batches(epoch) for epoch in net.history[n_before:]],
        "callbacks": {name: callback_state(each) for name, each in net.callbacks_},
        "torch": generator_states(net.device),
        "at_once": [net.train_at_once, net.valid_at_once],
    }
    return plain(state, "The training")


def put_back(net: Any, state: dict[str, Any]) -> None:
    """Put a state in place, in a net whose training has begun and not moved."""
    net.module_.load_state_dict(state["module"])
    net.criterion_.load_state_dict(state["criterion"])
    for name, callback in net.callbacks_:
        set_callback(callback, state["callbacks"].get(name))
    net.optimizer_.load_state_dict(state["optimizer"])
    net.history.extend({"batches": [], **epoch} for epoch in state["epochs"])
    set_generators(net.device, state["torch"])
    net.train_at_once, net.valid_at_once = state["at_once"]


def without_batches(epoch: Mapping) -> dict[str, Any]:
    """Return what is kept of an epoch."""
    return {name: value for name, value in epoch.items() if name != "batches"}


def plain(value: Any, path: str) -> Any:
    """Return a value of tensors and of what Python has itself.

    Raises
    ------
    TypeError
        For anything else, with the name of it.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        value = torch.from_numpy(np.ascontiguousarray(value))
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, SIMPLE):
        return value
    if isinstance(value, Mapping):
        return {key: plain(part, f"{path}[{key!r}]") for key, part in value.items()}
    if isinstance(value, list | tuple):
        parts = [plain(part, f"{path}[{i}]") for i, part in enumerate(value)]
        return parts if isinstance(value, list) else tuple(parts)
    raise TypeError(
        f"{path} is a {type(value).__name__}, which no checkpoint can hold; record and "
        "return numbers, text, tensors, lists and dicts only, or give "
        "checkpoint_dir=None."
    )


# Generators of numpy


def numpy_state(generator: np.random.RandomState) -> list:
    """Return what a generator will draw from."""
    name, numbers, *place = generator.get_state(legacy=True)
    return [name, torch.from_numpy(np.asarray(numbers).astype(np.int64)), *place]


def set_numpy_state(generator: np.random.RandomState, state: list) -> None:
    """Let a generator go on where it was."""
    name, numbers, *place = state
    generator.set_state((name, numbers.numpy().astype(np.uint32), *place))


# Callbacks


def callback_state(callback: Callback) -> Any:
    """Return what a callback has learned; None if that cannot be known."""
    if hasattr(callback, "state_dict"):
        return callback.state_dict()
    state = numbers_of(callback)
    if isinstance(callback, EarlyStopping):
        state["best_model_weights_"] = callback.best_model_weights_
    if isinstance(callback, LRScheduler):
        state["lr_scheduler_"] = callback.lr_scheduler_.state_dict()
    return state


def numbers_of(callback: Callback) -> dict[str, Any] | Any:
    """Return the numbers that a callback of skorch's has set in training."""
    if not is_of_skorch(callback):
        return {}
    learned = {k: v for k, v in vars(callback).items() if k.endswith("_")}
    numbers = (bool, int, float, np.number)
    return {name: v for name, v in learned.items() if isinstance(v, numbers)}


def is_of_skorch(callback: Callback) -> bool:
    """Say whether a class of skorch's, beside the base, has made a callback."""
    bases = [base for base in type(callback).__mro__ if base is not Callback]
    return any(base.__module__.startswith("skorch.") for base in bases)


def set_callback(callback: Callback, state: Any) -> None:
    """Put back what a callback had learned."""
    if state is None:
        return
    if hasattr(callback, "load_state_dict"):
        callback.load_state_dict(state)
        return
    state = dict(state)
    if "lr_scheduler_" in state:
        callback.lr_scheduler_.load_state_dict(state.pop("lr_scheduler_"))
    vars(callback).update(state)

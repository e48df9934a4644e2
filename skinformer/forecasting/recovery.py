"""A training whose loss is lost goes back to its best weights, with smaller steps."""

import copy
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import Callback

from skinformer.exceptions import (
    TrainingDivergedError,
    TrainingDivergedWarning,
    warn,
)

from .processes import several_processes

__all__ = ["LOSS_NAMES", "EpochLost", "Recovery", "remedy", "weights_are_finite"]

logger = logging.getLogger("skinformer")

# what losses of the history are called
LOSS_NAMES = {"train_loss": "training loss", "valid_loss": "validation loss"}
# what the step is multiplied by, and how often at the most
SHRINK = 0.5
MOST_RETREATS = 5


class EpochLost(Exception):
    """An epoch is given up.

    Parameters
    ----------
    goes_on : bool
        Whether the training has another one.
    """

    def __init__(self, goes_on: bool):
        super().__init__()
        self.goes_on = goes_on


class Lost(NamedTuple):
    """An epoch that was lost."""

    epoch: int
    lr: float
    why: str


class Recovery(Callback):
    """Go back to the best weights, with half the step, where a loss is no number.

    The best are those of the lowest validation loss; without validation, those of the
    last epoch whose losses and weights were finite; before there is one, the first. An
    epoch that is lost counts as one of ``max_epochs``; its losses stay in the history,
    and the callbacks behind this one do not hear of its end. After five retreats the
    training ends with the best weights.

    The state of the optimiser is cleared: it holds averages of the gradients that led
    astray, which may be infinite, and would lead there again. Generators go on as they
    are, so that the windows come in another order.

    Attributes
    ----------
    lost_ : list of Lost
        Epochs that were lost, the learning rates there, and why.
    best_epoch_ : int or None
        The epoch that training goes back to; None stands for the first weights.
    """

    def on_train_begin(self, net: NeuralNet, **kwargs: Any) -> None:
        """Keep the first weights."""
        self.lost_: list[Lost] = []
        self.best_epoch_: int | None = None
        self.best_loss_ = np.inf
        self.best_weights_: dict | None = weights_of(net)

    def on_batch_end(
        self, net: NeuralNet, training: bool | None = None, **kwargs: Any
    ) -> None:
        """Give an epoch up as soon as its loss is lost.

        Not where a GPU still computes it, nor where other processes have losses of
        their own: all are to decide alike, by the mean that the epoch's end records.
        """
        if training and net.reads_at_once and not several_processes():
            loss = net.history[-1, "batches", -1].get("train_loss")
            if not np.isfinite(loss):
                self._give_up(net, f"the training loss became {loss}")

    def on_epoch_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Keep the weights if they are the best, or go back to those."""
        row = net.history[-1]
        for key, name in LOSS_NAMES.items():
            if not np.isfinite(row.get(key, 0.0)):
                self._give_up(net, f"the {name} became {row[key]}")
        if not weights_are_finite(net):
            self._give_up(net, "the weights became NaN or infinite")
        if row.get("valid_loss", -np.inf) < self.best_loss_:
            self.best_loss_ = row.get("valid_loss", np.inf)
            self.best_epoch_, self.best_weights_ = row["epoch"], weights_of(net)

    def on_train_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Tell of epochs that were lost; drop what only training needs."""
        self.best_weights_ = None
        if not self.lost_:
            return
        if self.best_epoch_ is None:
            raise TrainingDivergedError(never_finite(self.lost_))
        warn(went_back(self.lost_), TrainingDivergedWarning)

    def kept_epoch(self, n_epochs: int) -> int:
        """Return the epoch whose weights are there after so many."""
        is_lost = bool(self.lost_) and self.lost_[-1].epoch == n_epochs
        return self.best_epoch_ if is_lost and self.best_epoch_ else n_epochs

    def state_dict(self) -> dict[str, Any]:
        """Return what a training that goes on elsewhere needs.

        The smaller learning rate is part of the state of the optimiser, and of the
        schedule's.
        """
        return {
            "lost": [list(lost) for lost in self.lost_],
            "best_epoch": self.best_epoch_,
            "best_loss": float(self.best_loss_),
            "best_weights": self.best_weights_,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` has returned."""
        self.lost_ = [Lost(*lost) for lost in state["lost"]]
        self.best_epoch_, self.best_loss_ = state["best_epoch"], state["best_loss"]
        self.best_weights_ = copy.deepcopy(state["best_weights"])

    def _give_up(self, net: NeuralNet, why: str) -> None:
        """Go back, or raise if there is nothing to go back to after many tries."""
        mark_lost(net.history[-1], net.train_split is not None)
        self.lost_.append(Lost(len(net.history), step_of(net), why))
        goes_on = len(self.lost_) <= MOST_RETREATS
        if not goes_on and self.best_epoch_ is None:
            raise TrainingDivergedError(never_finite(self.lost_))
        net.module_.load_state_dict(self.best_weights_)
        net.optimizer_.state.clear()
        shrink_steps(net, SHRINK)
        logger.info("%s; back to the weights of epoch %s", why, self.best_epoch_ or 0)
        raise EpochLost(goes_on)


def never_finite(lost: Sequence[Lost]) -> str:
    """Say what was tried in vain."""
    tried = ", ".join(f"{each.lr:.3g}" for each in lost)
    return (
        f"In epoch {lost[-1].epoch} {lost[-1].why}, as in every epoch before. Tried "
        f"from the first weights, one epoch each: lr={tried}. {remedy(lost[0].lr)}"
    )


def went_back(lost: Sequence[Lost]) -> str:
    """Say which epochs were lost, and what was done.

    >>> went_back([Lost(3, 0.5, "the training loss became nan")])[:60]
    'In epoch 3, at lr=0.5, the training loss became nan. Each ti'
    """
    first, *others = lost
    also = ", ".join(str(each.epoch) for each in others)
    again = f" It was no better in epochs {also}." if others else ""
    return (
        f"In epoch {first.epoch}, at lr={first.lr:.3g}, {first.why}.{again} Each time "
        "training went back to its best weights, and halved the step. "
        f"{remedy(first.lr)}"
    )


def remedy(lr: float) -> str:
    """Say what helps."""
    return (
        f"Lower lr (now {lr:.3g}), set gradient_clip, or look for outliers in X and y."
    )


def weights_of(net: NeuralNet) -> dict[str, torch.Tensor]:
    """Copy the weights of a network, and its other tensors."""
    state = net.module_.state_dict()
    return {name: tensor.detach().clone() for name, tensor in state.items()}


def weights_are_finite(net: NeuralNet) -> bool:
    """Say whether a network holds only numbers, read in one go."""
    tensors = list(net.module_.parameters())
    if not several_processes():  # running means are those of a process
        tensors += list(net.module_.buffers())
    finite = [torch.isfinite(tensor).all() for tensor in tensors]
    return bool(torch.stack(finite).all())


def step_of(net: NeuralNet) -> float:
    """Return the learning rate, of the first group of weights."""
    return float(net.optimizer_.param_groups[0]["lr"])


def shrink_steps(net: NeuralNet, factor: float) -> None:
    """Multiply the learning rates, and those that a schedule counts from."""
    for group in net.optimizer_.param_groups:
        for name in {"lr", "initial_lr"} & group.keys():
            group[name] *= factor
    for _, callback in net.callbacks_:
        schedule = getattr(callback, "lr_scheduler_", None)
        for name in ("base_lrs", "_last_lr"):  # what it counts from, and records
            if hasattr(schedule, name):
                setattr(schedule, name, [lr * factor for lr in getattr(schedule, name)])


def mark_lost(row: dict, validated: bool) -> None:
    """Mark an epoch as lost; it has the losses that every epoch has, none to be best.

    An epoch that was broken off has no losses yet.
    """
    row["lost"] = True
    row.setdefault("train_loss", np.nan)
    row.setdefault("train_loss_best", False)
    if validated:
        row["valid_loss"], row["valid_loss_best"] = np.nan, False

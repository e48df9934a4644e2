"""What watches a training: early stopping, schedules, a bar."""

import copy
import logging
from collections.abc import Sequence
from typing import Any

from skorch import NeuralNet
from skorch.callbacks import (
    Callback,
    EarlyStopping,
    GradientNormClipping,
    LRScheduler,
)
from tqdm.auto import tqdm

from .far_off import FarOff
from .recovery import LOSS_NAMES, Recovery

__all__ = ["SCHEDULES", "losses_of", "make_callbacks"]

logger = logging.getLogger("skinformer")

SCHEDULES = ("cosine", "halving")
# room for a bar beside the losses in 80 columns
BAR = "{l_bar}{bar}| {n_fmt}/{total_fmt} epochs [{elapsed}<{remaining}{postfix}]"


def losses_of(epoch: dict) -> str:
    """Name the losses of an epoch.

    >>> losses_of({"train_loss": 0.5, "valid_loss": 0.25})
    'training loss 0.5000, validation loss 0.2500'
    """
    there = ((name, key) for key, name in LOSS_NAMES.items() if key in epoch)
    return ", ".join(f"{name} {epoch[key]:.4f}" for name, key in there)


class LogEpochs(Callback):
    """Log the losses of each epoch."""

    def on_epoch_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Read what skorch has recorded."""
        row = net.history[-1]
        told = row["epoch"], losses_of(row), row["dur"]
        logger.debug("epoch %d: %s, %.1f s", *told)


class ProgressBar(Callback):
    """A bar over the epochs, with the losses of the last one."""

    def on_train_begin(self, net: NeuralNet, **kwargs: Any) -> None:
        """Open the bar."""
        self.bar_ = tqdm(total=net.max_epochs, desc="fit", bar_format=BAR)

    def on_epoch_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Show the losses."""
        row = net.history[-1]
        losses = {k: row[f"{k}_loss"] for k in ("train", "valid") if f"{k}_loss" in row}
        self.bar_.set_postfix({k: f"{loss:.3f}" for k, loss in losses.items()})
        self.bar_.update()

    def on_train_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Close it; a bar holds a lock, and must not be pickled."""
        # stopped early is finished: notebooks show an unfinished bar as an error
        self.bar_.total = self.bar_.n
        self.bar_.close()
        del self.bar_


def make_callbacks(
    *,
    validated: bool,
    patience: int | None,
    schedule: str | None,
    max_epochs: int,
    gradient_clip: float | None,
    verbose: int,
    callbacks: Sequence | None,
) -> list[tuple[str, Callback]]:
    """List the callbacks of a training, copies of the user's last.

    A callback of the user's with the name of one of ours takes its place.
    """
    chosen: dict[str, Callback] = {
        "check_loss": Recovery(),
        "check_mean": FarOff(),
        "log": LogEpochs(),
    }
    if verbose:  # before early stopping, which lets none behind it see the last epoch
        chosen["progress"] = ProgressBar()
    if validated:
        # without patience it never stops, and still restores the best epoch
        chosen["early_stopping"] = EarlyStopping(
            patience=patience or max_epochs + 1,
            load_best=True,
            threshold=0.0,
            sink=logger.debug,
        )
    if schedule is not None:
        chosen["lr_schedule"] = make_schedule(schedule, max_epochs)
    if gradient_clip is not None:
        chosen["gradient_clip"] = GradientNormClipping(gradient_clip)
    for i, callback in enumerate(callbacks or ()):
        named = isinstance(callback, tuple)
        name, callback = callback if named else (f"callback_{i}", callback)
        chosen[name] = copy.deepcopy(callback)
    return list(chosen.items())


def make_schedule(schedule: str, max_epochs: int) -> LRScheduler:
    """Return the callback that a schedule's name stands for."""
    # skorch would go on from the last epoch of the history: with warm_start the cosine
    # would climb from its end, beyond lr
    if schedule == "halving":
        return LRScheduler("StepLR", step_size=1, gamma=0.5, last_epoch=-1)
    return LRScheduler("CosineAnnealingLR", T_max=max_epochs, last_epoch=-1)

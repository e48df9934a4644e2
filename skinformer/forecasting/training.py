"""Training through skorch."""

import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from skorch.callbacks import EarlyStopping
from torch import nn

from skinformer.exceptions import TrainingDivergedError
from skinformer.network.quantiles import median_of
from skinformer.series.windows import Windows

from .batches import BatchLoader
from .callbacks import ProgressBar, losses_of
from .losses import MaskedLoss
from .net_steps import WEIGHTS, SteppingNet
from .recovery import EpochLost, Recovery, weights_are_finite

# some are parts of a net, which pickles look for here
__all__ = [
    "BatchLoader",
    "ForecastNet",
    "MaskedLoss",
    "ProgressBar",
    "Recovery",
    "move",
    "train",
]

logger = logging.getLogger("skinformer")


class StopTraining(Exception):
    """Early stopping has seen enough."""


class ForecastNet(SteppingNet):
    """A skorch net over :class:`~skinformer.series.windows.Windows`.

    It differs from its parent in these points: windows are its datasets, Ctrl-C
    reaches the caller, predictions have two axes, (n_windows, pred_len * n_targets),
    as scikit-learn's scorers need them, training may run in mixed precision, losses
    are not read from a GPU before the epoch ends, an epoch that :class:`Recovery` gives
    up is followed by another, and steps take fewer windows at once where memory does
    not hold a batch.

    Parameters
    ----------
    precision : {"fp32", "bf16"}, default="fp32"
        Of the products in training; weights, losses and forecasts are float32.
    """

    # stores the training after each epoch; see resuming.Checkpointer
    checkpointer: Any = None

    def __init__(self, *args: Any, precision: str = "fp32", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.precision = precision

    def torch_compile(self, module: nn.Module, name: str) -> nn.Module:
        """Compile the network alone: the loss is one pass over few numbers."""
        return super().torch_compile(module, name) if name == "module" else module

    def infer(self, x: Any, **fit_params: Any) -> torch.Tensor:
        """Run the network, in training in the precision that was asked for."""
        x = {name: tensor for name, tensor in x.items() if name != WEIGHTS}
        mixed = self.precision == "bf16" and self.module_.training
        kind = torch.device(self.device).type
        with torch.autocast(kind, dtype=torch.bfloat16, enabled=mixed):
            return super().infer(x, **fit_params).float()

    @property
    def reads_at_once(self) -> bool:
        """Whether to read a loss does not wait for a device."""
        return torch.device(self.device).type == "cpu"

    def run_single_epoch(
        self,
        iterator: BatchLoader | None,
        training: bool,
        prefix: str,
        step_fn: Callable,
        **fit_params: Any,
    ) -> None:
        """Run an epoch as skorch does, but read the losses of a GPU at its end.

        Each reading would wait for the GPU to finish all that it was given.
        """
        if self.reads_at_once or iterator is None:
            super().run_single_epoch(iterator, training, prefix, step_fn, **fit_params)
            return
        for batch in iterator:
            self.notify("on_batch_begin", batch=batch, training=training)
            step = step_fn(batch, **fit_params)
            self.history.record_batch(f"{prefix}_loss", step["loss"].detach())
            self.history.record_batch(f"{prefix}_batch_size", len(batch[1]))
            self.notify("on_batch_end", batch=batch, training=training, **step)
        self.history.record(f"{prefix}_batch_count", len(iterator))
        read_losses(self.history[-1]["batches"], f"{prefix}_loss")

    def get_dataset(self, X: Any, y: Any = None) -> Any:
        """Take windows as they are."""
        return X if isinstance(X, Windows) else super().get_dataset(X, y)

    def get_loss(
        self, y_pred: torch.Tensor, y_true: torch.Tensor, *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Give the targets their axes back, (B, pred_len, n_targets).

        Heads of quantiles, (B, pred_len, n_targets, n_heads), all get the same ones.
        """
        y_true = y_true.to(y_pred.device, non_blocking=True)
        y_true = y_true.view(y_pred.shape[:3])
        if y_pred.ndim == 4:
            y_true = y_true.unsqueeze(-1).expand_as(y_pred)
        weights = (kwargs.get("X") or {}).get(WEIGHTS)
        if weights is None:
            return super().get_loss(y_pred, y_true, *args, **kwargs)
        return self.criterion_(y_pred, y_true, weights)

    def predict(self, X: Any) -> np.ndarray:
        """Forecast windows, medians only, (n_windows, pred_len * n_targets)."""
        forecast = median_of(super().predict(X))
        return forecast.reshape(len(forecast), -1)

    def partial_fit(
        self, X: Any, y: Any = None, classes: Any = None, **fit_params: Any
    ) -> "ForecastNet":
        """Train; skorch's own ends quietly on Ctrl-C, this one lets it through."""
        if not self.initialized_:
            self.initialize()
        self.notify("on_train_begin", X=X, y=y)
        n_epochs = self.max_epochs
        if self.checkpointer is not None:
            n_epochs = self.checkpointer.begin(self)
        try:
            self.run_epochs(X, y, n_epochs, **fit_params)
        except StopTraining:
            logger.info("stopped early after epoch %d", len(self.history))
        self.notify("on_train_end", X=X, y=y)
        return self

    def run_epochs(
        self, X: Any, y: Any = None, n_epochs: int = 0, **fit_params: Any
    ) -> None:
        """Run epochs of a training that has begun; one that is lost counts too."""
        end = len(self.history) + n_epochs
        while len(self.history) < end:
            try:
                self.fit_loop(X, y, epochs=end - len(self.history), **fit_params)
            except EpochLost as lost:
                if not lost.goes_on:
                    return

    def notify(self, method_name: str, **cb_kwargs: Any) -> None:
        """Tell Ctrl-C from early stopping, which skorch raises by the same name."""
        try:
            super().notify(method_name, **cb_kwargs)
        except KeyboardInterrupt:
            if method_name == "on_epoch_end" and self._stopped_early():
                self._store(is_over=True)
                raise StopTraining from None
            raise
        if method_name == "on_epoch_end":  # all callbacks have seen the epoch
            self._store()

    def _store(self, is_over: bool = False) -> None:
        if self.checkpointer is not None:
            self.checkpointer.store(self, is_over)

    def _stopped_early(self) -> bool:
        return any(
            isinstance(callback, EarlyStopping)
            and callback.misses_ == callback.patience
            for _, callback in self.callbacks_
        )


def read_losses(batches: list[dict], name: str) -> None:
    """Replace the losses of an epoch's batches by numbers, all in one reading."""
    rows = [batch for batch in batches if name in batch]
    for row, loss in zip(
        rows, torch.stack([row[name] for row in rows]).tolist(), strict=True
    ):
        row[name] = loss


def train(
    net: ForecastNet, train: Windows, valid: Windows | None, checkpointer: Any = None
) -> ForecastNet:
    """Train on windows, validate on others, and keep neither."""
    say_start(net, len(train), 0 if valid is None else len(valid))
    n_before, start = len(net.history), time.perf_counter()
    net.train_split = None if valid is None else lambda *_, **__: (train, valid)
    net.checkpointer = checkpointer
    try:
        net.partial_fit(train)
    finally:
        net.train_split = None  # a split that is kept would be pickled, rows and all
        # nor is the memory of this machine a part of the result
        for name in ("checkpointer", "train_at_once", "valid_at_once"):
            net.__dict__.pop(name, None)
    if not weights_are_finite(net):  # where a callback has taken Recovery's place
        raise TrainingDivergedError(
            "The last step of training left weights that are not finite. Lower lr (now "
            f"{net.lr}) or weight_decay, or set gradient_clip."
        )
    say_end(net, n_before, time.perf_counter() - start)
    for epoch in net.history:
        epoch["batches"] = []  # as many numbers as the training had steps
    # what torch.compile made is no part of the result: it cannot be pickled
    net.module_ = getattr(net.module_, "_orig_mod", net.module_)
    net.module_.eval()
    return net


def say_start(net: ForecastNet, n_train: int, n_valid: int) -> None:
    """Log what is to be trained, and on what."""
    logger.info(
        "%s: training on %d windows, validating on %d; %d weights, device %s, at most "
        "%d epochs",
        type(net.module_).__name__,
        n_train,
        n_valid,
        sum(weights.numel() for weights in net.module_.parameters()),
        net.device,
        net.max_epochs,
    )


def say_end(net: ForecastNet, n_before: int, seconds: float) -> None:
    """Log how many epochs there were, and the losses of the one that is kept."""
    epochs = net.history[n_before:]
    whole = [row for row in epochs if not row.get("lost")]
    best = min(whole or epochs, key=lambda row: row.get("valid_loss", -row["epoch"]))
    logger.info(
        "%s: %d epochs in %.1f s; epoch %d is kept: %s",
        type(net.module_).__name__,
        len(epochs),
        seconds,
        best["epoch"],
        losses_of(best),
    )


def move(net: ForecastNet, device: str) -> None:
    """Put a net on a device, with the state of its optimiser."""
    net.device = net.iterator_train__device = net.iterator_valid__device = device
    net.module_.to(device)
    net.criterion_.to(device)
    net.optimizer_.load_state_dict(net.optimizer_.state_dict())  # goes with the weights

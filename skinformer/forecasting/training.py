"""Training through skorch: the net, its batches, its callbacks, its seeds."""

import copy
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from skorch import NeuralNetRegressor
from skorch.callbacks import (
    Callback,
    EarlyStopping,
    GradientNormClipping,
    LRScheduler,
)
from torch import nn
from tqdm.auto import tqdm

from skinformer.exceptions import TrainingDivergedError
from skinformer.series.windows import Windows

__all__ = [
    "BatchLoader",
    "ForecastNet",
    "MaskedLoss",
    "draw_seed",
    "forecast_batch",
    "forecast_windows",
    "make_callbacks",
    "make_loss",
    "resolve_device",
    "seeded",
    "train",
]

logger = logging.getLogger("skinformer")

LOSSES = {"mse": nn.MSELoss, "mae": nn.L1Loss, "huber": nn.HuberLoss}
SCHEDULES = ("cosine", "halving")
# rows of all windows in a batch that needs no gradient
FORECAST_ROWS = 256 * 120


def resolve_device(device: str) -> str:
    """Choose the device that "auto" stands for, a GPU if torch sees one.

    Raises
    ------
    ValueError
        If torch knows no such device, or has no GPU.
    """
    has_gpu = torch.cuda.is_available()
    if device == "auto":
        return "cuda" if has_gpu else "cpu"
    kind, _, number = device.partition(":")
    present = {
        "cpu": 1,
        "cuda": torch.cuda.device_count(),
        "mps": int(torch.backends.mps.is_available()),
    }
    if kind not in present or (number and not number.isdecimal()):
        raise ValueError(
            f"device={device!r} is none that is known here; give 'auto', 'cpu', "
            "'cuda', 'cuda:1' or 'mps'."
        )
    if int(number or 0) >= present[kind]:
        raise ValueError(
            f"device={device!r}, but torch sees {present[kind]} of this kind; give "
            "'auto' or 'cpu'."
        )
    return device


def draw_seed(random_state: int | np.random.RandomState | None) -> int:
    """Return a seed for torch; None asks the operating system, not numpy's globals."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(np.iinfo(np.int32).max))
    return int(random_state)


# torch has one generator for all threads: fits in several threads take turns
ONE_AT_A_TIME = threading.RLock()


@contextmanager
def seeded(seed: int, device: str) -> Iterator[None]:
    """Seed torch in the block, and put its generators back as they were.

    One thread at a time: the generator is torch's, and common to all.
    """
    on_gpu = torch.device(device).type == "cuda"
    devices = [torch.device(device).index or 0] if on_gpu else []
    with ONE_AT_A_TIME, torch.random.fork_rng(devices=devices):
        # torch.manual_seed would also seed the devices that are not put back
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            with torch.cuda.device(devices[0]):
                torch.cuda.manual_seed(seed)
        yield


class BatchLoader:
    """Batches of windows, in their order or shuffled anew at every pass.

    torch's own DataLoader collates window by window, and draws a seed from the global
    generator even for ``predict``; windows are copied a batch at a time instead.

    Parameters
    ----------
    dataset : Windows
    batch_size : int
    shuffle : bool, default=False
    """

    def __init__(self, dataset: Windows, batch_size: int, shuffle: bool = False):
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle

    def __len__(self) -> int:
        """Count the batches."""
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        """Yield inputs, and targets as (B, pred_len * n_targets).

        Scorers of scikit-learn, which skorch's EpochScoring calls, take two axes.
        """
        n = len(self.dataset)
        order = torch.randperm(n).numpy() if self.shuffle else np.arange(n)
        for first in range(0, n, self.batch_size):
            inputs, y = self.dataset.batch(order[first : first + self.batch_size])
            tensors = {name: torch.from_numpy(x) for name, x in inputs.items()}
            yield tensors, torch.from_numpy(y).flatten(1)


class MaskedLoss(nn.Module):
    """A loss over the targets that are known.

    Parameters
    ----------
    loss : Module
        Called with predictions and targets of one shape.
    has_gaps : bool, default=False
        Whether targets may be NaN; those are left out.
    """

    def __init__(self, loss: nn.Module, has_gaps: bool = False):
        super().__init__()
        self.loss, self.has_gaps = loss, has_gaps

    def forward(self, y_pred: torch.Tensor, y_true: torch.Tensor) -> torch.Tensor:
        """Return the loss, a scalar."""
        if not self.has_gaps:
            return self.loss(y_pred, y_true)
        known = ~torch.isnan(y_true)
        return self.loss(y_pred[known], y_true[known])


def make_loss(loss: str | nn.Module) -> nn.Module:
    """Return the module that a name stands for, or a copy of the module given."""
    return LOSSES[loss]() if isinstance(loss, str) else copy.deepcopy(loss)


class StopTraining(Exception):
    """Early stopping has seen enough."""


class ForecastNet(NeuralNetRegressor):
    """A skorch net over :class:`~skinformer.series.windows.Windows`.

    It differs from its parent in three points: windows are its datasets, Ctrl-C
    reaches the caller, and predictions have two axes, (n_windows, pred_len *
    n_targets), as scikit-learn's scorers need them.
    """

    def get_dataset(self, X: Any, y: Any = None) -> Any:
        """Take windows as they are."""
        return X if isinstance(X, Windows) else super().get_dataset(X, y)

    def get_loss(
        self, y_pred: torch.Tensor, y_true: torch.Tensor, *args: Any, **kwargs: Any
    ) -> torch.Tensor:
        """Give the targets their axes back, (B, pred_len, n_targets)."""
        y_true = y_true.to(y_pred.device, non_blocking=True)
        y_true = y_true.view(len(y_pred), y_pred.shape[1], -1)
        return super().get_loss(y_pred, y_true, *args, **kwargs)

    def predict(self, X: Any) -> np.ndarray:
        """Forecast windows, (n_windows, pred_len * n_targets)."""
        forecast = super().predict(X)
        return forecast.reshape(len(forecast), -1)

    def partial_fit(
        self, X: Any, y: Any = None, classes: Any = None, **fit_params: Any
    ) -> "ForecastNet":
        """Train; skorch's own ends quietly on Ctrl-C, this one lets it through."""
        if not self.initialized_:
            self.initialize()
        self.notify("on_train_begin", X=X, y=y)
        try:
            self.fit_loop(X, y, **fit_params)
        except StopTraining:
            logger.info("stopped early after epoch %d", len(self.history))
        self.notify("on_train_end", X=X, y=y)
        return self

    def notify(self, method_name: str, **cb_kwargs: Any) -> None:
        """Tell Ctrl-C from early stopping, which skorch raises by the same name."""
        try:
            super().notify(method_name, **cb_kwargs)
        except KeyboardInterrupt:
            if method_name == "on_epoch_end" and self._stopped_early():
                raise StopTraining from None
            raise

    def _stopped_early(self) -> bool:
        return any(
            isinstance(callback, EarlyStopping)
            and callback.misses_ == callback.patience
            for _, callback in self.callbacks_
        )


def check_finite_loss(net: NeuralNetRegressor, part: str, value: float) -> None:
    """Raise if a loss is no number any more."""
    if not np.isfinite(value):
        raise TrainingDivergedError(
            f"The {part} loss became {value} in epoch {len(net.history)}. Lower lr "
            f"(now {net.lr}), set gradient_clip, or look for outliers in X and y."
        )


class CheckLoss(Callback):
    """End a training whose loss is no number any more."""

    def on_batch_end(self, net, batch=None, training=None, loss=None, **kwargs):
        """Read the loss that skorch has recorded."""
        if training:
            value = net.history[-1, "batches", -1].get("train_loss")
            check_finite_loss(net, "training", value)

    def on_epoch_end(self, net, **kwargs):
        """Read the validation loss, which the last step may have spoilt."""
        check_finite_loss(net, "validation", net.history[-1].get("valid_loss", 0.0))


class ProgressBar(Callback):
    """A bar over the epochs, with the losses of the last one."""

    def on_train_begin(self, net, **kwargs):
        """Open the bar."""
        self.bar_ = tqdm(total=net.max_epochs, desc="fit", unit="epoch")

    def on_epoch_end(self, net, **kwargs):
        """Show the losses."""
        row = net.history[-1]
        losses = {k: f"{row[k]:.4f}" for k in ("train_loss", "valid_loss") if k in row}
        self.bar_.set_postfix(losses)
        self.bar_.update()

    def on_train_end(self, net, **kwargs):
        """Close it; a bar holds a lock, and must not be pickled."""
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
    chosen: dict[str, Callback] = {"check_loss": CheckLoss()}
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
    if verbose:
        chosen["progress"] = ProgressBar()
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


def train(net: ForecastNet, train: Windows, valid: Windows | None) -> ForecastNet:
    """Train on windows, validate on others, and keep neither."""
    net.train_split = None if valid is None else lambda *_, **__: (train, valid)
    try:
        net.partial_fit(train)
    finally:
        net.train_split = None  # a split that is kept would be pickled, rows and all
    if not all(torch.isfinite(weights).all() for weights in net.module_.parameters()):
        raise TrainingDivergedError(
            "The last step of training left weights that are not finite. Lower lr (now "
            f"{net.lr}) or weight_decay, or set gradient_clip."
        )
    for epoch in net.history:
        epoch["batches"] = []  # as many numbers as the training had steps
    net.module_.eval()
    return net


def forecast_batch(n_rows: int) -> int:
    """Return how many windows of ``n_rows`` to forecast at once, for their memory.

    >>> forecast_batch(96 + 24), forecast_batch(720 + 720)
    (256, 21)
    """
    return max(FORECAST_ROWS // n_rows, 1)


def forecast_windows(net: ForecastNet, windows: Windows, batch_size: int) -> np.ndarray:
    """Forecast windows, (n_windows, pred_len, n_targets); the net is in eval mode."""
    forecasts = []
    with torch.inference_mode():
        for first in range(0, len(windows), batch_size):
            inputs, _ = windows.batch(slice(first, first + batch_size))
            tensors = {
                name: torch.from_numpy(array).to(net.device)
                for name, array in inputs.items()
            }
            forecasts.append(net.module_(**tensors).cpu().numpy())
    return np.concatenate(forecasts)

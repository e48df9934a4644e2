"""Training through skorch: the net, its batches, its callbacks."""

import copy
import logging
from collections.abc import Callable, Iterator, Sequence
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
from skinformer.network.quantiles import MEDIAN, PinballLoss, median_of
from skinformer.series.windows import Windows

__all__ = [
    "BatchLoader",
    "ForecastNet",
    "MaskedLoss",
    "forecast_batch",
    "forecast_windows",
    "make_callbacks",
    "make_loss",
    "start_spread",
    "train",
]

logger = logging.getLogger("skinformer")

LOSSES = {"mse": nn.MSELoss, "mae": nn.L1Loss, "huber": nn.HuberLoss}
SCHEDULES = ("cosine", "halving")
# the weights of rows stand among the inputs of a batch, and are for the loss alone
WEIGHTS = "weights"
TINY = torch.finfo(torch.float32).tiny
# windows that tell how far quantiles begin apart
START_WINDOWS = 256
# rows of all windows in a batch that needs no gradient
FORECAST_ROWS = 256 * 120


class BatchLoader:
    """Batches of windows, in their order or shuffled anew at every pass.

    torch's own DataLoader collates window by window, and draws a seed from the global
    generator even for ``predict``; windows are copied a batch at a time instead.

    Parameters
    ----------
    dataset : Windows
    batch_size : int
    shuffle : bool, default=False
    limit : int or None, default=None
        Windows in a pass at the most: others at every pass if they are shuffled, else
        the first.
    device : str, default="cpu"
        Where the tensors go.
    """

    def __init__(
        self,
        dataset: Windows,
        batch_size: int,
        shuffle: bool = False,
        limit: int | None = None,
        device: str = "cpu",
    ):
        self.dataset, self.batch_size, self.shuffle = dataset, batch_size, shuffle
        self.limit, self.device = limit, device

    @property
    def n_windows(self) -> int:
        """Windows in a pass."""
        n = len(self.dataset)
        return n if self.limit is None else min(n, self.limit)

    def __len__(self) -> int:
        """Count the batches."""
        return -(-self.n_windows // self.batch_size)

    def __iter__(self) -> Iterator[tuple[dict[str, torch.Tensor], torch.Tensor]]:
        """Yield inputs, and targets as (B, pred_len * n_targets).

        Scorers of scikit-learn, which skorch's EpochScoring calls, take two axes.
        """
        n = len(self.dataset)
        order = torch.randperm(n).numpy() if self.shuffle else np.arange(n)
        order = order[: self.n_windows]
        for first in range(0, len(order), self.batch_size):
            inputs, y = self.dataset.batch(order[first : first + self.batch_size])
            tensors = to_device(inputs, self.device)
            (y,) = to_device({"y": y}, self.device).values()
            yield tensors, y.flatten(1)


def to_device(arrays: dict[str, np.ndarray], device: str) -> dict[str, torch.Tensor]:
    """Make tensors of arrays, without waiting for a GPU to have them."""
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    if device == "cpu":
        return tensors
    if device.startswith("cuda"):
        # from pinned memory the copy runs beside the computation
        tensors = {name: tensor.pin_memory() for name, tensor in tensors.items()}
    return {
        name: tensor.to(device, non_blocking=True) for name, tensor in tensors.items()
    }


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

    def forward(
        self,
        y_pred: torch.Tensor,
        y_true: torch.Tensor,
        weights: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the loss, a scalar; ``weights`` (B, pred_len) are those of rows."""
        if weights is not None:
            return self._weighted(y_pred, y_true, weights)
        if not self.has_gaps:
            return self.loss(y_pred, y_true)
        known = ~torch.isnan(y_true)
        if not is_mean_of_ours(self.loss):
            return self.loss(y_pred[known], y_true[known])
        # To pick elements by a mask waits for a GPU to count them. Where the truth is
        # the forecast itself, these losses are zero, and so is their gradient.
        y_true = torch.where(known, y_true, y_pred.detach())
        # of windows without a known target, zero
        return self.loss(y_pred, y_true) * (known.numel() / known.sum().clamp(min=1))

    def _weighted(
        self, y_pred: torch.Tensor, y_true: torch.Tensor, weights: torch.Tensor
    ) -> torch.Tensor:
        """Return the weighted mean of the elements' losses over the known targets."""
        # (B, pred_len) -> (B, pred_len, 1[, 1])
        weights = weights.reshape(*weights.shape, *[1] * (y_true.ndim - 2))
        known = ~torch.isnan(y_true)
        weights = torch.where(known, weights, 0.0)
        y_true = torch.where(known, y_true, y_pred.detach())
        losses = elementwise(self.loss)(y_pred, y_true)
        return (losses * weights).sum() / weights.sum().clamp(min=TINY)


def elementwise(loss: nn.Module) -> nn.Module:
    """Return a loss of ours that returns one number for each element."""
    loss = copy.copy(loss)
    loss.reduction = "none"
    return loss


def is_mean_of_ours(loss: nn.Module) -> bool:
    """Say whether a loss is a mean over elements, zero where forecast is truth."""
    named = type(loss) in LOSSES.values() and loss.reduction == "mean"
    return named or type(loss) is PinballLoss


def make_loss(
    loss: str | nn.Module, quantiles: Sequence[float] | None = None
) -> nn.Module:
    """Return the module that a name stands for, or a copy of the module given.

    With ``quantiles``, the loss of a network that has heads for them.
    """
    if quantiles is not None:
        return PinballLoss((MEDIAN, *quantiles))
    return LOSSES[loss]() if isinstance(loss, str) else copy.deepcopy(loss)


class StopTraining(Exception):
    """Early stopping has seen enough."""


class ForecastNet(NeuralNetRegressor):
    """A skorch net over :class:`~skinformer.series.windows.Windows`.

    It differs from its parent in these points: windows are its datasets, Ctrl-C
    reaches the caller, predictions have two axes, (n_windows, pred_len * n_targets),
    as scikit-learn's scorers need them, training may run in mixed precision, and
    losses are not read from a GPU before the epoch ends.

    Parameters
    ----------
    precision : {"fp32", "bf16"}, default="fp32"
        Of the products in training; weights, losses and forecasts are float32.
    """

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


def read_losses(batches: list[dict], name: str) -> None:
    """Replace the losses of an epoch's batches by numbers, all in one reading."""
    rows = [batch for batch in batches if name in batch]
    for row, loss in zip(
        rows, torch.stack([row[name] for row in rows]).tolist(), strict=True
    ):
        row[name] = loss


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
        """Read the loss that skorch has recorded, unless a GPU still computes it."""
        if training and net.reads_at_once:
            value = net.history[-1, "batches", -1].get("train_loss")
            check_finite_loss(net, "training", value)

    def on_epoch_end(self, net, **kwargs):
        """Read the losses of the epoch; the last step may have spoilt validation."""
        check_finite_loss(net, "training", net.history[-1]["train_loss"])
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


def start_spread(net: ForecastNet, windows: Windows) -> None:
    """Begin with quantiles as far apart as those of what is to be corrected.

    Only for a network that begins by correcting nothing: what it is to say is then the
    error that it makes.
    """
    spread = getattr(net.module_, "spread", None)
    if spread is None or not net.module_.residual:
        return
    few = np.linspace(0, len(windows) - 1, min(len(windows), START_WINDOWS))
    _, targets = windows.batch(few.astype(int))
    # (n_windows, pred_len, n_targets) -> (n_targets, n_windows * pred_len)
    errors = targets.reshape(-1, targets.shape[2]).T
    steps = [known_steps(each, spread.levels) for each in errors]
    spread.start(torch.from_numpy(np.array(steps)))


def known_steps(errors: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Return how far each quantile is from the next, NaN if no error is known.

    >>> known_steps(np.array([3.0, np.nan, 0.0, 1.0]), [0.0, 0.5, 1.0])
    array([1., 2.])
    """
    known = errors[~np.isnan(errors)]
    if len(known) == 0:
        return np.full(len(levels) - 1, np.nan)
    return np.diff(np.quantile(known, levels))


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
    # what torch.compile made is no part of the result: it cannot be pickled
    net.module_ = getattr(net.module_, "_orig_mod", net.module_)
    net.module_.eval()
    return net


def forecast_batch(n_rows: int) -> int:
    """Return how many windows of ``n_rows`` to forecast at once, for their memory.

    >>> forecast_batch(96 + 24), forecast_batch(720 + 720)
    (256, 21)
    """
    return max(FORECAST_ROWS // n_rows, 1)


def forecast_windows(
    net: ForecastNet, windows: Windows, batch_size: int, heads: bool = False
) -> np.ndarray:
    """Forecast windows, (n_windows, pred_len, n_targets); the net is in eval mode.

    With ``heads``, (n_windows, pred_len, n_targets, 1 + n_quantiles) of a network that
    has them: the median, then the quantiles.
    """
    forecasts = []
    kind = torch.device(net.device).type
    # in single precision, whatever the caller has switched on around it
    with torch.inference_mode(), torch.autocast(kind, enabled=False):
        for first in range(0, len(windows), batch_size):
            inputs = windows.inputs(slice(first, first + batch_size))
            forecast = net.module_(**to_device(inputs, net.device))
            forecast = forecast if heads else median_of(forecast)
            forecasts.append(forecast.cpu().numpy())
    return np.concatenate(forecasts)

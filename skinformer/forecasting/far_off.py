"""A training that ends far worse than a forecast of the mean says so."""

from typing import Any, NamedTuple

import numpy as np
import torch
from skorch import NeuralNet
from skorch.callbacks import Callback

from skinformer.exceptions import TrainingDivergedWarning, warn

from .recovery import LOSS_NAMES, remedy

__all__ = ["FarOff"]

# how many times the loss of the mean is far: errors twice as large, where they are
# squared; a forecast as spread as the targets, of nothing that they do, has two times
FAR = 4
TINY = torch.finfo(torch.float32).tiny


class Compared(NamedTuple):
    """The loss of an epoch, and that of the mean in the same windows."""

    epoch: int
    name: str
    loss: float
    of_mean: float

    @property
    def ratio(self) -> float:
        """Return how many times the loss is that of the mean."""
        return self.loss / max(self.of_mean, TINY)


class FarOff(Callback):
    """Warn where a loss is finite, and far beyond that of a forecast of the mean.

    The mean is where the network says 0: that of standardised targets, or, beside a
    highway, no correction. Its loss is that of the same batches, by the same criterion,
    with weights and quantiles. See :func:`loss_of_mean`.

    It is the best epoch that counts; without validation the last one, whose weights
    are kept. In an epoch the nearer one of training and validation counts: rows that
    validate may be far from those that were learned from.

    It does not go back, as :class:`Recovery` does: such a loss often comes down by
    itself. A loss of the user's own is not judged, for it may have its zero anywhere.

    Attributes
    ----------
    best_ : Compared or None
    """

    def on_train_begin(self, net: NeuralNet, **kwargs: Any) -> None:
        """Know of no epoch."""
        self.best_: Compared | None = None

    def on_epoch_begin(self, net: NeuralNet, **kwargs: Any) -> None:
        """Know of no batch."""
        # both losses and the windows of each batch, in training and in validation
        self._batches: dict[str, list] = {key: [] for key in LOSS_NAMES}

    def on_batch_end(
        self,
        net: NeuralNet,
        batch: Any = None,
        training: bool = True,
        y_pred: Any = None,
        **kwargs: Any,
    ) -> None:
        """Note the losses of a batch; a GPU is not waited for.

        Of several processes each notes those of its part: a loss that is recorded is of
        the whole batch, and may be a sum.
        """
        n = len(batch[1])
        if n and getattr(net.criterion_, "is_ours", False):
            key = "train_loss" if training else "valid_loss"
            losses = loss_of(net, batch, y_pred), loss_of_mean(net, batch, y_pred)
            self._batches[key].append((torch.stack(losses), n))

    def on_epoch_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Compare the losses of the epoch."""
        epoch, best = net.history[-1]["epoch"], self.best_
        compared = [
            Compared(epoch, LOSS_NAMES[key], *mean_of(batches))
            for key, batches in self._batches.items()
            if batches
        ]
        if not compared:
            return
        nearest = min(compared, key=lambda each: each.ratio)
        if best is None or net.train_split is None or nearest.ratio < best.ratio:
            self.best_ = nearest

    def on_train_end(self, net: NeuralNet, **kwargs: Any) -> None:
        """Warn; drop what only training needs."""
        self._batches = {}
        if self.best_ is not None and self.best_.ratio > FAR:
            warn(far_off(self.best_, net.lr), TrainingDivergedWarning)

    def state_dict(self) -> dict[str, Any]:
        """Return what a training that goes on elsewhere needs."""
        return {"best": None if self.best_ is None else list(self.best_)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state_dict` has returned."""
        best = state["best"]
        self.best_ = None if best is None else Compared(*best)


@torch.no_grad()
def loss_of(net: NeuralNet, batch: Any, y_pred: torch.Tensor) -> torch.Tensor:
    """Return the loss of a forecast, a scalar."""
    X, y = batch
    return net.get_loss(y_pred, y, X=X, training=False)


def loss_of_mean(net: NeuralNet, batch: Any, y_pred: torch.Tensor) -> torch.Tensor:
    """Return the loss of zeros in place of a forecast, at most.

    Targets count as one standard deviation away at least: of some that hardly move, or
    that a highway explains, any other forecast would be far off.
    """
    X, y = batch
    y = torch.copysign(y.abs().clamp(min=1), y)
    return loss_of(net, (X, y), torch.zeros_like(y_pred))


def mean_of(batches: list[tuple[torch.Tensor, int]]) -> list[float]:
    """Return the means of losses, as skorch weighs them: by windows.

    >>> mean_of([(torch.tensor([2.0, 1.0]), 3), (torch.tensor([6.0, 1.0]), 1)])
    [3.0, 1.0]
    """
    losses = torch.stack([losses for losses, _ in batches]).tolist()
    sizes = [n for _, n in batches]
    return np.average(losses, axis=0, weights=sizes).tolist()


def far_off(best: Compared, lr: float) -> str:
    """Say how far, and what helps.

    >>> far_off(Compared(3, "validation loss", 4.2e4, 1.5), 1000.0)[:62]
    'The network has learned nothing of use: in epoch 3 its validat'
    """
    return (
        f"The network has learned nothing of use: in epoch {best.epoch} its "
        f"{best.name} is {best.loss:.3g}, where a forecast of nothing but the mean has "
        f"{best.of_mean:.3g} at most. {remedy(lr)}"
    )

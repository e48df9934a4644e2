"""The steps of a training, of fewer windows at once where memory runs out."""

from typing import Any

import torch
from skorch import NeuralNetRegressor

from .generators import generator_states, set_generators
from .losses import TINY, counted
from .memory import in_pieces, pieces_of

__all__ = ["WEIGHTS", "SteppingNet"]

# the weights of rows stand among the inputs of a batch, and are for the loss alone
WEIGHTS = "weights"


class SteppingNet(NeuralNetRegressor):
    """A skorch net whose steps take a batch in parts where memory does not hold it.

    A step of training is still that of the whole batch. It is a base of
    :class:`~skinformer.forecasting.training.ForecastNet`.
    """

    # windows that memory has held at once, where it has not held a batch
    train_at_once: int | None = None
    valid_at_once: int | None = None

    def train_step_single(self, batch: Any, **fit_params: Any) -> dict[str, Any]:
        """Find the gradient of a batch, a part at a time where memory runs out."""
        drawn, n = generator_states(self.device), self.train_at_once or self.batch_size

        def compute(size: int) -> dict[str, Any]:
            if size >= len(batch[1]):
                return super(SteppingNet, self).train_step_single(batch, **fit_params)
            return self._add_gradients(batch, size, **fit_params)

        def undo() -> None:
            self._zero_grad_optimizer()
            set_generators(self.device, drawn)

        n = min(n, len(batch[1]))
        step, size = in_pieces(compute, n, self.device, "training", undo)
        if size < n:
            self.train_at_once = size
        return step

    def _add_gradients(self, batch: Any, size: int, **fit_params: Any) -> dict:
        """Add up the gradients of the parts of a batch."""
        self._set_training(True)
        total = self.mass(batch).clamp(min=TINY)
        losses, forecasts = [], []
        for inputs, targets in pieces_of(batch, size):
            y_pred = self.infer(inputs, **fit_params)
            loss = self.get_loss(y_pred, targets, X=inputs, training=True)
            loss = loss * (self.mass((inputs, targets)) / total)
            loss.backward()
            losses.append(loss.detach())
            forecasts.append(y_pred.detach())
        return {"loss": torch.stack(losses).sum(), "y_pred": torch.cat(forecasts)}

    def mass(self, batch: Any) -> torch.Tensor:
        """Return how much a part of a batch counts in the loss of the whole."""
        inputs, y = batch
        if not self.criterion_.is_mean:
            return y.new_tensor(float(len(y) > 0))
        return counted(y, inputs.get(WEIGHTS))

    def validation_step(self, batch: Any, **fit_params: Any) -> dict[str, Any]:
        """Find the loss of a batch, forecast in parts where memory runs out."""
        self._set_training(False)
        X, y = batch

        def compute(size: int) -> torch.Tensor:
            parts = pieces_of(batch, size)
            return torch.cat([self.infer(part, **fit_params) for part, _ in parts])

        n = min(self.valid_at_once or len(y), len(y))
        with torch.no_grad():
            y_pred, size = in_pieces(compute, n, self.device, "validation")
            loss = self.get_loss(y_pred, y, X=X, training=False)
        if size < n:
            self.valid_at_once = size
        return {"loss": loss, "y_pred": y_pred}

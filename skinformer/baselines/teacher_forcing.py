"""Training of networks that are fed with the true rows while they learn."""

from typing import Any

import torch

from skinformer.forecasting.training import ForecastNet

__all__ = ["TeacherForcedNet"]


class TeacherForcedNet(ForecastNet):
    """A net that gives its network the targets of a training batch, too.

    Validation does without: its loss is that of forecasts fed with themselves, as
    ``predict`` makes them.
    """

    def train_step_single(
        self, batch: tuple[dict[str, torch.Tensor], torch.Tensor], **fit_params: Any
    ) -> dict[str, torch.Tensor]:
        """Compute loss and gradients of a batch."""
        inputs, y = batch
        # (B, pred_len * n_targets) -> (B, pred_len, n_targets), B may be 0
        pred_len = self.module_.pred_len
        targets = y.view(len(y), pred_len, y.shape[1] // pred_len)
        return super().train_step_single(
            (inputs | {"targets": targets}, y), **fit_params
        )

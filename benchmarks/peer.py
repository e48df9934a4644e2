"""The peer: neuralforecast's Informer, with the settings of ours."""

import importlib.util
import logging
import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd
import torch

__all__ = ["PRESENT", "attention", "forecaster", "training_step"]

PRESENT = importlib.util.find_spec("neuralforecast") is not None


def quiet() -> None:
    """Keep its trainer's messages off the terminal."""
    warnings.simplefilter("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    logging.getLogger("lightning_fabric").setLevel(logging.ERROR)


def attention(factor: int) -> Callable[..., torch.Tensor]:
    """Return its ProbSparse attention over (B, H, L, D), without mask."""
    from neuralforecast.models.informer import ProbAttention

    module = ProbAttention(False, factor, attention_dropout=0.0)

    def attend(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        q, k, v = (x.transpose(1, 2) for x in (q, k, v))
        return module(q, k, v, None)[0]

    return attend


def informer(seq_len: int, pred_len: int, d_model: int, **kwargs: Any) -> Any:
    """Return its network: one series, 8 heads, d_ff four times d_model, factor 5."""
    from neuralforecast.models import Informer

    quiet()
    return Informer(
        h=pred_len,
        input_size=seq_len,
        hidden_size=d_model,
        n_head=8,
        conv_hidden_size=4 * d_model,
        factor=5,
        dropout=0.05,
        encoder_layers=2,
        decoder_layers=1,
        **kwargs,
    )


def training_step(
    seq_len: int, pred_len: int, d_model: int, batch: int
) -> Callable[[], None]:
    """Return a step of its network and Adam, on a batch that is there already."""
    network = informer(seq_len, pred_len, d_model)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True)  # as ours
    x, y = torch.randn(batch, seq_len, 1), torch.randn(batch, pred_len, 1)

    def step() -> None:
        optimizer.zero_grad()
        forecast = network({"insample_y": x, "futr_exog": None})
        torch.nn.functional.mse_loss(forecast, y).backward()
        optimizer.step()

    return step


def forecaster(y: pd.Series, **sizes: int) -> Callable[[], Any]:
    """Return ``predict`` of its forecaster, fitted for a few steps."""
    from neuralforecast import NeuralForecast

    silent = {"logger": False, "enable_progress_bar": False}
    silent |= {"enable_model_summary": False, "enable_checkpointing": False}
    model = NeuralForecast(models=[informer(**sizes, max_steps=2, **silent)], freq="h")
    frame = pd.DataFrame({"unique_id": "a", "ds": y.index, "y": y.to_numpy()})
    model.fit(frame)
    return model.predict

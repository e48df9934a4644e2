"""Sizes and training of the paper, as parameters of ``InformerRegressor``."""

from typing import Any

__all__ = ["PAPER_SETTING"]

# Zhou et al. (2021), section 4.2 and the reference code's defaults
PAPER_SETTING: dict[str, Any] = {
    "highway": None,
    "seq_len": 96,
    "label_len": 48,
    "d_model": 512,
    "n_heads": 8,
    "e_layers": 2,
    "d_layers": 1,
    "d_ff": 2048,
    "factor": 5,
    "attention": "prob",
    "decoder_attention": "prob",
    "cross_attention": "full",
    "distil": True,
    "mix": True,
    "dropout": 0.05,
    "activation": "gelu",
    "instance_norm": None,
    "loss": "mse",
    "max_epochs": 6,
    "patience": 3,
    "lr": 1e-4,
    "lr_schedule": "halving",
    "gradient_clip": None,
    "batch_size": 32,
    "windows_per_epoch": None,
    "precision": "fp32",
}

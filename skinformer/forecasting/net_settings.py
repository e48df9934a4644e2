"""The settings of a network and of its training, and the skorch net made of them."""

import copy
import os
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar

import torch
from torch import nn

from skinformer._validation import Interval, StrOptions

from .base import BaseForecaster
from .batches import BatchLoader
from .callbacks import SCHEDULES, make_callbacks
from .checks import check_callbacks, check_loss, check_net_params
from .launched import ACCELERATE
from .losses import LOSSES, MaskedLoss, make_loss
from .machine import (
    PRECISIONS,
    check_compiler,
    resolve_device,
    resolve_precision,
)
from .net_forecasts import forecast_batch
from .processes import by_first
from .ranks import writes_here
from .resuming import check_folder
from .training import ForecastNet, move

__all__ = ["NetSettings"]

# what the user may ask of the optimiser that a fused one cannot be
NOT_FUSED = {
    "optimizer",
    "optimizer__differentiable",
    "optimizer__foreach",
    "optimizer__fused",
}


def shown(value: Any) -> str:
    """Write a value out, the middle of a long one left out."""
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:100]} ... {text[-90:]}"


class NetSettings(BaseForecaster):
    """Base of :class:`NetForecaster`: a net that is new, or goes on; no training.

    What a subclass sets and has is said there.
    """

    _allows_missing, _takes_store = True, True
    _module_class: ClassVar[type[nn.Module]]
    _module_params: ClassVar[tuple[str, ...]]
    _net_class: ClassVar[type[ForecastNet]] = ForecastNet

    _parameter_constraints: ClassVar[dict] = {
        **BaseForecaster._parameter_constraints,
        "seq_len": [Interval(Integral, 1, None, closed="left")],
        "loss": [StrOptions(set(LOSSES)), nn.Module],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "patience": [Interval(Integral, 1, None, closed="left"), None],
        "lr": [Interval(Real, 0, None, closed="neither")],
        "lr_schedule": [StrOptions(set(SCHEDULES)), None],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "gradient_clip": [Interval(Real, 0, None, closed="neither"), None],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "windows_per_epoch": [Interval(Integral, 1, None, closed="left"), None],
        "validation_fraction": [
            Interval(Real, 0, 1, closed="neither"),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "callbacks": [list, tuple, None],
        "net_params": [dict, None],
        "warm_start": ["boolean"],
        "checkpoint_dir": [str, os.PathLike, None],
        "device": [str],
        "precision": [StrOptions(set(PRECISIONS))],
        "compile": ["boolean"],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    # what holds where a subclass has no such parameter
    checkpoint_dir: str | os.PathLike | None = None

    def _check_settings(self) -> None:
        device = resolve_device(self.device)
        resolve_precision(self.precision, device, self._width())
        if self.compile:
            check_compiler(device)
        check_loss(self.loss)
        check_callbacks(self.callbacks)
        check_net_params(self.net_params)
        by_first(partial(check_folder, self.checkpoint_dir))

    def _width(self) -> int:
        """Return the width of the network, by which its precision is chosen."""
        return self.d_model

    def _quantiles(self) -> tuple[float, ...] | None:
        """Return the levels that the network is to have heads for, if any."""
        return None

    def _network_params(self) -> dict[str, Any]:
        """Return the arguments of the network."""
        named = {name: getattr(self, name) for name in self._module_params}
        return {
            **named,
            "n_inputs": self.n_targets_ + self._schema.past.n_numeric,
            "n_targets": self.n_targets_,
            "n_covariates": self._schema.known.n_numeric,
            "cardinalities": self._schema.cardinalities,
            "masks": True,
        }

    def _callbacks(
        self, validated: bool, max_epochs: int, schedule: str | None
    ) -> list:
        return make_callbacks(
            validated=validated,
            patience=self.patience,
            schedule=schedule,
            max_epochs=max_epochs,
            gradient_clip=self.gradient_clip,
            verbose=self.verbose if writes_here() else 0,
            callbacks=self.callbacks,
        )

    def _loaders(self, device: str) -> dict[str, Any]:
        """Return how batches are made, to train and to validate."""
        return {
            "batch_size": self.batch_size,
            "iterator_train": BatchLoader,
            "iterator_train__shuffle": True,
            "iterator_train__limit": self.windows_per_epoch,
            "iterator_train__device": device,
            "iterator_valid": BatchLoader,
            "iterator_valid__batch_size": forecast_batch(self.seq_len_ + self.pred_len),
            "iterator_valid__device": device,
        }

    def _new_net(self, device: str, validated: bool) -> ForecastNet:
        """Make a net with fresh weights."""
        settings = {
            **{f"module__{k}": v for k, v in self._network_params().items()},
            **self._loaders(device),
            "module": self._module_class,
            "criterion": MaskedLoss,
            "criterion__loss": make_loss(self.loss, self._quantiles()),
            "optimizer": torch.optim.AdamW,
            "optimizer__weight_decay": self.weight_decay,
            "callbacks": self._callbacks(validated, self.max_epochs, self.lr_schedule),
            "callbacks__print_log": None,
            "max_epochs": self.max_epochs,
            "lr": self.lr,
            "device": device,
            "precision": resolve_precision(self.precision, device, self._width()),
            "compile": self.compile,
            "train_split": None,
            "verbose": 0,
        }
        own = self.net_params or {}
        if own.keys().isdisjoint(NOT_FUSED):
            settings["optimizer__fused"] = device != "mps"  # one pass over all weights
        return self._net_class(**(settings | own)).initialize()

    def _continued_net(
        self, device: str, validated: bool, max_epochs: int, schedule: str | None
    ) -> ForecastNet:
        """Copy the fitted net: if training fails, the fitted one is as it was."""
        net = copy.deepcopy(self.net_)
        if net.device != device:
            move(net, device)
        net.criterion_.loss = make_loss(self.loss, self._quantiles()).to(device)
        net.set_params(
            max_epochs=max_epochs,
            lr=self.lr,
            optimizer__weight_decay=self.weight_decay,
            batch_size=self.batch_size,
            callbacks=self._callbacks(validated, max_epochs, schedule),
        )
        # not by set_params, for which a compiled network would be a new one
        net.iterator_train__limit = self.windows_per_epoch
        net.precision = resolve_precision(self.precision, device, self._width())
        net.compile = self.compile
        net.module_ = net.torch_compile(net.module_, "module")
        return net.initialize_callbacks()

    # What a fit that goes on must have in common with the one before

    def _identify(self, device: str, continued: bool) -> None:
        """Remember what this fit depends on; hold it against the one it goes on."""
        identity = self._identity(device)
        if continued:
            self._check_same(identity)
        self._fitted_identity = identity

    def _identity(self, device: str) -> dict[str, Any]:
        """Return what a fit that goes on must have in common with the one before."""
        schema = self._schema
        categories = schema.known.categories + schema.past.categories
        return {
            **self._network_params(),
            "columns of X": schema.names,
            "past_covariates": schema.past.names,
            "series": schema.series,
            "labels of series": list(self._panel.keys if schema.series else []),
            "categories": [None if c is None else list(c) for c in categories],
            "targets": self.target_names_,
            # its processes are not always on the same one
            "device": ACCELERATE if self.device == ACCELERATE else device,
            "net_params": self.net_params,
        }

    def _check_same(self, identity: dict[str, Any]) -> None:
        """Refuse to go on training a network of other sizes, or on other columns."""
        for name, now in identity.items():
            before = self._fitted_identity[name]
            if now != before:
                raise ValueError(
                    f"warm_start=True goes on with the network that fit left, whose "
                    f"{name} is {shown(before)}; now it would be {shown(now)}. Keep "
                    "it, or fit a clone."
                )

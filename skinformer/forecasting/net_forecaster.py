"""What forecasters share whose network learns from windows: training, and its settings.

A subclass names its torch module and what the module takes; see
:class:`NetForecaster`. What all forecasters share stands in
:mod:`~skinformer.forecasting.base`.
"""

import copy
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from skorch.callbacks import EarlyStopping
from torch import nn

from skinformer._validation import Interval, StrOptions
from skinformer.series.history import Stretch
from skinformer.series.windows import Windows

from .base import BaseForecaster
from .checks import check_callbacks, check_loss, check_net_params
from .machine import (
    PRECISIONS,
    check_compiler,
    resolve_device,
    resolve_precision,
    seeded,
)
from .seeds import draw_seed
from .training import (
    LOSSES,
    SCHEDULES,
    BatchLoader,
    ForecastNet,
    MaskedLoss,
    forecast_batch,
    forecast_windows,
    make_callbacks,
    make_loss,
    start_spread,
    train,
)
from .windowing import Split, WindowScaler, split_in_time

__all__ = ["NetForecaster"]

# what the user may ask of the optimiser that a fused one cannot be
NOT_FUSED = {
    "optimizer",
    "optimizer__differentiable",
    "optimizer__foreach",
    "optimizer__fused",
}


class Parts(NamedTuple):
    """The windows that train, and those that validate."""

    train: Windows
    valid: Windows | None

    @property
    def has_gaps(self) -> bool:
        """Whether a target of either part may be absent."""
        return self.train.has_gaps or (self.valid is not None and self.valid.has_gaps)


def mark_seen(net: ForecastNet, codes: np.ndarray) -> None:
    """Tell the network which categories its training rows hold; codes are (n, k)."""
    if codes.shape[1]:
        net.module_.mark_seen(torch.from_numpy(codes).to(net.device))


def around_median(
    median: np.ndarray, heads: np.ndarray, scaler: WindowScaler
) -> np.ndarray:
    """Put the quantiles around a median that is in the unit of the targets.

    Parameters
    ----------
    median : ndarray of shape (n, pred_len, n_targets)
    heads : ndarray of shape (n, pred_len, n_targets, 1 + n_quantiles)
        The network's median and quantiles, standardised; the median may be another.
    scaler : WindowScaler

    Returns
    -------
    ndarray of shape (n, pred_len, n_targets, n_quantiles), float64
    """
    heads = heads.astype(np.float64)
    moves = scaler.target_scaler_.var_ > 0
    # a target that never moved has no spread
    unit = np.where(moves, scaler.target_scaler_.scale_, 0.0)[:, None]
    return median[..., None] + (heads[..., 1:] - heads[..., :1]) * unit


class NetForecaster(BaseForecaster):
    """Base of forecasters whose network learns from windows of the history.

    A subclass spells out its constructor parameters, among them ``seq_len`` and all
    that :attr:`_parameter_constraints` lists here, and sets two class attributes:
    ``_module_class``, the torch module, and ``_module_params``, the names of the
    parameters that the module takes as they are. The module is given besides
    ``n_inputs``, ``n_targets``, ``n_covariates`` and ``cardinalities``; its ``forward``
    takes ``values``, ``covariates`` and ``categories`` as
    :class:`~skinformer.Informer` does and returns (B, pred_len, n_targets), and it has
    ``mark_seen``. Where the width of the network is not ``d_model``, :meth:`_width`
    says so.

    ``fit`` sets the attributes ``net_``, ``n_iter_``, ``best_epoch_``, ``loss_curve_``
    and ``validation_loss_curve_``.
    """

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
        "device": [str],
        "precision": [StrOptions(set(PRECISIONS))],
        "compile": ["boolean"],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
    }

    # What the base class asks

    def _check_settings(self) -> None:
        device = resolve_device(self.device)
        resolve_precision(self.precision, device, self._width())
        if self.compile:
            check_compiler(device)
        check_loss(self.loss)
        check_callbacks(self.callbacks)
        check_net_params(self.net_params)

    def _context_rows(self) -> int:
        return self.seq_len_  # what fit saw, whatever set_params did since

    def _least_rows(self) -> int:
        return self.seq_len + self.pred_len

    def _fit(self, history: Stretch) -> None:
        continued = self.warm_start and hasattr(self, "net_")
        device = resolve_device(self.device)
        self._choose_lengths(history, continued)
        split = split_in_time(
            history.given, self.validation_fraction, self._context_rows(), self.pred_len
        )
        self._identify(device, continued)
        parts = self._cut(history, split, continued)
        codes = history.covariates.codes[: split.n_train]
        self.net_ = self._train_net(parts, codes, device, continued)
        self._record(validated=parts.valid is not None)
        self._finish(history, split, parts)

    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        windows = self._scaler.windows(stretch, starts)
        batch_size = forecast_batch(windows.seq_len + windows.pred_len)
        return self._scaler.restore(forecast_windows(self.net_, windows, batch_size))

    def _forecast_quantiles(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        """Forecast quantiles of blocks, (n_blocks, pred_len, n_targets, n_quantiles).

        As :meth:`_forecast` does, which returns their median.
        """
        self._fitted_quantiles()
        windows = self._scaler.windows(stretch, starts)
        batch_size = forecast_batch(windows.seq_len + windows.pred_len)
        heads = forecast_windows(self.net_, windows, batch_size, heads=True)
        return around_median(self._scaler.restore(heads[..., 0]), heads, self._scaler)

    def _fitted_quantiles(self) -> tuple[float, ...]:
        """Return the levels of the quantiles that the fitted network has heads for."""
        quantiles = getattr(self.net_.module_, "quantiles", None)
        if quantiles is None:
            raise ValueError(
                f"This {type(self).__name__} was fitted with loss={self.loss!r}, and "
                "has no quantiles. Fit an InformerRegressor with loss='quantile'."
            )
        return quantiles

    # Steps of a fit

    def _choose_lengths(self, history: Stretch, continued: bool) -> None:
        """Set how many rows are read."""
        self.seq_len_ = self.seq_len

    def _cut(self, history: Stretch, split: Split, continued: bool) -> Parts:
        """Cut standardised windows out of the history."""
        if not continued:
            scaler = WindowScaler(self.seq_len_, self.pred_len)
            self._scaler = scaler.fit(history, split.n_train)
        train_part = self._scaler.windows(history, split.train)
        return Parts(
            train_part, train_part.at(split.valid) if len(split.valid) else None
        )

    def _train_net(
        self, parts: Parts, codes: np.ndarray, device: str, continued: bool
    ) -> ForecastNet:
        """Train a net; ``codes`` (n_rows, n_categories) are what its rows hold."""
        with seeded(draw_seed(self.random_state), device):
            make_net = self._continued_net if continued else self._new_net
            net = make_net(device, validated=parts.valid is not None)
            net.criterion_.has_gaps = parts.has_gaps
            mark_seen(net, codes)
            if not continued:
                start_spread(net, parts.train)
            return train(net, parts.train, parts.valid)

    def _finish(self, history: Stretch, split: Split, parts: Parts) -> None:
        """Do what remains once the network is trained."""

    def _record(self, validated: bool) -> None:
        """Set the attributes that tell of the training."""
        history = self.net_.history
        self.n_iter_ = self.best_epoch_ = len(history)
        self.loss_curve_ = [float(loss) for loss in history[:, "train_loss"]]
        self.validation_loss_curve_ = None
        if validated:
            self.validation_loss_curve_ = [float(x) for x in history[:, "valid_loss"]]
        for _, callback in self.net_.callbacks_:
            if isinstance(callback, EarlyStopping) and callback.load_best:
                self.best_epoch_ = callback.best_epoch_

    # What a fit that goes on must have in common with the one before

    def _identify(self, device: str, continued: bool) -> None:
        """Remember what this fit depends on; hold it against the one it goes on."""
        identity = self._identity(device)
        if continued:
            self._check_same(identity)
        self._fitted_identity = identity

    def _identity(self, device: str) -> dict[str, Any]:
        """Return what a fit that goes on must have in common with the one before."""
        categories = self._columns.categories
        return {
            **self._network_params(),
            "columns of X": self._columns.names,
            "categories": [None if c is None else list(c) for c in categories],
            "targets": self.target_names_,
            "device": device,
            "net_params": self.net_params,
        }

    def _check_same(self, identity: dict[str, Any]) -> None:
        """Refuse to go on training a network of other sizes, or on other columns."""
        for name, now in identity.items():
            before = self._fitted_identity[name]
            if now != before:
                raise ValueError(
                    f"warm_start=True goes on with the network that fit left, whose "
                    f"{name} is {before!r}; now it would be {now!r}. Keep it, or fit a "
                    "clone."
                )

    # Network

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
            "n_inputs": self.n_targets_,
            "n_targets": self.n_targets_,
            "n_covariates": self._columns.n_numeric,
            "cardinalities": self._columns.cardinalities,
        }

    def _callbacks(self, validated: bool) -> list:
        return make_callbacks(
            validated=validated,
            patience=self.patience,
            schedule=self.lr_schedule,
            max_epochs=self.max_epochs,
            gradient_clip=self.gradient_clip,
            verbose=self.verbose,
            callbacks=self.callbacks,
        )

    def _new_net(self, device: str, validated: bool) -> ForecastNet:
        """Make a net with fresh weights."""
        settings = {
            "module": self._module_class,
            "criterion": MaskedLoss,
            "criterion__loss": make_loss(self.loss, self._quantiles()),
            "optimizer": torch.optim.AdamW,
            "optimizer__weight_decay": self.weight_decay,
            "iterator_train": BatchLoader,
            "iterator_train__shuffle": True,
            "iterator_train__limit": self.windows_per_epoch,
            "iterator_train__device": device,
            "iterator_valid__device": device,
            "iterator_valid": BatchLoader,
            "iterator_valid__batch_size": forecast_batch(self.seq_len_ + self.pred_len),
            "callbacks": self._callbacks(validated),
            "callbacks__print_log": None,
            "max_epochs": self.max_epochs,
            "lr": self.lr,
            "batch_size": self.batch_size,
            "device": device,
            "precision": resolve_precision(self.precision, device, self._width()),
            "compile": self.compile,
            "train_split": None,
            "verbose": 0,
        }
        settings.update({f"module__{k}": v for k, v in self._network_params().items()})
        own = self.net_params or {}
        if own.keys().isdisjoint(NOT_FUSED):
            settings["optimizer__fused"] = device != "mps"  # one pass over all weights
        return self._net_class(**(settings | own)).initialize()

    def _continued_net(self, device: str, validated: bool) -> ForecastNet:
        """Copy the fitted net: if training fails, the fitted one is as it was."""
        net = copy.deepcopy(self.net_)
        net.criterion_.loss = make_loss(self.loss, self._quantiles()).to(device)
        net.set_params(
            max_epochs=self.max_epochs,
            lr=self.lr,
            optimizer__weight_decay=self.weight_decay,
            batch_size=self.batch_size,
            callbacks=self._callbacks(validated),
        )
        # not by set_params, for which a compiled network would be a new one
        net.iterator_train__limit = self.windows_per_epoch
        net.precision = resolve_precision(self.precision, device, self._width())
        net.compile = self.compile
        net.module_ = net.torch_compile(net.module_, "module")
        return net.initialize_callbacks()

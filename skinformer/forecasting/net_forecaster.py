"""What forecasters share whose network learns from windows: training, and its settings.

A subclass names its torch module and what the module takes; see
:class:`NetForecaster`. What all forecasters share stands in
:mod:`~skinformer.forecasting.base`.
"""

import copy
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted
from skorch.callbacks import EarlyStopping
from torch import nn

from skinformer._validation import (
    Interval,
    StrOptions,
    all_or_nothing,
    check_params,
)
from skinformer.series.history import Stretch
from skinformer.series.panel import Panel
from skinformer.series.windows import Windows, windows_within

from .base import BaseForecaster
from .batches import BatchLoader
from .callbacks import SCHEDULES, make_callbacks
from .checks import (
    check_callbacks,
    check_loss,
    check_net_params,
    check_weighted,
)
from .jobs import Jobs, starts_of
from .losses import LOSSES, MaskedLoss, make_loss
from .machine import (
    PRECISIONS,
    check_compiler,
    resolve_device,
    resolve_precision,
    seeded,
)
from .origins import check_whole
from .seeds import draw_seed
from .training import (
    ForecastNet,
    forecast_batch,
    forecast_windows,
    start_spread,
    train,
)
from .windowing import (
    Split,
    WindowScaler,
    known_rows,
    split_in_time,
    with_targets,
)

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


def codes_seen(histories: Sequence[Stretch], n_train: list[int]) -> np.ndarray:
    """Return the codes that training rows hold, (n_rows, n_categories).

    Those of the past are hidden (0) in rows to come.
    """
    known, past = [], []
    for history, n in zip(histories, n_train, strict=True):
        known.append(history.covariates.codes[:n])
        past.append(history.observed.codes[:n])
    known, past = np.concatenate(known), np.concatenate(past)
    if past.shape[1] == 0:
        return known
    hidden = np.concatenate([known[-1:], np.zeros_like(past[-1:])], axis=1)
    return np.concatenate([np.concatenate([known, past], axis=1), hidden])


def new_windows(panel: Panel, before: list[int], seq_len: int, pred_len: int) -> Jobs:
    """Return the windows whose last row came after ``before`` rows of the grid."""
    jobs = []
    before = before + [0] * (len(panel) - len(before))
    for history, n in zip(panel, before, strict=True):
        first = max(n - history.offset - pred_len + 1, 0)
        starts = windows_within(first, history.n_known, seq_len, pred_len)
        jobs.append((history, with_targets(starts, known_rows(history), pred_len)))
    return [job for job in jobs if len(job[1])]


def mark_seen(net: ForecastNet, codes: np.ndarray) -> None:
    """Tell the network which categories its training rows hold; codes are (n, k)."""
    if codes.shape[1]:
        net.module_.mark_seen(torch.from_numpy(codes).to(net.device))


def around_median(
    median: np.ndarray, heads: np.ndarray, scaler: WindowScaler, series: np.ndarray
) -> np.ndarray:
    """Put the quantiles around a median that is in the unit of the targets.

    Parameters
    ----------
    median : ndarray of shape (n, pred_len, n_targets)
    heads : ndarray of shape (n, pred_len, n_targets, 1 + n_quantiles)
        The network's median and quantiles, standardised; the median may be another.
    scaler : WindowScaler
    series : ndarray of shape (n,)
        Number of the series of each block.

    Returns
    -------
    ndarray of shape (n, pred_len, n_targets, 1 + n_quantiles), float64
    """
    heads = heads.astype(np.float64)
    of_targets = scaler.target_scaler_.of(series)
    # a target that never moved has no spread
    unit = np.where(of_targets.var_ > 0, of_targets.scale_, 0.0)[..., None]
    return median[..., None] + (heads - heads[..., :1]) * unit


class NetForecaster(BaseForecaster):
    """Base of forecasters whose network learns from windows of the history.

    A subclass spells out its constructor parameters, among them ``seq_len`` and all
    that :attr:`_parameter_constraints` lists here, and sets two class attributes:
    ``_module_class``, the torch module, and ``_module_params``, the names of the
    parameters that the module takes as they are. The module is given besides
    ``n_inputs``, ``n_targets``, ``n_covariates`` and ``cardinalities``; its ``forward``
    takes ``values``, ``covariates``, ``categories`` and what is missing as
    :class:`~skinformer.Informer` does and returns (B, pred_len, n_targets), and it has
    ``mark_seen``. Where the width of the network is not ``d_model``, :meth:`_width`
    says so.

    ``fit`` sets the attributes ``net_``, ``n_iter_``, ``best_epoch_``, ``loss_curve_``
    and ``validation_loss_curve_``.
    """

    _allows_missing = True
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from a history.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates that are known ahead, in time order; those named in
            ``past_covariates`` are known only up to now. Its DatetimeIndex or
            PeriodIndex says when each row was; a frame may have no columns besides.
            Without such an index the rows count as following one another. With
            ``series``, rows of many series, in time order within each.
        y : Series, DataFrame or array-like of shape (n_rows,) or (n_rows, n_targets)
            Targets of the same rows; NaN where missing.
        sample_weight : array-like of shape (n_rows,), default=None
            How much each row counts in the loss. Rows of weight zero stay in the
            history, and are seen as rows before others.

        Returns
        -------
        self : object
            The fitted forecaster. If an error or Ctrl-C ends the fit, the estimator is
            what it was before.

        Raises
        ------
        ValueError
            If a parameter is out of its range; if a target is missing throughout, or
            a value infinite; if stamps are repeated, unsorted or on no grid; if there
            are too few rows; if weights are negative.
        """
        check_weighted(self.loss, sample_weight)
        return self._fit_rows(X, y, sample_weight)

    def partial_fit(self, X: Any, y: Any, *, n_epochs: int = 3) -> Self:
        """Append rows that have been observed since, and train a little on them.

        The network goes on with the state of its optimiser, at the learning rate
        ``lr``, on the windows whose last row is new. Scaling, highway and the share of
        the network stay as they are. Without a fit before, it is :meth:`fit`.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates, in time order, as for :meth:`update`.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Targets of the same rows.
        n_epochs : int, default=3
            Passes over the new windows.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            As :meth:`update` does; the estimator is then what it was before.
        """
        if not hasattr(self, "net_"):
            return self.fit(X, y)
        check_whole("n_epochs", n_epochs)
        before = [history.n_known + history.offset for history in self._panel]
        with all_or_nothing(self):
            check_params(self)
            self._check_settings()
            panel = self._extended(self._read_observed(X, y), "raise")
            self._take_note(panel)
            self._train_on(
                new_windows(panel, before, self.seq_len_, self._pred_len), n_epochs
            )
            self._panel = self._kept(panel)
        return self

    def _train_on(self, jobs: Jobs, n_epochs: int) -> None:
        """Train the network that there is on some windows."""
        if not any(len(starts) for _, starts in jobs):
            return
        device = resolve_device(self.device)
        windows = self._cut_more(jobs)
        with seeded(draw_seed(self.random_state), device):
            net = self._continued_net(device, False, n_epochs, None)
            net.criterion_.has_gaps = windows.has_gaps
            mark_seen(
                net, codes_seen([s for s, _ in jobs], [s.n_known for s, _ in jobs])
            )
            self.net_ = train(net, windows, None)
        self._record(validated=False)

    def _cut_more(self, jobs: Jobs) -> Windows:
        """Cut windows for a network that is trained already."""
        return self._scaler.windows(jobs)

    def _fit(self, history: Stretch) -> None:
        self._fit_panel(Panel((history,)))

    def _fit_panel(self, panel: Panel) -> None:
        continued = self.warm_start and hasattr(self, "net_")
        device = resolve_device(self.device)
        self._choose_lengths(panel, continued)
        split = split_in_time(
            panel.stretches,
            self.validation_fraction,
            self._context_rows(),
            self.pred_len,
        )
        self._identify(device, continued)
        parts = self._cut(panel, split, continued)
        codes = codes_seen(panel, split.n_train)
        self.net_ = self._train_net(parts, codes, device, continued)
        self._record(validated=parts.valid is not None)
        self._finish(panel, split, parts)

    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        return self._forecast_jobs([(stretch, starts)])

    def _forecast_jobs(self, jobs: Jobs) -> np.ndarray:
        windows = self._scaler.windows(jobs)
        batch_size = forecast_batch(windows.seq_len + windows.pred_len)
        forecast = forecast_windows(self.net_, windows, batch_size)
        return self._scaler.restore(forecast, windows.series)

    def _admit(self, panel: Panel) -> None:
        for history in panel.stretches[self._n_series :]:
            self._scaler = self._scaler.admit(history)

    def predict_quantiles(self, X: Any) -> np.ndarray:
        """Forecast the quantiles that ``loss="quantile"`` has learned.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates of the rows to forecast, as for :meth:`predict`. Later blocks
            are fed with the medians of those before.

        Returns
        -------
        ndarray of shape (n_rows, n_targets, n_quantiles)
            In the order of ``quantiles``; they never cross.

        Raises
        ------
        ValueError
            If the network was fitted with another loss; and as :meth:`predict` does.

        Notes
        -----
        The network's own, as it learned them; nothing is guaranteed of them. See
        :meth:`predict_interval`.
        """
        check_is_fitted(self)
        self._fitted_quantiles()
        return self._answer(X, self._forecast_heads)[..., 1:]

    def _forecast_heads(self, jobs: Jobs) -> np.ndarray:
        """Forecast median and quantiles, (n_blocks, pred_len, n_targets, 1 + n)."""
        windows = self._scaler.windows(jobs)
        batch_size = forecast_batch(windows.seq_len + windows.pred_len)
        heads = forecast_windows(self.net_, windows, batch_size, heads=True)
        median = self._scaler.restore(heads[..., 0], windows.series)
        return around_median(median, heads, self._scaler, windows.series)

    def _forecast_with_width(self, jobs: Jobs) -> tuple[np.ndarray, np.ndarray | None]:
        quantiles = getattr(self.net_.module_, "quantiles", None)
        if quantiles is None or len(quantiles) < 2:
            return super()._forecast_with_width(jobs)
        heads = self._forecast_heads(jobs)
        return heads[..., 0], heads[..., -1] - heads[..., 1]

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

    def _choose_lengths(self, panel: Panel, continued: bool) -> None:
        """Set how many rows are read."""
        self.seq_len_ = self.seq_len

    def _new_scaler(self) -> WindowScaler:
        per_series = self._panel.keys is not None and self.per_series
        return WindowScaler(self.seq_len_, self.pred_len, per_series)

    def _cut(self, panel: Panel, split: Split, continued: bool) -> Parts:
        """Cut standardised windows out of the histories."""
        if not continued:
            self._scaler = self._new_scaler().fit(panel.stretches, split.n_train)
        train = self._scaler.windows(split.train)
        return Parts(
            train, train.at(*starts_of(split.valid)) if split.n_valid else None
        )

    def _train_net(
        self, parts: Parts, codes: np.ndarray, device: str, continued: bool
    ) -> ForecastNet:
        """Train a net; ``codes`` (n_rows, n_categories) are what its rows hold."""
        with seeded(draw_seed(self.random_state), device):
            validated = parts.valid is not None
            if continued:
                epochs = self.max_epochs, self.lr_schedule
                net = self._continued_net(device, validated, *epochs)
            else:
                net = self._new_net(device, validated)
            net.criterion_.has_gaps = parts.has_gaps
            mark_seen(net, codes)
            if not continued:
                start_spread(net, parts.train)
            return train(net, parts.train, parts.valid)

    def _finish(self, panel: Panel, split: Split, parts: Parts) -> None:
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
        schema = self._schema
        categories = schema.known.categories + schema.past.categories
        return {
            **self._network_params(),
            "columns of X": schema.names,
            "past_covariates": schema.past.names,
            "series": schema.series,
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
            "callbacks": self._callbacks(validated, self.max_epochs, self.lr_schedule),
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

    def _continued_net(
        self, device: str, validated: bool, max_epochs: int, schedule: str | None
    ) -> ForecastNet:
        """Copy the fitted net: if training fails, the fitted one is as it was."""
        net = copy.deepcopy(self.net_)
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

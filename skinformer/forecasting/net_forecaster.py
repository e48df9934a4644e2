"""What forecasters share whose network learns from windows: training, and its settings.

A subclass names its torch module and what the module takes; see
:class:`NetForecaster`. What all forecasters share stands in
:mod:`~skinformer.forecasting.base`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

import numpy as np
from skorch.callbacks import EarlyStopping

from skinformer._turns import changed_at_once
from skinformer._validation import check_params
from skinformer.series.history import Stretch
from skinformer.series.panel import Panel
from skinformer.series.stored_panel import StoredPanel
from skinformer.series.windows import Windows

from .accelerated import train
from .checks import check_weighted
from .codes_seen import codes_seen
from .few_windows import few_of
from .generators import seeded
from .jobs import Jobs, starts_of
from .machine import resolve_device
from .net_answers import NetAnswers
from .net_start import mark_seen, start_spread
from .origins import check_whole
from .processes import in_team
from .recovery import Recovery
from .resuming import Checkpointer, facts_of, resumable, start_told, told
from .seeds import draw_seed
from .splitting import Split, new_windows, split_in_time
from .training import ForecastNet
from .windowing import WindowScaler

__all__ = ["NetForecaster"]


class Parts(NamedTuple):
    """The windows that train, and those that validate."""

    train: Windows
    valid: Windows | None

    @property
    def has_gaps(self) -> bool:
        """Whether a target of either part may be absent."""
        return self.train.has_gaps or (self.valid is not None and self.valid.has_gaps)


class NetForecaster(NetAnswers):
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

    _checkpointer: Checkpointer | None = None  # of the fit that runs

    # What the base class asks

    def _context_rows(self) -> int:
        return self.seq_len_  # what fit saw, whatever set_params did since

    def _least_rows(self) -> int:
        return self.seq_len + self.pred_len

    @in_team
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn from a history.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates that are known ahead, in time order; those named in
            ``past_covariates`` are known only up to now. Its DatetimeIndex or
            PeriodIndex, or the column that ``time`` names, says when each row was; a
            frame may have no columns besides. Without a time the rows count as
            following one another. With ``series``, rows of many series, in time order
            within each. Or a :class:`~skinformer.PanelStore`, which is read as windows
            are drawn.
        y : Series, DataFrame or array-like of shape (n_rows,) or (n_rows, n_targets), \
                default=None
            Targets of the same rows; NaN where missing. None with a store, which has
            its own.
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

    @in_team
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
        with changed_at_once(self) as later:
            check_params(later)
            later._check_settings()
            later._go_on(later._extended(later._read_observed(X, y), "raise"), n_epochs)
        return self

    def _go_on(self, panel: Panel, n_epochs: int) -> None:
        """Go on with longer histories, and train on windows that end in new rows."""
        before = [history.end for history in self._panel]
        more = {"n_epochs": str(n_epochs), "the rows before": told(before)}
        with self._resumable(panel, continued=True, **more):
            self._take_note(panel)
            lengths = self.seq_len_, self._pred_len
            self._train_on(new_windows(panel.stretches, before, *lengths), n_epochs)
            self._panel = self._kept(panel)

    def _fit_and_calibrate(self, panel: Panel) -> None:
        with self._resumable(panel, self._goes_on()):
            super()._fit_and_calibrate(panel)

    def _goes_on(self) -> bool:
        """Say whether ``fit`` trains the network that there is."""
        return self.warm_start and hasattr(self, "net_")

    @contextmanager
    def _resumable(self, panel: Panel, continued: bool, **more: str) -> Iterator[None]:
        """Let the training of the block go on from ``checkpoint_dir``, if it can."""
        if self.checkpoint_dir is None:
            yield
            return
        facts = facts_of(self, panel, resolve_device(self.device)) | more
        if continued:
            facts["the network to start from"] = start_told(self.net_)
        place = self.checkpoint_dir, facts, self.random_state
        with resumable(*place) as self._checkpointer:
            yield
        del self._checkpointer

    def _random(self) -> Any:
        """Return what seeds are drawn from: a fit that is resumed draws them again."""
        kept = self._checkpointer
        return self.random_state if kept is None else kept.random

    def _train_on(self, jobs: Jobs, n_epochs: int) -> None:
        """Train the network that there is on some windows."""
        if not jobs:
            return
        device = resolve_device(self.device)
        windows = self._cut_more(jobs)
        with seeded(draw_seed(self._random()), device):
            net = self._continued_net(device, False, n_epochs, None)
            net.criterion_.has_gaps = windows.has_gaps
            histories = [history for history, _ in jobs]
            mark_seen(net, codes_seen(histories, [h.n_known for h in histories]))
            self.net_ = train(net, windows, None, self._checkpointer)
        self._record(validated=False)

    def _cut_more(self, jobs: Jobs) -> Windows:
        """Cut windows for a network that is trained already."""
        return self._scaler.windows(jobs)

    def _fit(self, history: Stretch) -> None:
        self._fit_panel(Panel((history,)))

    def _fit_panel(self, panel: Panel) -> None:
        continued = self._goes_on()
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
        if isinstance(panel, StoredPanel):
            parts = parts._replace(
                valid=few_of(parts.valid, split.valid, self.windows_per_epoch)
            )
        codes = codes_seen(panel.stretches, split.n_train)
        self.net_ = self._train_net(parts, codes, device, continued)
        self._record(validated=parts.valid is not None)
        self._finish(panel, split, parts)

    def _admit(self, panel: Panel) -> None:
        for history in self._newcomers(panel):
            self._scaler = self._scaler.admit(history)

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
        with seeded(draw_seed(self._random()), device):
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
            return train(net, parts.train, parts.valid, self._checkpointer)

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
            elif isinstance(callback, Recovery):
                self.best_epoch_ = callback.kept_epoch(self.n_iter_)

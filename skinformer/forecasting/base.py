"""What every forecaster shares: from frames to rows, from rows to blocks, and back.

A forecaster implements :meth:`BaseForecaster._fit` over a history and
:meth:`BaseForecaster._forecast` of blocks; the rest, the meaning of a row above all,
stands here once.
"""

from abc import abstractmethod
from dataclasses import replace
from datetime import timedelta
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from skinformer._validation import (
    Interval,
    StrOptions,
    all_or_nothing,
    check_features,
    check_params,
    remember_features,
)
from skinformer.exceptions import GapWarning, warn
from skinformer.series.covariates import Columns, Covariates, as_frame
from skinformer.series.history import Stretch, append_rows, start_history
from skinformer.series.timeline import (
    block_of,
    check_clock,
    fitted_starts,
    future_starts,
    place_asked,
)

from .origins import AsKnown, Reach, WindowForecasts, true_windows
from .reading import index_of, read_rows

__all__ = ["BaseForecaster", "WindowForecasts"]

# a row this many times further ahead than the history is long is a wrong stamp
FARTHEST = 20


class BaseForecaster(RegressorMixin, BaseEstimator):
    """Base of every forecaster: ``fit``, ``predict``, ``update`` over a timeline.

    A subclass has the constructor parameters ``pred_len``, ``freq`` and
    ``categorical_features``, the class attribute ``_parameter_constraints``, and
    implements :meth:`_fit` and :meth:`_forecast`; where it looks back a limited number
    of rows, or needs a number of them to train, it says so in :meth:`_context_rows`
    and :meth:`_least_rows`.
    """

    _parameter_constraints: ClassVar[dict] = {
        "pred_len": [Interval(Integral, 1, None, closed="left")],
        "freq": [str, pd.offsets.BaseOffset, timedelta, None],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
    }

    # what else to do where a history has too few rows
    _or_lower: ClassVar[str] = ", or lower seq_len or pred_len"

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from a history.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates that are known ahead, in time order. Its DatetimeIndex or
            PeriodIndex says when each row was; a frame may have no columns besides.
            Without such an index the rows count as following one another.
        y : Series, DataFrame or array-like of shape (n_rows,) or (n_rows, n_targets)
            Targets of the same rows.

        Returns
        -------
        self : object
            The fitted forecaster. If an error or Ctrl-C ends the fit, the estimator is
            what it was before.

        Raises
        ------
        ValueError
            If a parameter is out of its range; if values are missing or infinite; if
            stamps are repeated, unsorted or on no grid; if there are too few rows.
        """
        with all_or_nothing(self):
            check_params(self)
            self._check_settings()
            columns = Columns.learn(X, self.categorical_features)
            covariates = columns.read(X)
            index, targets = read_rows(X, y, len(covariates))
            history = start_history(index, targets.values, covariates, self.freq)
            self._check_enough_rows(history)
            remember_features(self, X)
            self._columns, self._history = columns, history
            self._pred_len, self._n_fitted = self.pred_len, history.n_known
            self._one_axis, self.target_names_ = targets.one_axis, targets.names
            self.n_targets_ = len(targets.names)
            self._fit(history)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Forecast the targets of every row of ``X``.

        Rows after the history are forecast from its end, block after block of
        ``pred_len`` rows, each fed with the forecasts before it. Rows inside the
        history get fitted values: blocks of ``pred_len`` that start at its first row,
        each forecast from the true rows before it. A plain array, or a frame without a
        time index, holds the rows that follow the history.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates of the rows to forecast, in any order.

        Returns
        -------
        ndarray of shape (n_rows,) or (n_rows, n_targets)
            Forecasts in the unit of the targets, float64; one axis if ``y`` had one.

        Raises
        ------
        ValueError
            If a row is before the history, repeated, off its grid, or in another time
            zone; if columns differ from those in ``fit``.

        Warns
        -----
        GapWarning
            If rows between the history and those asked for had to be forecast too.
        """
        check_is_fitted(self)
        given = self._read_known_columns(X)
        index, history = index_of(X, len(given)), self._history
        positions = place_asked(history.grid, index, history.n_known)
        self._check_reach(positions)
        self._warn_of_gap(positions)
        forecast = self._forecast_rows(positions, given)
        if not np.isfinite(forecast).all():
            raise ValueError(
                "The forecast is not finite: X or the history holds values far beyond "
                "those that were trained on. Look for outliers, or fit again."
            )
        return forecast[:, 0] if self._one_axis else forecast

    def update(self, X: Any, y: Any) -> Self:
        """Append rows that have been observed since; nothing is trained.

        The next ``predict`` starts from their end. Stamps that are skipped count as
        absent.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates, in time order, all after the history.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Targets of the same rows.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a row is not after the history, and as ``fit`` does.
        """
        check_is_fitted(self)
        self._history = self._extended(X, y)
        return self

    def predict_windows(
        self,
        X: Any,
        y: Any,
        *,
        stride: int = 1,
        horizon: int | None = None,
        gap: int = 0,
    ) -> WindowForecasts:
        """Forecast from every origin in rows that follow the history, over true rows.

        Nothing is trained and nothing stored: the history is extended with the rows for
        this call, and each window within them is forecast from the true rows before its
        origin. :func:`~skinformer.backtest` is the way to use it.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates, in time order, all after the history.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Targets of the same rows.
        stride : int, default=1
            Rows from one origin to the next.
        horizon : int or None, default=None
            Rows of a window, block after block if need be; None takes ``pred_len``.
        gap : int, default=0
            Rows between the last known row and the window.

        Returns
        -------
        WindowForecasts
            With fields ``starts`` (n_windows,), first row of each window counted in
            grid steps from the first row of the future; ``y_pred`` and ``y_true``
            (n_windows, horizon, n_targets), the latter NaN where a row is absent.

        Raises
        ------
        ValueError
            If the rows hold no window, if a number is out of its range, and as
            :meth:`update` does.
        """
        check_is_fitted(self)
        reach = Reach(self._pred_len if horizon is None else horizon, gap, stride)
        n, extended = self._history.n_known, self._extended(X, y)
        origins = reach.origins(n, extended.n_known)
        y_pred = self._forecast_origins(extended, origins, reach.ahead)
        starts = origins + gap
        y_true = true_windows(extended.targets, starts, reach.horizon)
        return WindowForecasts(starts - n, y_pred[:, gap:], y_true)

    # What a subclass says of itself

    @abstractmethod
    def _fit(self, history: Stretch) -> None:
        """Learn from the history; set what :meth:`_forecast` needs."""

    @abstractmethod
    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        """Forecast blocks of ``pred_len`` rows, (n_blocks, pred_len, n_targets).

        The block at ``starts[i]``, counted from the first row of the stretch, may use
        the targets of the rows before it and the covariates of its own rows.
        """

    def _check_settings(self) -> None:
        """Hold parameters against one another, before any work."""

    def _context_rows(self) -> int | None:
        """Say how many rows before its start a block may use; None for all."""
        return None

    def _least_rows(self) -> int:
        """Say how many rows ``fit`` needs."""
        return 1

    # From frames to rows

    def _read_known_columns(self, X: Any) -> Covariates:
        """Read X, whose columns must be those of ``fit``."""
        as_frame(X)  # says of a single row how to reshape it, before columns count
        is_same = (
            isinstance(X, pd.DataFrame) and tuple(X.columns) == self._columns.names
        )
        if not is_same:  # to say how they differ takes longer than a short forecast
            check_features(self, X)
        return self._columns.read(X)

    def _extended(self, X: Any, y: Any) -> Stretch:
        """Return the history with observed rows appended."""
        covariates = self._read_known_columns(X)
        index, targets = read_rows(X, y, len(covariates))
        named = isinstance(y, pd.DataFrame)
        if len(targets.names) != self.n_targets_ or (
            named and targets.names != self.target_names_
        ):
            raise ValueError(
                f"y has {len(targets.names)} targets, {targets.names}; fit saw "
                f"{self.n_targets_}, {self.target_names_}. Give the same, in order."
            )
        check_clock(self._history.grid, index)
        return append_rows(self._history, index, targets.values, covariates)

    def _check_enough_rows(self, history: Stretch) -> None:
        rows, needed = int(history.given.sum()), self._least_rows()
        if rows < needed:
            raise ValueError(
                f"{type(self).__name__} needs at least {needed} rows, and was given "
                f"n_samples = {rows}. Give more rows{self._or_lower}."
            )

    def _check_reach(self, positions: np.ndarray) -> None:
        """Refuse a row so far ahead that its stamp is likely to be mistaken."""
        n, last = self._history.n_known, int(positions.max())
        if last - n >= FARTHEST * max(n, 50):
            grid = self._history.grid
            raise ValueError(
                f"{grid.stamps(last, last + 1)[0]} is {last - n + 1} rows after the "
                f"history, which has {n} and ends at {grid.stamps(n - 1, n)[0]}. Check "
                "the stamps of X, or update with the rows in between."
            )

    def _warn_of_gap(self, positions: np.ndarray) -> None:
        n = self._history.n_known
        between = max(int(positions.max()) + 1 - n, 0) - int((positions >= n).sum())
        if between:
            warn(
                f"{between} rows after the history were not asked for, and had to be "
                "forecast to reach those that were; they are left out of the answer.",
                GapWarning,
            )

    # From rows to blocks, and back

    def _stretch(
        self,
        history: Stretch,
        starts: np.ndarray,
        positions: np.ndarray,
        given: Covariates,
    ) -> Stretch:
        """Return the rows that the blocks at ``starts`` may use."""
        context = self._context_rows()
        first = 0 if context is None else max(int(starts.min()) - context, 0)
        stop = int(starts.max()) + self._pred_len
        return history.ahead(positions, given, first, max(stop, history.n_known))

    def _forecast_rows(self, positions: np.ndarray, given: Covariates) -> np.ndarray:
        """Forecast rows by position, (n_rows, n_targets)."""
        n = self._history.n_known
        past = fitted_starts(positions, n, self._pred_len)
        future = future_starts(positions, n, self._pred_len)
        starts = np.concatenate([past, future])
        stretch = self._stretch(self._history, starts, positions, given)
        blocks = np.concatenate(
            [
                self._fitted_blocks(stretch, past - stretch.offset),
                self._future_blocks(stretch, len(future)),
            ]
        )
        start = block_of(positions, n, self._pred_len)
        return blocks[np.searchsorted(starts, start), positions - start]

    def _fitted_blocks(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        if len(starts) == 0:
            return np.empty((0, self._pred_len, self.n_targets_))
        return self._forecast(stretch, starts)

    def _future_blocks(self, stretch: Stretch, n_blocks: int) -> np.ndarray:
        """Forecast block after block, each fed with the forecasts before it."""
        blocks = np.empty((n_blocks, self._pred_len, self.n_targets_))
        context = self._context_rows()
        for block in blocks:
            stretch = stretch.last_rows(context)
            block[:] = self._forecast(stretch, np.array([stretch.n_known]))[0]
            stretch = stretch.then_forecast(block)
        return blocks

    # From origins to windows

    def _forecast_origins(
        self,
        history: Stretch,
        origins: np.ndarray,
        n_rows: int,
        known: AsKnown | None = None,
    ) -> np.ndarray:
        """Forecast the rows from each origin on, (n_origins, n_rows, n_targets)."""
        if known is not None or n_rows > self._pred_len:
            return np.stack(
                [self._forecast_ahead(history, o, n_rows, known) for o in origins]
            )
        nothing = history.covariates.take(slice(0))
        stretch = self._stretch(history, origins, np.empty(0, dtype=int), nothing)
        return self._forecast(stretch, origins - stretch.offset)[:, :n_rows]

    def _forecast_ahead(
        self, history: Stretch, origin: int, n_rows: int, known: AsKnown | None
    ) -> np.ndarray:
        """Forecast block after block from one origin, (n_rows, n_targets)."""
        positions, given = self._covariates_ahead(history, origin, n_rows, known)
        past = replace(
            history,
            targets=history.targets[:origin],
            given=history.given[:origin],
            covariates=history.covariates.take(slice(origin)),
        )
        starts = np.arange(origin, origin + n_rows, self._pred_len)
        stretch = self._stretch(past, starts, positions, given)
        blocks = self._future_blocks(stretch, len(starts))
        # (n_blocks, pred_len, n_targets) to rows
        return blocks.reshape(-1, self.n_targets_)[:n_rows]

    def _covariates_ahead(
        self, history: Stretch, origin: int, n_rows: int, known: AsKnown | None
    ) -> tuple[np.ndarray, Covariates]:
        """Return positions and covariates of the rows ahead: as stored, or as known."""
        if known is None:
            positions = np.arange(origin, min(origin + n_rows, history.n_known))
            return positions, history.covariates.take(positions)
        positions, frame = known.ask(origin, origin, origin + n_rows)
        if frame is None:
            return positions, history.covariates.take(slice(0))
        return positions, self._read_known_columns(frame)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        # without a time index, rows given to predict follow the history, so that a
        # score on the training rows means nothing
        tags.regressor_tags.poor_score = True
        return tags

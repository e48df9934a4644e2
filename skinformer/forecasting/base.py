"""What every forecaster does: ``fit``, ``predict``, ``update``, ``score``.

A forecaster implements :meth:`BaseForecaster._fit` over a history and
:meth:`BaseForecaster._forecast` of blocks; the rest, the meaning of a row above all,
stands once, here and in the classes that this one is built on.
"""

from abc import abstractmethod
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skinformer._turns import at_one_moment, changed_at_once
from skinformer._validation import Interval, check_params
from skinformer.series.history import Stretch
from skinformer.series.panel import Panel

from .intervals import IntervalForecaster
from .known_score import known_score
from .origins import Reach, WindowForecasts, true_windows_of
from .panels import before_last, refuse_empty_targets

__all__ = ["BaseForecaster", "WindowForecasts"]


class BaseForecaster(IntervalForecaster):
    """Base of every forecaster: ``fit``, ``predict``, ``update`` over a timeline.

    A subclass has the constructor parameters ``pred_len``, ``freq`` and
    ``categorical_features``, the class attribute ``_parameter_constraints``, and
    implements :meth:`_fit` and :meth:`_forecast`; where it looks back a limited number
    of rows, or needs a number of them to train, it says so in :meth:`_context_rows`
    and :meth:`_least_rows`.

    Where it has the parameters ``time``, ``past_covariates``, ``series`` and
    ``new_series``, ``history_size`` or ``bounds``, they are heeded here. With
    ``series`` it implements :meth:`_fit_panel` instead of :meth:`_fit`.
    """

    _parameter_constraints: ClassVar[dict] = {
        **IntervalForecaster._parameter_constraints,
        "pred_len": [Interval(Integral, 1, None, closed="left")],
        "per_series": ["boolean"],
        "calibration_fraction": [
            Interval(Real, 0, 1, closed="neither"),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
    }

    # what holds where a subclass has no such parameter
    per_series: bool = False
    calibration_fraction: float | int | None = None

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from a history.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates that are known ahead, in time order. Its DatetimeIndex or
            PeriodIndex, or the column that ``time`` names, says when each row was; a
            frame may have no columns besides. Without a time the rows count as
            following one another.
        y : Series, DataFrame or array-like of shape (n_rows,) or (n_rows, n_targets)
            Targets of the same rows; NaN where missing.

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
            are too few rows.
        """
        return self._fit_rows(X, y)

    @at_one_moment
    def predict(self, X: Any) -> np.ndarray:
        """Forecast the targets of every row of ``X``.

        Rows after the history are forecast from its end, block after block of
        ``pred_len`` rows, each fed with the forecasts before it. Rows inside the
        history get fitted values: blocks of ``pred_len`` that start at its first row,
        each forecast from the true rows before it. A plain array, or a frame without a
        time, holds the rows that follow the history.

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
        forecast = self._answer(self._ask(X), self._forecast_point)[..., 0]
        return forecast[:, 0] if self._one_axis else forecast

    def update(self, X: Any, y: Any, *, on_conflict: str = "raise") -> Self:
        """Append rows that have been observed since; nothing is trained.

        The next ``predict`` starts from their end. Stamps that are skipped count as
        missing.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates, in time order.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Targets of the same rows.
        on_conflict : {"raise", "replace"}, default="raise"
            What to do where a row is in the history already, and is another there:
            refuse it, or put what is given in its place. A value that was missing is
            taken in either way.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a row is before the history, or contradicts it, and as ``fit`` does.
        """
        check_is_fitted(self)
        if on_conflict not in ("raise", "replace"):
            raise ValueError(
                f"on_conflict={on_conflict!r} must be 'raise' or 'replace'."
            )
        with changed_at_once(self) as later:
            later._take_in(later._extended(later._read_observed(X, y), on_conflict))
        return self

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the coefficient of determination, over the targets that are known.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Rows to forecast.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Their targets; missing ones (NaN) are left out.
        sample_weight : array-like of shape (n_rows,), default=None
            Weights of the rows.

        Returns
        -------
        float
            R², the mean over the targets.
        """
        return known_score(y, self.predict(X), sample_weight=sample_weight)

    @at_one_moment
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
        origin. :func:`~skinformer.backtest` also says when each was, and how far off.

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
            (n_windows, horizon, n_targets), the latter NaN where a row is absent. Of
            many series, windows stand in the order of the series.

        Raises
        ------
        ValueError
            If the rows hold no window, if a number is out of its range, and as
            :meth:`update` does.
        """
        check_is_fitted(self)
        reach = Reach(self._pred_len if horizon is None else horizon, gap, stride)
        before = self._panel
        after = self._extended(self._read_observed(X, y), "raise")
        longer = [
            (ours.n_known, theirs)
            for ours, theirs in zip(before, after, strict=False)
            if theirs.n_known > ours.n_known
        ]
        jobs = [(later, reach.origins(n, later.n_known)) for n, later in longer]
        y_pred = self._forecast_origins(jobs, reach.ahead)[:, reach.gap :]
        starts = [starts - n for (n, _), (_, starts) in zip(longer, jobs, strict=True)]
        y_true = true_windows_of(jobs, reach)
        return WindowForecasts(np.concatenate(starts) + reach.gap, y_pred, y_true)

    # What a subclass says of itself

    @abstractmethod
    def _fit(self, history: Stretch) -> None:
        """Learn from the history; set what :meth:`_forecast` needs."""

    def _fit_panel(self, panel: Panel) -> None:
        """Learn from the histories of many series; :meth:`_fit` does from one."""
        self._fit(panel[0])

    def _fit_again(self, panel: Panel) -> None:
        """Let what is quick to fit learn from the rows that calibrated, too."""

    def _check_settings(self) -> None:
        """Hold parameters against one another, before any work."""

    # Steps of a fit, and of an update

    def _fit_rows(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Do what ``fit`` does, with weights."""
        with changed_at_once(self) as later:
            check_params(later)
            later._check_settings()
            later._fit_and_calibrate(later._learn_rows(X, y, sample_weight))
        return self

    def _fit_and_calibrate(self, panel: Panel) -> None:
        """Fit, on all rows but the last ones where these are to calibrate."""
        self._log = None
        if self.calibration_fraction is None:
            self._fit_panel(panel)
        else:
            self._panel = before_last(panel, self.calibration_fraction)
            kept = f"calibration_fraction={self.calibration_fraction}"
            self._check_enough_rows(self._panel, f", before those of {kept}")
            where = f"before the rows of {kept}"
            refuse_empty_targets(self._panel, self.target_names_, where)
            self._fit_panel(self._panel)
            self._open_log(self._panel)
            self._note_residuals(panel)
            self._fit_again(panel)
        self._panel = self._kept(panel.unweighted())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.allow_nan = self._allows_missing
        # without a time index, rows given to predict follow the history, so that a
        # score on the training rows means nothing
        tags.regressor_tags.poor_score = True
        return tags

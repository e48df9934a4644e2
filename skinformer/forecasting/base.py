"""What every forecaster shares: from frames to rows, from rows to blocks, and back.

A forecaster implements :meth:`BaseForecaster._fit` over a history and
:meth:`BaseForecaster._forecast` of blocks; the rest, the meaning of a row above all,
stands here once.
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from numbers import Integral, Real
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
from skinformer.series.covariates import Covariates, as_frame
from skinformer.series.extension import extend
from skinformer.series.history import Observed, Stretch, warn_of_absent
from skinformer.series.panel import Given, Panel, start_panel
from skinformer.series.schema import Schema
from skinformer.series.timeline import check_clock, last_part, place_asked

from .blocks import Ask, forecast_rows, roll_on
from .bounds import read_bounds
from .intervals import IntervalMixin
from .jobs import Jobs
from .known_score import known_score
from .origins import AsKnown, Reach, WindowForecasts, true_windows_of
from .reading import Targets, index_of, read_rows, read_weights

__all__ = ["BaseForecaster", "WindowForecasts"]

# a row this many times further ahead than the history is long is a wrong stamp
FARTHEST = 20
# origins that are rolled on together, for the memory of their stretches
ORIGINS_AT_ONCE = 256


class BaseForecaster(IntervalMixin, RegressorMixin, BaseEstimator):
    """Base of every forecaster: ``fit``, ``predict``, ``update`` over a timeline.

    A subclass has the constructor parameters ``pred_len``, ``freq`` and
    ``categorical_features``, the class attribute ``_parameter_constraints``, and
    implements :meth:`_fit` and :meth:`_forecast`; where it looks back a limited number
    of rows, or needs a number of them to train, it says so in :meth:`_context_rows`
    and :meth:`_least_rows`.

    Where it has the parameters ``past_covariates``, ``series`` and ``new_series``,
    ``history_size`` or ``bounds``, they are heeded here. With ``series`` it implements
    :meth:`_fit_panel` instead of :meth:`_fit`.
    """

    _parameter_constraints: ClassVar[dict] = {
        "pred_len": [Interval(Integral, 1, None, closed="left")],
        "freq": [str, pd.offsets.BaseOffset, timedelta, None],
        "categorical_features": [StrOptions({"from_dtype"}), "array-like", None],
        "past_covariates": [object],
        "series": [object],
        "new_series": [StrOptions({"refuse", "allow"})],
        "per_series": ["boolean"],
        "history_size": [StrOptions({"all", "context"})],
        "calibration_fraction": [
            Interval(Real, 0, 1, closed="neither"),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "bounds": ["array-like", None],
    }

    # what else to do where a history has too few rows
    _or_lower: ClassVar[str] = ", or lower seq_len or pred_len"
    # whether covariates may be missing
    _allows_missing: ClassVar[bool] = False

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from a history.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates that are known ahead, in time order. Its DatetimeIndex or
            PeriodIndex says when each row was; a frame may have no columns besides.
            Without such an index the rows count as following one another.
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
        forecast = self._answer(X, self._forecast_point)[..., 0]
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
        panel = self._extended(self._read_observed(X, y), on_conflict)
        with all_or_nothing(self):
            self._take_in(panel)
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

    @abstractmethod
    def _forecast(self, stretch: Stretch, starts: np.ndarray) -> np.ndarray:
        """Forecast blocks of ``pred_len`` rows, (n_blocks, pred_len, n_targets).

        The block at ``starts[i]``, counted from the first row of the stretch, may use
        the targets of the rows before it and the covariates of its own rows.
        """

    def _fit_panel(self, panel: Panel) -> None:
        """Learn from the histories of many series; one alone is that of :meth:`_fit`."""
        self._fit(panel[0])

    def _forecast_jobs(self, jobs: Jobs) -> np.ndarray:
        """Forecast blocks of several stretches, (n_blocks, pred_len, n_targets)."""
        return np.concatenate([self._forecast(*job) for job in jobs])

    def _admit(self, panel: Panel) -> None:
        """Take note of series that ``fit`` did not see, at the end of the panel."""

    def _check_settings(self) -> None:
        """Hold parameters against one another, before any work."""

    def _context_rows(self) -> int | None:
        """Say how many rows before its start a block may use; None for all."""
        return None

    def _least_rows(self) -> int:
        """Say how many rows ``fit`` needs."""
        return 1

    @property
    def _history(self) -> Stretch:
        """The history where there is one series, the first one of many."""
        return self._panel[0]

    # From frames to rows

    def _fit_rows(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Do what ``fit`` does, with weights."""
        with all_or_nothing(self):
            check_params(self)
            self._check_settings()
            schema = Schema.learn(
                X,
                categorical_features=self.categorical_features,
                past_covariates=getattr(self, "past_covariates", None),
                series=getattr(self, "series", None),
                allow_missing=self._allows_missing,
            )
            rows, targets = read_given(schema, X, y, sample_weight)
            self._bounds = read_bounds(getattr(self, "bounds", None), len(targets.names))
            check_targets(rows, targets, self._bounds)
            panel = start_panel(rows, len(targets.names), self.freq)
            refuse_empty_targets(panel, targets.names)
            self._check_enough_rows(panel)
            remember_features(self, X)
            self._schema, self._columns = schema, schema.known
            self._panel, self._n_series = panel, len(panel)
            self._pred_len = self.pred_len
            self._n_fitted = [history.n_known for history in panel]
            self._one_axis, self.target_names_ = targets.one_axis, targets.names
            self.n_targets_ = len(targets.names)
            self._fit_and_calibrate(panel)
        return self

    def _fit_and_calibrate(self, panel: Panel) -> None:
        """Fit, on all rows but the last ones where these are to calibrate."""
        self._log = None
        fraction = getattr(self, "calibration_fraction", None)
        if fraction is None:
            self._fit_panel(panel)
        else:
            self._panel = before_last(panel, fraction)
            self._check_enough_rows(self._panel)
            self._fit_panel(self._panel)
            self._open_log(self._panel)
            self._note_residuals(panel)
            self._fit_again(panel)
        self._panel = self._kept(panel.unweighted())

    def _fit_again(self, panel: Panel) -> None:
        """Let what is quick to fit learn from the rows that calibrated, too."""

    def _check_columns(self, X: Any) -> Any:
        """Return X, whose columns must be those of ``fit``."""
        as_frame(X)  # says of a single row how to reshape it, before columns count
        X = self._schema.complete(X)
        is_same = (
            isinstance(X, pd.DataFrame) and tuple(X.columns) == self._schema.names
        )
        if not is_same:  # to say how they differ takes longer than a short forecast
            check_features(self, X)
        return X

    def _read_asked(self, X: Any) -> Given:
        """Read rows to be forecast."""
        X = self._check_columns(X)
        covariates = self._schema.read_known(X)
        index = index_of(X, len(covariates))
        return Given(index, self._schema.read_labels(X), None, covariates)

    def _read_observed(self, X: Any, y: Any) -> Given:
        """Read rows that are to be appended."""
        rows, targets = read_given(self._schema, self._check_columns(X), y)
        named = isinstance(y, pd.DataFrame)
        if len(targets.names) != self.n_targets_ or (
            named and targets.names != self.target_names_
        ):
            raise ValueError(
                f"y has {len(targets.names)} targets, {targets.names}; fit saw "
                f"{self.n_targets_}, {self.target_names_}. Give the same, in order."
            )
        check_targets(rows, targets, self._bounds)
        return rows

    def _check_enough_rows(self, panel: Panel) -> None:
        rows, needed = max(int(s.given.sum()) for s in panel), self._least_rows()
        if rows < needed:
            most = "" if panel.keys is None else " in its longest series"
            raise ValueError(
                f"{type(self).__name__} needs at least {needed} rows, and was given "
                f"n_samples = {rows}{most}. Give more rows{self._or_lower}."
            )

    # Rows that come later

    def _extended(self, rows: Given, on_conflict: str) -> Panel:
        """Return the histories with observed rows appended."""
        panel, changed, strange = self._panel, {}, []
        for series, which in panel.split(rows):
            if series < 0:
                strange = which
                continue
            try:
                check_clock(panel[series].grid, rows.index)
                part = rows.take(which) if panel.keys is not None else rows
                changed[series] = extend(
                    panel[series], part, on_conflict, self._value_names()
                )
            except ValueError as error:
                raise ValueError(f"{panel.name(series)}{error}") from error
        warn_of_absent(
            list(changed.values()), [panel[series].n_known for series in changed]
        )
        extended = panel.put(changed)
        return self._with_new(extended, rows, strange) if len(strange) else extended

    def _with_new(self, panel: Panel, rows: Given, strange: np.ndarray) -> Panel:
        """Return the panel with series that ``fit`` did not see."""
        labels = rows.labels[strange]
        if self.new_series != "allow":
            refuse_strange(panel, labels, "new_series='allow' takes them in by update")
        freq = self.freq or (None if is_timeless(panel) else panel[0].grid.freq)
        part = rows.take(strange)._replace(labels=labels)
        later = start_panel(part, self.n_targets_, freq, snap=self.freq is not None)
        refuse_empty_targets(later, self.target_names_)
        return panel.then(later)

    def _take_in(self, panel: Panel) -> None:
        """Go on with longer histories."""
        self._take_note(panel)
        self._panel = self._kept(panel)

    def _take_note(self, panel: Panel) -> None:
        """See how far forecasts missed in new rows, and which series are new."""
        if self._log is not None:
            self._note_residuals(panel)
        self._admit(panel)

    def _kept(self, panel: Panel) -> Panel:
        """Return what is kept of the histories: all rows, or the context alone."""
        context = self._context_rows()
        if getattr(self, "history_size", "all") == "all" or context is None:
            return panel
        # and so many that windows which end in the next rows have a context
        n = context + self._pred_len
        return panel.put({i: s.last_filled(n) for i, s in enumerate(panel)})

    def _value_names(self) -> list[str]:
        """Return what errors call the observed values."""
        past = self._schema.past
        numbers = zip(past.names, past.categories, strict=True)
        return [f"Target {name!r}" for name in self.target_names_] + [
            f"Column {name!r}" for name, categories in numbers if categories is None
        ]

    # From rows to blocks, and back

    def _answer(self, X: Any, forecast: Any) -> np.ndarray:
        """Forecast rows as they are given, (n_rows, n_targets, n_kinds)."""
        check_is_fitted(self)
        asked = self._read_asked(X)
        which, asks = self._place(asked)
        blocks = forecast_rows(
            asks, self._pred_len, self._context_rows(), forecast, self._finish_blocks
        )
        answer = np.empty((len(asked.index), *blocks[0].shape[1:]))
        for rows, block in zip(which, blocks, strict=True):
            answer[rows] = block
        if not np.isfinite(answer).all():
            raise ValueError(
                "The forecast is not finite: X or the history holds values far beyond "
                "those that were trained on. Look for outliers, or fit again."
            )
        return answer

    def _place(
        self, asked: Given, quiet: bool = False
    ) -> tuple[list[np.ndarray], list[Ask]]:
        """Return which rows each series is asked for, and where they lie in it."""
        panel, parts = self._panel, self._panel.split(asked)
        strange = [rows for series, rows in parts if series < 0]
        if strange:
            allowed = getattr(self, "new_series", "refuse") == "allow"
            remedy = "update with their rows first" if allowed else "ask for those"
            refuse_strange(panel, asked.labels[strange[0]], remedy)
        asks = []
        for series, rows in parts:
            try:
                asks.append(self._ask(panel[series], asked, rows))
            except ValueError as error:
                raise ValueError(f"{panel.name(series)}{error}") from error
        if not quiet:
            warn_of_gap(asks)
        return [rows for _, rows in parts], asks

    def _ask(self, history: Stretch, asked: Given, rows: np.ndarray) -> Ask:
        """Place the rows of one series."""
        index, n, offset = asked.index[rows], history.n_known, history.offset
        positions = place_asked(history.grid, index, offset + n) - offset
        check_kept(history, index, positions, getattr(self, "history_size", "all"))
        check_reach(history, positions)
        return Ask(history, positions, asked.covariates.take(rows))

    def _forecast_point(self, jobs: Jobs) -> np.ndarray:
        """Forecast blocks, (n_blocks, pred_len, n_targets, 1)."""
        return self._forecast_jobs(jobs)[..., None]

    def _finish_blocks(self, blocks: np.ndarray, *_: Any) -> np.ndarray:
        """Keep blocks (B, pred_len, n_targets, n_kinds) within the bounds."""
        if self._bounds is None:
            return blocks
        return np.moveaxis(self._bounds.clip(np.moveaxis(blocks, 3, 0)), 0, 3)

    # From origins to windows

    def _forecast_origins(
        self, jobs: Jobs, n_rows: int, known: Sequence[AsKnown] | None = None
    ) -> np.ndarray:
        """Forecast the rows from each origin on, (n_origins, n_rows, n_targets).

        The origins are those of all jobs, one after another; ``known`` has what was
        known ahead for each job.
        """
        if known is None and n_rows <= self._pred_len:
            blocks = self._forecast_point([self._block_job(*job) for job in jobs])
            return self._finish_blocks(blocks)[:, :n_rows, :, 0]
        each = [None] * len(jobs) if known is None else known
        spots = [
            (history, int(origin), ahead)
            for (history, origins), ahead in zip(jobs, each, strict=True)
            for origin in origins
        ]
        size = ORIGINS_AT_ONCE
        parts = [spots[i : i + size] for i in range(0, len(spots), size)]
        return np.concatenate([self._roll(part, n_rows) for part in parts])

    def _block_job(
        self, history: Stretch, origins: np.ndarray
    ) -> tuple[Stretch, np.ndarray]:
        """Return the rows that the blocks at the origins may use, and their starts."""
        ask = Ask(history, np.empty(0, dtype=int), history.covariates.take(slice(0)))
        stretch = ask.stretch(origins, self._pred_len, self._context_rows())
        return stretch, origins - (stretch.offset - history.offset)

    def _roll(
        self, spots: Sequence[tuple[Stretch, int, AsKnown | None]], n_rows: int
    ) -> np.ndarray:
        """Forecast block after block from origins, (n_origins, n_rows, n_targets)."""
        n_blocks, context = -(-n_rows // self._pred_len), self._context_rows()
        stretches = [
            self._stretch_from(history, origin, n_rows, known)
            for history, origin, known in spots
        ]
        blocks = roll_on(
            stretches,
            [n_blocks] * len(spots),
            context,
            self._forecast_point,
            self._finish_blocks,
        )
        # (n_origins, n_blocks, pred_len, n_targets, 1) -> (n_origins, rows, n_targets)
        rows = np.array(blocks)[..., 0].reshape(len(spots), -1, self.n_targets_)
        return rows[:, :n_rows]

    def _stretch_from(
        self, history: Stretch, origin: int, n_rows: int, known: AsKnown | None
    ) -> Stretch:
        """Return what is known at an origin, and covariates of the rows after it."""
        positions, given = self._covariates_ahead(history, origin, n_rows, known)
        ask = Ask(history.before(origin), positions, given)
        starts = np.arange(origin, origin + n_rows, self._pred_len)
        return ask.stretch(starts, self._pred_len, self._context_rows())

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
        return positions, self._schema.read_known(self._check_columns(frame))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.allow_nan = self._allows_missing
        # without a time index, rows given to predict follow the history, so that a
        # score on the training rows means nothing
        tags.regressor_tags.poor_score = True
        return tags


def read_given(
    schema: Schema, X: Any, y: Any, sample_weight: Any = None
) -> tuple[Given, Targets]:
    """Read rows whose targets are known."""
    covariates = schema.read_known(X)
    index, targets = read_rows(X, y, len(covariates))
    past, values = schema.read_past(X), targets.values
    if past.numeric.shape[1]:
        values = np.concatenate([values, past.numeric], axis=1)
    weights = read_weights(sample_weight, X)
    observed = Observed(values, past.codes, weights)
    return Given(index, schema.read_labels(X), observed, covariates), targets


def before_last(panel: Panel, fraction: float | int) -> Panel:
    """Return the panel without the last rows of each series."""
    cut = {
        i: history.before(history.n_known - last_part(history.n_known, fraction))
        for i, history in enumerate(panel)
    }
    if all(history.n_known == 0 for history in cut.values()):
        raise ValueError(
            f"calibration_fraction={fraction!r} leaves no row to train on; lower it."
        )
    return panel.put({i: h for i, h in cut.items() if h.n_known})


def check_targets(rows: Given, targets: Targets, bounds: Any) -> None:
    """Hold targets against their bounds."""
    if bounds is not None:
        bounds.check(targets.values, targets.names, rows.index)


def refuse_empty_targets(panel: Panel, names: Sequence) -> None:
    """Refuse a target that is missing throughout a series."""
    for series, history in enumerate(panel):
        if history.filled.last is None:
            continue
        empty = np.isnan(history.targets).all(axis=0)
        if empty.any():
            raise ValueError(
                f"{panel.name(series)}Target {names[int(empty.argmax())]!r} is missing "
                "in every row, so that there is nothing to learn. Leave it out of y, "
                "or give rows in which it is known."
            )


def refuse_strange(panel: Panel, labels: pd.Index, remedy: str) -> None:
    """Refuse series that the forecaster does not know, by name."""
    strange = list(dict.fromkeys(labels))
    some = ", ".join(map(repr, strange[:3])) + (", ..." if len(strange) > 3 else "")
    known = ", ".join(map(repr, panel.keys[:3])) + (", ..." if len(panel) > 3 else "")
    raise ValueError(
        f"{len(strange)} series of X are unknown: {some}. Known are {len(panel)}: "
        f"{known}; {remedy}."
    )


def is_timeless(panel: Panel) -> bool:
    """Tell whether rows have no time."""
    return not hasattr(panel[0].grid, "freq")


def check_kept(
    history: Stretch, index: pd.Index, positions: np.ndarray, history_size: str
) -> None:
    """Refuse fitted values of a history of which only the context is kept."""
    inside = positions < history.n_known
    if history_size == "context" and inside.any():
        raise ValueError(
            f"{index[int(inside.argmax())]} is inside the history, of which "
            "history_size='context' keeps no more than forecasts after it need; fitted "
            "values need history_size='all'."
        )


def check_reach(history: Stretch, positions: np.ndarray) -> None:
    """Refuse a row so far ahead that its stamp is likely to be mistaken."""
    n, last = history.n_known, int(positions.max())
    if last - n >= FARTHEST * max(n, 50):
        grid, at = history.grid, history.offset
        raise ValueError(
            f"{grid.stamps(at + last, at + last + 1)[0]} is {last - n + 1} rows after "
            f"the history, which has {n} and ends at "
            f"{grid.stamps(at + n - 1, at + n)[0]}. Check the stamps of X, or update "
            "with the rows in between."
        )


def warn_of_gap(asks: Sequence[Ask]) -> None:
    """Warn once of the rows that are forecast and not asked for."""
    between = 0
    for history, positions, _ in asks:
        ahead = positions - history.n_known
        between += max(int(ahead.max()) + 1, 0) - int((ahead >= 0).sum())
    if between:
        warn(
            f"{between} rows after the history were not asked for, and had to be "
            "forecast to reach those that were; they are left out of the answer.",
            GapWarning,
        )

"""How sure a forecast is: intervals and paths, from residuals of rows not seen."""

from functools import partial
from numbers import Integral
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skinformer._powers import root_mean_square
from skinformer._turns import at_one_moment, changed_at_once
from skinformer.series.history import Stretch
from skinformer.series.panel import Panel
from skinformer.series.timeline import season_slots

from .blocks import Ask, roll_on
from .conformal import check_coverage
from .from_origins import block_job
from .jobs import Jobs, series_of
from .origins import Reach, check_whole, true_windows_of
from .placing import Asked
from .residual_log import ResidualLog
from .seeds import draw_seed

__all__ = ["IntervalMixin"]

# where residuals of a series begin whose unit is not known yet
NOT_YET = np.iinfo(np.int64).max
LEAST_ROWS = 20  # that tell the unit of one series among many
# paths that show how errors grow beyond one block
N_PATHS = 400


def slots_of(jobs: Jobs) -> np.ndarray:
    """Return the place in the season of the first row of each block, (B,)."""
    slots = [
        season_slots(stretch.grid, stretch.offset + starts) for stretch, starts in jobs
    ]
    return np.concatenate(slots)


class IntervalMixin:
    """Intervals around forecasts, for every forecaster.

    They rest on residuals of windows whose rows the forecaster has not been trained on:
    those of ``calibrate``, and those that ``update`` or ``partial_fit`` have brought
    since, noted before anything is trained on them.
    """

    # residuals so far; None (here Any) before the first call of calibrate
    _log: ResidualLog | Any = None
    _log_from: list[int]
    _units: np.ndarray

    # what the forecaster has of its own
    n_targets_: int
    _panel: Panel
    _pred_len: int
    _one_axis: bool
    _read_observed: Any
    _extended: Any
    _take_in: Any
    _ask: Any
    _answer: Any
    _context_rows: Any
    _rollout: Any
    _finish_blocks: Any
    _forecast_jobs: Any

    def calibrate(self, X: Any, y: Any) -> Self:
        """Append rows as ``update`` does, and learn from them how far forecasts miss.

        Every window in the rows is forecast from the true rows before it. From then on
        ``update`` learns from the rows it brings in the same way.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates, in time order, all after the rows that were trained on.
        y : array-like of shape (n_rows,) or (n_rows, n_targets)
            Targets of the same rows.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            As ``update`` does.
        """
        check_is_fitted(self)
        with changed_at_once(self) as later:
            panel = later._extended(later._read_observed(X, y), "raise")
            refuse_no_later_rows(later._panel, panel)
            later._open_log(later._panel)
            later._take_in(panel)
        return self

    @at_one_moment
    def predict_interval(self, X: Any, coverage: float = 0.9) -> np.ndarray:
        """Return an interval for every row that holds its target as often as asked.

        Conformal: as wide as residuals were, per step ahead and per target, in windows
        that neither training, nor early stopping, nor any other choice has seen.
        Residuals count in units of what is usual at their step and place in the season,
        of how large they were lately, and of the quantiles of ``loss="quantile"``: so
        ``update`` widens intervals after misses, and narrows them again. Beyond
        ``pred_len`` residuals are drawn and fed back, block after block, and the
        interval holds as many of these paths.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates of the rows to forecast, as for ``predict``.
        coverage : float, default=0.9
            Share of the targets that lie within.

        Returns
        -------
        ndarray of shape (n_rows, 2) or (n_rows, n_targets, 2)
            Lower and upper end; with an axis for the targets if ``y`` had one.

        Raises
        ------
        ValueError
            If there are no residuals yet, or too few for this coverage, with both
            numbers; and as ``predict`` does.

        Notes
        -----
        The ranks are those of conformal prediction, whose guarantee is for residuals
        that are exchangeable. Those of windows that overlap, of a series that changes,
        are not: how often intervals hold is measured (``docs/coverage.md``), and not
        guaranteed, least of all for one hour or one week. A highway learns from the
        rows that calibrate once these have been measured. Fitted values of rows that
        were trained on lie within too often.

        References
        ----------
        Vovk, Gammerman & Shafer, *Algorithmic Learning in a Random World*, 2005.
        """
        check_is_fitted(self)
        check_coverage(coverage)
        self._check_log(coverage)
        asked = self._ask(X)
        forecast = partial(self._forecast_interval, coverage)
        answer = np.empty((len(asked.index), self.n_targets_, 2))
        near = asked.within(self._pred_len)
        if near.asks:
            answer[:] = self._answer(near, forecast)[..., 1:]
        self._answer_far_rows(answer, asked, coverage)
        return answer[:, 0] if self._one_axis else answer

    @at_one_moment
    def sample_paths(
        self, X: Any, n: int = 100, random_state: Any = None
    ) -> np.ndarray:
        """Draw futures that hang together: for sums and maxima over the horizon.

        Residuals of whole blocks, all steps and targets of one window together, are
        added to the forecast; later blocks are forecast from the path so far. Paths of
        several series that end together are made of residuals of the same times, so
        that sums over series hang together too.

        Parameters
        ----------
        X : DataFrame or array-like of shape (n_rows, n_columns)
            Covariates of rows after the history, as for ``predict``.
        n : int, default=100
            Number of paths.
        random_state : int, RandomState instance or None, default=None
            Seed of the draws.

        Returns
        -------
        ndarray of shape (n, n_rows) or (n, n_rows, n_targets)

        Raises
        ------
        ValueError
            If there are no residuals yet, or a row lies inside the history.

        Notes
        -----
        Paths are as likely as blocks of residuals were; nothing is guaranteed of them.
        Beyond ``pred_len`` blocks are drawn independently.
        """
        check_is_fitted(self)
        check_whole("n", n)
        self._check_log(None)
        asked = self._ask(X)
        for ask, rows in asked.each():
            refuse_known(ask, asked.index[rows])
        paths = np.empty((n, len(asked.index), self.n_targets_))
        seed = draw_seed(checked_seed(random_state))
        for ask, rows in asked.each():
            paths[:, rows] = self._paths_of(ask, ask.positions, n, seed)
        return paths[..., 0] if self._one_axis else paths

    # Residuals

    def _open_log(self, panel: Panel) -> None:
        """Begin to keep residuals of rows after those of a panel."""
        if self._log is not None:
            return
        self._log = ResidualLog.empty(self._pred_len, self.n_targets_, panel.season)
        self._log_from, self._units = [], np.empty((0, self.n_targets_))
        self._begin_series(panel)

    def _begin_series(self, panel: Panel) -> None:
        """Note where residuals of series begin that have none yet, and their unit.

        Of many series, whose residuals are compared, one waits until its rows tell it.
        """
        n_new = len(panel) - len(self._units)
        units = [*self._units, *np.full((n_new, self.n_targets_), np.nan)]
        log_from = [*self._log_from, *[NOT_YET] * n_new]
        for i, history in enumerate(panel):
            if log_from[i] == NOT_YET and (len(panel) == 1 or has_a_unit(history)):
                units[i] = unit_of(history.targets)
                log_from[i] = history.end
        self._units, self._log_from = np.array(units), log_from

    def _note_residuals(self, after: Panel) -> None:
        """Note how far forecasts missed in the rows that a panel has got."""
        parts, origins = [], []
        for before, history, first in zip(
            self._panel, after, self._log_from, strict=False
        ):
            # windows that have a row which was not known before, or another
            changed = first_change(before.targets, history.targets)
            low = max(changed - self._pred_len + 1, first - history.offset, 0)
            if max(low, changed) < history.n_known:
                parts.append((history, np.arange(low, history.n_known)))
                origins.append(parts[-1][1] + history.offset)
        if parts:
            residuals, widths = self._residuals(parts)
            self._log = self._log.add(
                residuals,
                np.concatenate(origins),
                slots_of(parts),
                series_of(parts),
                widths,
            )

    def _residuals(self, parts: Jobs) -> tuple[np.ndarray, np.ndarray | None]:
        """Return residuals of windows, (B, pred_len, n_targets), and told widths."""
        rollout = self._rollout(self._point_and_width)
        jobs = [block_job(*part, rollout) for part in parts]
        forecast, width = self._forecast_with_width(jobs)
        forecast = self._finish_blocks(forecast[..., None])[..., 0]
        truth = true_windows_of(parts, Reach(self._pred_len))
        unit = self._unit_of(parts)
        width = None if width is None else width / unit
        return (truth - forecast) / unit, width

    def _forecast_with_width(self, jobs: Jobs) -> tuple[np.ndarray, np.ndarray | None]:
        """Forecast blocks, and say how wide their errors may be, if that is known.

        Both are (n_blocks, pred_len, n_targets).
        """
        return self._forecast_jobs(jobs), None

    def _check_log(self, coverage: float | None) -> None:
        """Refuse to say how sure a forecast is where nothing tells."""
        if self._log is None:
            raise ValueError(
                f"This {type(self).__name__} has no residuals of rows that it was not "
                "trained on. Give it some: calibrate(X, y) with rows after those of "
                "fit, or calibration_fraction= where it has this parameter."
            )
        if coverage is not None:
            self._log.check_enough(coverage)

    # Intervals

    def _forecast_interval(self, coverage: float, jobs: Jobs) -> np.ndarray:
        """Return point, lower and upper end, (n_blocks, pred_len, n_targets, 3)."""
        point, width = self._forecast_with_width(jobs)
        series = series_of(jobs)
        unit = self._unit_of(jobs)
        told = None if width is None else width / unit
        low, high = self._log.offsets(coverage, slots_of(jobs), series, told)
        return np.stack([point, point + low * unit, point + high * unit], axis=-1)

    def _unit_of(self, jobs: Jobs) -> np.ndarray:
        """Return the unit of the residuals of each block, (n_blocks, 1, n_targets)."""
        units = [
            unit_of(stretch.targets)
            if np.isnan(self._units[stretch.series]).any()
            else self._units[stretch.series]
            for stretch, _ in jobs
        ]
        repeats = [len(starts) for _, starts in jobs]
        return np.repeat(units, repeats, axis=0)[:, None]

    def _answer_far_rows(
        self, answer: np.ndarray, asked: Asked, coverage: float
    ) -> None:
        """Put, in place, the ends of paths where rows lie beyond the first block."""
        tails = (1 - coverage) / 2, (1 + coverage) / 2
        for ask, rows in asked.each():
            far = ask.positions >= ask.history.n_known + self._pred_len
            if far.any():
                paths = self._paths_of(ask, ask.positions[far], N_PATHS, seed=0)
                # (2, n_far, n_targets) -> (n_far, n_targets, 2)
                ends = np.moveaxis(np.quantile(paths, tails, axis=0), 0, 2)
                answer[rows[far]] = ends

    # Paths

    def _paths_of(
        self, ask: Ask, positions: np.ndarray, n: int, seed: int
    ) -> np.ndarray:
        """Draw paths of rows of one ask that lie ahead, (n, n_rows, n_targets).

        With one seed, what series missed together stays together.
        """
        _, starts = ask.starts(self._pred_len)
        stretch = ask.stretch(starts, self._pred_len, self._context_rows())
        starts = starts - (stretch.offset - ask.history.offset)
        seeds = np.random.default_rng(seed).integers(2**31, size=len(starts))

        def finish(blocks: np.ndarray, number: int) -> np.ndarray:
            """Add what forecasts may miss, and keep within the bounds."""
            job = [(stretch, starts[number : number + 1])]
            missed = self._draw_blocks(job, blocks[..., 1:], int(seeds[number]))
            return self._finish_blocks(blocks[..., :1] + missed[..., None])

        rollout = self._rollout(self._point_and_width, finish)
        blocks = roll_on([stretch] * n, [len(starts)] * n, rollout)
        # (n, n_blocks, pred_len, n_targets, 1) -> (n, n_rows_ahead, n_targets)
        rows = np.array(blocks)[..., 0].reshape(n, -1, self.n_targets_)
        return rows[:, positions - ask.history.n_known]

    def _point_and_width(self, jobs: Jobs) -> np.ndarray:
        """Forecast blocks, and widths if told: (n_blocks, pred_len, n_targets, 1 or 2).

        Widths are in the unit of the residuals.
        """
        point, width = self._forecast_with_width(jobs)
        kinds = [point] if width is None else [point, width / self._unit_of(jobs)]
        return np.stack(kinds, axis=-1)

    def _draw_blocks(self, job: Jobs, widths: np.ndarray, seed: int) -> np.ndarray:
        """Draw residuals for forecasts of the block of a job, (n, pred_len, n_targets).

        ``widths`` (n, pred_len, n_targets, 0 or 1) are told of each forecast.
        """
        slot, [(stretch, _)] = int(slots_of(job)[0]), job
        told = np.ones(widths.shape[1:3]) if widths.shape[-1] else None
        drawn = self._log.draw(len(widths), slot, stretch.series, told, seed)
        drawn = drawn if told is None else drawn * widths[..., 0]
        return drawn * self._unit_of(job)


def refuse_no_later_rows(before: Panel, after: Panel) -> None:
    """Refuse rows to calibrate by that are all in the histories already."""
    longer = zip(before, after, strict=False)
    if all(theirs.n_known <= ours.n_known for ours, theirs in longer):
        history, end = before[0], before[0].end
        raise ValueError(
            "No row given to calibrate comes after the history, which ends at "
            f"{history.grid.stamps(end - 1, end)[0]}: forecasts of rows that were "
            "trained on miss too little. Give later rows, or fit with "
            "calibration_fraction=."
        )


def checked_seed(random_state: Any) -> Any:
    """Refuse what seeds no generator."""
    seeds = Integral | np.random.RandomState | None
    if isinstance(random_state, seeds) and not isinstance(random_state, bool):
        return random_state
    raise ValueError(
        f"random_state={random_state!r} must be an int, an instance of "
        "numpy.random.RandomState, or None."
    )


def first_change(before: np.ndarray, after: np.ndarray) -> int:
    """Return the first row in which later targets differ, or else the next row.

    >>> first_change(np.array([[1.0], [np.nan]]), np.array([[1.0], [np.nan], [3.0]]))
    2
    >>> first_change(np.array([[1.0], [np.nan]]), np.array([[1.0], [2.0]]))
    1
    """
    n = len(before)
    same = (before == after[:n]) | (np.isnan(before) & np.isnan(after[:n]))
    differs = ~same.all(axis=1)
    return int(differs.argmax()) if differs.any() else n


def has_a_unit(history: Stretch) -> bool:
    """Tell whether the rows of a series say in what unit its targets move."""
    known = ~np.isnan(history.targets)
    enough = (known.sum(axis=0) >= LEAST_ROWS).all()
    moves = np.fmax.reduce(history.targets) > np.fmin.reduce(history.targets)
    return bool(enough and moves.all())


def unit_of(targets: np.ndarray) -> np.ndarray:
    """Return the deviation of targets (n, n_targets), 1 where they never moved."""
    targets = targets.astype(np.float64, copy=False)
    known = ~np.isnan(targets)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, targets, 0.0).sum(axis=0) / count
    deviation = root_mean_square(targets - mean, count)
    return np.where(deviation > 0, deviation, 1.0)


def refuse_known(ask: Ask, index: Any) -> None:
    """Refuse to draw rows that have been observed."""
    inside = ask.positions < ask.history.n_known
    if inside.any():
        raise ValueError(
            f"{index[int(inside.argmax())]} is inside the history; paths are drawn of "
            "rows after it."
        )

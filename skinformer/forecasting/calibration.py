"""What a forecaster misses by, learned from rows that it was not trained on."""

from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skinformer._turns import changed_at_once
from skinformer.series.panel import Panel

from .block_forecaster import BlockForecaster
from .from_origins import block_job
from .jobs import Jobs, series_of, slots_of
from .origins import Reach, true_windows_of
from .residual_log import ResidualLog
from .residual_units import has_a_unit, unit_of

__all__ = ["CalibratedForecaster"]

# where residuals of a series begin whose unit is not known yet
NOT_YET = np.iinfo(np.int64).max


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


class CalibratedForecaster(BlockForecaster):
    """Base of :class:`BaseForecaster`: keeps residuals of rows not trained on.

    They are those of windows in the rows of ``calibrate``, and those that ``update`` or
    ``partial_fit`` have brought since, noted before anything is trained on them.
    """

    # residuals so far; None (here Any) before the first call of calibrate
    _log: ResidualLog | Any = None
    _log_from: list[int]
    _units: np.ndarray

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

    # What a subclass says of itself

    def _admit(self, panel: Panel) -> None:
        """Take note of series that ``fit`` did not see, at the end of the panel."""

    def _forecast_with_width(self, jobs: Jobs) -> tuple[np.ndarray, np.ndarray | None]:
        """Forecast blocks, and say how wide their errors may be, if that is known.

        Both are (n_blocks, pred_len, n_targets).
        """
        return self._forecast_jobs(jobs), None

    # Rows that come later

    def _take_in(self, panel: Panel) -> None:
        """Go on with longer histories."""
        self._take_note(panel)
        self._panel = self._kept(panel)

    def _take_note(self, panel: Panel) -> None:
        """See how far forecasts missed in new rows, and which series are new."""
        if self._log is not None:
            self._note_residuals(panel)
            self._begin_series(panel)
        self._admit(panel)

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
        point, unit, width = self._forecast_with_units(jobs)
        forecast = self._finish_blocks(point[..., None])[..., 0]
        truth = true_windows_of(parts, Reach(self._pred_len))
        return (truth - forecast) / unit, width

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

    def _forecast_with_units(
        self, jobs: Jobs
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Forecast blocks, with the unit of their residuals, and widths in that unit.

        The unit is (n_blocks, 1, n_targets), the others (n_blocks, pred_len,
        n_targets); widths are None if not told.
        """
        point, width = self._forecast_with_width(jobs)
        unit = self._unit_of(jobs)
        return point, unit, None if width is None else width / unit

    def _point_and_width(self, jobs: Jobs) -> np.ndarray:
        """Forecast blocks, and widths if told: (n_blocks, pred_len, n_targets, 1 or 2).

        Widths are in the unit of the residuals.
        """
        point, _, width = self._forecast_with_units(jobs)
        return np.stack([point] if width is None else [point, width], axis=-1)

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

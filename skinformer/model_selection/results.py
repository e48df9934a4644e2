"""``BacktestResult``: forecasts of every window, what came, and their errors."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from skinformer._validation import did_you_mean
from skinformer.forecasting.origins import check_whole

from .metrics import (
    METRICS,
    Sums,
    TrainingScale,
    check_metric,
    evaluate,
    sums,
    training_scale,
)

__all__ = ["BacktestResult"]

# axes of (n_windows, horizon, n_targets) that are summed over
AXES = {
    None: (0, 1, 2),
    "step": (0, 2),
    "target": (0, 1),
    "window": (1, 2),
    "series": (1, 2),  # and then over the windows of each
}


def check_by(by: Any, has_series: bool = False) -> None:
    """Refuse what names no axis."""
    if by == "series" and not has_series:
        raise ValueError(
            "by='series' needs a backtest of many series, by a forecaster with series="
            "; this one is of a single series. Give None, 'step', 'target' or 'window'."
        )
    if by is not None and (not isinstance(by, str) or by not in AXES):
        known = [name for name in AXES if name and (has_series or name != "series")]
        raise ValueError(
            f"by={by!r} is unknown. Give None, or one of "
            f"{', '.join(map(repr, known))}.{did_you_mean(by, known)}"
        )


@dataclass(frozen=True, repr=False)
class BacktestResult:
    """Forecasts of every window, and what came.

    Attributes
    ----------
    starts : ndarray of shape (n_windows,)
        First row of each window, in grid steps from the end of the first history; of
        many series, in rows of the timeline after its first one.
    target_names : list
        Names of the targets.
    y_true, y_pred : ndarray of shape (n_windows, horizon, n_targets)
        In the unit of the targets; ``y_true`` is NaN where a row is absent, and such
        rows are left out of the errors.
    timeline : Index of shape (n_rows + 1,) or None
        Stamps of the rows from the last one of the first history on; row numbers,
        counted as ``starts`` from -1 on, where there is no time. Of many series, their
        timelines one after another, each from the row before its first origin on.
    gap : int
        Rows between the last known row and each window.
    foresight : str
        What the covariates of the rows ahead were. "perfect": those observed, known to
        nobody at the origin. "as known": those that ``future_X`` returned. "not
        needed": there were none besides the calendar.
    scale : TrainingScale or None
        Standard deviation and seasonal naive error of each target in the training
        rows; None where these are unknown. Of many series, those of the series of each
        window, arrays of shape (n_windows, 1, n_targets), NaN where it had none.
    series : Index of shape (n_windows,) or None
        The series of each window; None where there is one without a name.
    """

    starts: np.ndarray
    target_names: list
    y_true: np.ndarray
    y_pred: np.ndarray
    timeline: pd.Index | None = None
    gap: int = 0
    foresight: str = "perfect"
    scale: TrainingScale | None = None
    series: pd.Index | None = None

    def __repr__(self) -> str:
        n_windows, horizon, _ = self.y_true.shape
        gap = f", gap={self.gap}" if self.gap else ""
        many = "" if self.series is None else f", n_series={self.series.nunique()}"
        return (
            f"BacktestResult(n_windows={n_windows}, horizon={horizon}{gap}{many}, "
            f"target_names={self.target_names}, foresight={self.foresight!r})"
        )

    # Which rows

    @property
    def origins(self) -> pd.Index:
        """Stamp of the last row that each window knew, of length n_windows."""
        return self._rows()[self.starts - self.gap]

    @property
    def timestamps(self) -> pd.Index:
        """Stamps of the rows of all windows, of length n_windows * horizon."""
        horizon = self.y_true.shape[1]
        rows = self.starts[:, None] + np.arange(1, horizon + 1)
        return self._rows()[rows.ravel()]

    def _rows(self) -> pd.Index:
        """Return the timeline; a row of ``starts`` is at the place after its number."""
        if self.timeline is not None:
            return self.timeline
        return pd.RangeIndex(-1, int(self.starts.max()) + self.y_true.shape[1])

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each window, step and target.

        Returns
        -------
        DataFrame
            With columns origin (stamp of the last known row), timestamp, step (from 1),
            target, y_true and y_pred; row numbers where there is no time; of many
            series, with the column series before these. ``attrs`` holds ``foresight``
            and ``gap``.

        Examples
        --------
        >>> seven, eight = np.full((1, 2, 1), 7.0), np.full((1, 2, 1), 8.0)
        >>> result = BacktestResult(np.array([0]), ["load"], seven, eight)
        >>> result.to_frame()
           origin  timestamp  step target  y_true  y_pred
        0      -1          0     1   load     7.0     8.0
        1      -1          1     2   load     7.0     8.0
        """
        n_windows, horizon, n_targets = self.y_true.shape
        targets = pd.Index(self.target_names, name="target")
        frame = pd.DataFrame(
            {
                "origin": self.origins.repeat(horizon * n_targets),
                "timestamp": self.timestamps.repeat(n_targets),
                "step": np.tile(np.arange(1, horizon + 1).repeat(n_targets), n_windows),
                "target": targets[np.tile(np.arange(n_targets), n_windows * horizon)],
                "y_true": self.y_true.ravel(),
                "y_pred": self.y_pred.ravel(),
            }
        )
        if self.series is not None:
            frame.insert(0, "series", self.series.repeat(horizon * n_targets))
        frame.attrs |= {"foresight": self.foresight, "gap": self.gap}
        return frame

    # How far off

    def errors(self, scale: ArrayLike = 1.0) -> np.ndarray:
        """Return forecast minus truth, divided by ``scale``.

        Parameters
        ----------
        scale : array-like of shape (n_targets,) or a number, default=1.0
            The standard deviation of the training rows, ``result.scale.std``, gives
            standardised errors.

        Returns
        -------
        ndarray of shape (n_windows, horizon, n_targets)
        """
        return (self.y_pred - self.y_true) / np.asarray(scale, dtype=np.float64)

    def mse(self, scale: ArrayLike = 1.0) -> float:
        """Return the mean squared error over windows, steps and targets."""
        return float(evaluate("mse", self.y_true, self.y_pred, unit=scale))

    def mae(self, scale: ArrayLike = 1.0) -> float:
        """Return the mean absolute error over windows, steps and targets.

        Of targets in different units, give ``scale``, or take
        ``metric("mae", by="target")``.
        """
        return float(evaluate("mae", self.y_true, self.y_pred, unit=scale))

    def metric(
        self, name: str, *, by: str | None = None, standardized: bool = False
    ) -> Any:
        """Return one metric, overall or along an axis.

        Parameters
        ----------
        name : {"mse", "mae", "rmse", "bias", "wape", "mase", "rmsse"}
            Bias is forecast minus truth. wape divides the sum of absolute errors by
            that of absolute truths; mase and rmsse divide each error by that of the
            last season repeated, in the training rows. A zero below gives NaN.
        by : {"step", "target", "window", "series"} or None, default=None
            What there is one value for; None pools all.
        standardized : bool, default=False
            Whether errors and truths are first divided by the standard deviation of
            the training rows. Changes neither mase nor rmsse.

        Returns
        -------
        float or ndarray
            An array of shape (horizon,), (n_targets,), (n_windows,) or (n_series,) with
            ``by``; series stand in the order of their windows.

        Raises
        ------
        ValueError
            If a name is unknown, or the training rows are needed and unknown.
        """
        metric = check_metric(name)
        check_by(by, self.series is not None)
        if (metric.scaled or standardized) and self.scale is None:
            asked = repr(name) if metric.scaled else "standardized=True"
            raise ValueError(
                f"{asked} needs the training rows, which neither a fitted scikit-learn "
                "regressor keeps nor a forecaster with history_size='context'. Give "
                "them: result.with_training(y_train)."
            )
        value = metric.finish(*self._sums(name, by, standardized))
        return float(value) if by is None else value

    def _sums(self, name: str, by: str | None, standardized: bool) -> Sums:
        """Return the two sums of a metric along an axis."""
        told = self.y_true, self.y_pred
        unit = self.scale.std if standardized and self.scale is not None else 1.0
        power = METRICS[name].power(*told, unit)
        unit = np.multiply(unit, power)
        above, below = sums(name, *told, AXES[by], self.scale, unit)
        if by == "series" and self.series is not None:
            codes = self.series.factorize()[0]
            above, below = np.bincount(codes, above), np.bincount(codes, below)
        return Sums(above, below, power)

    def scores(
        self, *, by: str | None = None, standardized: bool = False
    ) -> pd.DataFrame:
        """Return every metric, overall or along an axis.

        Parameters
        ----------
        by : {"step", "target", "window", "series"} or None, default=None
            What there is a row for; None pools all in one row.
        standardized : bool, default=False
            As in :meth:`metric`.

        Returns
        -------
        DataFrame
            A column for each metric. mase and rmsse are NaN where the training rows
            are unknown. ``attrs`` holds ``foresight``.
        """
        check_by(by, self.series is not None)
        columns = {}
        for name, metric in METRICS.items():
            absent = metric.scaled and self.scale is None
            columns[name] = (
                np.nan
                if absent
                else self.metric(name, by=by, standardized=standardized)
            )
        frame = pd.DataFrame(columns, index=self._labels(by))
        frame.attrs["foresight"] = self.foresight
        return frame

    def with_training(self, y_train: ArrayLike, season: int = 1) -> Self:
        """Return the same result with the scale of other training rows.

        For standardised errors as published ones have them, or where the estimator
        does not keep its training rows. Of many series, all get this one.

        Parameters
        ----------
        y_train : array-like of shape (n_rows,) or (n_rows, n_targets)
            Targets of the training rows; NaN ones are left out.
        season : int, default=1
            Rows in the season that mase and rmsse repeat.

        Returns
        -------
        BacktestResult
        """
        check_whole("season", season)
        rows = np.asarray(y_train, dtype=np.float64)
        if rows.size == 0 or rows.ndim not in (1, 2):
            raise ValueError(
                f"y_train has the shape {rows.shape}; give the targets of the training "
                "rows, (n_rows,) or (n_rows, n_targets)."
            )
        rows = rows.reshape(len(rows), -1)
        if rows.shape[1] != len(self.target_names):
            raise ValueError(
                f"y_train has {rows.shape[1]} targets; the result has "
                f"{len(self.target_names)}, {self.target_names}. Give the same."
            )
        return replace(self, scale=training_scale(rows, season))

    def _labels(self, by: str | None) -> pd.Index:
        """Name what there is one value for."""
        if by is None:
            return pd.Index(["overall"])
        if by == "step":
            return pd.RangeIndex(1, self.y_true.shape[1] + 1, name="step")
        if by == "target":
            return pd.Index(self.target_names, name="target")
        if by == "series" and self.series is not None:
            return self.series.unique().rename("series")
        origins = self.origins.rename("origin")
        if self.series is None:
            return origins
        return pd.MultiIndex.from_arrays([self.series.rename("series"), origins])

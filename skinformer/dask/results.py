"""The result of a backtest that lies in partitions, and is computed when asked for."""

from functools import cached_property, reduce
from typing import Any

import numpy as np
import pandas as pd

from skinformer.forecasting.origins import Reach
from skinformer.model_selection.metrics import METRICS, TrainingScale, check_metric
from skinformer.model_selection.results import BacktestResult

from .extra import dask_module
from .parts import from_parts

__all__ = ["LazyBacktest"]

# all that needs no more memory than a few numbers for each series
AXES = (None, "step", "target", "series")


class LazyBacktest:
    """A backtest whose windows stay on the workers.

    :func:`skinformer.dask.backtest` makes it. Scores are added up partition by
    partition, once for all of them; a partition's windows are let go as soon as its
    errors are summed.

    Parameters
    ----------
    parts : list of Delayed
        Of each partition a BacktestResult, None where no series has a window.
    target_names : list
        Names of the targets.
    reach : Reach
        Horizon, gap and stride.
    foresight : str
        As of :class:`~skinformer.BacktestResult`.
    stamps : Index
        An index without rows, of the kind that stamps have.
    labels : Index
        One of the kind that names of series have.

    See Also
    --------
    skinformer.BacktestResult : The same in memory.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import skinformer.dask
    >>> from skinformer import SeasonalNaive, make_load_series
    >>> X, y = make_load_series(24 * 9, random_state=0)
    >>> rows = X.assign(store="a", load=y)
    >>> model = SeasonalNaive(pred_len=24, series="store")
    >>> model = model.fit(rows[["store"]][:-72], y[:-72])
    >>> later = dd.from_pandas(rows[["store", "load"]][-72:], npartitions=1)
    >>> result = skinformer.dask.backtest(model, later, "load", stride=24)
    >>> result.scores().columns.tolist()
    ['mse', 'mae', 'rmse', 'bias', 'wape', 'mase', 'rmsse']
    >>> len(result.to_frame())  # three windows of 24 rows
    72
    >>> bool(result.compute().metric("mae") == result.metric("mae"))
    True
    """

    def __init__(
        self,
        parts: list,
        target_names: list,
        reach: Reach,
        foresight: str,
        stamps: pd.Index,
        labels: pd.Index,
    ) -> None:
        self.parts = parts
        self.target_names = target_names
        self.reach = reach
        self.foresight = foresight
        self.stamps = stamps
        self.labels = labels

    def __repr__(self) -> str:
        gap = f", gap={self.reach.gap}" if self.reach.gap else ""
        return (
            f"LazyBacktest(n_partitions={len(self.parts)}, "
            f"horizon={self.reach.horizon}{gap}, target_names={self.target_names}, "
            f"foresight={self.foresight!r})"
        )

    def scores(
        self, *, by: str | None = None, standardized: bool = False
    ) -> pd.DataFrame:
        """Return every metric, overall or along an axis.

        The first call forecasts all windows, later ones take what it summed.

        Parameters
        ----------
        by : {"step", "target", "series"} or None, default=None
            What there is a row for; None pools all in one row.
        standardized : bool, default=False
            Whether errors and truths are first divided by the standard deviation of
            the training rows of their series.

        Returns
        -------
        DataFrame
            A column for each metric, as those of
            :meth:`skinformer.BacktestResult.scores`; series in the order of the
            partitions.

        Raises
        ------
        ValueError
            If ``by`` is unknown, if no series has a window, or the training rows are
            asked for and unknown.
        """
        self._check(by, standardized)
        columns = {name: self._value(name, by, standardized) for name in METRICS}
        frame = pd.DataFrame(columns, index=self._labels_of(by))
        frame.attrs["foresight"] = self.foresight
        return frame

    def metric(
        self, name: str, *, by: str | None = None, standardized: bool = False
    ) -> Any:
        """Return one metric, overall or along an axis.

        Parameters
        ----------
        name : {"mse", "mae", "rmse", "bias", "wape", "mase", "rmsse"}
            As of :meth:`skinformer.BacktestResult.metric`.
        by : {"step", "target", "series"} or None, default=None
            As in :meth:`scores`.
        standardized : bool, default=False
            As in :meth:`scores`.

        Returns
        -------
        float or ndarray

        Raises
        ------
        ValueError
            As :meth:`scores`, and if the metric is unknown.
        """
        metric = check_metric(name)
        self._check(by, standardized or metric.scaled)
        value = self._value(name, by, standardized)
        return float(value) if by is None else value

    def to_frame(self) -> Any:
        """Return one row for each window, step and target, as a Dask DataFrame.

        Returns
        -------
        dask.dataframe.DataFrame
            With the columns of :meth:`skinformer.BacktestResult.to_frame`.
        """
        meta = self._nothing().to_frame()
        task = dask_module("dask").delayed(frame_of)
        return from_parts([task(part, meta) for part in self.parts], meta)

    def compute(self) -> BacktestResult:
        """Bring all windows into the memory of this process.

        Returns
        -------
        BacktestResult
            Series in the order of the partitions.
        """
        found = dask_module("dask").compute(*self.parts)
        return joined([part for part in found if part is not None] or self._refuse())

    # Sums of all partitions

    @cached_property
    def _sums(self) -> dict:
        """Two sums for each metric, axis and unit; series one after another."""
        dask = dask_module("dask")
        found = dask.compute(*[dask.delayed(sums_of)(part) for part in self.parts])
        held = [sums for sums in found if sums is not None] or self._refuse()
        return reduce(added, held)

    def _check(self, by: Any, standardized: bool) -> None:
        """Refuse an axis that is not summed along, or a unit that nobody knows."""
        if by not in AXES:
            hint = ""
            if by == "window":
                hint = " Windows are rows of to_frame(), and in compute()."
            raise ValueError(
                f"by={by!r} must be None, 'step', 'target' or 'series'.{hint}"
            )
        if standardized and ("mase", None, False) not in self._sums:
            raise ValueError(
                "Standardised and scaled errors need the training rows, which a "
                "forecaster with history_size='context' does not keep. Take "
                "compute().with_training(y_train)."
            )

    def _value(self, name: str, by: str | None, standardized: bool) -> Any:
        sums = self._sums.get((name, by, standardized))
        return np.nan if sums is None else METRICS[name].finish(*sums)

    def _labels_of(self, by: str | None) -> pd.Index:
        """Name what there is one value for."""
        if by is None:
            return pd.Index(["overall"])
        if by == "step":
            return pd.RangeIndex(1, self.reach.horizon + 1, name="step")
        if by == "target":
            return pd.Index(self.target_names, name="target")
        return self._sums["series"].rename("series")

    def _nothing(self) -> BacktestResult:
        """Return a result without windows."""
        values = np.empty((0, self.reach.horizon, len(self.target_names)))
        starts = np.empty(0, dtype=np.int64)
        rest = self.stamps, self.reach.gap, self.foresight, None, self.labels
        return BacktestResult(starts, self.target_names, values, values, *rest)

    def _refuse(self) -> Any:
        raise ValueError(self.reach.no_window("No series of the frame holds rows:"))


def frame_of(part: BacktestResult | None, meta: pd.DataFrame) -> pd.DataFrame:
    """Return the windows of a partition as rows."""
    return meta if part is None else part.to_frame()


def sums_of(part: BacktestResult | None) -> dict | None:
    """Return the sums of all metrics of a partition, and its series."""
    if part is None or part.series is None:
        return None
    keys = [
        (name, by, standardized)
        for name, metric in METRICS.items()
        for by in AXES
        for standardized in (False, True)
        if part.scale is not None or not (metric.scaled or standardized)
    ]
    return {key: part._sums(*key) for key in keys} | {"series": part.series.unique()}


def added(ours: dict, theirs: dict) -> dict:
    """Add the sums of two partitions; those of series stand one after another."""
    both: dict = {"series": ours["series"].append(theirs["series"])}
    for key in ours.keys() & theirs.keys() - {"series"}:
        both[key] = ours[key].join(theirs[key], after if key[1] == "series" else np.add)
    return both


def after(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return the values of the one behind those of the other."""
    return np.concatenate([ours, theirs])


# Results in memory


def joined(results: list[BacktestResult]) -> BacktestResult:
    """Put the windows of results of many series one after another.

    Of each one the timeline follows those before it, and its starts count on.
    """
    first = results[0]
    timelines = [part.timeline for part in results if part.timeline is not None]
    before = np.cumsum([0] + [len(timeline) for timeline in timelines[:-1]])
    starts = [part.starts + n for part, n in zip(results, before, strict=True)]
    labels = [part.series for part in results if part.series is not None]
    return BacktestResult(
        np.concatenate(starts),
        first.target_names,
        np.concatenate([part.y_true for part in results]),
        np.concatenate([part.y_pred for part in results]),
        timelines[0].append(timelines[1:]),
        first.gap,
        first.foresight,
        joined_scale(results),
        labels[0].append(labels[1:]),
    )


def joined_scale(results: list[BacktestResult]) -> TrainingScale | None:
    """Put the scales of windows one after another; None where one is unknown."""
    scales = [part.scale for part in results if part.scale is not None]
    if len(scales) < len(results):
        return None
    std, mae, rmse = (
        np.concatenate([getattr(scale, name) for scale in scales])
        for name in ("std", "mae", "rmse")
    )
    seasons = [
        # a number or (n_windows, 1, 1) -> (n_windows, 1, 1)
        np.broadcast_to(scale.season, (len(part.starts), 1, 1))
        for scale, part in zip(scales, results, strict=True)
    ]
    season = np.concatenate(seasons)
    return TrainingScale(
        std, mae, rmse, season if np.ptp(season) else int(season.flat[0])
    )

"""Forecasts and backtests of frames that no memory holds, a partition at a time."""

from typing import Any

import numpy as np
import pandas as pd

from skinformer._validation import did_you_mean, refuse_twice
from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.conformal import check_coverage
from skinformer.forecasting.origins import Reach
from skinformer.model_selection.assembly import timeline_of
from skinformer.model_selection.backtest import shared_instants
from skinformer.model_selection.rows import foresight_of

from .extra import dask_module
from .parts import Parts, from_parts, parts_of
from .results import LazyBacktest
from .sending import check_model, columns_of, send
from .survey import Survey, take_survey
from .tasks import Asked, forecast_part, roll_part

__all__ = ["backtest", "predict"]


def predict(
    model: Any, frame: Any, *, targets: Any = None, coverage: float | None = None
) -> Any:
    """Forecast the rows of a frame that is cut into partitions by series.

    Partition by partition, on the workers of a Dask cluster or in the threads of this
    process; nothing is forecast before the result is computed or written. The series of
    all partitions are looked up at once, which reads one column, with ``targets`` the
    time and these too.

    Parameters
    ----------
    model : forecaster or Pipeline
        A fitted forecaster of many series (``series="column"``), or a Pipeline that
        ends in one. It is sent to each worker once.
    frame : Dask DataFrame, or str or PathLike
        Rows to forecast, as for ``model.predict``; a path is that of a folder of
        Parquet files, of which only the columns that the model needs are read. All
        rows of a series are in one partition: in one file, or below one folder of the
        name ``column=label``.
    targets : str, list of str or None, default=None
        Columns of the frame that hold targets, where it also holds rows that have been
        observed. Of each series, the rows up to the last one with a target are shown to
        the model (as ``update`` would, for this call; but for those that
        ``history_size="context"`` has let go), and those after it are forecast.
        So the histories need not travel with the model, and a model with
        ``new_series="allow"`` forecasts series that it has never seen.
    coverage : float or None, default=None
        Share of the targets that lie within intervals, which are then forecast too.

    Returns
    -------
    dask.dataframe.DataFrame
        A row for each row that is forecast (with ``targets``, those of a partition in
        the order of their time), with the index of the frame, the column of
        the series (and of the time, where that is a column), and a column for each
        target, its name as text; with ``coverage``, each is followed by its ends,
        ``name_lower`` and ``name_upper``.

    Raises
    ------
    ValueError
        If a series is in two partitions, if a column is absent, if the model is of a
        single series, or if with ``targets`` no row is left to forecast. What
        ``model.predict`` refuses in a partition is raised when that one is computed.
    TypeError
        If the frame is neither, or if ``targets`` are no names.

    See Also
    --------
    skinformer.dask.backtest : How good such forecasts were.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import pandas as pd
    >>> import skinformer.dask
    >>> from skinformer import SeasonalNaive, make_load_series
    >>> X, y = make_load_series(24 * 9, random_state=0)
    >>> stores = pd.concat([X.assign(store=name) for name in "ab"])
    >>> loads = pd.concat([y, 2 * y])
    >>> known = stores.index < X.index[-24]
    >>> model = SeasonalNaive(pred_len=24, series="store")
    >>> model = model.fit(stores[known], loads[known])
    >>> later = dd.from_pandas(stores[~known], npartitions=1, sort=False)
    >>> forecast = skinformer.dask.predict(model, later)
    >>> forecast.columns.tolist()
    ['store', 'load']
    >>> len(forecast.compute())
    48
    """
    forecaster = check_model(model)
    if coverage is not None:
        check_intervals(forecaster, targets, coverage)
    names = names_of(forecaster.target_names_, coverage)
    parts, asked, _ = lay_out(model, frame, targets, names, coverage)
    task = dask_module("dask").delayed(forecast_part)
    sent = send(model)
    answers = [task(part, sent, asked) for part in parts.frames]
    meta = asked.answer(asked.split(parts.meta)[0], np.empty((0, len(names))))
    return from_parts(answers, meta)


def backtest(
    model: Any,
    frame: Any,
    targets: Any,
    *,
    horizon: int | None = None,
    stride: int = 1,
    gap: int = 0,
) -> LazyBacktest:
    """Forecast from every origin in a frame that is cut into partitions by series.

    As :func:`skinformer.backtest` with a fitted forecaster: the rows are those after
    its history, origins are the same instants for all series, and the errors are those
    that the whole frame in memory would give.

    Parameters
    ----------
    model : forecaster or Pipeline
        A fitted forecaster of many series, or a Pipeline that ends in one. It is sent
        to each worker once.
    frame : Dask DataFrame, or str or PathLike
        Rows after those that it was fitted on, as for :func:`predict`, and their
        targets.
    targets : str or list of str
        The columns that hold the targets.
    horizon : int or None, default=None
        Rows of a window; None takes ``pred_len``.
    stride : int, default=1
        Rows from one origin to the next.
    gap : int, default=0
        Rows between the last known row and the window.

    Returns
    -------
    LazyBacktest
        Its ``scores()`` are computed when they are asked for.

    Raises
    ------
    ValueError
        As :func:`predict`, if no row is there, or if a number is out of its range.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import pandas as pd
    >>> import skinformer.dask
    >>> from skinformer import SeasonalNaive, make_load_series
    >>> X, y = make_load_series(24 * 9, random_state=0)
    >>> stores = pd.concat([X.assign(store=name) for name in "ab"])
    >>> loads = pd.concat([y, 2 * y])
    >>> known = stores.index < X.index[-72]
    >>> model = SeasonalNaive(pred_len=24, series="store")
    >>> model = model.fit(stores[known], loads[known])
    >>> later = stores[~known].assign(load=loads[~known])
    >>> later = dd.from_pandas(later, npartitions=1, sort=False)
    >>> result = skinformer.dask.backtest(model, later, "load", stride=24)
    >>> result
    LazyBacktest(n_partitions=1, horizon=24, target_names=['load'],
                 foresight='perfect')
    >>> scores = result.scores(by="series")
    >>> bool(abs(scores.loc["b", "mae"] - 2 * scores.loc["a", "mae"]) < 1e-9)
    True
    """
    forecaster = check_model(model)
    if targets is None:
        raise ValueError("targets=None; name the columns that hold the targets.")
    reach = Reach(forecaster._pred_len if horizon is None else horizon, gap, stride)
    names = forecaster.target_names_
    parts, asked, survey = lay_out(model, frame, targets, names, stamps=True)
    stamps = refuse_no_rows(survey.stamps)
    instants = shared_instants(stamps, forecaster.freq, stride)
    task, sent = dask_module("dask").delayed(roll_part), send(model)
    rolled = [task(part, sent, asked, reach, instants) for part in parts.frames]
    foresight = foresight_of(asked.split(parts.meta)[0], None, forecaster)
    labels = pd.Index(list(forecaster._panel.keys[:1]))[:0]
    timeline = timeline_of(forecaster._history.grid, 1, 1)
    none = pd.RangeIndex(0) if timeline is None else timeline[:0]
    return LazyBacktest(rolled, list(names), reach, foresight, none, labels)


def lay_out(
    model: Any,
    frame: Any,
    targets: Any,
    names: list,
    coverage: float | None = None,
    stamps: bool = False,
) -> tuple[Parts, Asked, Survey]:
    """Return the partitions, what is asked of each, and what a look at them tells."""
    forecaster = check_model(model)
    series, time = forecaster._schema.series, forecaster._schema.time
    kept = [series] if time is None else [series, time]
    columns = columns_of(model)
    observed = observed_columns(targets)
    read = None if columns is None else [*columns, *observed]
    if targets is not None and len(observed) != forecaster.n_targets_:
        raise ValueError(
            f"targets={targets!r} names {len(observed)} columns; the model was fitted "
            f"on {forecaster.n_targets_}: {forecaster.target_names_}. Name as many."
        )
    parts = parts_of(frame, read, series)
    past = forecaster._schema.past.names
    needed = [name for name in columns or kept if name not in past]
    refuse_absent(parts, needed, "")
    refuse_absent(parts, observed, f"targets={targets!r}: ")
    refuse_twice(parts.meta, "The frame")
    observed = [] if stamps else observed  # a backtest forecasts those themselves
    timed = bool(stamps or observed)
    looked = [*(kept if timed else [series]), *observed]
    looked_at = parts_of(frame, looked, series, index=timed)
    survey = take_survey(looked_at, series, time, stamps, observed)
    asked = Asked(columns, targets, kept, names, coverage)
    return parts, asked, survey


def names_of(targets: list, coverage: float | None) -> list[str]:
    """Name the columns of the forecast."""
    ends = ("",) if coverage is None else ("", "_lower", "_upper")
    names = [f"{target}{end}" for target in targets for end in ends]
    if len(set(names)) < len(names):
        raise ValueError(
            f"The forecast would have two columns of one name: {names}. Rename the "
            "targets, or leave coverage out."
        )
    return names


# What is refused before anything is forecast


def check_intervals(forecaster: BaseForecaster, targets: Any, coverage: float) -> None:
    """Refuse intervals where they cannot be told."""
    check_coverage(coverage)
    forecaster._check_log(coverage)
    if targets is not None:
        raise ValueError(
            f"coverage={coverage} with targets={targets!r}: intervals are made of how "
            "far forecasts of all series missed, and a worker sees those of one "
            "partition. Update the model with the observed rows first, and leave "
            "targets out; or leave coverage out."
        )


def observed_columns(targets: Any) -> list:
    """Return the names of columns that hold targets; refuse the targets themselves."""
    if targets is None:
        return []
    if not isinstance(targets, str | list):
        raise TypeError(
            f"targets is the name of a column of the frame, or a list of names; got "
            f"{type(targets).__name__}. Put the targets into the frame, as a column."
        )
    return [targets] if isinstance(targets, str) else targets


def refuse_absent(parts: Parts, wanted: list, named: str) -> None:
    """Refuse a frame that lacks a column; say where it was named."""
    for name in wanted:
        if name not in parts.meta.columns:
            raise ValueError(
                f"{named}The frame has no column {name!r}; it has {parts.columns}."
                f"{did_you_mean(name, parts.columns)}"
            )


def refuse_no_rows(stamps: Any) -> pd.Index:
    """Refuse a frame without rows."""
    if len(stamps) == 0:
        raise ValueError("The frame has no row; give those after the history.")
    return stamps

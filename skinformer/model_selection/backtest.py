"""Rolling-origin backtest: forecasts from every origin in rows not trained on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
from tqdm.auto import tqdm

from skinformer._turns import as_it_is
from skinformer.exceptions import each_warning_once
from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import Reach, grid_stamps
from skinformer.series.grid import OFF_GRID, Grid, RowGrid, same_clock
from skinformer.series.panel import Given, Panel

from .assembly import result_of, result_of_trails, timeline_of, training_scales
from .metrics import training_scale
from .panel_refitting import refitted_panel
from .refits import Refits
from .refitting import refitted_windows
from .results import BacktestResult
from .rolling import Roll, forecaster_windows, regressor_windows
from .rows import Rows, common_steps, foresight_of
from .steps import check_fitted, find_forecaster, in_front, unwrap
from .tracks import Track, lay_tracks, refuse_short

__all__ = ["backtest"]


def check_future(future_X: Any) -> None:
    """Refuse what cannot be asked for covariates."""
    if future_X is not None and not callable(future_X):
        raise ValueError(
            f"future_X={future_X!r} must be None or a callable: future_X(origin, "
            "index) returns the covariates of the rows of index."
        )


def backtest(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    horizon: int | None = None,
    stride: int = 1,
    gap: int = 0,
    train_size: int | None = None,
    max_train_size: int | None = None,
    refit: bool | int = False,
    future_X: Callable | None = None,
    verbose: int = 0,
) -> BacktestResult:
    """Forecast from every origin in rows after those that an estimator was fitted on.

    Each window of ``horizon`` rows is forecast from the true rows before its origin.
    The estimator is left as it is. Every window that lies within the rows counts, the
    last one too.

    * A fitted estimator, without ``train_size``: ``X`` and ``y`` are the rows after
      those that it was fitted on, and nothing is trained.
    * With ``train_size``: ``X`` and ``y`` are all rows, and clones are fitted, on the
      rows before the first origin alone or anew as the origin rolls on. A regressor of
      scikit-learn's is fitted on those of them that have all their targets::

          train_size=4, horizon=2, stride=2        x fitted on, o forecast, - only seen

          refit=False     refit=True      refit=True, max_train_size=4
          x x x x o o     x x x x o o     x x x x o o
          x x x x - - o o x x x x x x o o     x x x x o o

    A forecaster with ``series`` rolls over all series at once. Their origins are the
    same instants: every ``stride`` steps of the stamps that the rows of all series make
    together, from the first one on. Each window is a row of its series' own grid, and a
    series too short for a window has none. ``train_size`` and ``max_train_size`` count
    stamps, as :class:`~skinformer.PanelTimeSeriesSplit` does: a clone is fitted on the
    rows of all series before its instant, and a series that has none there has no
    window until a later fit. Series that a fitted forecaster does not know are refused;
    with ``new_series="allow"`` they are forecast, from each origin by their own rows
    before it, once there is one in which each target is known. Without time the origins
    of each series are counted in its own rows, and ``train_size`` is refused.

    Parameters
    ----------
    estimator : forecaster, regressor, Pipeline or search
        A forecaster of this package; or a regressor of scikit-learn's, which forecasts
        a row from the covariates of that row. Also a Pipeline that ends in one, or a
        search such as GridSearchCV. What rows a fitted regressor has seen is not
        known: give it rows that it was not fitted on, or ``train_size``.
    X : DataFrame or array-like of shape (n_rows, n_columns)
        Covariates, in time order. Those of the rows ahead are taken as known: for
        observed weather that is perfect foresight, and the result says so.
    y : array-like of shape (n_rows,) or (n_rows, n_targets)
        Their targets.
    horizon : int or None, default=None
        Rows of a window. None takes ``pred_len``; longer windows are forecast block
        after block. A regressor needs it.
    stride : int, default=1
        Rows from one origin to the next.
    gap : int, default=0
        Rows between the last known row and the window.
    train_size : int or None, default=None
        Rows of ``X`` before the first origin, on which a clone is fitted. None takes
        the estimator as it was fitted.
    max_train_size : int or None, default=None
        Rows that a fit sees at the most, the last ones; None lets it grow.
    refit : bool or int, default=False
        Fit anew at every origin, or at every so many origins; at the same time inside a
        ``joblib.parallel_config`` of several jobs.
    future_X : callable or None, default=None
        ``future_X(origin, index)`` returns the covariates of the rows ``index`` as they
        were known at ``origin``, the stamp of the last known row: a weather forecast in
        place of the weather. A Pipeline transforms what it returns. Rows up to the
        origin keep those of ``X``. Without time, rows have their numbers. Of many
        series it is asked for each one by itself, as
        ``future_X(origin, index, series)``, with its label.
    verbose : int, default=0
        A progress bar over the windows if 1 or more.

    Returns
    -------
    BacktestResult

    Raises
    ------
    ValueError
        If a row is not after those that a fitted forecaster has seen, if the rows hold
        no window, or if a number is out of its range.
    TypeError
        If ``estimator`` is neither a forecaster nor a regressor.

    See Also
    --------
    make_rolling_scorer : The same inside a search.
    compare_backtests : Whether one forecaster is better than another.

    Examples
    --------
    >>> from skinformer import SeasonalNaive, backtest, make_load_series
    >>> X, y = make_load_series(24 * 30, noise=0.0, random_state=0)
    >>> model = SeasonalNaive(pred_len=24).fit(X[:-72], y[:-72])
    >>> result = backtest(model, X[-72:], y[-72:], stride=24)
    >>> result.y_pred.shape
    (3, 24, 1)

    Fitted on the first 20 days, and again every two days:

    >>> backtest(
    ...     SeasonalNaive(pred_len=24), X, y, train_size=480, stride=24, refit=2
    ... )
    BacktestResult(n_windows=10, horizon=24, target_names=['load'], foresight='perfect')

    Two stores in one frame:

    >>> import pandas as pd
    >>> stores = pd.concat([X.assign(store="a"), X.assign(store="b")])
    >>> loads = pd.concat([y, 2 * y])
    >>> naive = SeasonalNaive(pred_len=24, series="store")
    >>> result = backtest(naive, stores, loads, train_size=480, stride=24)
    >>> result
    BacktestResult(n_windows=20, horizon=24, n_series=2, target_names=['load'],
                   foresight='perfect')
    >>> a, b = result.metric("mae", by="series")
    >>> bool(abs(b - 2 * a) < 1e-9)
    True
    """
    check_arguments(estimator, X)
    check_future(future_X)
    forecaster = find_forecaster(estimator)
    reach = Reach(resolve_horizon(horizon, forecaster), gap, stride)
    refits = Refits(train_size, max_train_size, refit)
    if train_size is None:
        check_fitted(estimator, forecaster)
    with tqdm(desc="backtest", unit="window", disable=not verbose) as bar:
        roll = Roll(reach, future_X, bar)
        if train_size is not None:
            return backtest_clones(estimator, X, y, roll, refits)
        if forecaster is None:
            return backtest_regressor(estimator, X, y, roll)
        return backtest_forecaster(estimator, X, y, roll)


def check_arguments(estimator: Any, X: Any) -> None:
    """Refuse a class where an instance is meant, and rows that are none."""
    if isinstance(estimator, type):
        name = estimator.__name__
        raise TypeError(
            f"estimator must be an instance; got the class {name}: {name}()."
        )
    if X is None:
        raise TypeError(
            "X=None has no rows to forecast; give the rows of y, a frame with their "
            "time as its index and columns or none."
        )


def resolve_horizon(horizon: int | None, forecaster: BaseForecaster | None) -> int:
    """Return the rows of a window."""
    if horizon is not None:
        return horizon
    if forecaster is None:
        raise ValueError(
            "horizon=None takes the pred_len of a forecaster, and a regressor has "
            "none. Give horizon, the rows of a window."
        )
    return getattr(forecaster, "_pred_len", None) or forecaster.pred_len


# One for each kind of estimator


def backtest_forecaster(estimator: Any, X: Any, y: Any, roll: Roll) -> BacktestResult:
    """Roll a fitted forecaster over the rows after the history of each series."""
    forecaster = unwrap(estimator)[1]
    rows = later_rows(estimator, X, y, roll)
    instants = instants_of(forecaster, rows, roll.reach.stride)
    tracks = lay_tracks(forecaster, rows, roll.reach, instants)
    refuse_short(rows, tracks, roll.reach)
    return roll_tracks(
        estimator, tracks, roll, foresight_of(X, roll.future_X, forecaster)
    )


def later_rows(estimator: Any, X: Any, y: Any, roll: Roll) -> Given:
    """Read rows that a fitted forecaster has not seen."""
    transform, forecaster = unwrap(estimator)
    forecaster = as_it_is(forecaster)
    refuse_lost_time(forecaster._history.grid, X, roll)
    rows = forecaster._read_observed(transform(X), y)
    refuse_known_rows(forecaster._panel, rows)
    return rows


def roll_tracks(
    estimator: Any, tracks: list[Track], roll: Roll, foresight: str
) -> BacktestResult:
    """Forecast from the origins of all tracks."""
    transform, forecaster = unwrap(estimator)
    roll.bar.reset(sum(len(track.origins) for track in tracks))
    asked = replace(roll, future_X=in_front(transform, roll.future_X))
    windows = forecaster_windows(forecaster, tracks, asked)
    trails = [track.trail() for track in tracks]
    names, scales = forecaster.target_names_, training_scales(forecaster)
    return result_of_trails(windows, trails, scales, names, roll, foresight)


def instants_of(
    forecaster: BaseForecaster, rows: Given, stride: int
) -> pd.Index | None:
    """Return the origins that all series share; None where each counts its own rows."""
    if rows.labels is None:
        return None
    return shared_instants(rows.index.unique(), forecaster.freq, stride)


def shared_instants(stamps: pd.Index, freq: Any, stride: int) -> pd.Index | None:
    """Return every ``stride`` steps of stamps, None where they are no time."""
    if not isinstance(stamps, pd.DatetimeIndex | pd.PeriodIndex):
        return None
    return common_steps(stamps.sort_values(), freq)[0][::stride]


def backtest_regressor(estimator: Any, X: Any, y: Any, roll: Roll) -> BacktestResult:
    """Roll a fitted regressor over rows of which nothing is known but themselves."""
    rows = Rows.read(X, y)
    origins = roll.reach.origins(0, len(rows))
    roll.bar.reset(len(origins))
    windows = regressor_windows(estimator, rows, origins, roll)
    timeline = timeline_of(rows.grid, 0, len(rows))
    foresight = foresight_of(X, roll.future_X)
    return result_of(windows, rows.target_names, timeline, roll, foresight)


@each_warning_once()  # not after every fit
def backtest_clones(
    estimator: Any, X: Any, y: Any, roll: Roll, refits: Refits
) -> BacktestResult:
    """Roll clones, fitted on the way, over the rows after the first ones."""
    forecaster = find_forecaster(estimator)
    if getattr(forecaster, "series", None) is not None:
        trails, [windows], scales, names = refitted_panel(estimator, X, y, roll, refits)
        foresight = foresight_of(X, roll.future_X, forecaster)
        return result_of_trails(windows, trails, scales, names, roll, foresight)
    freq, time = (getattr(forecaster, name, None) for name in ("freq", "time"))
    rows = Rows.read(X, y, freq, time)
    first = refits.first_origin(rows)
    origins = roll.reach.origins(first, len(rows))
    roll.bar.reset(len(origins))
    windows = refitted_windows(estimator, rows, origins, roll, refits)
    trained = rows.positions[refits.training_rows(rows, first)]
    scale = training_scale(rows.targets[trained[0] : first], rows.grid.season)
    windows = windows._replace(starts=windows.starts - first)
    timeline = timeline_of(rows.grid, first, len(rows))
    foresight = foresight_of(X, roll.future_X, forecaster)
    return result_of(windows, rows.target_names, timeline, roll, foresight, scale)


def refuse_known_rows(panel: Panel, rows: Given) -> None:
    """Refuse rows inside those that a forecaster was fitted on, or has been shown."""
    for series, which in panel.split(rows):
        if series < 0:
            continue  # unknown to it, and refused later or not
        history, index = panel[series], rows.index[which]
        grid, n = history.grid, history.end
        if isinstance(grid, RowGrid) or same_clock(grid, index) is not None:
            continue  # rows without time follow; another clock is refused later
        positions = grid.positions(index)
        known = (positions < n) & (positions != OFF_GRID)
        if known.any():
            raise ValueError(
                f"{panel.name(series)}{index[known.argmax()]} is not after the history "
                f"of the forecaster, which ends at {grid_stamps(grid, n - 1, n)[0]}: a "
                "window with an origin there would be measured on rows that it has "
                "seen. Give the rows after it, or all rows and train_size, to fit "
                "clones."
            )


def refuse_lost_time(grid: Grid, X: Any, roll: Roll) -> None:
    """Refuse to ask for rows by their stamps where a forecaster has none."""
    has_time = isinstance(getattr(X, "index", None), pd.DatetimeIndex | pd.PeriodIndex)
    if roll.future_X is not None and has_time and isinstance(grid, RowGrid):
        raise ValueError(
            "future_X is asked by stamps, and a step in front of the forecaster drops "
            "the time index. Keep it with set_output(transform='pandas')."
        )

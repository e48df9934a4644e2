"""Windows of many series, of clones that are fitted as the origin rolls on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import WindowForecasts
from skinformer.forecasting.reading import index_of

from .assembly import training_scales
from .refitting import Refits, say_fit, segments
from .rolling import Roll, forecaster_windows
from .rows import PanelRows, n_rows_of, take_rows
from .steps import find_forecaster, in_front, unwrap
from .tracks import Track, lay_tracks

__all__ = ["refitted_panel"]


def refitted_panel(
    estimator: Any, X: Any, y: Any, roll: Roll, refits: Refits
) -> tuple[BaseForecaster, WindowForecasts, list[Track], dict | None]:
    """Fit a clone before every segment of instants, and forecast all series from these.

    Returns
    -------
    forecaster, windows, tracks, scales
        The last forecaster; windows in the order of the tracks; what the rows that each
        series was first fitted on say of its size.
    """
    template = find_forecaster(estimator)
    freq, time = (getattr(template, name, None) for name in ("freq", "time"))
    if time is None:
        refuse_no_time(X, refits)
    rows = PanelRows.read(X, y, freq, time)
    first = refits.first_origin(rows)
    origins = roll.reach.origins(first, len(rows))
    tracks: list[Track] = []
    parts: list[WindowForecasts] = []
    scales: dict | None = {}
    for part in segments(origins, refits.refit):
        train = refits.training_rows(rows, int(part[0]))
        model, forecaster = fitted_clone(estimator, rows, train)
        ours, windows = later_tracks(model, rows, train.stop, part, roll)
        tracks, parts = [*tracks, *ours], [*parts, *windows]
        told = training_scales(forecaster)
        scales = None if told is None or scales is None else told | scales
    if not tracks:
        raise ValueError(
            roll.reach.no_window(f"After train_size={refits.train_size}, series hold")
        )
    refuse_other_steps(tracks)
    return forecaster, join(parts), tracks, scales


def fitted_clone(
    estimator: Any, rows: PanelRows, train: slice
) -> tuple[Any, BaseForecaster]:
    """Return a clone that is fitted on the rows of some stamps, and its last step."""
    say_fit(rows, train)
    which = rows.rows(train)
    model = clone(estimator).fit(take_rows(rows.X, which), take_rows(rows.y, which))
    return model, unwrap(model)[1]


def later_tracks(
    model: Any, rows: PanelRows, n_seen: int, origins: np.ndarray, roll: Roll
) -> tuple[list[Track], list[WindowForecasts]]:
    """Forecast from ``origins``, by a model that was fitted on the stamps up to n_seen.

    Series that it does not know have no window yet, unless it takes them in.
    """
    transform, forecaster = unwrap(model)
    which = rows.rows(slice(n_seen, len(rows.index)))
    which = which[is_known(forecaster, take_rows(rows.X, which))]
    if len(which) == 0:
        return [], []
    given = forecaster._read_observed(
        transform(take_rows(rows.X, which)), take_rows(rows.y, which)
    )
    tracks = lay_tracks(forecaster, given, roll.reach, rows.instants[origins])
    if not tracks:
        return [], []
    asked = replace(roll, future_X=in_front(transform, roll.future_X))
    return tracks, [forecaster_windows(forecaster, tracks, asked)]


def is_known(forecaster: BaseForecaster, X: Any) -> np.ndarray:
    """Tell of each row whether the forecaster knows its series, or takes it in."""
    column = forecaster.series
    if forecaster.new_series == "allow" or column not in X.columns:
        return np.ones(len(X), dtype=bool)
    return forecaster._panel.keys.get_indexer(pd.Index(X[column])) >= 0


def join(parts: list[WindowForecasts]) -> WindowForecasts:
    """Put windows one after another."""
    return WindowForecasts(*map(np.concatenate, zip(*parts, strict=True)))


def refuse_no_time(X: Any, refits: Refits) -> None:
    """Refuse rows whose series have no time in common."""
    index = index_of(X, n_rows_of(X))
    if not isinstance(index, pd.DatetimeIndex | pd.PeriodIndex):
        raise ValueError(
            f"train_size={refits.train_size} counts the stamps of many series, and X "
            f"has a {type(index).__name__}: rows without time have no order across "
            "series. Give X a DatetimeIndex or a PeriodIndex; or fit the estimator on "
            "the first rows of each series, and give backtest the later ones."
        )


def refuse_other_steps(tracks: list[Track]) -> None:
    """Refuse fits that read different steps off the rows of one series."""
    steps: dict = {}
    for track in tracks:
        step = track.history.grid.freq.freqstr
        if steps.setdefault(track.label, step) != step:
            raise ValueError(
                f"Series {track.label!r}: one fit reads the step "
                f"{steps[track.label]!r} off its rows, another one {step!r}. Give the "
                "forecaster the step, as freq=."
            )

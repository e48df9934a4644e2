"""Windows of many series, of clones that are fitted as the origin rolls on."""

from dataclasses import replace
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import clone

from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.origins import WindowForecasts
from skinformer.forecasting.reading import index_of

from .assembly import training_scales
from .fits import Fits, each_fit
from .refits import Refits, segments
from .refitting import say_fit
from .rolling import Roll, forecaster_windows
from .rows import PanelRows, n_rows_of, take_rows
from .steps import find_forecaster, in_front, unwrap
from .tracks import Track, Trail, lay_tracks

__all__ = ["refitted_panel"]


class Rolled(NamedTuple):
    """What comes of some fits.

    Attributes
    ----------
    trails : list of Trail
        Of the series that have windows.
    windows : list of WindowForecasts
        In the order of the trails.
    scales : dict or None
        What the rows that each series was first fitted on say of its size.
    names : list
        Of the targets.
    """

    trails: list[Trail]
    windows: list[WindowForecasts]
    scales: dict | None
    names: list

    def then(self, later: "Rolled") -> "Rolled":
        """Put what came of later fits behind."""
        scales = None
        if self.scales is not None and later.scales is not None:
            scales = later.scales | self.scales
        trails, windows = self.trails + later.trails, self.windows + later.windows
        return Rolled(trails, windows, scales, later.names)


def refitted_panel(
    estimator: Any, X: Any, y: Any, roll: Roll, refits: Refits
) -> Rolled:
    """Fit a clone before every segment of instants, and forecast all series from these.

    All windows are in one part.
    """
    template = find_forecaster(estimator)
    freq, time = (getattr(template, name, None) for name in ("freq", "time"))
    if time is None:
        refuse_no_time(X, refits)
    rows = PanelRows.read(X, y, freq, time)
    first = refits.first_origin(rows)
    origins = roll.reach.origins(first, len(rows))
    fits = Fits(estimator, rows, roll, refits)
    rolled = reduce(
        Rolled.then, each_fit(roll_fit, fits, segments(origins, refits.refit))
    )
    if not rolled.trails:
        raise ValueError(
            roll.reach.no_window(f"After train_size={refits.train_size}, series hold")
        )
    refuse_other_steps(rolled.trails)
    return rolled._replace(windows=[join(rolled.windows)])


def roll_fit(fits: Fits, origins: np.ndarray) -> Rolled:
    """Fit a clone on the rows before the first of some origins, forecast from all."""
    rows = fits.rows
    train = fits.refits.training_rows(rows, int(origins[0]))
    model, forecaster = fitted_clone(fits.estimator, rows, train)
    tracks, windows = later_tracks(model, rows, train.stop, origins, fits.roll)
    trails = [track.trail() for track in tracks]
    names = forecaster.target_names_
    return Rolled(trails, windows, training_scales(forecaster), names)


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


def refuse_other_steps(trails: list[Trail]) -> None:
    """Refuse fits that read different steps off the rows of one series."""
    steps: dict = {}
    for trail in trails:
        step = trail.grid.freq.freqstr
        if steps.setdefault(trail.label, step) != step:
            raise ValueError(
                f"Series {trail.label!r}: one fit reads the step "
                f"{steps[trail.label]!r} off its rows, another one {step!r}. Give the "
                "forecaster the step, as freq=."
            )

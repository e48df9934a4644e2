"""The forecaster of a report and its baselines: made, fitted, calibrated."""

from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from skinformer.baselines import RidgeForecaster, SeasonalNaive
from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.conformal import windows_needed
from skinformer.model_selection.rows import take_rows
from skinformer.model_selection.steps import find_forecaster
from skinformer.pipeline import ForecastPipeline
from skinformer.series.timeline import last_part

from .parts import Parts

__all__ = [
    "NAIVE",
    "Calibrated",
    "check_baselines",
    "fit_calibrated",
    "make_baselines",
    "naive_like",
    "name_of",
    "require_forecaster",
]

# what errors are measured against, in every report
NAIVE = "SeasonalNaive"

# parameters that say what the data are, and so hold for every forecaster of them
OF_THE_DATA = (
    "pred_len",
    "freq",
    "time",
    "categorical_features",
    "past_covariates",
    "series",
    "new_series",
    "bounds",
)

# Rows that calibrate: as many as intervals are made of, but of few rows no more than a
# tenth, unless there would then be no interval; and never more than a quarter.
SEASONS, HORIZONS, LEAST_ROWS = 30, 15, 720
USUAL_SHARE, LARGEST_SHARE = 0.1, 0.25


# What is compared


def require_forecaster(estimator: Any, name: str = "forecaster") -> BaseForecaster:
    """Return the forecaster at the end of pipelines and searches."""
    if isinstance(estimator, type):
        raise TypeError(
            f"{name} must be an instance; got the class {estimator.__name__}: "
            f"{estimator.__name__}()."
        )
    found = None
    if hasattr(estimator, "fit"):
        found = find_forecaster(estimator)
    if found is None:
        raise TypeError(
            f"{name} must be a forecaster of skinformer, or a Pipeline or search that "
            f"ends in one; got {type(estimator).__name__}. LagForecaster makes one of "
            "a scikit-learn regressor."
        )
    return found


def check_baselines(baselines: Any) -> None:
    """Refuse what names no forecasters."""
    if baselines is None:
        return
    if not isinstance(baselines, Mapping):
        raise TypeError(
            "baselines must be a dict of name to forecaster, or None; got "
            f"{type(baselines).__name__}."
        )
    for name, baseline in baselines.items():
        require_forecaster(baseline, f"baselines[{name!r}]")


def name_of(forecaster: BaseForecaster, baselines: Mapping[str, Any]) -> str:
    """Return what a report calls the forecaster, told apart from the baselines."""
    name = type(forecaster).__name__
    return name if name not in baselines else f"{name} (yours)"


def make_baselines(estimator: Any, baselines: Mapping | None) -> dict[str, Any]:
    """Return the baselines by name, seasonal naive first."""
    naive = {NAIVE: naive_like(estimator)}
    if baselines is None:
        return naive | {"RidgeForecaster": like(estimator, RidgeForecaster())}
    return naive | {str(name): given for name, given in baselines.items()}


def naive_like(estimator: Any) -> Any:
    """Return seasonal naive that reads its rows as the estimator does."""
    return like(estimator, SeasonalNaive())


def like(estimator: Any, baseline: BaseForecaster) -> Any:
    """Put a baseline in place of the forecaster, behind the same steps."""
    ours = require_forecaster(estimator).get_params(deep=False)
    shared = baseline.get_params(deep=False).keys() & ours.keys() & set(OF_THE_DATA)
    return with_last(estimator, baseline.set_params(**{n: ours[n] for n in shared}))


def with_last(estimator: Any, last: BaseForecaster) -> Any:
    """Return the same pipeline with another forecaster at its end."""
    if isinstance(estimator, Pipeline):
        front = [(name, clone(step)) for name, step in estimator.steps[:-1]]
        end = with_last(estimator[-1], last)
        return ForecastPipeline([*front, ("forecaster", end)]) if front else end
    if hasattr(estimator, "best_estimator_") or hasattr(estimator, "estimator"):
        return with_last(getattr(estimator, "estimator", None), last)
    return last


# Fits


def with_methods(model: Any) -> Any:
    """Return what a search has found, and a Pipeline as one of forecasters."""
    model = getattr(model, "best_estimator_", model)
    if isinstance(model, Pipeline) and not isinstance(model, ForecastPipeline):
        return ForecastPipeline(model.steps)
    return model


class Calibrated(NamedTuple):
    """A fitted model, and how its intervals came about.

    Attributes
    ----------
    model : fitted forecaster or ForecastPipeline
    n_kept : int
        Stamps before the cut that calibrated, of a series as long as all; 0 for none.
    why_not : str
        Why there are no intervals; empty where there are.
    """

    model: Any
    n_kept: int
    why_not: str = ""


def fit_calibrated(
    estimator: Any, X: Any, y: Any, parts: Parts, season: int, coverage: float | None
) -> Calibrated:
    """Fit on the rows before the cut, the last of which calibrate the intervals."""
    forecaster = require_forecaster(estimator)
    own, horizon = forecaster.calibration_fraction, forecaster.pred_len
    if coverage is None:
        return Calibrated(
            fit_part(estimator, X, y, parts.train), 0, "none were asked for"
        )
    n_kept = last_part(parts.n_train, own)
    if own is None:
        n_kept = kept_rows(parts.n_train, horizon, season, coverage)
    if own is None and n_kept - horizon + 1 < windows_needed(coverage):
        why = (
            f"{n_kept:,} rows, the most that may be kept back to calibrate, hold fewer "
            f"than the {windows_needed(coverage)} windows that it takes"
        )
        return Calibrated(fit_part(estimator, X, y, parts.train), 0, why)
    model = fit_and_calibrate(estimator, X, y, parts, n_kept)
    return Calibrated(model, n_kept, too_few(model, coverage))


def kept_rows(n: int, horizon: int, season: int, coverage: float) -> int:
    """Return how many of n rows calibrate: enough, and no more than they can spare.

    >>> kept_rows(14_000, horizon=24, season=24, coverage=0.9)
    720
    >>> kept_rows(2_000, horizon=24, season=24, coverage=0.9)
    200
    >>> kept_rows(100, horizon=7, season=7, coverage=0.9)
    25
    """
    wanted = max(SEASONS * season, HORIZONS * horizon, LEAST_ROWS)
    enough = 2 * windows_needed(coverage) + horizon
    most = min(max(int(USUAL_SHARE * n), enough), int(LARGEST_SHARE * n))
    return min(wanted, most)


def fit_part(estimator: Any, X: Any, y: Any, rows: np.ndarray) -> Any:
    """Fit a clone on some rows, and return it with all methods of its forecaster."""
    return with_methods(clone(estimator).fit(take_rows(X, rows), take_rows(y, rows)))


def fit_and_calibrate(estimator: Any, X: Any, y: Any, parts: Parts, n_kept: int) -> Any:
    """Fit, and calibrate on the last rows before the cut.

    By ``calibration_fraction`` where the forecaster has it, because its highway then
    learns from these rows too.
    """
    estimator = clone(estimator)
    forecaster = require_forecaster(estimator)
    if forecaster.calibration_fraction is not None:
        return fit_part(estimator, X, y, parts.train)
    is_search = hasattr(estimator, "refit")  # whose folds are shorter
    if "calibration_fraction" in forecaster.get_params(deep=False) and not is_search:
        forecaster.set_params(calibration_fraction=share_of(n_kept, parts.n_train))
        return fit_part(estimator, X, y, parts.train)
    first = parts.codes[parts.train] < parts.n_train - n_kept
    model = fit_part(estimator, X, y, parts.train[first])
    kept = parts.train[~first]
    return model.calibrate(take_rows(X, kept), take_rows(y, kept))


def share_of(part: int, whole: int) -> float:
    """Return a share in whole per cent, at least as large.

    >>> share_of(720, 10_000)
    0.08
    """
    return ceil(100 * part / whole) / 100


def too_few(model: Any, coverage: float) -> str:
    """Say why a calibrated model has no intervals; nothing if it has some."""
    try:
        require_forecaster(model)._log.check_enough(coverage)
    except ValueError as error:
        return str(error)
    return ""

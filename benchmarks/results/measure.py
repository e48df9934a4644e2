"""One run: fit, forecast every window, measure; the record of it."""

import json
import math
import statistics
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.results.data import Part, on_grid
from benchmarks.results.models import make, overrides_of
from benchmarks.results.origin import origin
from benchmarks.results.tasks import TASKS, Task, version_of
from skinformer import BacktestResult, backtest
from skinformer.exceptions import FilledRowsWarning, GapWarning

__all__ = ["measure"]

SEASON = 24  # rows; all series are hourly
DIGITS = 5
# a forecast is timed so often, or for so long, but no less often than
MOST_TIMES, LONG_ENOUGH, LEAST_TIMES = 50, 3.0, 3


def measure(model: str, horizon: int, seed: int, names: list[str]) -> list[dict]:
    """Fit once for each part, and return a record for each of the tasks named."""
    tasks = [TASKS[name] for name in names]
    come_from = origin(model)  # the commit that the run starts from
    runs: dict[str, list[dict]] = {name: [] for name in names}
    for part in tasks[0].load():
        estimator = make(model, tasks[0], horizon, seed)
        fitting, noted = timed(lambda e=estimator, p=part: fit(e, p))
        for task in tasks:
            one = forecast_part(estimator, part, task, horizon)
            one["fit_seconds"], one["warnings"] = fitting, noted + one["warnings"]
            one["blend"] = rounded(getattr(last_step(estimator), "blend_", None))
            runs[task.name].append(one)
    key = {"model": model, "horizon": horizon, "seed": seed}
    about = {"overrides": overrides_of(model), "parameters": parameters(estimator)}
    return [
        {"task": name, **key, "version": version_of(model), **about}
        | summary(parts)
        | come_from
        for name, parts in runs.items()
    ]


def timed(run: Callable[[], Any]) -> tuple[float, list[str]]:
    """Run; return the seconds, and the warnings that this protocol does not expect."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # rows that are absent, and the rows between the history and a fold
        warnings.simplefilter("ignore", FilledRowsWarning)
        warnings.simplefilter("ignore", GapWarning)
        began = time.perf_counter()
        run()
        seconds = time.perf_counter() - began
    told = {f"{w.category.__name__}: {w.message}"[:300] for w in caught}
    return seconds, sorted(told)


def fit(estimator: Any, part: Part) -> None:
    """Fit on the rows of a part that are for it; one target is a column alone."""
    y = part.y[part.fitted]
    estimator.fit(part.X[part.fitted], y if y.shape[1] > 1 else y.iloc[:, 0])


def forecast_part(estimator: Any, part: Part, task: Task, horizon: int) -> dict:
    """Forecast the test rows of a part; return errors and seconds."""
    found: list[BacktestResult] = []
    way = whole_fold if task.stride is None else partial(every_window, horizon, task)
    seconds, noted = timed(lambda: found.append(way(estimator, part)))
    once = None if task.stride is None else one_forecast(estimator, part, horizon)
    scaled = part.y[part.scaled]
    result = found[0].with_training(on_grid(scaled), season=SEASON)
    return {
        "name": part.name,
        "result": result,
        "forecast_seconds": seconds,
        "one_forecast_seconds": once,
        "warnings": noted,
    }


def every_window(
    horizon: int, task: Task, estimator: Any, part: Part
) -> BacktestResult:
    """Forecast from every origin in the test rows."""
    X, y = part.X[part.tested], part.y[part.tested]
    return backtest(estimator, X, y, horizon=horizon, stride=task.stride)


def whole_fold(estimator: Any, part: Part) -> BacktestResult:
    """Predict the test rows at once, as one window."""
    shape = 1, -1, part.y.shape[1]
    y_true = part.y[part.tested].to_numpy().reshape(shape)
    y_pred = np.reshape(estimator.predict(part.X[part.tested]), shape)
    return BacktestResult(np.array([0]), list(part.y.columns), y_true, y_pred)


def one_forecast(estimator: Any, part: Part, horizon: int) -> dict[str, float]:
    """Return median seconds of a forecast of the first window.

    By the clock, and of this process, which other work on the machine delays less.
    """
    rows = part.X[part.tested][:horizon]
    estimator.predict(rows)
    clock: list[float] = []
    own: list[float] = []
    while len(clock) < LEAST_TIMES or (
        len(clock) < MOST_TIMES and sum(clock) < LONG_ENOUGH
    ):
        began = time.process_time()
        clock.append(timed(lambda: estimator.predict(rows))[0])
        own.append(time.process_time() - began)
    return {"clock": statistics.median(clock), "process": statistics.median(own)}


# The record


def summary(parts: list[dict]) -> dict[str, Any]:
    """Return means over the parts, the sum of seconds, and each part's errors."""
    results = [part["result"] for part in parts]
    units = {"original": False, "standardized": True}
    each = {
        u: [r.scores(standardized=s).iloc[0] for r in results] for u, s in units.items()
    }
    once = [part["one_forecast_seconds"] for part in parts]
    return {
        "errors": {u: rounded(sum(rows) / len(rows)) for u, rows in each.items()},
        "parts": [
            {"name": part["name"], "n_windows": len(part["result"].starts)}
            | ({"blend": part["blend"]} if part.get("blend") is not None else {})
            | {unit: rounded(each[unit][i]) for unit in units}
            for i, part in enumerate(parts)
        ],
        "per_step": along(results, "step") if once[0] is not None else None,
        "per_target": along(results, "target"),
        "target_names": [str(name) for name in results[0].target_names],
        "n_windows": sum(len(result.starts) for result in results),
        "foresight": results[0].foresight,
        "fit_seconds": rounded(sum(part["fit_seconds"] for part in parts)),
        "forecast_seconds": rounded(sum(part["forecast_seconds"] for part in parts)),
        "one_forecast_seconds": rounded(once[0]),
        "warnings": sorted({text for part in parts for text in part["warnings"]}),
    }


def along(results: list[BacktestResult], axis: str) -> dict[str, list]:
    """Return standardised errors along an axis, means over the parts."""
    return {
        name: rounded(
            np.mean(
                [r.metric(name, by=axis, standardized=True) for r in results], axis=0
            )
        )
        for name in ("mse", "mae")
    }


def rounded(value: Any) -> Any:
    """Cut numbers to some digits, for a file; a number that is none becomes None."""
    if value is None:
        return None
    if hasattr(value, "items"):
        return {name: rounded(number) for name, number in value.items()}
    if np.ndim(value):
        return [rounded(number) for number in value]
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def parameters(estimator: Any) -> dict[str, Any]:
    """Return the settings of the last step, as a file can hold them."""
    settings = last_step(estimator).get_params(deep=False)
    return {name: plain(value) for name, value in settings.items()}


def last_step(estimator: Any) -> Any:
    """Return the last step of a pipeline, or the estimator itself."""
    return estimator[-1] if hasattr(estimator, "steps") else estimator


def plain(value: Any) -> Any:
    """Return what JSON can hold: the value, or its text."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return repr(value)
    return value

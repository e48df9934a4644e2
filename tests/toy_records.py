"""Records made by hand."""

from benchmarks.results import models, records, tasks


def record(task="ett_m", model="informer", horizon=24, seed=0, mse=0.3, **other):
    """Return a record with one error, all metrics being the same number."""
    errors = dict.fromkeys(("mse", "mae", "rmse"), mse)
    part = {"name": "test", "original": errors, "standardized": errors}
    return {
        "task": task,
        "model": model,
        "horizon": horizon,
        "seed": seed,
        "version": tasks.version_of(model),
        "overrides": models.overrides_of(model),
        "errors": {"original": errors, "standardized": errors},
        "parts": [part],
        "fit_seconds": 1.0,
        "forecast_seconds": 2.0,
        "one_forecast_seconds": {"clock": 0.02, "process": 0.01},
        "versions": {"python": "3", "torch": "2.13"},
        "commit": "abc",
        "dirty": False,
        "machine": "a machine",
        "date": "2026-01-02 03:04",
    } | other


def table_of(*rows):
    return records.current(rows)

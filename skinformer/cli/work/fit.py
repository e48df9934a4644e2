"""Fit a forecaster on a table, and save it with what its columns are."""

import math
import time
from pathlib import Path
from typing import Any

from skinformer.forecasting.base import BaseForecaster
from skinformer.persistence import save
from skinformer.pipeline import ForecastPipeline

from ..kinds import ModelName
from ..options import ModelOptions, TableOptions
from ..output import check_output, print_json, size_of
from ..reading.data import Data
from ..reading.files import MODEL_FILES
from ..reading.notes import to_notes
from ..talk import say_found
from .models import check_horizon, make_model, place_of_checkpoint, read_for

__all__ = ["LEAST_WINDOWS", "NOTES", "fit_table"]

NOTES = "command_line"  # where a model file keeps what the table was
# windows that tell how sure forecasts are: 39 make an interval of 95%
LEAST_WINDOWS = 40
SHARES = 0.1, 0.2


def fit_table(
    path: str,
    table: TableOptions,
    name: ModelName,
    options: ModelOptions,
    calibration: float | None,
    checkpoint_dir: Path | None,
    output: Path,
    as_json: bool,
) -> None:
    """Read, fit, save, and say what was done."""
    check_output(output, MODEL_FILES)
    place = {}
    if checkpoint_dir is not None:
        place = place_of_checkpoint(name, checkpoint_dir)
    settings, data = read_for(name, path, table, options)
    check_horizon(options.horizon, data)
    kept = calibration_rows(calibration, data.n_steps, options.horizon)
    if not as_json:
        say_found(data.said | {"model": said_of_model(name, options.horizon)})
    model = make_model(name, data, options, table.freq, settings | place, kept)
    began = time.perf_counter()
    fit_calibrated(model, data, kept)
    seconds = time.perf_counter() - began
    save(quiet(model), output, notes={NOTES: notes_of(data, name, options)})
    if as_json:
        return print_json(summary(data, name, options, output, kept, seconds))
    print(told(data, output, kept, seconds))
    return None


def quiet(model: ForecastPipeline) -> ForecastPipeline:
    """Return the model without its bar, which was for this fit."""
    if "verbose" in model[-1].get_params(deep=False):
        model[-1].set_params(verbose=0)
    return model


# Rows that say how sure forecasts are


def calibration_rows(given: float | None, n: int, horizon: int) -> int | None:
    """Return how many of the last n rows calibrate, None for none."""
    if given is not None:
        kept = share_of("--calibration", given, n)
        return kept or None
    enough = horizon - 1 + LEAST_WINDOWS
    return next((int(s * n) for s in SHARES if s * n >= enough), None)


def share_of(option: str, given: float, n: int) -> int:
    """Return a share of n rows, or the number of rows that is given.

    Raises
    ------
    ValueError
        If it is neither, or no row is left.
    """
    rows = round(given * n) if given < 1 else given
    if rows < 0 or not math.isfinite(rows) or rows != int(rows):
        raise ValueError(
            f"{option} {given:g} is neither a share below 1 nor a number of rows; "
            "give one such as 0.2."
        )
    if rows >= n:
        raise ValueError(
            f"{option} {given:g} leaves no row to learn from: there are {n:,}. "
            "Give fewer."
        )
    return int(rows)


def fit_calibrated(model: ForecastPipeline, data: Data, kept: int | None) -> None:
    """Fit a model; one that keeps no rows back by itself calibrates after it."""
    if kept is None or keeps_rows(model[-1]):
        model.fit(data.X, data.y)
        return
    cut = len(data.X) - kept
    model.fit(data.X[:cut], data.y[:cut])
    model.calibrate(data.X[cut:], data.y[cut:])


def keeps_rows(forecaster: BaseForecaster) -> bool:
    """Tell whether fit itself calibrates."""
    return "calibration_fraction" in forecaster.get_params(deep=False)


# What is kept and told


def notes_of(data: Data, name: ModelName, options: ModelOptions) -> dict[str, Any]:
    """Return what predict has to know of the table."""
    return {
        "model": name.value,
        "table": data.name,
        "country": options.country,
        "roles": to_notes(data.roles),
        "clock": to_notes(data.clock),
    }


def said_of_model(name: ModelName, horizon: int) -> str:
    """Say what is about to be fitted."""
    return f"{name.value}, {horizon} rows at a time"


def told(data: Data, output: Path, kept: int | None, seconds: float) -> str:
    """Say what was done, and what to do next."""
    sure = f"the last {kept:,} say" if kept else "none kept back to say"
    ahead = "--future FUTURE.csv " if data.roles.known else ""
    return (
        f"fitted in {seconds:.1f} s on {len(data.X):,} rows, {sure} how sure it is\n"
        f"saved {output} ({size_of(output)})\n"
        f"next: skinformer predict {output} {ahead}-o forecast.csv"
    )


def summary(
    data: Data,
    name: ModelName,
    options: ModelOptions,
    output: Path,
    kept: int | None,
    seconds: float,
) -> dict[str, Any]:
    """Return the same for a program."""
    return {
        "output": str(output),
        "model": name.value,
        "horizon": options.horizon,
        "n_rows": len(data.X),
        "n_calibration": kept or 0,
        "seconds": round(seconds, 3),
        "found": data.said,
        **to_notes(data.roles),
    }

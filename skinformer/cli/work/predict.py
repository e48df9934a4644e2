"""Forecast by a model file, and write the forecast as a table."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from skinformer.inspection.forecast_rows import ask_forecaster

from ..output import DIGITS, check_output, print_json, write_frame
from ..reading.data import read_later
from ..reading.files import TABLES
from ..reading.tables import require_pyarrow
from ..talk import say
from .ahead import calendar_rows, future_rows
from .fit import LEAST_WINDOWS
from .stored import Stored, open_model

__all__ = ["Asked", "check_table_output", "predict_table"]


@dataclass(frozen=True)
class Asked:
    """What is to be forecast, from what."""

    future: str | None
    data: str | None
    replace: bool
    horizon: int | None
    coverage: float | None


def predict_table(path: Path, asked: Asked, output: Path | None, as_json: bool) -> None:
    """Open the model, bring it up to date, forecast, and write."""
    check_table_output(output, str(path), asked.data, asked.future)
    stored = open_model(path)
    check_sure(stored, asked.coverage)
    if asked.data is not None:
        bring_up_to_date(stored, asked.data, asked.replace)
    forecast = forecast_frame(stored, rows_to_forecast(stored, asked), asked.coverage)
    if output is not None:
        write_frame(forecast, output)
    if as_json:
        return print_json(summary(stored, forecast, asked, output))
    if output is None:
        forecast.to_csv(sys.stdout, index=False, float_format=DIGITS)
    else:
        say(f"wrote {len(forecast):,} rows to {output}")
    return None


def check_table_output(output: Path | None, *inputs: str | None) -> None:
    """Refuse a table that could not be written, or would replace one that is read."""
    check_output(output, TABLES, inputs=inputs)
    if output is not None and output.name.lower().endswith(".parquet"):
        require_pyarrow()


def check_sure(stored: Stored, coverage: float | None) -> None:
    """Refuse an interval of a model that kept no rows back for one."""
    if coverage is not None and stored.forecaster._log is None:
        rows = stored.forecaster._pred_len - 1 + LEAST_WINDOWS
        raise ValueError(
            f"{stored.path} kept no rows back that say how sure it is; leave "
            "--coverage out, or let fit keep some back, such as "
            f"--calibration {rows}."
        )


def bring_up_to_date(stored: Stored, path: str, replace: bool) -> None:
    """Append rows that have been observed since."""
    X, y, name = read_later(path, stored.roles, stored.clock, stored.zone, targets=True)
    on_conflict = "replace" if replace else "raise"
    try:
        stored.model.update(X, y, on_conflict=on_conflict)
    except ValueError as error:
        contradicts = "on_conflict" in str(error)
        hint = " (on the command line: --replace)" if contradicts else ""
        raise ValueError(f"{name}: {error}{hint}") from error


def rows_to_forecast(stored: Stored, asked: Asked) -> pd.DataFrame:
    """Return the rows asked for."""
    if asked.future is None:
        horizon = asked.horizon or stored.forecaster._pred_len
        return calendar_rows(stored, horizon)
    X, _, name = read_later(
        asked.future, stored.roles, stored.clock, stored.zone, targets=False
    )
    later, n_seen = future_rows(stored, X, name, asked.horizon)
    if n_seen:
        say(f"note: {n_seen:,} rows of {name} have been observed; they are left out.")
    return later


def forecast_frame(
    stored: Stored, X: pd.DataFrame, coverage: float | None
) -> pd.DataFrame:
    """Return the forecast as a table, with times in a form that reads back."""
    targets = stored.roles.targets
    # as text: dates alone where all are midnights without a zone
    columns: dict[str, object] = {stored.clock.columns[0]: X.index.astype(str)}
    if stored.roles.series is not None:
        columns[stored.roles.series] = X[stored.roles.series].to_numpy()
    names = [*columns, *names_of(targets, coverage)]
    values, ends = ask_forecaster(stored.model, X, coverage)
    if ends is not None:
        # (n, targets, 3) -> (n, targets * 3): a target, its lower and its upper end
        values = np.concatenate([values[..., None], ends], axis=2).reshape(len(X), -1)
    frame = pd.concat(
        [pd.DataFrame(columns), pd.DataFrame(values)], axis=1, ignore_index=True
    )
    return frame.set_axis(names, axis=1)


def names_of(targets: tuple[str, ...], coverage: float | None) -> list[str]:
    """Name the columns of the forecast."""
    if coverage is None:
        return list(targets)
    names = [f"{target}{end}" for target in targets for end in ("", "_lower", "_upper")]
    if len(set(names)) < len(names):
        raise ValueError(
            "A target has the name of the lower or upper end of another one; leave "
            "--coverage out, or rename it."
        )
    return names


def summary(
    stored: Stored, forecast: pd.DataFrame, asked: Asked, output: Path | None
) -> dict[str, object]:
    """Return the forecast for a program."""
    return {
        "model": str(stored.path),
        "output": None if output is None else str(output),
        "targets": list(stored.roles.targets),
        "coverage": asked.coverage,
        "n_rows": len(forecast),
        "forecast": forecast.to_dict(orient="records"),
    }

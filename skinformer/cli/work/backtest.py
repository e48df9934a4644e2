"""Measure how far forecasts miss in the last part of a table, or in later rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skinformer.model_selection import BacktestResult, backtest

from ..kinds import ModelName
from ..options import BacktestOptions, ModelOptions, TableOptions
from ..output import print_json, write_frame
from ..reading.data import Data, read_later
from ..talk import on_terminal, say, say_found, show_table
from .ahead import steps_ahead
from .fit import said_of_model, share_of
from .models import check_horizon, make_model, read_for
from .predict import check_table_output
from .stored import open_model

__all__ = [
    "METRICS",
    "Tested",
    "backtest_fitted",
    "backtest_model",
    "backtest_table",
    "numbers",
    "rows_to_test",
    "warn_of_foresight",
    "windows_of",
]

METRICS = ("mae", "rmse", "mase", "bias")
FEW_STEPS = 6  # of which the error is shown


@dataclass(frozen=True)
class Tested:
    """What is tested, and on which rows."""

    name: ModelName
    options: ModelOptions
    rows: BacktestOptions
    refit: int = 0


def backtest_table(
    path: str, table: TableOptions, tested: Tested, output: Path | None, as_json: bool
) -> None:
    """Fit on the first rows of a table, and forecast within the others."""
    check_table_output(output, path)
    name, options = tested.name, tested.options
    settings, data = read_for(name, path, table, options)
    n_test = rows_to_test(tested.rows.test_size, data, options.horizon)
    if not as_json:
        said = said_of_model(name, options.horizon)
        say_found(data.said | {"model": said, "tested on": f"the last {n_test:,} rows"})
    result = backtest_model(tested, data, n_test, settings, table.freq)
    show_result(f"{name} on {data.name}", result, output, as_json)
    warn_of_foresight(data.roles.known)


def rows_to_test(test_size: float, data: Data, horizon: int) -> int:
    """Return how many of the last times of a table are tested on.

    Raises
    ------
    ValueError
        If they hold no forecast, or leave too few rows to learn from.
    """
    n_test = share_of("--test-size", test_size, data.n_steps)
    if n_test < horizon:
        raise ValueError(
            f"--test-size {test_size:g} makes {n_test:,} rows to test on, fewer than "
            f"--horizon {horizon}; raise the one or lower the other."
        )
    check_horizon(horizon, data, data.n_steps - n_test)
    return n_test


def backtest_model(
    tested: Tested,
    data: Data,
    n_test: int,
    settings: dict[str, Any],
    freq: str | None,
) -> BacktestResult:
    """Backtest one forecaster by the rows before those that test it."""
    model = make_model(tested.name, data, tested.options, freq, settings)
    return backtest(
        model,
        data.X,
        data.y,
        train_size=data.n_steps - n_test,
        stride=tested.rows.stride,
        refit=tested.refit or False,
        verbose=int(on_terminal()),
    )


def backtest_fitted(
    path: Path, table: str, rows: BacktestOptions, output: Path | None, as_json: bool
) -> None:
    """Forecast within rows after those that a model file has seen."""
    check_table_output(output, str(path), table)
    stored = open_model(path)
    X, y, name = read_later(
        table, stored.roles, stored.clock, stored.zone, targets=True
    )
    assert y is not None  # with targets
    later = steps_ahead(stored, X) >= 0
    if not later.any():
        raise ValueError(
            f"No row of {name} is later than what {path} has seen: a test on rows of "
            "the fit would say nothing. Give later rows, or leave --fitted out."
        )
    result = backtest(
        stored.model,
        X[later],
        y[later],
        stride=rows.stride,
        verbose=int(on_terminal()),
    )
    show_result(f"{path} on {name}", result, output, as_json)
    warn_of_foresight(stored.roles.known)


def warn_of_foresight(known: tuple[str, ...]) -> None:
    """Say that columns known ahead were those observed."""
    if known:
        say(
            f"note: {', '.join(known)} counted as known ahead, as the table has them: "
            "errors with forecasts of them in their place will be larger."
        )


# Results


def show_result(
    title: str, result: BacktestResult, output: Path | None, as_json: bool
) -> None:
    """Print the errors, and write the forecasts if they are wanted."""
    if output is not None:
        write_frame(result.to_frame(), output)
    if as_json:
        return print_json(summary(result, output))
    show_table(f"{title}: {windows_of(result)}", ("", *METRICS), rows_of(result))
    show_table("mean absolute error by step ahead", *by_step(result))
    if output is not None:
        say(f"wrote the forecasts to {output}")
    return None


def windows_of(result: BacktestResult) -> str:
    """Say how many forecasts of how many rows there are, and from when to when."""
    n, horizon, _ = result.y_true.shape
    stamps = result.timestamps
    return f"{n:,} forecasts of {horizon} rows, {stamps.min()} to {stamps.max()}"


def rows_of(result: BacktestResult) -> list[list[str]]:
    """Return a row of errors for each target."""
    scores = result.scores(by="target")
    return [
        [str(target), *numbers(scores.loc[target, list(METRICS)])]
        for target in result.target_names
    ]


def by_step(result: BacktestResult) -> tuple[list[str], list[list[str]]]:
    """Return the error of some steps, the first and the last ones among them."""
    horizon, targets = result.y_true.shape[1], [str(t) for t in result.target_names]
    standardized = len(targets) > 1 and result.scale is not None
    errors = result.metric("mae", by="step", standardized=standardized)
    n = min(FEW_STEPS, horizon)
    steps = sorted({1 + round(i * (horizon - 1) / max(n - 1, 1)) for i in range(n)})
    unit = "in standard deviations" if standardized else ", ".join(targets)
    row = [unit, *numbers(errors[step - 1] for step in steps)]
    return ["step", *map(str, steps)], [row]


def numbers(values: Any) -> list[str]:
    """Write numbers with four digits."""
    return [f"{value:.4g}" for value in values]


def summary(result: BacktestResult, output: Path | None) -> dict[str, Any]:
    """Return the errors for a program."""
    n, horizon, _ = result.y_true.shape
    targets = result.scores(by="target")
    found = {
        "n_forecasts": n,
        "horizon": horizon,
        "first": str(result.timestamps.min()),
        "last": str(result.timestamps.max()),
        "foresight": result.foresight,
        "errors": {str(t): targets.loc[t].to_dict() for t in result.target_names},
        "by_step": {
            "mae": result.metric("mae", by="step"),
            "rmse": result.metric("rmse", by="step"),
        },
        "output": None if output is None else str(output),
    }
    if result.series is not None:
        series = result.scores(by="series")
        found["by_series"] = {str(k): row.to_dict() for k, row in series.iterrows()}
    return found

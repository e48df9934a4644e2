"""Train on a data set, forecast its test part beside seasonal naive, draw."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline

from skinformer._extras import import_extra
from skinformer._files import replaced
from skinformer.baselines import SeasonalNaive
from skinformer.datasets import fetch_bike_sharing, fetch_ett, make_load_series
from skinformer.forecasting import InformerRegressor
from skinformer.inspection import ForecastDisplay
from skinformer.model_selection import BacktestResult, backtest
from skinformer.preprocessing import TimeFeatures

from ..output import check_output, print_json, write_frame
from ..talk import on_terminal, show_table

__all__ = ["Asked", "demo", "write_table"]

PICTURES = (".png", ".pdf", ".svg", ".jpg")
PICTURE = Path("skinformer-demo.png")
NO_PICTURE = "no picture: matplotlib is missing, pip install 'skinformer[plot]'"
ETT = ("ETTh1", "ETTh2", "ETTm1", "ETTm2")
# of the tables that are written for a beginning
ROWS_TO_TRY, ROWS_AHEAD = 24 * 60, 48


@dataclass(frozen=True)
class Asked:
    """What to train on and to forecast, and where the picture goes."""

    data: str
    target: str | None
    pred_len: int
    seed: int
    output: Path | None = None  # None: PICTURE, where there is matplotlib


@dataclass(frozen=True)
class Series:
    """Rows to fit, of which the last ones validate, and rows to test."""

    X: pd.DataFrame
    y: pd.DataFrame
    n_train: int
    n_valid: int
    calendar: bool = True  # whether calendar features go in front

    @property
    def fitted(self) -> slice:
        """Rows that fit sees."""
        return slice(0, self.n_train + self.n_valid)

    @property
    def tested(self) -> slice:
        """Rows that it does not."""
        return slice(self.n_train + self.n_valid, None)

    @property
    def scale(self) -> np.ndarray:
        """Standard deviation of the training rows, shape (n_targets,)."""
        return self.y[: self.n_train].to_numpy().std(axis=0)

    def truth(self, n_steps: int) -> pd.Series:
        """Return the last target over the first grid steps after those fitted."""
        step = self.y.index.to_series().diff().mode()[0]
        first = self.y.index[self.fitted][-1] + step
        steps = pd.date_range(first, periods=n_steps, freq=step)
        return self.y.iloc[:, -1].reindex(steps)


def load(name: str, target: str | None = None) -> Series:
    """Load a data set of the demo, and split it in time."""
    if name in ETT:
        X, y = fetch_ett(name, return_X_y=True)
        y = y if target is None else y[[target]]
        per_hour = 1 if name.startswith("ETTh") else 4
        # 12, 4 and 4 months, as published results have it
        n_train, n_valid, n_test = (n * per_hour for n in (8640, 2880, 2880))
        rows = slice(0, n_train + n_valid + n_test)
        # on the validation rows of ETTh1 calendar features gained nothing
        return Series(X[rows], y[rows], n_train, n_valid, calendar=False)
    if target is not None:
        raise ValueError(f"--target goes with {', '.join(ETT)}; {name} has one target.")
    if name == "bike":
        X, single = fetch_bike_sharing(return_X_y=True)
    else:
        X, single = make_load_series(24 * 120, random_state=0)
    n = len(X)
    return Series(X, single.to_frame(), int(0.7 * n), int(0.15 * n))


def write_table(path: Path, as_json: bool) -> None:
    """Write the load series as a table, to try the other commands on.

    The temperature of the two days after it, as a weather forecast would have it, goes
    into a second table.
    """
    check_output(path, (".csv",), "--write-csv")
    ahead = path.with_name(f"{path.stem}-next{path.suffix}")
    check_output(ahead, (".csv",), "--write-csv")
    X, y = make_load_series(ROWS_TO_TRY + ROWS_AHEAD, random_state=0)
    frame = X.assign(load=y).round(1).rename_axis("time").reset_index()
    write_frame(frame[:ROWS_TO_TRY], path)
    write_frame(frame[["time", "temperature"]][ROWS_TO_TRY:], ahead)
    if as_json:
        return print_json({"output": [str(path), str(ahead)], "n_rows": ROWS_TO_TRY})
    print(f"wrote {path}: {ROWS_TO_TRY:,} hours of a load in MW, and the temperature")
    print(f"wrote {ahead}: the temperature of the {ROWS_AHEAD} hours after them")
    return None


def demo(asked: Asked, as_json: bool = False) -> None:
    """Train, forecast the test part by rolling windows, print, draw."""
    if asked.output is not None:
        import_extra("matplotlib", "--output", "plot")
    output = asked.output or PICTURE
    check_output(output, PICTURES, "--output")
    series = load(asked.data, asked.target)
    n_test = len(series.X[series.tested])
    if asked.pred_len > n_test:
        raise ValueError(
            f"--pred-len {asked.pred_len} is more than the {n_test} test rows of "
            f"{asked.data}; give at most as many."
        )
    informer = demo_forecaster(asked, series.n_valid)
    models = {
        "Informer": make_pipeline(TimeFeatures(), informer)
        if series.calendar
        else informer,
        "seasonal naive": SeasonalNaive(pred_len=asked.pred_len),
    }
    results, seconds = {}, {}
    for name, model in models.items():
        began = time.perf_counter()
        model.fit(series.X[series.fitted], series.y[series.fitted])
        seconds[name] = time.perf_counter() - began
        results[name] = backtest(
            model, series.X[series.tested], series.y[series.tested]
        )
    if not as_json:
        show(asked, series, results, seconds)
    picture = draw(output, series, results)
    if as_json:
        return print_json(summary(series, results, seconds, picture))
    print(f"picture: {picture}" if picture else NO_PICTURE)
    return None


def demo_forecaster(asked: Asked, n_valid: int) -> InformerRegressor:
    """Return the forecaster with its defaults, but for the horizon."""
    return InformerRegressor(
        pred_len=asked.pred_len,
        validation_fraction=n_valid,
        verbose=int(on_terminal()),
        random_state=asked.seed,
    )


def summary(
    series: Series,
    results: dict[str, BacktestResult],
    seconds: dict[str, float],
    picture: Path | None,
) -> dict[str, Any]:
    """Return the errors for a program."""
    errors = {
        name: {
            "mse": result.mse(series.scale),
            "mae": result.mae(series.scale),
            "fit_seconds": round(seconds[name], 3),
        }
        for name, result in results.items()
    }
    return {"errors": errors, "picture": None if picture is None else str(picture)}


def show(
    asked: Asked,
    series: Series,
    results: dict[str, BacktestResult],
    seconds: dict[str, float],
) -> None:
    """Print standardised errors over all test windows."""
    n_windows, pred_len, n_targets = results["Informer"].y_pred.shape
    title = (
        f"{asked.data}: {n_targets} target(s), {n_windows} test windows of {pred_len} "
        "rows, errors in training standard deviations"
    )
    rows = []
    for name, result in results.items():
        mse, mae = result.mse(series.scale), result.mae(series.scale)
        rows.append([name, f"{mse:.3f}", f"{mae:.3f}", f"{seconds[name]:.1f} s"])
    show_table(title, ("", "MSE", "MAE", "fit"), rows)


def draw(path: Path, series: Series, results: dict[str, BacktestResult]) -> Path | None:
    """Save a picture of the middle test window; return None without matplotlib."""
    try:
        import matplotlib as mpl
    except ImportError:
        return None
    mpl.use("Agg")
    window = len(results["Informer"].starts) // 2
    stop = results["Informer"].starts[window] + results["Informer"].y_pred.shape[1]
    forecasts = {name: r.y_pred[window, :, -1] for name, r in results.items()}
    display = ForecastDisplay.from_predictions(
        series.truth(stop), forecasts, history=96
    )
    with replaced(path) as beside:
        display.figure_.savefig(beside, dpi=150)
    return path

"""The command line: flags, printing, paths."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline

from skinformer._version import __version__
from skinformer.baselines import SeasonalNaive
from skinformer.datasets import fetch_bike_sharing, fetch_ett, make_load_series
from skinformer.exceptions import TrainingDivergedError
from skinformer.forecasting import InformerRegressor
from skinformer.inspection import ForecastDisplay
from skinformer.model_selection import BacktestResult, backtest
from skinformer.preprocessing import TimeFeatures

__all__ = ["main"]

logger = logging.getLogger("skinformer")

PICTURES = (".png", ".pdf", ".svg", ".jpg")
NO_PICTURE = "no picture: matplotlib is missing, pip install 'skinformer[plot]'"
ETT = ("ETTh1", "ETTh2", "ETTm1", "ETTm2")


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


def demo(args: argparse.Namespace) -> int:
    """Train, forecast the test part by rolling windows, print, draw."""
    check_output(args.output)
    series = load(args.data, args.target)
    n_test = len(series.X[series.tested])
    if args.pred_len > n_test:
        raise ValueError(
            f"--pred-len {args.pred_len} is more than the {n_test} test rows of "
            f"{args.data}; give at most as many."
        )
    informer = demo_forecaster(args, series.n_valid)
    models = {
        "Informer": make_pipeline(TimeFeatures(), informer)
        if series.calendar
        else informer,
        "seasonal naive": SeasonalNaive(pred_len=args.pred_len),
    }
    results, seconds = {}, {}
    for name, model in models.items():
        began = time.perf_counter()
        model.fit(series.X[series.fitted], series.y[series.fitted])
        seconds[name] = time.perf_counter() - began
        results[name] = backtest(
            model, series.X[series.tested], series.y[series.tested]
        )
    print(report(args, series, results, seconds))
    picture = draw(args.output, series, results)
    print(f"picture: {picture}" if picture else NO_PICTURE)
    return 0


def check_output(path: Path) -> None:
    """Refuse, before training, a picture that could not be saved after it."""
    if path.suffix.lower() not in PICTURES:
        raise ValueError(f"--output {path} must end in one of {', '.join(PICTURES)}.")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise ValueError(f"--output {path} cannot be written; give another place.")


def demo_forecaster(args: argparse.Namespace, n_valid: int) -> InformerRegressor:
    """Return the forecaster with its defaults, but for the horizon."""
    return InformerRegressor(
        pred_len=args.pred_len,
        validation_fraction=n_valid,
        verbose=int(sys.stderr.isatty()),
        random_state=args.seed,
    )


def report(
    args: argparse.Namespace,
    series: Series,
    results: dict[str, BacktestResult],
    seconds: dict[str, float],
) -> str:
    """Return the table: standardised errors over all test windows."""
    n_windows, pred_len, n_targets = results["Informer"].y_pred.shape
    lines = [
        f"{args.data}: {n_targets} target(s), {n_windows} test windows of {pred_len} "
        "rows, errors in training standard deviations",
        "",
        f"{'':<16}{'MSE':>8}{'MAE':>8}{'fit':>9}",
    ]
    for name, result in results.items():
        mse, mae = result.mse(series.scale), result.mae(series.scale)
        lines.append(f"{name:<16}{mse:>8.3f}{mae:>8.3f}{seconds[name]:>7.1f} s")
    return "\n".join([*lines, ""])


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
    display.figure_.savefig(path, dpi=150)
    return path


def make_parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    parser = argparse.ArgumentParser(
        prog="skinformer", description="Long-sequence time-series forecasting."
    )
    parser.add_argument("--version", action="version", version=__version__)
    add_demo(parser.add_subparsers(dest="command", required=True))
    return parser


def add_demo(commands: argparse._SubParsersAction) -> None:
    """Describe the command ``demo``."""
    command = commands.add_parser(
        "demo",
        help="train on a data set, and forecast its test part beside seasonal naive",
        epilog="example: python -m skinformer demo --data ETTh1 --pred-len 24",
    )
    command.add_argument(
        "--data",
        choices=("load", "bike", *ETT),
        default="load",
        help="data set; 'load' is made on the spot, the others are read from the "
        "folder that SKINFORMER_DATA names, or downloaded (default: %(default)s)",
    )
    command.add_argument(
        "--target",
        choices=("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"),
        metavar="COLUMN",
        help="one column of an ETT data set, instead of all seven",
    )
    command.add_argument(
        "--pred-len",
        type=positive,
        default=24,
        metavar="N",
        help="rows to forecast from each origin (default: %(default)s)",
    )
    command.add_argument(
        "--seed", type=seed, default=0, help="of the training (default: %(default)s)"
    )
    command.add_argument(
        "--output",
        type=Path,
        default=Path("skinformer-demo.png"),
        metavar="FILE",
        help="where to save the picture (default: %(default)s)",
    )
    command.set_defaults(run=demo)


def positive(text: str) -> int:
    """Read a whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least 1")
    return int(text)


def seed(text: str) -> int:
    """Read a whole number that can be a seed."""
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number below 2**32")
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0, or 1 for a problem with the data; argparse exits with 2 for wrong usage.
    """
    args = make_parser().parse_args(argv)
    logging.basicConfig(format="%(levelname)s: %(message)s")
    try:
        return args.run(args)
    except (ValueError, OSError, TrainingDivergedError) as error:
        print(f"skinformer: {error}", file=sys.stderr)
        return 1

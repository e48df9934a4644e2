"""How often intervals hold; `python -m benchmarks.coverage --output docs/coverage.md`.

Blocks of 24 rows are forecast one after another; after each, ``update`` brings what
came. Beside it: the same forecasts with quantiles of the residuals in the rows that
calibrate, which nothing moves afterwards, and the same intervals around the season
before.
"""

import argparse
import warnings
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.results.data import Part, bike_folds, ett_seven
from skinformer import (
    ForecastPipeline,
    InformerRegressor,
    SeasonalNaive,
    TimeFeatures,
    backtest,
    make_forecast_pipeline,
)

COVERAGES = (0.5, 0.8, 0.9, 0.95)
HORIZON = 24
# hours that are asked for at every third origin: three blocks, two of them of paths
FAR = 72
# rows at the end of those fitted on: they calibrate; as many before them validate
N_KEPT = {"ETTh1": 1440, "bike sharing": 1000}
PARTS = {"ETTh1": ett_seven, "bike sharing": bike_folds}


@dataclass
class Held:
    """Which targets intervals held, and what they cost, block by block.

    Each of shape (n_rows, n_targets); ``step`` (n_rows,) counts rows from the origin.
    """

    step: np.ndarray
    held: dict[float, np.ndarray]
    pinball: np.ndarray

    def coverage(self, asked: float, first: int = 0, stop: int = FAR) -> float:
        """Return the share of targets held at steps ``first`` to ``stop - 1``."""
        rows = (self.step >= first) & (self.step < stop)
        return float(np.nanmean(self.held[asked][rows]))


def pinball(truth: np.ndarray, quantile: np.ndarray, level: float) -> np.ndarray:
    """Return the pinball loss; the level's quantile costs the least."""
    over = truth - quantile
    return np.maximum(level * over, (level - 1) * over)


def judge(
    step: np.ndarray, truth: np.ndarray, point: np.ndarray, ends: dict, std: np.ndarray
) -> Held:
    """Hold intervals (n_rows, n_targets, 2) for each coverage against the truth."""
    known = ~np.isnan(truth)
    held, losses = {}, [pinball(truth, point, 0.5)]
    for coverage, of in ends.items():
        low, high = of[..., 0], of[..., 1]
        inside = (truth >= low) & (truth <= high)
        held[coverage] = np.where(known, inside, np.nan)
        losses.append(pinball(truth, low, (1 - coverage) / 2))
        losses.append(pinball(truth, high, (1 + coverage) / 2))
    return Held(step, held, np.mean(losses, axis=0) / std)


def joined(parts: list[Held]) -> Held:
    """Put blocks, or folds, one after another."""
    held = {c: np.concatenate([p.held[c] for p in parts]) for c in COVERAGES}
    pairs = [
        np.concatenate([getattr(p, n) for p in parts]) for n in ("step", "pinball")
    ]
    return Held(pairs[0], held, pairs[1])


def blocks_of(index: pd.DatetimeIndex) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the rows of every block of hours, and how far each is from its origin."""
    hours = (index - index[0]) // pd.Timedelta(hours=1)
    block = np.asarray(hours) // HORIZON
    for number in range((hours[-1] + 1) // HORIZON):  # a last one may be cut
        rows = np.flatnonzero(block == number)
        if len(rows):
            yield slice(rows[0], rows[-1] + 1), np.asarray(hours)[rows] % HORIZON


def roll(model: Any, X: pd.DataFrame, y: Any, std: np.ndarray) -> Held:
    """Forecast block after block, and update with each."""
    parts = []
    for rows, step in blocks_of(X.index):
        parts.append(ask(model, X[rows], y[rows], step, std))
        model.update(X[rows], y[rows])
    return joined(parts)


def roll_far(model: Any, X: pd.DataFrame, y: Any, std: np.ndarray) -> Held:
    """Ask for three blocks at every third of the origins; update with each block."""
    parts = []
    for number, (rows, _) in enumerate(blocks_of(X.index)):
        ahead = X.index - X.index[0] - pd.Timedelta(hours=number * HORIZON)
        hours = np.asarray(ahead // pd.Timedelta(hours=1))
        asked = (hours >= 0) & (hours < FAR)
        if number % 3 == 0 and hours[-1] >= FAR:
            parts.append(ask(model, X[asked], y[asked], hours[asked], std))
        model.update(X[rows], y[rows])
    return joined(parts)


def ask(model: Any, X: pd.DataFrame, y: Any, step: np.ndarray, std: np.ndarray) -> Held:
    """Hold the intervals of some rows against what came."""
    truth = y.to_numpy().reshape(len(step), -1)
    shape = len(step), truth.shape[1], 2
    ends = {c: np.reshape(model.predict_interval(X, c), shape) for c in COVERAGES}
    point = np.reshape(model.predict(X), shape[:2])
    return judge(step, truth, point, ends, std)


def static(model: Any, kept: tuple, tested: tuple, std: np.ndarray) -> Held:
    """Hold quantiles of the residuals in rows that calibrate against those tested."""
    past = backtest(model, *kept, horizon=HORIZON)
    residuals = past.y_true - past.y_pred  # (n_windows, horizon, n_targets)
    model.update(*kept)
    ahead = backtest(model, *tested, horizon=HORIZON, stride=HORIZON)
    n, n_targets = len(ahead.starts), residuals.shape[2]
    ends = {}
    for coverage in COVERAGES:
        tails = np.nanquantile(residuals, [(1 - coverage) / 2, (1 + coverage) / 2], 0)
        both = ahead.y_pred[..., None] + np.moveaxis(tails, 0, -1)
        ends[coverage] = both.reshape(n * HORIZON, n_targets, 2)
    rows = ahead.y_true.reshape(-1, n_targets), ahead.y_pred.reshape(-1, n_targets)
    return judge(np.tile(np.arange(HORIZON), n), *rows, ends, std)


def informer(name: str, toy: bool, **settings: Any) -> ForecastPipeline | Any:
    """Return the shipped default, which keeps rows back to validate by."""
    n = N_KEPT[name] if not toy else 100
    if toy:
        settings |= {"max_epochs": 1, "windows_per_epoch": 64, "highway_len": 48}
    model = InformerRegressor(
        pred_len=HORIZON, validation_fraction=n, random_state=0, **settings
    )
    if name == "ETTh1":
        return model
    return make_forecast_pipeline(TimeFeatures(), model.set_params(bounds=(0, None)))


def measure(name: str, part: Part, toy: bool) -> dict[str, Held]:
    """Return what held in one part, by the way in which intervals were made."""
    X, y = part.X, part.y if part.y.shape[1] > 1 else part.y.iloc[:, 0]
    first, start, n = part.fitted.start, part.tested.start, 100 if toy else N_KEPT[name]
    stop = start + (6 * HORIZON if toy else part.tested.stop - start)
    if toy:
        first = start - 900
    fitted, tested = slice(first, part.fitted.stop), slice(start, stop)
    scaled = part.y[part.scaled].to_numpy()
    std = np.nanstd(scaled, axis=0)
    between = slice(part.fitted.stop, start)  # rows that nothing was fitted on
    ways: dict[str, Held] = {}
    naive = SeasonalNaive(pred_len=HORIZON, calibration_fraction=n)
    ours = informer(name, toy, calibration_fraction=n)
    for way, model in {"informer": ours, "naive": naive}.items():
        model.fit(X[fitted], y[fitted])
        if between.stop > between.start:
            model.update(X[between], y[between])
        if way == "informer":
            ways["far"] = roll_far(deepcopy(model), X[tested], y[tested], std)
        ways[way] = roll(model, X[tested], y[tested], std)
    before = slice(first, fitted.stop - n)
    model = informer(name, toy).fit(X[before], y[before])
    kept = slice(before.stop, start)
    ways["static"] = static(model, (X[kept], y[kept]), (X[tested], y[tested]), std)
    return ways


# The page

HEAD = """# How often intervals hold

* Written by `python -m benchmarks.coverage --output docs/coverage.md`, {date}
* {versions}; seed 0

Blocks of {horizon} rows are forecast one after another in the test part (ETTh1: rows
11,520 to 14,399, seven targets; bike sharing: the last five folds of 1,000 rows), with
`update` after each. Columns are per cent of the targets inside. "Updated" are
`predict_interval`s of `InformerRegressor` by its defaults, calibrated on the last rows
before the test part ({kept});
as many before them validate. Hours 25 to 72 lie beyond a block, and are asked for at
every third origin. "Static" are quantiles of the residuals in the rows that calibrate,
per step and target, of the same forecaster fitted on what was before them.
"SeasonalNaive" are the intervals of that forecaster, calibrated and updated alike.
Goals: within 2 points overall, within 5 at every quarter of the horizon.
"""


def table(name: str, ways: dict[str, Held]) -> Iterator[str]:
    """Yield the lines of one data set."""
    updated, far, fixed, naive = (
        ways[w] for w in ("informer", "far", "static", "naive")
    )
    yield f"\n## {name}\n"
    yield (
        "| asked | updated | hours 1-6 | 7-12 | 13-18 | 19-24 | 25-48 | 49-72 | static "
        "| SeasonalNaive |"
    )
    yield "| --- " * 10 + "|"
    for asked in COVERAGES:
        size = HORIZON // 4
        quarters = [updated.coverage(asked, q * size, (q + 1) * size) for q in range(4)]
        cells = [asked, updated.coverage(asked), *quarters]
        cells += [far.coverage(asked, HORIZON, 48), far.coverage(asked, 48)]
        cells += [fixed.coverage(asked), naive.coverage(asked)]
        yield "| " + " | ".join(f"{100 * cell:.1f}" for cell in cells) + " |"
    ours, theirs, still = (
        float(np.nanmean(w.pinball)) for w in (updated, naive, fixed)
    )
    yield (
        f"\nMean pinball loss at the median and at both ends of the four intervals, in "
        f"standard deviations: updated {ours:.4f}, static {still:.4f}, SeasonalNaive "
        f"{theirs:.4f}. The Informer's is {1 - ours / theirs:.1%} lower than "
        f"SeasonalNaive's (goal 15%)."
    )


def page(found: dict[str, dict[str, Held]]) -> str:
    """Return the page."""
    named = ("skinformer", "torch", "numpy", "scikit-learn")
    head = HEAD.format(
        date=date.today(),
        versions=", ".join(f"{n} {version(n)}" for n in named),
        horizon=HORIZON,
        kept=", ".join(f"{n:,} rows of {name}" for name, n in N_KEPT.items()),
    )
    return (
        head
        + "\n".join(line for name, ways in found.items() for line in table(name, ways))
        + "\n"
    )


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--toy", action="store_true", help="few rows: a check")
    parser.add_argument("--output", type=Path, help="page to write, in Markdown")
    asked = parser.parse_args()
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # absent hours, in every update
        for name in asked.only:
            parts = PARTS[name]()[: 1 if asked.toy else None]
            each = [measure(name, part, asked.toy) for part in parts]
            found[name] = {w: joined([ways[w] for ways in each]) for w in each[0]}
    text = page(found)
    print(text)
    if asked.output:
        asked.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

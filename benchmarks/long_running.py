"""A forecaster in service: `python -m benchmarks.long_running` (Linux).

Rounds of `update` with the rows of one hour and `predict` of the next day, with
`history_size="context"`. Memory and time per round must not grow; if they do, the last
line says so and the command fails.
"""

import argparse
import gc
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.report import Row
from skinformer import InformerRegressor, TimeFeatures, make_forecast_pipeline

N_FIT, N_CALIBRATE, DAY = 1_500, 800, 24
WARM = 300  # rounds in which caches fill, and that are not counted
MOST_MEMORY = 300.0  # kB that 1,000 rounds may leave behind: 5 rows of a panel are less
MOST_TIME = 1.2  # of a round at the end, in units of one at the beginning


class Service(NamedTuple):
    """A model, and rows by the hour."""

    model: object
    X: pd.DataFrame
    y: pd.Series
    ask: Callable
    n_series: int = 1

    def hours(self, first: int, n: int) -> slice:
        """Return the rows of some hours."""
        return slice(first * self.n_series, (first + n) * self.n_series)


def rows(n: int, n_series: int = 1, columns: bool = True) -> tuple:
    """Return X and y of n hours of some series, a wave and a temperature."""
    rng, size = np.random.default_rng(0), n * n_series
    index = pd.date_range("2020-01-01", periods=n, freq="h").repeat(n_series)
    X = pd.DataFrame(index=index)
    if columns:
        X["temp"] = rng.normal(10, 3, size)
    if n_series > 1:
        X["place"] = np.tile(np.arange(n_series), n)
    day = np.sin(np.arange(size) // n_series * (2 * np.pi / DAY))
    return X, pd.Series(100 + 10 * day + rng.normal(0, 1, size), index)


def model(**kwargs: object) -> InformerRegressor:
    """Return a forecaster of the default size, quickly trained."""
    quick = {"max_epochs": 1, "windows_per_epoch": 64, "random_state": 0}
    return InformerRegressor(**quick, history_size="context", **kwargs)


def point(model: object, X: pd.DataFrame) -> object:
    """Ask for the forecast alone."""
    return model.predict(X)


def interval(model: object, X: pd.DataFrame) -> object:
    """Ask for an interval, whose log grows with the rounds."""
    return model.predict_interval(X, coverage=0.9)


def with_holes(n: int) -> tuple:
    """Return rows one in ten of whose targets are missing."""
    X, y = rows(n)
    return X, y.mask(np.random.default_rng(1).random(n) < 0.1)


KINDS: dict[str, Callable[[int], Service]] = {
    "one series": lambda n: Service(model(), *rows(n), point),
    "intervals": lambda n: Service(model(), *rows(n), interval),
    "five series": lambda n: Service(model(series="place"), *rows(n, 5), point, 5),
    "TimeFeatures": lambda n: Service(
        make_forecast_pipeline(TimeFeatures(country="DE"), model()),
        *rows(n, columns=False),
        point,
    ),
    "holes": lambda n: Service(model(), *with_holes(n), point),
}


def begin(kind: str, n_rounds: int, n_fit: int) -> tuple[Service, int]:
    """Return a model in service, and the first hour that it has not seen."""
    service = KINDS[kind](n_fit + N_CALIBRATE + n_rounds + DAY)
    fit = service.hours(0, n_fit)
    service.model.fit(service.X[fit], service.y[fit])
    if service.ask is not interval:
        return service, n_fit
    # so many that the log is full: before that it may grow
    later = service.hours(n_fit, N_CALIBRATE)
    service.model.calibrate(service.X[later], service.y[later])
    return service, n_fit + N_CALIBRATE


def kilobytes() -> int:
    """Return the memory of this process that is in use."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])


def serve(service: Service, first: int, n_rounds: int) -> Iterator[float]:
    """Go round by round, and yield the seconds that each took."""
    for hour in range(first, first + n_rounds):
        now, ahead = service.hours(hour, 1), service.hours(hour + 1, DAY)
        start = time.perf_counter()
        service.model.update(service.X[now], service.y[now])
        service.ask(service.model, service.X[ahead])
        yield time.perf_counter() - start


def measure(kind: str, n_rounds: int, n_fit: int = N_FIT) -> tuple[float, float, float]:
    """Return kB per 1,000 rounds, the ratio of times, and ms of a round.

    Memory grows along a line through readings; times are medians of the first and the
    last tenth.
    """
    warm = min(WARM, n_rounds)
    service, first = begin(kind, warm + n_rounds, n_fit)
    seconds, held, every = [], [], max(n_rounds // 50, 1)
    for i, taken in enumerate(serve(service, first, warm + n_rounds)):
        if i < warm:
            continue
        seconds.append(taken)
        if len(seconds) % every == 0:
            held.append((len(seconds), kilobytes()))
    slope = np.polyfit(*np.array(held, dtype=float).T, 1)[0]
    tenth = n_rounds // 10
    start, end = (statistics.median(s) for s in (seconds[:tenth], seconds[-tenth:]))
    return 1000 * slope, end / start, 1000 * statistics.median(seconds)


def run(toy: bool) -> Iterator[Row]:
    """Yield what grows, as rows of the table of benchmarks."""
    n_rounds, n_fit = (50, 400) if toy else (10_000, N_FIT)
    for kind in ("one series",) if toy else KINDS:
        memory, ratio, _ = measure(kind, n_rounds, n_fit)
        name = f"{n_rounds:,} rounds of update and predict, {kind}"
        # so few rounds tell nothing
        goals = (None, None) if toy else (MOST_MEMORY, MOST_TIME)
        yield Row(f"{name}: memory per 1,000", memory, "kB", goals[0], True)
        yield Row(f"{name}: time, end to beginning", ratio, "×", goals[1], True)


def main() -> None:
    """Measure some kinds, print a line for each, and fail if one grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rounds", type=int, default=10_000)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # one in ten rows of "holes" is named as absent
    grown = []
    for kind in asked.only:
        memory, ratio, taken = measure(kind, asked.rounds)
        print(
            f"{kind:13} {asked.rounds:6,} rounds of {taken:5.1f} ms: "
            f"{memory:+7.1f} kB per 1,000, time x{ratio:.2f} at the end",
            flush=True,
        )
        if memory > MOST_MEMORY or ratio > MOST_TIME:
            grown.append(kind)
    if grown:
        sys.exit(f"Grows: {', '.join(grown)}.")


if __name__ == "__main__":
    main()

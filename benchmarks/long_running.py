"""A forecaster in service: `python -m benchmarks.long_running` (Linux).

Rounds of `update` with the rows of one hour and `predict` of the next day, with
`history_size="context"`. Memory and time per round must not grow; if they do, the last
line says so and the command fails.
"""

import argparse
import gc
import pickle
import re
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
# What 1,000 rounds may add. To the model itself: a history that kept its rows would be
# 17 kB larger, five series' 105 kB. To the process, in kB: readings are whole pages, of
# an allocator that settles; intervals and TimeFeatures gained 0 from the 2,000th round
# to the 3,000th, five series some 15 a thousand.
MOST_HELD = 1.0
MOST_MEMORY = 100.0
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


class Growth(NamedTuple):
    """What rounds have added."""

    held: float  # kB of the model, per 1,000 rounds
    memory: float  # kB of the process, per 1,000 rounds
    ratio: float  # of the time of a round at the end to that at the beginning
    taken: float  # ms of a round

    @property
    def is_too_much(self) -> bool:
        """Say whether anything grows."""
        within = self.held <= MOST_HELD and self.memory <= MOST_MEMORY
        return not (within and self.ratio <= MOST_TIME)


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


def size(model: object) -> float:
    """Return the kB that a model takes."""
    return len(pickle.dumps(model)) / 1000


def serve(service: Service, first: int, n_rounds: int) -> Iterator[float]:
    """Go round by round, and yield the CPU seconds that each took.

    Not those of a clock, which count what other processes do meanwhile.
    """
    for hour in range(first, first + n_rounds):
        now, ahead = service.hours(hour, 1), service.hours(hour + 1, DAY)
        start = time.process_time()
        service.model.update(service.X[now], service.y[now])
        service.ask(service.model, service.X[ahead])
        yield time.process_time() - start


def measure(kind: str, n_rounds: int, n_fit: int = N_FIT) -> Growth:
    """Measure what grows over some rounds, after others in which caches fill.

    Memory grows along a line through readings; times are medians of the first and the
    last tenth.
    """
    warm = min(WARM, n_rounds)
    service, first = begin(kind, warm + n_rounds, n_fit)
    list(serve(service, first, warm))
    before, memory = size(service.model), []
    seconds = np.ones(n_rounds)  # a list of them would be a growth of our own
    for i, taken in enumerate(serve(service, first + warm, n_rounds), start=1):
        seconds[i - 1] = taken
        if i % max(n_rounds // 50, 1) == 0:
            memory.append((i, kilobytes()))
    return Growth(
        1000 * (size(service.model) - before) / n_rounds,
        1000 * np.polyfit(*np.array(memory, dtype=float).T, 1)[0],
        slowdown(seconds),
        1000 * float(np.median(seconds)),
    )


def slowdown(seconds: np.ndarray) -> float:
    """Return how long the last tenth of rounds took, in units of the first.

    >>> slowdown(np.repeat([2.0, 9.0, 3.0], [10, 80, 10]))
    1.5
    """
    tenth = len(seconds) // 10
    return float(np.median(seconds[-tenth:]) / np.median(seconds[:tenth]))


def run(toy: bool) -> Iterator[Row]:
    """Yield what grows, as rows of the table of benchmarks."""
    n_rounds, n_fit = (50, 400) if toy else (10_000, N_FIT)
    for kind in ("one series",) if toy else KINDS:
        grown = measure(kind, n_rounds, n_fit)
        name = f"{n_rounds:,} rounds of update and predict, {kind}"
        # so few rounds tell nothing
        goals = (None,) * 3 if toy else (MOST_HELD, MOST_MEMORY, MOST_TIME)
        yield Row(f"{name}: model per 1,000", grown.held, "kB", goals[0], True)
        yield Row(f"{name}: memory per 1,000", grown.memory, "kB", goals[1], True)
        yield Row(f"{name}: time, end to beginning", grown.ratio, "×", goals[2], True)


def main() -> None:
    """Measure some kinds, print a line for each, and fail if one grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rounds", type=int, default=10_000)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")  # one in ten rows of "holes" is named as absent
    too_much = []
    for kind in asked.only:
        grown = measure(kind, asked.rounds)
        print(
            f"{kind:13} {asked.rounds:6,} rounds of {grown.taken:5.1f} ms: per 1,000 "
            f"{grown.held:+6.2f} kB of the model, {grown.memory:+7.1f} of the process; "
            f"time x{grown.ratio:.2f} at the end",
            flush=True,
        )
        if grown.is_too_much:
            too_much.append(kind)
    if too_much:
        sys.exit(f"Grows: {', '.join(too_much)}.")


if __name__ == "__main__":
    main()

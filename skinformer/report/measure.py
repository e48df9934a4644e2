"""``make_report``: fit, forecast the test part, and gather the numbers of a report."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from math import gcd
from typing import Any, NamedTuple

from skinformer.exceptions import (
    FilledRowsWarning,
    SnappedRowsWarning,
    each_warning_once,
)
from skinformer.forecasting.base import BaseForecaster
from skinformer.forecasting.conformal import check_coverage
from skinformer.model_selection import (
    BacktestResult,
    Comparison,
    backtest,
    compare_backtests,
)
from skinformer.model_selection.rows import take_rows
from skinformer.model_selection.steps import find_forecaster, unwrap

from .blocks import roll_blocks
from .data_facts import data_facts, units_of
from .models import (
    NAIVE,
    Calibrated,
    check_baselines,
    fit_calibrated,
    fit_part,
    make_baselines,
    naive_like,
    name_of,
    require_forecaster,
)
from .parts import Parts, check_test_size, cut_in_time
from .report import Report
from .settings import found_by, settings_of
from .tracks import Future, Track, forecast_future, tracks_of
from .words import some

__all__ = ["make_report"]

# windows, and values in them, beyond which origins are taken at a stride
MOST_WINDOWS, MOST_VALUES = 4000, 20_000_000
# of the bootstrap that compares
SEED = 0


def make_report(
    forecaster: Any,
    X: Any,
    y: Any,
    *,
    test_size: float | int = 0.2,
    coverage: float | None = 0.9,
    baselines: Mapping[str, Any] | None = None,
    title: str | None = None,
    units: Any = None,
) -> Report:
    """Measure what :func:`~skinformer.write_report` shows; its parameters are the same.

    Returns
    -------
    Report
    """
    last = check_arguments(forecaster, test_size, coverage, baselines)
    notes: list[str] = []
    run = Run.read(forecaster, X, y, test_size, notes)
    targets = run.reading.target_names_
    named = units_of(units, y, targets)
    rivals = make_baselines(forecaster, baselines)
    name = name_of(last, rivals)
    with noted(notes, name):
        fitted = run.fit_calibrated(coverage)
        results = {name: run.measure(fitted.model)}
    results |= run.measure_rivals(rivals, notes)
    results = run.in_one_unit(results, rivals)
    known = None if fitted.why_not else coverage
    with noted(notes, name):
        tracks, future = run.roll(fitted.model, known)
    asked: dict[str, Any] = {"test_size": test_size, "coverage": coverage}
    asked |= {k: v for k, v in (("title", title), ("units", units)) if v is not None}
    return Report(
        title=title or f"{name}: {some(targets, 3)}",
        name=name,
        horizon=run.horizon,
        test_size=test_size,
        data=data_facts(run.reading, named),
        parts=run.parts,
        n_kept=fitted.n_kept,
        stride=run.stride,
        results=results,
        comparisons={n: compared(results[name], results[n]) for n in rivals},
        tracks=tracks,
        coverage=known,
        why_no_intervals=fitted.why_not,
        why_no_future=future.why_not,
        settings=settings_of(forecaster, last, baselines, asked),
        found=found_by(find_forecaster(fitted.model)),
        notes=list(dict.fromkeys(notes)),
        created=date.today(),
    )


def check_arguments(
    forecaster: Any, test_size: Any, coverage: Any, baselines: Any
) -> BaseForecaster:
    """Refuse what can be told without the rows; return the forecaster itself."""
    last = require_forecaster(forecaster)
    check_test_size(test_size)
    check_baselines(baselines)
    if coverage is not None:
        check_coverage(coverage)
    return last


class Run(NamedTuple):
    """What holds for every forecaster of a report.

    Attributes
    ----------
    estimator : as given
    X, y : as given
    parts : Parts
    horizon : int
        Rows of a forecast.
    reading : BaseForecaster
        One that has read all rows.
    """

    estimator: Any
    X: Any
    y: Any
    parts: Parts
    horizon: int
    reading: BaseForecaster

    @classmethod
    def read(
        cls, estimator: Any, X: Any, y: Any, test_size: float | int, notes: list[str]
    ) -> "Run":
        """Read all rows, as the forecaster will, and cut them in time."""
        with noted(notes):
            front, reading = unwrap(naive_like(estimator).fit(X, y))
            rows = reading._read_observed(front(X), y)
        horizon = require_forecaster(estimator).pred_len
        parts = cut_in_time(rows, test_size, horizon)
        return cls(estimator, X, y, parts, horizon, reading)

    @property
    def stride(self) -> int:
        """Rows from one origin to the next: one, unless there are very many.

        It shares no factor with the season, so that all hours of the day are origins.
        """
        panel, season = self.reading._panel, self.reading._panel.season
        values = self.horizon * len(self.reading.target_names_)
        most = max(min(MOST_WINDOWS, MOST_VALUES // values) // len(panel), 1)
        stride = -(-(self.parts.n_test - self.horizon + 1) // most)
        while gcd(stride, season) > 1 and stride > 1:
            stride += 1
        return stride

    def fit_calibrated(self, coverage: float | None) -> Calibrated:
        """Fit the forecaster, and calibrate its intervals."""
        season = self.reading._panel.season
        rows = self.X, self.y, self.parts
        return fit_calibrated(self.estimator, *rows, season, coverage)

    def measure(self, model: Any) -> BacktestResult:
        """Forecast the test part from every origin."""
        X, y = (take_rows(rows, self.parts.test) for rows in (self.X, self.y))
        return backtest(model, X, y, horizon=self.horizon, stride=self.stride)

    def fit_and_measure(self, estimator: Any) -> BacktestResult:
        """Fit on the rows before the cut, and forecast those after it."""
        return self.measure(fit_part(estimator, self.X, self.y, self.parts.train))

    def measure_rivals(
        self, rivals: dict[str, Any], notes: list[str]
    ) -> dict[str, BacktestResult]:
        """Measure the baselines, by name."""
        results = {}
        for name, estimator in rivals.items():
            with noted(notes, name):
                results[name] = self.fit_and_measure(estimator)
        return results

    def in_one_unit(
        self, results: dict[str, BacktestResult], rivals: dict[str, Any]
    ) -> dict[str, BacktestResult]:
        """Measure all errors by the same training rows: those before the cut."""
        reference = results[NAIVE]
        if type(find_forecaster(rivals[NAIVE])).__name__ != NAIVE:
            with noted([], NAIVE):
                reference = self.fit_and_measure(naive_like(self.estimator))
        scale = reference.scale
        return {name: replace(result, scale=scale) for name, result in results.items()}

    def roll(self, model: Any, coverage: float | None) -> tuple[list[Track], Future]:
        """Forecast the test part block after block, and then what comes after it."""
        n_targets = len(self.reading.target_names_)
        rows = self.X, self.y, self.parts, self.horizon
        blocks = roll_blocks(model, *rows, n_targets, coverage)
        ahead = self.X, self.reading, self.parts, self.horizon, coverage
        future = forecast_future(model, *ahead)
        return tracks_of(self.reading, self.parts, blocks, future), future


@contextmanager
def noted(notes: list[str], owner: str = "") -> Iterator[None]:
    """Collect the warnings of a block, in place of showing them.

    Of a forecaster, without those about its rows: the reading of all rows has them.
    """
    with warnings.catch_warnings(record=True) as caught, each_warning_once():
        warnings.simplefilter("always")
        yield
    of_rows = (FilledRowsWarning, SnappedRowsWarning)
    for warning in caught:
        if owner and issubclass(warning.category, of_rows):
            continue
        text = f"{warning.category.__name__}: {warning.message}"
        notes.append(f"{owner}: {text}" if owner else text)


def compared(ours: BacktestResult, theirs: BacktestResult) -> Comparison | None:
    """Compare two results; None where nothing can be told."""
    standardized = ours.y_true.shape[2] > 1
    try:
        return compare_backtests(
            ours, theirs, standardized=standardized, random_state=SEED
        )
    except ValueError:  # too few windows, or no truth: the table says so
        return None

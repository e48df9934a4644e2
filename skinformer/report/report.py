"""``Report``: all numbers of a report, and ``make_report``, which measures them."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
from .data_facts import DataFacts, data_facts, units_of
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
from .settings import Settings, found_by, settings_of
from .tracks import Future, Track, forecast_future, tracks_of

__all__ = ["Report", "make_report"]

# windows, and values in them, beyond which origins are taken at a stride
MOST_WINDOWS, MOST_VALUES = 4000, 20_000_000
# of the bootstrap that compares
SEED = 0


@dataclass(frozen=True)
class Report:
    """How good a forecaster is on the last part of some rows, in numbers.

    Attributes
    ----------
    title : str
    name : str
        What the forecaster is called; the key of its result.
    horizon : int
        Rows of a forecast.
    test_size : float or int
        As given.
    data : DataFacts
        What there is to say of the rows.
    parts : Parts
        Which rows trained, and which were tested.
    n_kept : int
        Stamps at the end of those that trained, which calibrated the intervals.
    stride : int
        Rows from one origin of the backtest to the next.
    results : dict of str to BacktestResult
        The forecaster first, then the baselines; of the same windows, in units of the
        same training rows.
    comparisons : dict of str to Comparison or None
        The forecaster's mean absolute error less that of each baseline; None where
        there are too few windows to tell.
    tracks : list of Track
        What is drawn of each series.
    coverage : float or None
        Of the intervals; None where there are none.
    why_no_intervals, why_no_future : str
        Empty where there are some.
    settings : Settings
    found : dict of str to str
        What the fit has found, by attribute.
    notes : list of str
        Warnings of the run, each once.
    created : date
    """

    title: str
    name: str
    horizon: int
    test_size: float | int
    data: DataFacts
    parts: Parts
    n_kept: int
    stride: int
    results: dict[str, BacktestResult]
    comparisons: dict[str, Comparison | None]
    tracks: list[Track]
    coverage: float | None
    why_no_intervals: str
    why_no_future: str
    settings: Settings
    found: dict[str, str]
    notes: list[str]
    created: date

    @property
    def ours(self) -> BacktestResult:
        """The forecaster's own result."""
        return self.results[self.name]

    @property
    def standardized(self) -> bool:
        """Whether overall errors are in standard deviations of the training rows."""
        return len(self.data.targets) > 1


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
    last = require_forecaster(forecaster)
    check_test_size(test_size)
    check_baselines(baselines)
    if coverage is not None:
        check_coverage(coverage)
    notes: list[str] = []
    with noted(notes):
        reader = naive_like(forecaster).fit(X, y)
    front, reading = unwrap(reader)
    named = units_of(units, y, reading.target_names_)
    parts = cut_in_time(reading._read_observed(front(X), y), test_size, last.pred_len)
    rivals = make_baselines(forecaster, baselines)
    name = name_of(last, rivals)
    run = Run(X, y, parts, last.pred_len, reading)
    with noted(notes, name):
        fitted = run.fit_calibrated(forecaster, coverage)
        stride = run.stride
        results = {name: run.measure(fitted.model, stride)}
    for rival, estimator in rivals.items():
        with noted(notes, rival):
            model = fit_part(estimator, X, y, parts.train)
            results[rival] = run.measure(model, stride)
    results = in_one_unit(results, run.reference(forecaster, rivals, results, stride))
    known = coverage if not fitted.why_not else None
    with noted(notes, name):
        tracks, future = run.roll(fitted.model, known)
    arguments = {"test_size": test_size, "coverage": coverage, "title": title}
    if units is not None:
        arguments["units"] = units
    return Report(
        title=title or title_of(name, reading.target_names_),
        name=name,
        horizon=last.pred_len,
        test_size=test_size,
        data=data_facts(reading, named),
        parts=parts,
        n_kept=fitted.n_kept,
        stride=stride,
        results=results,
        comparisons={n: compared(results, name, n) for n in rivals},
        tracks=tracks,
        coverage=known,
        why_no_intervals=fitted.why_not,
        why_no_future=future.why_not,
        settings=settings_of(forecaster, last, baselines, arguments),
        found=found_by(find_forecaster(fitted.model)),
        notes=list(dict.fromkeys(notes)),
        created=date.today(),
    )


def title_of(name: str, targets: list) -> str:
    """Name the forecaster and its targets.

    >>> title_of("SeasonalNaive", ["a", "b", "c", "d", "e"])
    'SeasonalNaive: a, b, c and 2 more'
    """
    some = ", ".join(map(str, targets[:3]))
    more = f" and {len(targets) - 3} more" if len(targets) > 3 else ""
    return f"{name}: {some}{more}"


class Run(NamedTuple):
    """What holds for every forecaster of a report.

    Attributes
    ----------
    X, y : as given
    parts : Parts
    horizon : int
    reading : BaseForecaster
        One that has read all rows.
    """

    X: Any
    y: Any
    parts: Parts
    horizon: int
    reading: BaseForecaster

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

    def fit_calibrated(self, estimator: Any, coverage: float | None) -> Calibrated:
        """Fit the forecaster, and calibrate its intervals."""
        season = self.reading._panel.season
        return fit_calibrated(
            estimator, self.X, self.y, self.parts, season, coverage
        )

    def measure(self, model: Any, stride: int) -> BacktestResult:
        """Forecast the test part from every origin."""
        X, y = (take_rows(rows, self.parts.test) for rows in (self.X, self.y))
        return backtest(model, X, y, horizon=self.horizon, stride=stride)

    def reference(
        self, estimator: Any, rivals: dict, results: dict, stride: int
    ) -> BacktestResult:
        """Return a result whose scale is that of all rows that trained."""
        if type(find_forecaster(rivals[NAIVE])).__name__ == NAIVE:
            return results[NAIVE]
        model = fit_part(naive_like(estimator), self.X, self.y, self.parts.train)
        return self.measure(model, stride)

    def roll(
        self, model: Any, coverage: float | None
    ) -> tuple[list[Track], Future]:
        """Forecast the test part block after block, and then what comes after it."""
        n_targets = len(self.reading.target_names_)
        blocks = roll_blocks(
            model, self.X, self.y, self.parts, self.horizon, n_targets, coverage
        )
        future = forecast_future(model, self.X, self.reading, self.horizon, coverage)
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


def in_one_unit(
    results: dict[str, BacktestResult], reference: BacktestResult
) -> dict[str, BacktestResult]:
    """Return the results with the same training rows to measure their errors by."""
    return {name: replace(r, scale=reference.scale) for name, r in results.items()}


def compared(
    results: dict[str, BacktestResult], ours: str, theirs: str
) -> Comparison | None:
    """Compare the forecaster with a baseline; None where nothing can be told."""
    standardized = results[ours].y_true.shape[2] > 1
    try:
        return compare_backtests(
            results[ours],
            results[theirs],
            standardized=standardized,
            random_state=SEED,
        )
    except ValueError:  # too few windows, or no truth: the table says so
        return None


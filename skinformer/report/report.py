"""``Report``: all numbers that the page of a report shows."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from skinformer.model_selection import BacktestResult, Comparison

from .data_facts import DataFacts
from .parts import Parts
from .settings import Settings
from .tracks import Track

__all__ = ["Report"]


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
    def asked(self) -> float:
        """Coverage of the intervals in per cent; 0 where there are none."""
        return 0.0 if self.coverage is None else 100 * self.coverage

    @property
    def measured_series(self) -> pd.Index:
        """The series that were measured, in the order of errors by series."""
        series = self.ours.series
        return pd.Index([]) if series is None else series.unique()

    @property
    def standardized(self) -> bool:
        """Whether overall errors are in standard deviations of the training rows."""
        return len(self.data.targets) > 1

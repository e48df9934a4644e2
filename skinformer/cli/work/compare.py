"""Several forecasters on the same rows of one table."""

import time
from dataclasses import dataclass
from typing import Any

from skinformer.model_selection import BacktestResult, Comparison, compare_backtests

from ..kinds import ModelName
from ..options import BacktestOptions, ModelOptions, TableOptions
from ..output import print_json
from ..reading.data import read_data
from ..talk import say, say_found, show_table
from .backtest import (
    METRICS,
    Tested,
    backtest_model,
    numbers,
    rows_to_test,
    warn_of_foresight,
    windows_of,
)
from .models import check_settings, fitting

__all__ = ["compare_table"]

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Contender:
    """A forecaster, its errors, and how long it took."""

    name: str
    result: BacktestResult
    seconds: float

    @property
    def in_deviations(self) -> bool:
        """Whether errors of several targets are made comparable."""
        return len(self.result.target_names) > 1

    def error(self, metric: str) -> float:
        """Return one error over all targets."""
        own_unit = metric == "mase" or not self.in_deviations
        return self.result.metric(metric, standardized=not own_unit)


def compare_table(
    path: str,
    table: TableOptions,
    names: list[ModelName],
    options: ModelOptions,
    rows: BacktestOptions,
    as_json: bool,
) -> None:
    """Backtest each forecaster, the best one first in the table."""
    settings = check_settings(options.settings, names)
    data = read_data(path, table)
    each = {name: fitting(name, data, options.country) for name in names}
    n_test = rows_to_test(rows.test_size, data, options.horizon)
    if not as_json:
        say_found(data.said | {"tested on": f"the last {n_test:,} rows"})
    found = []
    for name in names:
        began = time.perf_counter()
        tested = Tested(name, options, rows)
        result = backtest_model(tested, each[name], n_test, settings[name], table.freq)
        found.append(Contender(name.value, result, time.perf_counter() - began))
        if not as_json:
            say(f"{name}: {found[-1].seconds:.1f} s")
    show(sorted(found, key=lambda c: c.error("mae")), data.name, as_json)
    warn_of_foresight(data.roles.known)


def show(found: list[Contender], name: str, as_json: bool) -> None:
    """Print the table."""
    best, *others = found
    compared = {other.name: against(other, best) for other in others}
    if as_json:
        return print_json(summary(found, compared))
    unit = ", errors in standard deviations" if best.in_deviations else ""
    title = f"{name}: {windows_of(best.result)}{unit}"
    header = ("", *METRICS, "seconds", f"mae above {best.name}'s", "verdict")
    show_table(title, header, [row_of(c, compared.get(c.name), best) for c in found])
    if others and None in compared.values():
        say("note: too few forecasts that do not overlap to say what is chance.")
    return None


def against(other: Contender, best: Contender) -> Comparison | None:
    """Compare with the best one; None where forecasts are too few for it."""
    try:
        return compare_backtests(
            other.result,
            best.result,
            metric="mae",
            standardized=best.in_deviations,
            confidence=CONFIDENCE,
            random_state=0,
        )
    except ValueError:
        return None


def row_of(
    contender: Contender, comparison: Comparison | None, best: Contender
) -> list[str]:
    """Return the errors of one forecaster, and how it differs from the best one."""
    errors = numbers(contender.error(metric) for metric in METRICS)
    start = [contender.name, *errors, f"{contender.seconds:.1f}"]
    if contender is best:
        return [*start, "", "least error"]
    if comparison is None:
        difference = contender.error("mae") - best.error("mae")
        return [*start, f"{difference:.4g}", "unknown"]
    low, high = comparison.interval
    verdict = "a tie" if comparison.tie else "worse"
    return [*start, f"{comparison.difference:.4g} [{low:.4g}, {high:.4g}]", verdict]


def summary(
    found: list[Contender], compared: dict[str, Comparison | None]
) -> dict[str, Any]:
    """Return the table for a program."""
    best = found[0]
    return {
        "best": best.name,
        "standardized": best.in_deviations,
        "n_forecasts": len(best.result.starts),
        "horizon": best.result.y_true.shape[1],
        "models": {
            c.name: {metric: c.error(metric) for metric in METRICS}
            | {"seconds": round(c.seconds, 3), "above_best": told(compared.get(c.name))}
            for c in found
        },
    }


def told(comparison: Comparison | None) -> dict[str, Any] | None:
    """Return a comparison as numbers."""
    if comparison is None:
        return None
    return {
        "difference": comparison.difference,
        "interval": list(comparison.interval),
        "confidence": comparison.confidence,
        "tie": comparison.tie,
    }

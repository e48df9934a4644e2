"""Numbers, spans and findings in plain words."""

import math
import re
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.frequencies import to_offset

from skinformer.model_selection import Comparison

from .models import NAIVE
from .report import Report

__all__ = [
    "cards",
    "counted",
    "held_by",
    "measured_coverage",
    "number",
    "overall",
    "percent",
    "ratio",
    "relative",
    "rows_tested",
    "span",
    "stamp",
    "step_name",
    "summary",
    "verdict",
]

UNITS = {"D": "day", "B": "business day", "W": "week", "h": "hour", "min": "minute"}
UNITS |= {"s": "second", "MS": "month", "ME": "month", "M": "month", "Q": "quarter"}
UNITS |= {"QS": "quarter", "QE": "quarter", "YS": "year", "YE": "year", "Y": "year"}
# origins; of fewer blocks than these an interval of a difference is too narrow
FEW_BLOCKS = 10


def number(value: Any, digits: int = 3) -> str:
    """Write a number with as many digits as one can use.

    >>> [number(v) for v in (1234.56, 12.345, 0.00123, -3.0, 0, float("nan"))]
    ['1,235', '12.3', '0.00123', '−3.00', '0', '–']
    """
    value = float(value)
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size < -6 or size > 14:
        return f"{value:.{digits - 1}e}".replace("-", "−")
    text = f"{value:,.{max(digits - 1 - size, 0)}f}"
    return text.replace("-", "−")


def percent(share: float) -> str:
    """Write a share in per cent.

    >>> percent(0.8765), percent(float("nan"))
    ('87.6%', '–')
    """
    return f"{100 * share:.1f}%" if math.isfinite(share) else "–"


def relative(ratio: float) -> str:
    """Say how an error compares with another one.

    >>> relative(0.58), relative(1.034), relative(0.9999)
    ('42% less', '3% more', 'as much')
    """
    if not math.isfinite(ratio):
        return "–"
    change = round(100 * (ratio - 1))
    if change == 0:
        return "as much"
    return f"{abs(change):,}% {'less' if change < 0 else 'more'}"


def span(n: int, step: str) -> str:
    """Say how long n steps are.

    >>> span(24, "h"), span(1, "D"), span(12, "MS"), span(96, "15min"), span(3, "")
    ('24 hours', '1 day', '12 months', '96 steps of 15 minutes', '3 rows')
    """
    if not step or "," in step:
        return counted(n, "row")
    offset = to_offset_or_none(step)
    code = re.sub(r"^\d+", "", step).split("-")[0]
    unit = UNITS.get(code)
    if offset is None or unit is None:
        return f"{counted(n, 'step')} of {step}"
    if offset == 1:
        return counted(n, unit)
    return f"{counted(n, 'step')} of {counted(offset, unit)}"


def step_name(step: str) -> str:
    """Name a step.

    >>> step_name("h"), step_name("15min"), step_name("B")
    ('1 hour', '15 minutes', '1 business day')
    """
    return span(1, step).removeprefix("1 step of ")


def to_offset_or_none(step: str) -> int | None:
    """Return how many units a step has; None for what pandas does not know."""
    try:
        return to_offset(step).n
    except ValueError:
        return int(found[0]) if (found := re.findall(r"^\d+", step)) else 1


def counted(n: int, what: str) -> str:
    """Write a number of things.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{n:,} {what}" + ("" if n == 1 else "s")


def stamp(when: Any, step: str = "") -> str:
    """Write a stamp; the time of day only where there is one.

    >>> stamp(pd.Timestamp("2024-03-01 07:00"), "h"), stamp(17)
    ('2024-03-01 07:00', 'row 17')
    """
    if isinstance(when, pd.Period):
        return str(when)
    if not isinstance(when, pd.Timestamp):
        return f"row {when:,}"
    is_date = when == when.normalize() and not re.search(r"(h|min|s|ms|us|ns)$", step)
    if is_date:
        return f"{when:%Y-%m-%d}"
    return f"{when:%Y-%m-%d %H:%M}" + (f":{when:%S}" if when.second else "")


def listed(words: list[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


# What was found


def rows_tested(report: Report) -> str:
    """Say which rows were tested."""
    parts, step = report.parts, report.data.step
    first, last = parts.stamps[parts.n_train], parts.stamps[-1]
    share = report.test_size
    part = f"last {counted(parts.n_test, 'row')}"
    if isinstance(share, float):
        part = f"last {100 * share:.3g}% of the data"
    n = counted(len(parts.test), "row")
    return f"{part} ({stamp(first, step)} to {stamp(last, step)}, {n})"


def overall(report: Report, name: str, metric: str = "mae") -> float:
    """Return an error over all windows, in the unit that the report compares in."""
    return report.results[name].metric(metric, standardized=report.standardized)


def ratio(report: Report, name: str, to: str = NAIVE) -> float:
    """Return an error as a multiple of another's."""
    below = overall(report, to)
    return overall(report, name) / below if below else np.nan


def unit_of_errors(report: Report) -> str:
    """Return the unit of overall errors, with a space before it, or nothing."""
    if report.standardized:
        return " standard deviations"
    unit = report.data.targets[0].unit
    return f" {unit}" if unit else ""


def summary(report: Report) -> list[str]:
    """Say in a few sentences what was found."""
    lines = [how_far_off(report), *against(report), how_biased(report)]
    lines.append(how_sure(report))
    if report.ours.foresight == "perfect":
        lines.append(foresight(report))
    return [line for line in lines if line]


def how_far_off(report: Report) -> str:
    """Say the error of the forecaster."""
    targets = [str(target.name) for target in report.data.targets]
    what = targets[0] if len(targets) == 1 else f"the {len(targets)} targets"
    if report.data.series:
        what += f" of {len(report.tracks):,} series"
    size = f"{number(overall(report, report.name))}{unit_of_errors(report)}"
    of = ""
    if report.standardized:
        of = ", each in standard deviations of its training rows"
        size = number(overall(report, report.name))
    return (
        f"On the {rows_tested(report)}, which nothing was trained on, "
        f"{report.name} forecasts {span(report.horizon, report.data.step)} ahead and "
        f"misses {what} by {size} on average{of}."
    )


def against(report: Report) -> list[str]:
    """Compare with each baseline, and say whether it may be chance."""
    lines = []
    for name, comparison in report.comparisons.items():
        change = relative(ratio(report, report.name, name))
        if change == "–":
            lines.append(f"It could not be compared with {name}.")
        elif change == "as much":
            lines.append(f"That is within 1% of {name}.")
        else:
            lines.append(f"That is {change} than {name}; {VERDICTS[verdict(comparison)]}.")
    return lines


# whether a difference may be chance: what a table says, and what a sentence says
VERDICTS = {
    "hardly": "chance hardly explains the difference",
    "hardly, of few forecasts": (
        "chance hardly explains the difference, but few of the forecasts share no row"
    ),
    "it may be": "the difference may be chance",
    "too few to tell": "there are too few forecasts to tell whether it is chance",
}


def verdict(comparison: Comparison | None) -> str:
    """Say whether a difference may be chance."""
    if comparison is None:
        return "too few to tell"
    if comparison.tie:
        return "it may be"
    if comparison.n_origins <= FEW_BLOCKS * comparison.block_length:
        return "hardly, of few forecasts"
    return "hardly"


def how_biased(report: Report) -> str:
    """Say whether forecasts are too high or too low."""
    bias, error = overall(report, report.name, "bias"), overall(report, report.name)
    if not math.isfinite(bias):
        return ""
    side = "too high" if bias > 0 else "too low"
    size = f"{number(abs(bias))}{unit_of_errors(report)} {side} on average"
    if abs(bias) < 0.1 * error:
        return f"Forecasts are neither too high nor too low by much: {size}."
    return f"Forecasts are {size}."


def how_sure(report: Report) -> str:
    """Say how often intervals held."""
    if report.coverage is None:
        return f"There are no intervals: {report.why_no_intervals}."
    held = measured_coverage(report)
    return (
        f"Intervals that were to hold {100 * report.coverage:.3g}% of the values held "
        f"{percent(held)}."
    )


def measured_coverage(report: Report, target: int | None = None) -> float:
    """Return the share of values that lay within their intervals."""
    held = [held_by(track) for track in report.tracks]
    values = np.concatenate([h if target is None else h[:, [target]] for h in held])
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan


def held_by(track: Any) -> np.ndarray:
    """Tell which values lay within, (n_rows, n_targets); NaN where none is known."""
    low, high = np.moveaxis(track.tested.interval, -1, 0)
    inside = (low <= track.truth) & (track.truth <= high)
    return np.where(np.isnan(track.truth), np.nan, inside)


def foresight(report: Report) -> str:
    """Say what the forecaster was told of the rows ahead."""
    names = [repr(str(name)) for name in report.data.known]
    some = listed(names[:4]) if len(names) < 5 else f"{', '.join(names[:4])} and more"
    told = f"({some}) " if names else ""
    return (
        f"The covariates {told}of the rows ahead were taken as known. Where they were "
        "observed, as weather is, no forecaster has them on the day, and the errors of "
        "those that read them are too low."
    )


def cards(report: Report) -> list[tuple[str, str, str]]:
    """Return the few numbers that stand out: name, value, remark."""
    error = overall(report, report.name)
    unit = unit_of_errors(report).strip()
    found = [("Average miss (MAE)", number(error), unit or "in the target's unit")]
    change, naive = relative(ratio(report, report.name)), number(overall(report, NAIVE))
    if report.name != NAIVE:
        found.append((f"Beside {NAIVE}", change, f"its MAE: {naive}"))
    bias = overall(report, report.name, "bias")
    side = "too high on average" if bias > 0 else "too low on average"
    found.append(("Bias", number(abs(bias)), side))
    if report.coverage is not None:
        asked = f"{100 * report.coverage:.3g}% asked for"
        found.append(("Intervals held", percent(measured_coverage(report)), asked))
    return found


"""What was found, in a few sentences and a few numbers."""

import math

import numpy as np

from skinformer.model_selection import Comparison

from .models import NAIVE
from .report import Report
from .words import counted, listed, number, percent, relative, span, stamp

__all__ = [
    "cards",
    "held_and_width",
    "measured_coverage",
    "overall",
    "ratio",
    "rows_tested",
    "summary",
    "verdict",
]

# origins; of fewer blocks than these an interval of a difference is too narrow
FEW_BLOCKS = 10


def rows_tested(report: Report) -> str:
    """Say which rows were tested."""
    parts, step = report.parts, report.data.step
    first, last = parts.stamps[parts.n_train], parts.stamps[-1]
    share, n = report.test_size, counted(len(parts.test), "row")
    when = f"{stamp(first, step)} to {stamp(last, step)}"
    if isinstance(share, float):
        return f"last {100 * share:.3g}% of the data ({when}, {n})"
    return f"last {n} ({when})"


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
    lines += [how_sure(report), is_used(report)]
    if report.ours.foresight == "perfect":
        lines.append(foresight(report))
    return [line for line in lines if line]


def how_far_off(report: Report) -> str:
    """Say the error of the forecaster."""
    targets = [str(target.name) for target in report.data.targets]
    what = targets[0] if len(targets) == 1 else f"the {len(targets)} targets"
    if report.data.series:
        what += f" of {len(report.tracks):,} series"
    error, of = overall(report, report.name), ""
    size = f"{number(error)}{unit_of_errors(report)}"
    if report.standardized:
        size, of = number(error), ", each in standard deviations of its training rows"
    misses = f"misses {what} by {size} on average{of}"
    if not math.isfinite(error):
        misses = f"misses {what} by what is said of each below"
    return (
        f"On the {rows_tested(report)}, which nothing was trained on, "
        f"{report.name} forecasts {span(report.horizon, report.data.step)} ahead and "
        f"{misses}."
    )


def against(report: Report) -> list[str]:
    """Compare with each baseline, and say whether it may be chance."""
    lines = []
    for name, comparison in report.comparisons.items():
        change = relative(ratio(report, report.name, name))
        if change == "–":
            lines.append(f"It could not be compared with {name}.")
        elif change == "within 1%":
            lines.append(f"That is within 1% of {name}.")
        else:
            lines.append(
                f"That is {change} than {name}; {VERDICTS[verdict(comparison)]}."
            )
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
    if bias == 0:
        return "Forecasts are neither too high nor too low on average."
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
        f"Intervals that were to hold {report.asked:.3g}% of the values held "
        f"{percent(held)}."
    )


def measured_coverage(report: Report, target: int | None = None) -> float:
    """Return the share of values that lay within their intervals."""
    targets = range(len(report.data.targets)) if target is None else [target]
    held = np.concatenate([held_and_width(report, i)[0] for i in targets])
    return float(np.nanmean(held)) if not np.isnan(held).all() else np.nan


def held_and_width(report: Report, target: int) -> tuple[np.ndarray, np.ndarray]:
    """Tell of each interval whether the value lay within, and how wide it is.

    Both are (n_rows,), of all series; the first is NaN where no value is known.
    """
    ends = np.concatenate([track.tested.ends[:, target] for track in report.tracks])
    truth = np.concatenate([track.truth[:, target] for track in report.tracks])
    low, high = ends.T
    inside = (low <= truth) & (truth <= high)
    return np.where(np.isnan(truth), np.nan, inside), high - low


def is_used(report: Report) -> str:
    """Say of a network beside a highway whether it counts at all."""
    shares = set(report.found.get("blend_", "1").split(", "))
    if shares != {"0"}:
        return ""
    return (
        "Its network counts for nothing here (blend_ is 0): the rows that validate did "
        "not show that it helps. The forecasts are those of the highway beside it."
    )


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
        asked = f"{report.asked:.3g}% asked for"
        found.append(("Intervals held", percent(measured_coverage(report)), asked))
    return found

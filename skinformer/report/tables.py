"""The tables of a report: text in cells, and which of them are the best."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from skinformer.inspection.style import with_unit

from .by_clock import ByClock
from .figures import FIELDS, errors_by_step, held_by_step
from .findings import held_and_width, measured_coverage, overall, ratio, verdict
from .models import NAIVE
from .report import Report
from .tracks import Track
from .words import number, percent, relative, stamp

__all__ = [
    "Cell",
    "Table",
    "by_series",
    "by_target",
    "clock_table",
    "coverage_step_table",
    "coverage_table",
    "forecast_table",
    "found_table",
    "hole_table",
    "overall_table",
    "parameter_table",
    "step_table",
    "target_table",
    "version_table",
]

MOST_ROWS = 50


class Cell(NamedTuple):
    """What stands in a cell."""

    text: str
    best: bool = False


@dataclass(frozen=True)
class Table:
    """A caption, a head, and rows whose first cell names them.

    Attributes
    ----------
    caption : str
    head : list of str
    rows : list of list of Cell
    """

    caption: str
    head: list[str]
    rows: list[list[Cell]]


def row(*texts: Any) -> list[Cell]:
    """Return cells of which none is the best."""
    return [text if isinstance(text, Cell) else Cell(str(text)) for text in texts]


def marked(values: list[float], digits: int = 3) -> list[Cell]:
    """Return numbers, the least of which is marked.

    >>> marked([2.0, 1.0, float("nan")])
    [Cell(text='2.00', best=False), Cell(text='1.00', best=True),
     Cell(text='–', best=False)]
    """
    least = min((v for v in values if np.isfinite(v)), default=None)
    texts = [number(v, digits) for v in values]
    if least is None or len(values) == 1:
        return row(*texts)
    # what reads the same is as good
    return [Cell(text, text == number(least, digits)) for text in texts]


# Data


def target_table(report: Report) -> Table:
    """Show the values of each target."""
    rows = [
        row(
            t.name,
            t.unit or "not given",
            number(t.minimum, 4),
            number(t.mean, 4),
            number(t.maximum, 4),
            f"{t.n_missing:,}",
        )
        for t in report.data.targets
    ]
    head = ["Target", "Unit", "Least", "Mean", "Greatest", "Missing values"]
    return Table("Targets, over all rows", head, rows)


def hole_table(report: Report) -> Table:
    """Show the longest holes."""
    many, step = bool(report.data.series), report.data.step
    rows = []
    for hole in report.data.holes[:MOST_ROWS]:
        what = "no row" if hole.what == "all" else f"no {hole.what}"
        of = [hole.series] if many else []
        cells = stamp(hole.first, step), stamp(hole.last, step), f"{hole.n_rows:,}"
        rows.append(row(what, *of, *cells))
    n = len(report.data.holes)
    which = "Holes" if n <= MOST_ROWS else f"The {MOST_ROWS} longest of {n:,} holes"
    head = ["What is missing", *["Series"] * many, "From", "To", "Rows"]
    return Table(which, head, rows)


# Errors


def overall_table(report: Report) -> Table:
    """Show the errors of each forecaster over all windows."""
    names = list(report.results)
    errors = {m: [overall(report, n, m) for n in names] for m in ("mae", "rmse")}
    errors["mase"] = [report.results[n].metric("mase") for n in names]
    mae, rmse, mase = (marked(errors[m]) for m in ("mae", "rmse", "mase"))
    rows = []
    for i, name in enumerate(names):
        bias, change = overall(report, name, "bias"), relative(ratio(report, name))
        if name == NAIVE:
            change = "itself"
        said = "" if name == report.name else verdict(report.comparisons[name])
        rows.append(
            row(name, mae[i], rmse[i], number(bias), mase[i], change, said or "—")
        )
    unit = "" if report.standardized else report.data.targets[0].unit
    head = ["Forecaster", *(with_unit(m, unit) for m in ("MAE", "RMSE", "Bias"))]
    head += ["MASE", f"MAE beside {NAIVE}", "Difference by chance?"]
    return Table(f"Errors of all forecasts{unit_of(report)}", head, rows)


def unit_of(report: Report) -> str:
    """Say in what errors over several targets are."""
    if not report.standardized:
        return ""
    return ", each target in standard deviations of its training rows"


def by_target(report: Report) -> Table:
    """Show the mean absolute error of each target, in its own unit."""
    values = [r.metric("mae", by="target") for r in report.results.values()]
    labels = [with_unit(str(t.name), t.unit) for t in report.data.targets]
    return errors_of(report, "Target", labels, np.array(values))


def by_series(report: Report) -> Table:
    """Show the mean absolute error of each series, the worst beside naive first."""
    shown = report.standardized
    values = np.array(
        [
            r.metric("mae", by="series", standardized=shown)
            for r in report.results.values()
        ]
    )
    labels = [str(label) for label in report.measured_series]
    naive = list(report.results).index(NAIVE)
    order = np.argsort(-values[0] / values[naive], kind="stable")[:MOST_ROWS]
    cut = len(labels) > MOST_ROWS
    title = f"Series, the worst {MOST_ROWS} of {len(labels):,}" if cut else "Series"
    return errors_of(report, title, [labels[i] for i in order], values[:, order])


def errors_of(report: Report, of: str, labels: list[str], values: np.ndarray) -> Table:
    """Show errors (n_forecasters, n_labels), a row for each label."""
    names = list(report.results)
    naive = names.index(NAIVE)
    rows = []
    for label, errors in zip(labels, values.T, strict=True):
        change = relative(errors[0] / errors[naive]) if errors[naive] else "–"
        rows.append(row(label, *marked(errors.tolist()), change))
    head = [of.partition(",")[0], *names, f"{report.name} beside {NAIVE}"]
    unit = "" if of == "Target" else unit_of(report)
    return Table(f"Mean absolute error by {of[0].lower()}{of[1:]}{unit}", head, rows)


def step_table(report: Report, target: int) -> Table:
    """Show the mean absolute error of one target by step."""
    errors = [errors_by_step(r, target) for r in report.results.values()]
    every = -(-report.horizon // MOST_ROWS)
    rows = [
        row(step + 1, *marked([error[step] for error in errors]))
        for step in range(0, report.horizon, every)
    ]
    name = str(report.data.targets[target].name)
    which = f", one step in {every}" if every > 1 else ""
    head = ["Steps ahead", *report.results]
    return Table(f"Mean absolute error of {name} by step{which}", head, rows)


def clock_table(report: Report, clock: ByClock, target: int) -> Table:
    """Show level and error of one target by one field of the calendar."""
    rows = [
        row(
            label,
            number(clock.truth[i, target], 4),
            number(clock.forecast[i, target], 4),
            *marked([error[i, target] for error in clock.errors.values()]),
        )
        for i, label in enumerate(clock.labels)
    ]
    field = FIELDS[clock.field]
    head = [field.capitalize(), "Observed mean", "Forecast mean"]
    head += [f"MAE of {name}" for name in clock.errors]
    name = report.data.targets[target].name
    return Table(f"Level and mean absolute error of {name} by {field}", head, rows)


# Intervals and forecasts


def coverage_table(report: Report) -> Table:
    """Show how often intervals held, by target."""
    rows = []
    for i, t in enumerate(report.data.targets):
        held, width = held_and_width(report, i)
        rows.append(
            row(
                with_unit(str(t.name), t.unit),
                f"{report.asked:.3g}%",
                percent(measured_coverage(report, i)),
                number(width.mean()),
                f"{np.count_nonzero(~np.isnan(held)):,}",
            )
        )
    head = ["Target", "Asked for", "Measured", "Mean width", "Values"]
    return Table("How often intervals held", head, rows)


def coverage_step_table(report: Report, target: int) -> Table:
    """Show how often intervals of one target held, in parts of the horizon."""
    rows = [
        row(label, percent(held), number(width))
        for label, held, width in held_by_step(report, target)
    ]
    name = report.data.targets[target].name
    head = ["Steps ahead", "Measured", "Mean width"]
    return Table(f"How often intervals of {name} held, by step", head, rows)


def forecast_table(report: Report, track: Track, target: int) -> Table:
    """Show the last block that was tested, and the rows after the end."""
    step, tested = report.data.step, track.tested
    starts = np.flatnonzero(np.diff(tested.step, prepend=report.horizon + 1) <= 0)
    last = int(starts[-1]) if len(starts) else 0
    truth = track.truth[:, target]
    lines = [(tested, i, number(truth[i], 4)) for i in range(last, len(tested.step))]
    if track.future is not None:
        lines += [(track.future, i, "not yet") for i in range(len(track.future.step))]
    rows = []
    for piece, i, came in lines[: 4 * MOST_ROWS]:
        ends = () if piece.interval is None else piece.interval[i, target]
        cells = [number(end, 4) for end in ends]
        forecast = number(piece.y_pred[i, target], 4)
        rows.append(row(stamp(piece.index[i], step), came, forecast, *cells))
    of = [] if report.coverage is None else ["Lower end", "Upper end"]
    head = ["Time" if report.parts.has_time else "Row", "Observed", "Forecast", *of]
    name = report.data.targets[target].name
    where = "" if track.label is None else f" of {track.label}"
    return Table(f"{name}{where}: the last block tested, and what follows", head, rows)


# Settings


def parameter_table(report: Report, is_default: bool) -> Table:
    """Show the parameters that are, or are not, what the constructor has."""
    parameters = report.settings.parameters
    chosen = [p for p in parameters if p.is_default == is_default]
    title = "Parameters left at their defaults" if is_default else "Parameters chosen"
    rows = [row(p.name, p.value) for p in chosen]
    if not rows and not is_default:
        rows = [row("none", "all are at their defaults")]
    return Table(f"{title}, of {report.name}", ["Parameter", "Value"], rows)


def found_table(report: Report) -> Table:
    """Show what the fit has found."""
    rows = [row(*pair) for pair in report.found.items()]
    return Table("What the fit found", ["Attribute", "Value"], rows)


def version_table(report: Report) -> Table:
    """Show which versions the report was made by."""
    rows = [row(*pair) for pair in report.settings.versions.items()]
    return Table("Versions", ["Package", "Version"], rows)

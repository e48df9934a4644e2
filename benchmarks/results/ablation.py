"""Variants of the Informer on selection rows, beside the shipped default."""

from benchmarks.results.goals import Mean
from benchmarks.results.scores import LABELS, Records, averaged
from benchmarks.results.tables import figure, table
from benchmarks.results.tasks import TASKS
from benchmarks.results.variants import VARIANTS

__all__ = ["ablation"]

# the metric of each selection task, and its unit
MEASURED = {
    "sel_ett": ("mse", "standardized"),
    "sel_bike": ("mae", "original"),
    "sel_load": ("mae", "standardized"),
}
DEFAULT = "default"


def parts_of(records: Records, task: str, model: str, horizon: int) -> dict[str, Mean]:
    """Return the mean over seeds of each part's error."""
    metric, unit = MEASURED[task]
    by_part: dict[str, list[float]] = {}
    for key, record in records.items():
        if key[:3] == (task, model, horizon):
            for part in record["parts"]:
                by_part.setdefault(part["name"], []).append(part[unit][metric])
    return {name: averaged(values, 0) for name, values in by_part.items()}


def ablation(records: Records) -> list[str]:
    """Return a table for each selection task and horizon."""
    lines: list[str] = []
    for task, (metric, unit) in MEASURED.items():
        for horizon in TASKS[task].horizons:
            rows = list(rows_of(records, task, horizon))
            if rows:
                names = list(parts_of(records, task, rows[0][-1], horizon))
                what = f"{TASKS[task].title}, horizon {horizon}: {metric.upper()}"
                what += ", standardised" if unit == "standardized" else ""
                head = ["variant", "mean", "over default", *names]
                lines += [f"**{what}**", "", *table(head, (r[:-1] for r in rows)), ""]
    return lines or ["No variant has been measured yet.", ""]


def rows_of(records: Records, task: str, horizon: int):
    """Yield the row of each variant and baseline, its name at the end."""
    default = mean_over(parts_of(records, task, DEFAULT, horizon))
    for model in (*VARIANTS, *LABELS):
        parts = parts_of(records, task, model, horizon)
        if not parts:
            continue
        mean = mean_over(parts)
        change = "" if default is None else f"{100 * (mean / default - 1):+.1f}%"
        each = [figure(part.value, 4) for part in parts.values()]
        label = f"*{LABELS[model]}*" if model in LABELS else f"`{model}`"
        yield [label, figure(mean, 4), change, *each, model]


def mean_over(parts: dict[str, Mean]) -> float | None:
    """Return the mean over parts; None of none."""
    return sum(p.value for p in parts.values()) / len(parts) if parts else None

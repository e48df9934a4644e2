"""Markdown tables of the records."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.results.goals import goals, ratio_of, whole_and_parts
from benchmarks.results.published import PUBLISHED
from benchmarks.results.scores import (
    LABELS,
    Mean,
    Records,
    mean_of,
    models_of,
    seconds_of,
)
from benchmarks.results.tasks import TASKS

__all__ = [
    "bike_table",
    "error_table",
    "goal_table",
    "parts_table",
    "published_sources",
    "short_bike_table",
    "short_table",
    "table",
    "time_table",
]

Row = Sequence[str]
BIKE = ("mae", "rmse")


def table(head: Row, rows: Iterable[Row]) -> list[str]:
    """Return the lines of a table.

    >>> table(["model", "24"], [["naive", ".424"]])
    ['| model | 24 |', '| --- | --- |', '| naive | .424 |']
    """
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def figure(value: float | None, digits: int = 3) -> str:
    """Return a number as tables have it, nothing for none.

    >>> figure(0.31849), figure(1.128), figure(None)
    ('.318', '1.128', '')
    """
    return "" if value is None else f"{value:.{digits}f}".removeprefix("0")


def cell(mean: Mean | None, digits: int = 3) -> str:
    """Return a mean over seeds, and in brackets from where to where.

    >>> cell(Mean(0.32, 0.31, 0.33, 3, 3)), cell(Mean(0.32, 0.32, 0.32, 1, 3))
    ('.320 (.310 to .330)', '.320 (1 of 3 seeds)')
    """
    if mean is None:
        return ""
    text = figure(mean.value, digits)
    if not mean.complete:
        return f"{text} ({mean.n} of {mean.asked} seeds)"
    if mean.n == 1:
        return text
    least, most = figure(mean.least, digits), figure(mean.most, digits)
    return f"{text} ({least} to {most})"


def goal_table(records: Records) -> list[str]:
    """Return every goal, missed ones first."""
    words = {True: "yes", False: "**no**", None: "not yet known"}
    rows = [
        [
            goal.check,
            f"≤ {goal.goal:.3g}",
            "" if goal.reached is None else f"{goal.reached:.4g}",
            words[goal.met],
            goal.detail,
        ]
        for goal in goals(records)
    ]
    return table(["check", "goal", "reached", "goal met", "behind it"], rows)


def error_table(records: Records, task: str, metric: str = "mse") -> list[str]:
    """Return standardised errors by model and horizon, published ones below."""
    horizons = TASKS[task].horizons
    rows = [
        [
            LABELS[model],
            *(cell(mean_of(records, task, model, h, metric)) for h in horizons),
        ]
        for model in models_of(records, task)
    ]
    if metric == "mse":
        rows += [
            [f"*{row.model}*", *(figure(row.mse.get(h)) for h in horizons)]
            for row in PUBLISHED
            if row.task == task
        ]
    return table([metric.upper(), *map(str, horizons)], rows)


def short_table(records: Records, task: str) -> list[str]:
    """Return mean squared errors without ranges, the best of each horizon in bold.

    Of models at their defaults: not of those measured at some horizons only.
    """
    horizons = TASKS[task].horizons
    models = [m for m in models_of(records, task) if m not in TASKS[task].only]
    means = {
        (m, h): mean
        for m in models
        for h in horizons
        if (mean := mean_of(records, task, m, h, "mse"))
    }
    least = {
        h: min((means[m, h].value for m in models if (m, h) in means), default=None)
        for h in horizons
    }
    rows = [
        [LABELS[m], *(marked(means.get((m, h)), least[h]) for h in horizons)]
        for m in models
    ]
    return table(["MSE", *map(str, horizons)], rows)


def short_bike_table(records: Records) -> list[str]:
    """Return both errors of bike sharing, means over folds and seeds, best first."""
    rows = [
        (
            LABELS[m],
            *(mean_of(records, "bike", m, 168, k, "original").value for k in BIKE),
        )
        for m in models_of(records, "bike")
    ]
    rows.sort(key=lambda row: row[1])
    return table(
        ["", *(k.upper() for k in BIKE)],
        [[name, *(figure(v, 4) for v in values)] for name, *values in rows],
    )


def marked(mean: Mean | None, least: float | None) -> str:
    """Return a figure, bold if shown as the least is, with a dagger if seeds lack.

    >>> marked(Mean(0.3181, 0.3, 0.33, 3, 3), 0.3179), marked(None, 0.318)
    ('**.318**', '')
    >>> marked(Mean(0.32, 0.32, 0.32, 1, 3), 0.318)
    '.320†'
    """
    if mean is None:
        return ""
    text = figure(mean.value)
    bold = f"**{text}**" if text == figure(least) else text
    return bold + "†" * (not mean.complete)


def published_sources(task: str) -> str:
    """Return where the published figures beside a task stand."""
    found = [f"{row.model}: {row.source}" for row in PUBLISHED if row.task == task]
    return "In italics: figures as published. " + ". ".join(found) + "."


def parts_table(records: Records) -> list[str]:
    """Return the Informer's error beside those of its parts."""
    rows = []
    for task, horizon, metric, found in whole_and_parts(records):
        others = [figure(found.get(m), 4) for m in ("ridge", "lags", "covariates")]
        known = "informer" in found and len(found) > 1
        ratio = f"{ratio_of(found):.3f}" if known else ""
        what = f"{TASKS[task].title}, {metric.upper()}"
        rows.append(
            [what, str(horizon), figure(found.get("informer"), 4), *others, ratio]
        )
    head = ["", "horizon", "Informer", "ridge", "lags", "covariates", "whole / best"]
    return table(head, rows)


def bike_table(records: Records) -> list[str]:
    """Return errors of each model on bike sharing: means, and of each fold."""
    rows = []
    for model in models_of(records, "bike"):
        mae, rmse = (
            cell(mean_of(records, "bike", model, 168, metric, "original"), 4)
            for metric in ("mae", "rmse")
        )
        rows.append([LABELS[model], mae, rmse, *folds(records, model)])
    numbers = [f"fold {i}" for i in range(1, 6)]
    return table(["", "mean MAE", "mean RMSE", *numbers], rows)


def folds(records: Records, model: str) -> Iterator[str]:
    """Yield MAE and RMSE of each fold, means over seeds."""
    found = [r["parts"] for k, r in records.items() if k[:2] == ("bike", model)]
    for of_seeds in zip(*found, strict=True):
        both = [
            sum(part["original"][metric] for part in of_seeds) / len(of_seeds)
            for metric in ("mae", "rmse")
        ]
        yield " / ".join(figure(value, 4) for value in both)


def time_table(records: Records, name: str, task: str = "ett_s24") -> list[str]:
    """Return seconds by model and horizon."""
    horizons = TASKS[task].horizons
    timed = name == "one_forecast_seconds"
    rows = [
        [
            LABELS[m],
            *(duration(seconds_of(records, task, m, h, name)) for h in horizons),
        ]
        for m in models_of(records, task, timed)
    ]
    return table(["", *map(str, horizons)], rows)


def duration(seconds: float | None) -> str:
    """Return a time with its unit.

    >>> duration(0.00234), duration(0.5), duration(75.3), duration(None)
    ('2.3 ms', '500 ms', '75 s', '')
    """
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{float(f'{1e3 * seconds:.2g}'):g} ms"
    return f"{float(f'{seconds:.2g}'):g} s"


def summed(rows: Iterable[Mapping]) -> float:
    """Return the hours that runs took."""
    return sum(r["fit_seconds"] + r["forecast_seconds"] for r in rows) / 3600

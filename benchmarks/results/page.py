"""`docs/results.md`, from the records and from nothing else."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.results import pictures, tables
from benchmarks.results.ablation import ablation
from benchmarks.results.models import SHORTER
from benchmarks.results.records import current
from benchmarks.results.scores import LABELS, Records, agreeing
from benchmarks.results.tasks import OWN_VERSION, TASKS, VERSION

__all__ = ["readings", "render", "write"]

EARLIER = Path(__file__).parent / "earlier_readings.md"
NOTES = Path(__file__).parent / "notes.md"
PARTIAL = (
    "Ours count every test window (2,857 at 24, 2,161 at 720). The code behind most "
    "published figures leaves out the last partial batch of test windows. What that "
    "can change, two rows show: PatchTST/64 by its authors, without that batch, and "
    "PatchTST as the authors of FITS measured it, with it. Published networks train on "
    "rows 0 to 8,639 and choose by the rows after; ours are solved again on rows 0 to "
    "11,519, and read 504 of them, where NLinear, DLinear and PatchTST/64 read 336 or "
    "512."
)


def write(output: Path, records: list[dict[str, Any]]) -> None:
    """Write the page, and the pictures into `_static` beside it."""
    folder = output.parent / "_static"
    folder.mkdir(exist_ok=True)
    pictures.save(current(records), folder)
    text = render(records, NOTES.read_text("utf-8"), EARLIER.read_text("utf-8"))
    output.write_text(text, encoding="utf-8")


def render(records: list[dict[str, Any]], notes: str, earlier: str) -> str:
    """Return the page."""
    now = current(records)
    lines = [
        *header(now),
        *in_short(now),
        *accuracy(now),
        *times(now),
        "## Goals",
        "",
        "The defaults of `InformerRegressor` with only `pred_len` set, means over the "
        "seeds 0, 1 and 2. On ETTh1 the last 2,880 of the 11,520 rows of a fit "
        "validate. Missed goals come first.",
        "",
        *tables.goal_table(now),
        "",
        *([notes.strip(), ""] if notes.strip() else []),
        "## Ablation",
        "",
        "On selection rows only, none of which is a test row: three origins in the "
        "first 11,520 rows of ETTh1, three folds in the first 12,331 rows of bike "
        "sharing, and four load series. A variant is the shipped default with the "
        "change that its name says (`benchmarks/results/variants.py`); baselines are "
        "in italics.",
        "",
        *ablation(now),
        "## Readings of test rows",
        "",
        "Every time that forecasts of test rows were measured. Code is the commit, "
        "with a + where the working copy of the package differed from it.",
        "",
        *readings(records),
        "",
        earlier.strip(),
        "",
    ]
    return "\n".join(lines)


def header(records: Records) -> list[str]:
    """Return the title, and where the figures come from."""
    rows = list(records.values())
    versions = distinct(
        ", ".join(f"{name} {v}" for name, v in row["versions"].items() if name in MAIN)
        for row in rows
    )
    hours = tables.summed(rows)
    own = ", ".join(f"{name} {n}" for name, n in OWN_VERSION.items())
    return [
        "# Results",
        "",
        "Written by a command from records; do not edit by hand. Each figure of a "
        "table is from a process of its own on one thread, and can be had again. What "
        "was tried for missed goals, and readings before the records, are told by "
        "hand, and say so.",
        "",
        "* Commands: `make results` runs what is missing "
        "(`python -m benchmarks.results run`), `make results-page` writes this page",
        f"* Page: {datetime.now(UTC):%Y-%m-%d}, {len(rows)} runs, {hours:.1f} hours, "
        f"version {VERSION} of the defaults ({own})",
        f"* Runs: {span(rows)}",
        f"* Machine: {'; '.join(distinct(row['machine'] for row in rows))}",
        f"* Versions: {'; '.join(versions)}",
        "",
    ]


def in_short(records: Records) -> list[str]:
    """Return the section that most readers came for."""
    tables_of_it = short_tables(records)
    lacking = any("†" in line for line in tables_of_it)
    return [
        "## In short",
        "",
        *tables_of_it,
        "† Not all seeds are run. "
        * lacking
        + "Ranges over seeds, other metrics and published figures stand below; what "
        "was aimed at and missed, under [Goals](#goals). Not at their defaults, to end "
        f"within minutes: {shortened()}.",
        "",
    ]


def short_tables(records: Records) -> list[str]:
    """Return the tables of that section."""
    return [
        "Mean squared error of the defaults on every test window of ETTh1, seven "
        "targets, in standard deviations, by hours ahead:",
        "",
        *tables.short_table(records, "ett_m"),
        "",
        "Of one of the seven alone, the oil temperature:",
        "",
        *tables.short_table(records, "ett_s"),
        "",
        f"In bold the least of a column, published figures apart. {unused(records)} "
        "Errors of `OT` on test rows led to two changes of the defaults, of which "
        "selection rows chose the form; see what was tried, under [Goals](#goals).",
        "",
        "Bike sharing, counts divided by their maximum, 1,048 hours ahead:",
        "",
        *tables.short_bike_table(records),
        "",
    ]


def unused(records: Records) -> str:
    """Say where the Informer is but its highway."""
    named = [("ett_m", "seven targets"), ("ett_s", "`OT` alone")]
    found = [
        f"of {name} at {', '.join(map(str, horizons))}"
        for task, name in named
        if (horizons := agreeing(records, task, "informer"))
    ]
    if not found:
        return ""
    return (
        f"Where all seeds have the same errors ({'; '.join(found)}), validation gave "
        "the network no weight: the Informer's row is that of its highway."
    )


def shortened() -> str:
    """Say which fits are shorter than by default."""
    return "; ".join(
        f"{LABELS[model]} at {horizon} ("
        + ", ".join(f"{k}={v}" for k, v in how.items())
        + ")"
        for (model, horizon), how in SHORTER.items()
    )


MAIN = ("python", "skinformer", "torch", "scikit-learn", "numpy")


def distinct(texts: Iterable[str]) -> list[str]:
    """Return texts once each, in the order they came."""
    return list(dict.fromkeys(texts))


def span(rows: list[Mapping]) -> str:
    """Return the first and the last day of runs."""
    days = sorted(row["date"][:10] for row in rows)
    return f"{days[0]} to {days[-1]}" if days else "none"


def accuracy(records: Records) -> list[str]:
    """Return the sections of errors."""
    lines = []
    for task in ("ett_m", "ett_s", "ett_s24"):
        lines += [f"## {TASKS[task].title}", "", DATA[task], ""]
        for metric in ("mse", "mae"):
            lines += [*tables.error_table(records, task, metric), ""]
        lines += [tables.published_sources(task), ""]
        lines += [PARTIAL, ""] if task == "ett_m" else []
        if task == "ett_s24":
            lines += [
                picture("error", "Error against horizon, a line for each model."),
                "",
            ]
    return [
        *lines,
        f"## {TASKS['bike'].title}",
        "",
        DATA["bike"],
        "",
        *tables.bike_table(records),
        "",
        "## The whole against its parts",
        "",
        "The Informer's error beside what a ridge, gradient boosting on lags and a "
        "regressor of the covariates reach alone, and its ratio to the best of them.",
        "",
        *tables.parts_table(records),
        "",
    ]


DATA = {
    "ett_m": "Rows 0 to 11,519 are fitted on, every window in rows 11,520 to 14,399 is "
    "forecast. Errors are in standard deviations of rows 0 to 8,639; in brackets the "
    "range over seeds.",
    "ett_s": "The same of the oil temperature alone.",
    "ett_s24": "The same with a window every 24 hours, and with forecasters of a "
    "single series that take long.",
    "bike": "The protocol of scikit-learn's gallery, *Time-related feature "
    "engineering*: counts divided by their maximum, `TimeSeriesSplit(n_splits=5, "
    "gap=48, max_train_size=10_000, test_size=1_000)`, observed weather known. The "
    "rows of a fold are forecast from the end of its training rows, across the gap, "
    "without a look at what came: 1,048 hours ahead, by blocks of `pred_len=168`. "
    "Folds: MAE / RMSE, means over seeds.",
}


def picture(name: str, alt: str) -> str:
    """Return the reference to a picture."""
    return f"![{alt}](_static/results_{name}.png)"


def times(records: Records) -> list[str]:
    """Return the section of times."""
    return [
        "## Time to forecast",
        "",
        "The median time of `predict` of one window of the oil temperature, on one "
        "thread: processor time, which other work on the machine lengthens less than "
        "the clock's. The Informer and the ridge return a horizon in one pass; lags, "
        "LSTM and Transformer take a step for each hour. Where validation gave its "
        "network no weight, the Informer does not run it; a second row, and the line "
        "in the picture, have the time with the network, hardly trained, which takes "
        "as long.",
        "",
        picture("time", "Time of one forecast against horizon, a line for each model."),
        "",
        *tables.time_table(records, "one_forecast_seconds"),
        "",
        "The fit, by the clock:",
        "",
        *tables.time_table(records, "fit_seconds"),
        "",
    ]


def readings(records: list[dict[str, Any]]) -> list[str]:
    """Return the table of every reading of test rows, of whatever version."""
    groups: dict[tuple, dict[str, set]] = {}
    for record in records:
        task = TASKS.get(record["task"])
        if task is not None and not task.reads_test:
            continue
        code = record["commit"] + "+" * record["dirty"]
        what = record["task"], record["model"], code, record["date"][:10]
        group = groups.setdefault(what, {"horizon": set(), "seed": set(), "n": set()})
        group["horizon"].add(record["horizon"])
        group["seed"].add(record["seed"])
        group["n"].add((record["horizon"], record["seed"], record["date"]))
    rows = [
        [task, LABELS.get(model, model), *numbers(group), code, day]
        for (task, model, code, day), group in groups.items()
    ]
    head = ["task", "model", "horizons", "seeds", "runs", "code", "date"]
    return tables.table(head, rows)


def numbers(group: dict[str, set]) -> list[str]:
    """Return horizons, seeds and the number of runs."""
    joined = [", ".join(map(str, sorted(group[name]))) for name in ("horizon", "seed")]
    return [*joined, str(len(group["n"]))]

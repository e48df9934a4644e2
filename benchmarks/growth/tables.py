"""The tables of the page, in reStructuredText."""

from collections.abc import Callable, Iterable, Sequence

from benchmarks.growth.cases import TASKS
from benchmarks.growth.costs import (
    PLANS,
    Cost,
    Plan,
    Shards,
    costs_of,
    growth,
    shards_of,
)
from benchmarks.growth.law import Growth
from benchmarks.growth.records import Records
from skinformer.persistence.archive import MOST_JSON

__all__ = ["cut", "estimates", "growths", "megabytes", "seconds", "shards"]

LABELS = {"ridge": "`RidgeForecaster`", "informer": "`InformerRegressor`"}
TIMES = {
    "fit": "`fit`",
    "around": "`fit`, around the epochs",
    "epoch": "`fit`, an epoch",
    "all epochs": "`fit` with all 16 epochs",
    "predict": "`predict`, 24 rows of each",
    "backtest": "`backtest`, no refit",
    "update": "`update` with all rows",
    "save": "`save`",
    "load": "`load`",
}
SIZES = {"memory": "memory at the most", "file": "file of `save`"}
OF_MODEL = {
    "ridge": ["fit", *list(TIMES)[4:], *SIZES],
    "informer": [*list(TIMES)[1:], *SIZES],
}
NOISE = 0.05  # seconds, below which a time grows by chance
WORKER_MB = 4000.0  # half of a worker of 8 GB: the frame it is given needs room too


def seconds(*values: float) -> str:
    """Write times with a unit that suits the last one.

    >>> [seconds(x) for x in (0.034, 7.26, 150, 7000, 30_000, 900_000)]
    ['0.034 s', '7.3 s', '150 s', '117 min', '8.3 h', '10 days']
    >>> seconds(272, 312), seconds(312, 312.1)
    ('4.5 to 5.2 min', '5.2 min')
    """
    units = ((300, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h"))
    for most, size, unit in units:
        if values[-1] < most:
            return span(values, size, unit)
    return span(values, 86_400, "days")


def megabytes(*values: float) -> str:
    """Write sizes with a unit that suits the last one.

    >>> [megabytes(x) for x in (0.3987, 570.3, 48_200)], megabytes(900, 2100)
    (['0.4 MB', '570 MB', '48 GB'], '0.9 to 2.1 GB')
    """
    return span(values, 1, "MB") if values[-1] < 2000 else span(values, 1000, "GB")


def memory(*values: float) -> str:
    """Write memory, which may be known to be more."""
    return megabytes(*values)


def span(values: Sequence[float], size: float, unit: str) -> str:
    """Write one number, or two that differ, in a unit."""
    told = dict.fromkeys(two_digits(value / size) for value in values)
    return f"{' to '.join(told)} {unit}"


def two_digits(value: float) -> str:
    """Write a number with two digits, or with all before the point."""
    value = round(value, 9)  # a solver's last digit must not turn half a digit
    return f"{value:.2g}" if value < 100 else f"{value:,.0f}"


def at_most(count: int) -> int:
    """Return three digits of a number, and no more than it.

    >>> at_most(37_999), at_most(115_765), at_most(37)
    (37900, 115000, 37)
    """
    step = 10 ** max(len(str(count)) - 3, 0)
    return count // step * step


def list_table(head: list[str], rows: Iterable[list[str]], widths: str) -> list[str]:
    """Return a table.

    >>> print(*list_table(["a", "b"], [["1", ""]], "50 50"), sep=chr(10))
    .. list-table::
       :header-rows: 1
       :widths: 50 50
    <BLANKLINE>
       * - a
         - b
       * - 1
         -
    """
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for first, *others in (head, *rows):
        lines += [f"   * - {first}", *(f"     - {other}".rstrip() for other in others)]
    return lines


def cell(cost: Cost | None, size: int, way: Callable[..., str]) -> str:
    """Return a cost: in bold if measured, else from the line to the power.

    Memory that has hardly grown tells no slope: what was measured is a lower bound.
    """
    if cost is None:
        return ""
    if cost.measured(size):
        return f"**{way(*cost.span(size))}**"
    if way is memory and cost.is_flat:
        return f"more than {way(cost.most, cost.most)}"
    return way(*cost.span(size))


def estimates(records: Records, model: str) -> list[str]:
    """Return what each plan costs with a model."""

    def line(name: str) -> list[str]:
        way = {"memory": memory, "file": megabytes}.get(name, seconds)
        costs = [(plan, costs_of(records, plan.task, model, name)) for plan in PLANS]
        return [(TIMES | SIZES)[name], *(cell(c, plan.size, way) for plan, c in costs)]

    head = [LABELS[model], *(plan.name for plan in PLANS)]
    return list_table(head, map(line, OF_MODEL[model]), "28 24 24 24")


def growths(records: Records) -> list[str]:
    """Return what was measured, and how well a line says it."""
    rows = [
        growth_row(task, model, name, found)
        for task in TASKS
        for model in LABELS
        for name in OF_MODEL[model]
        if name != "all epochs" and (found := growth(records, task, model, name))
        if name in SIZES or found.figures[-1] >= NOISE
    ]
    head = ["what", "sizes", "start", "each 1,000 more", "exponent", "largest"]
    return list_table(head, rows, "34 20 12 14 10 10")


def growth_row(task: str, model: str, name: str, found: Growth) -> list[str]:
    """Return a row of that table."""
    way = megabytes if name in SIZES else seconds
    sizes = found.sizes
    return [
        f"{LABELS[model]}: {(TIMES | SIZES)[name]}",
        f"{len(sizes)}: {sizes[0]:,} to {sizes[-1]:,} {TASKS[task].unit}",
        way(found.line.start),
        way(1000 * found.line.slope),
        "" if found.power is None else f"{found.power.exponent:.2f}",
        "" if found.miss is None else f"{found.miss:+.0%}",
    ]


def shards(records: Records) -> list[str]:
    """Return how a million series are cut for workers."""
    million = PLANS[1]
    rows = [row for model in LABELS if (row := shard_row(records, model, million))]
    head = [
        "a million series with",
        "fit into 4 GB",
        "fit into a file",
        "groups",
        "processor time of all",
    ]
    return list_table(head, rows, "28 18 18 14 22")


def cut(records: Records, model: str, plan: Plan) -> Shards | None:
    """Return the groups that a model needs; None where too little is measured."""
    held, described = (
        growth(records, plan.task, model, name) for name in ("memory", "described")
    )
    if held is None or described is None or held.is_flat:
        return None  # or the sizes are too small to tell what a series takes
    return shards_of(plan.size, held, described, WORKER_MB, MOST_JSON / 1e6)


def shard_row(records: Records, model: str, plan: Plan) -> list[str] | None:
    """Return how series are cut for one model; None where it is not measured."""
    whole_fit = "all epochs" if "all epochs" in OF_MODEL[model] else "fit"
    fit = costs_of(records, plan.task, model, whole_fit)
    groups = cut(records, model, plan)
    if fit is None or groups is None:
        return None
    return [
        LABELS[model],
        f"{at_most(groups.by_memory):,} series",
        f"{at_most(groups.by_file):,} series",
        f"{groups.n}",
        seconds(groups.n * fit.at(plan.size / groups.n)),
    ]

"""Records of cases: one JSON object a line, one file a kind of data."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.growth.cases import Case

__all__ = ["FIGURES", "FOLDER", "case_of", "figures_of", "latest"]

FOLDER = Path(__file__).parent / "records"

Records = dict[Case, dict[str, Any]]
Steps = dict[str, dict[str, float]]

# what is read off the steps of a record; KeyError where the case does not have it
FIGURES: dict[str, Callable[[Steps], float]] = {
    "fit": lambda steps: steps["fit"]["processor"],
    "epoch": lambda steps: steps["fit"]["epoch"],
    "around": lambda steps: steps["fit"]["processor"] - steps["fit"]["epoch"],
    "predict": lambda steps: steps["predict"]["processor"],
    "backtest": lambda steps: steps["backtest"]["processor"],
    "save": lambda steps: steps["save"]["processor"],
    "load": lambda steps: steps["load"]["processor"],
    "update": lambda steps: steps["update"]["processor"],
    "memory": lambda steps: max(step["peak_mb"] for step in steps.values()),
    "file": lambda steps: steps["save"]["file_mb"],
    "described": lambda steps: steps["save"]["described_mb"],
}


def case_of(record: dict[str, Any]) -> Case:
    """Return what a record is the record of.

    >>> case_of({"task": "rows", "model": "ridge", "size": 9, "length": 9, "seed": 0})
    Case(task='rows', model='ridge', size=9, length=9)
    """
    return Case(*(record[name] for name in ("task", "model", "size", "length")))


def latest(records: Iterable[dict[str, Any]]) -> Records:
    """Return the last record of each case."""
    return {case_of(record): record for record in records}


def figures_of(
    records: Records, task: str, model: str, name: str
) -> tuple[list[int], list[float]]:
    """Return sizes, from the least on, and a figure of each."""
    found = []
    for case, record in records.items():
        try:
            figure = FIGURES[name](record["steps"])
        except KeyError:
            continue
        if (case.task, case.model) == (task, model):
            found.append((case.size, figure))
    found.sort()
    return [size for size, _ in found], [figure for _, figure in found]

"""Records of cases: one JSON object a line, one file a kind of data."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.growth.cases import Case

__all__ = ["FOLDER", "case_of", "figures", "latest"]

FOLDER = Path(__file__).parent / "records"

Records = dict[Case, dict[str, Any]]


def case_of(record: dict[str, Any]) -> Case:
    """Return what a record is the record of.

    >>> case_of({"task": "rows", "model": "ridge", "size": 9, "length": 9, "seed": 0})
    Case(task='rows', model='ridge', size=9, length=9)
    """
    return Case(*(record[name] for name in ("task", "model", "size", "length")))


def latest(records: Iterable[dict[str, Any]]) -> Records:
    """Return the last record of each case."""
    return {case_of(record): record for record in records}


def figures(
    records: Records, task: str, model: str, step: str, what: str
) -> tuple[list[int], list[float]]:
    """Return sizes, from the least on, and a figure of each; those without are left out."""
    found = sorted(
        (case.size, record["steps"][step][what])
        for case, record in records.items()
        if (case.task, case.model) == (task, model)
        and what in record["steps"].get(step, {})
    )
    return [size for size, _ in found], [figure for _, figure in found]

"""`docs/planning.rst`: a text by hand, and tables and figures from the records."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.growth import tables
from benchmarks.growth.costs import PLANS, costs_of, growth
from benchmarks.growth.records import Records, latest

__all__ = ["render"]

TEXT = Path(__file__).parent / "planning.rst"
MAIN = ("torch", "scikit-learn", "numpy")


def render(records: Iterable[dict[str, Any]], text: str | None = None) -> str:
    """Return the page: the text with what stands in {{ }} filled in."""
    now = latest(records)
    filled = TEXT.read_text(encoding="utf-8") if text is None else text
    return re.sub(r"\{\{ (.+?) \}\}", lambda found: fill(now, found[1]), filled)


def fill(records: Records, asked: str) -> str:
    """Return a table or a figure.

    "estimates ridge", "growths", "shards", "origin" and "reach" are blocks of lines;
    "fit ridge 1" is the cost of a fit with the second plan.
    """
    name, *words = asked.split()
    if name == "estimates":
        return "\n".join(tables.estimates(records, *words))
    if name in ("growths", "shards"):
        return "\n".join(getattr(tables, name)(records))
    if name in ("origin", "reach"):
        return "\n".join(origin(records) if name == "origin" else reach(records))
    return figure(records, asked)


def figure(records: Records, asked: str) -> str:
    """Return a figure of the running text."""
    *name, model, number = asked.split()
    plan, name = PLANS[int(number)], " ".join(name)
    if name == "groups":
        groups = tables.cut(records, model, plan)
        return "?" if groups is None else str(groups.n)
    cost = costs_of(records, plan.task, model, name)
    way = tables.megabytes if name in tables.SIZES else tables.seconds
    return "?" if cost is None else way(cost.at(plan.size))


def reach(records: Records) -> list[str]:
    """Say how far plans lie beyond what was measured."""
    lines = []
    for plan in PLANS[1:]:
        for model, label in tables.LABELS.items():
            found = growth(records, plan.task, model, "fit")
            if found is not None:
                times = f"{found.beyond(plan.size):,.0f} times"
                lines.append(f"* {plan.name}: {times} the largest run of {label}")
    return lines


def origin(records: Records) -> list[str]:
    """Say where the figures come from."""
    rows = list(records.values())
    if not rows:
        return ["* Nothing has been measured yet."]
    days = sorted(row["date"][:10] for row in rows)
    busy = sorted(row["load_average"] for row in rows)
    versions = distinct(
        ", ".join(f"{name} {row['versions'][name]}" for name in MAIN) for row in rows
    )
    return [
        f"* Machine: {'; '.join(distinct(row['machine'] for row in rows))}, shared: "
        f"{busy[0]:.0f} to {busy[-1]:.0f} processes wanted its cores",
        f"* Runs: {len(rows)}, from {days[0]} to {days[-1]}, one thread each, seed "
        f"{', '.join(distinct(str(row['seed']) for row in rows))}",
        f"* Versions: {'; '.join(versions)}",
    ]


def distinct(found: Iterable[str]) -> list[str]:
    """Return each once, in their order."""
    return list(dict.fromkeys(found))

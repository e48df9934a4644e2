"""What is planned for, and what it costs by the growth that was measured."""

import math
from typing import NamedTuple

from benchmarks.growth.law import Growth, growth_of
from benchmarks.growth.records import Records, figures_of

__all__ = ["EPOCHS", "PLANS", "Cost", "Plan", "Shards", "costs_of", "shards_of"]

EPOCHS = 16  # the default, at most


class Plan(NamedTuple):
    """Data that somebody may have.

    Attributes
    ----------
    name : str
    task : str
        The kind of growth that leads to them.
    size : int
    """

    name: str
    task: str
    size: int


PLANS = [
    Plan("1,000 series", "series", 1000),
    Plan("1,000,000 series", "series", 1_000_000),
    Plan("ten years of minutes", "rows", 5_259_600),
]


class Cost(NamedTuple):
    """A sum of costs that grow, each so many times.

    Attributes
    ----------
    parts : tuple of (times, Growth)
    """

    parts: tuple[tuple[float, Growth], ...]

    def at(self, size: float) -> float:
        """Return the cost of a size: measured, or else by the line."""
        return sum(times * growth.at(size) for times, growth in self.parts)

    def span(self, size: float) -> tuple[float, float]:
        """Return the cost by lines and by powers, the lower and the higher."""
        spans = [(times, growth.span(size)) for times, growth in self.parts]
        low, high = (sum(times * span[i] for times, span in spans) for i in (0, 1))
        return low, high

    @property
    def is_flat(self) -> bool:
        """Whether nothing of it has grown enough to be counted on."""
        return all(growth.is_flat for _, growth in self.parts)

    @property
    def most(self) -> float:
        """Return the cost of the sizes that took most."""
        return sum(times * max(growth.figures) for times, growth in self.parts)

    def measured(self, size: float) -> bool:
        """Say whether nothing of it is computed."""
        return all(size in growth.sizes for _, growth in self.parts)


def growth(records: Records, task: str, model: str, name: str) -> Growth | None:
    """Return how a figure grows; None where fewer than two sizes are measured."""
    sizes, figures = figures_of(records, task, model, name)
    return growth_of(sizes, figures) if len(sizes) > 1 else None


def costs_of(records: Records, task: str, model: str, name: str) -> Cost | None:
    """Return a cost by its name; "all epochs" is a fit with all that it may have."""
    named = {"all epochs": [(1.0, "around"), (float(EPOCHS), "epoch")]}
    parts = [
        (times, growth(records, task, model, figure))
        for times, figure in named.get(name, [(1.0, name)])
    ]
    if any(part is None for _, part in parts):
        return None
    return Cost(tuple(parts))


class Shards(NamedTuple):
    """Groups of series, each with a model of its own or a part of the work.

    Attributes
    ----------
    by_memory, by_file : int
        Series of a group at the most: by the memory of a process, by the room that a
        model file has for what describes it.
    n : int
        Groups that are needed.
    """

    by_memory: int
    by_file: int
    n: int

    @property
    def size(self) -> int:
        """Series of a group."""
        return min(self.by_memory, self.by_file)


def shards_of(
    n_series: int, memory: Growth, described: Growth, memory_mb: float, file_mb: float
) -> Shards:
    """Cut series into groups that fit into a process and into a file."""
    by_memory = math.floor((memory_mb - memory.line.start) / memory.line.slope)
    by_file = math.floor((file_mb - described.line.start) / described.line.slope)
    return Shards(by_memory, by_file, math.ceil(n_series / min(by_memory, by_file)))

"""What was measured, as a table."""

import importlib.metadata
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch

__all__ = ["Row", "describe_machine", "write"]

PACKAGES = ("skinformer", "torch", "numpy", "scikit-learn", "skorch", "neuralforecast")


@dataclass(frozen=True)
class Row:
    """One figure, and what it was to be.

    Attributes
    ----------
    figure : str
        What was measured.
    value : float
    unit : str
        "×" for a ratio of speeds, else a unit.
    goal : float or None
        None for a figure beside the goals.
    at_most : bool
        Whether the goal is an upper limit.
    detail : str
        The medians behind the figure.
    """

    figure: str
    value: float
    unit: str
    goal: float | None = None
    at_most: bool = False
    detail: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal was reached; None without one."""
        if self.goal is None:
            return None
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    def line(self) -> str:
        """Return the row in Markdown."""
        goal = "" if self.goal is None else f"{self.sign} {self.goal:g}{self.suffix}"
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        value = f"{self.value:.3g}{self.suffix}"
        return f"| {self.figure} | {value} | {goal} | {met} | {self.detail} |"

    @property
    def sign(self) -> str:
        """The direction of the goal."""
        return "≤" if self.at_most else "≥"

    @property
    def suffix(self) -> str:
        """The unit, as it follows a number."""
        return self.unit if self.unit in ("", "×") else f" {self.unit}"


def version_of(package: str) -> str:
    """Return the version of a package, or say that it is absent."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def describe_machine() -> str:
    """Return processor, device and versions, in one paragraph."""
    able = torch.cpu.get_capabilities()
    kind = able.get("cpu_name", platform.machine())
    bits = [
        name
        for name in ("avx2", "avx512_f", "avx512_bf16", "amx_bf16")
        if able.get(name)
    ]
    versions = ", ".join(f"{name} {version_of(name)}" for name in PACKAGES)
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return (
        f"{kind}, {os.cpu_count()} cores, {torch.get_num_threads()} threads of torch, "
        f"{', '.join(bits)}; GPU: {gpu}. "
        f"Python {platform.python_version()}, {versions}."
    )


def write(path: Path, rows: Iterable[Row], command: str, notes: str) -> None:
    """Write the page: machine, command, table, notes."""
    lines = [
        "# Performance",
        "",
        "Written by a command; do not edit by hand.",
        "",
        f"* Date: {datetime.now(UTC):%Y-%m-%d}",
        f"* Machine: {describe_machine()}",
        f"* Command: `{command}`",
        "",
        "| figure | measured | goal | reached | behind it |",
        "| --- | --- | --- | --- | --- |",
        *(row.line() for row in rows),
        "",
        notes.strip(),
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")

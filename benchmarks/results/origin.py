"""Where a figure comes from: versions, commit, machine, date."""

import importlib.metadata
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

__all__ = ["origin"]

ROOT = Path(__file__).parents[2]
PACKAGES = ("skinformer", "torch", "scikit-learn", "numpy")
OF_ONE_MODEL = {"arima": "statsmodels", "prophet": "prophet"}


def git(*arguments: str) -> str:
    """Return what git says of this checkout; nothing where there is none."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def machine() -> str:
    """Name processor, cores and device."""
    kind = torch.cpu.get_capabilities().get("cpu_name", platform.machine())
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return f"{kind}, {os.cpu_count()} cores, GPU: {gpu}"


def origin(model: str) -> dict[str, Any]:
    """Return the part of a record that says where it comes from."""
    packages = [*PACKAGES, *([OF_ONE_MODEL[model]] if model in OF_ONE_MODEL else [])]
    versions = {name: importlib.metadata.version(name) for name in packages}
    return {
        "versions": {"python": platform.python_version(), **versions},
        "commit": git("rev-parse", "--short=10", "HEAD"),
        # whether the package that was measured differs from that commit
        "dirty": bool(git("status", "--porcelain", "--", "skinformer")),
        "machine": machine(),
        "threads": torch.get_num_threads(),
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
    }

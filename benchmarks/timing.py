"""Contenders in turn, and what they took."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

__all__ = ["alternate", "growth", "on_gpu", "peak_memory"]


def on_gpu() -> bool:
    """Say whether tensors are made on a GPU (`torch.set_default_device`)."""
    return torch.get_default_device().type == "cuda"


def finish(run: Callable[[], object]) -> None:
    """Run, and wait until a GPU has done all of it."""
    run()
    if on_gpu():
        torch.cuda.synchronize()


def alternate(
    contenders: Mapping[str, Callable[[], object]], rounds: int, warmup: int = 2
) -> dict[str, float]:
    """Run each contender in turn, ``rounds`` times, and return median seconds."""
    for _ in range(warmup):
        for run in contenders.values():
            finish(run)
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            start = time.perf_counter()
            finish(run)
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def growth(sizes: list[int], figures: list[float]) -> float:
    """Return the exponent of the power law through the first and the last point.

    >>> growth([10, 20, 100], [3.0, 7.0, 300.0])
    2.0
    """
    ratio = np.log(figures[-1] / figures[0]) / np.log(sizes[-1] / sizes[0])
    return round(float(ratio), 3)


def peak_memory(run: Callable[[], object]) -> int:
    """Return by how many bytes torch's tensors grew at the most during a run."""
    finish(run)
    if on_gpu():
        held = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        finish(run)
        return torch.cuda.max_memory_allocated() - held
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        run()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(path))
        events = json.loads(path.read_text())["traceEvents"]
    steps = [e for e in events if e["name"] == "[memory]"]
    steps.sort(key=lambda event: event["ts"])
    held = np.cumsum([event["args"]["Bytes"] for event in steps])
    return int(held.max())

"""Which runs are missing, and running them, each in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from benchmarks.results.records import Key, append
from benchmarks.results.tasks import TASKS

__all__ = ["Asked", "Job", "Report", "execute", "jobs_of", "planned", "run_all"]

ROOT = Path(__file__).parents[2]
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
LAST_LINES = 15  # of what a run that failed has printed


@dataclass(frozen=True)
class Asked:
    """What the command line names; None is all."""

    tasks: list[str] | None = None
    models: list[str] | None = None
    horizons: list[int] | None = None
    seeds: list[int] | None = None

    def seeds_of(self, task: str, model: str) -> list[int]:
        """Return the seeds of a model; selection may take others than the usual."""
        usual = TASKS[task].models[model]
        if self.seeds is None:
            return list(usual)
        free = not TASKS[task].reads_test and model_has_seeds(model)
        return [seed for seed in self.seeds if free or seed in usual]


def model_has_seeds(model: str) -> bool:
    """Tell whether a model depends on its seed; the baselines do not."""
    return model not in ("ridge", "naive", "lags", "covariates")


@dataclass(frozen=True)
class Job:
    """One process: a fit for each part, measured in one or more tasks."""

    model: str
    horizon: int
    seed: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        tasks = "+".join(self.names)
        return f"{tasks} {self.model} horizon {self.horizon} seed {self.seed}"

    def text(self) -> str:
        """Return the arguments of the worker."""
        return json.dumps(vars(self))


def planned(asked: Asked) -> list[Key]:
    """Return the runs that are asked for, in the order of tasks and models."""
    return [
        Key(task.name, model, horizon, seed)
        for task in TASKS.values()
        if asked.tasks is None or task.name in asked.tasks
        for model in task.models
        if asked.models is None or model in asked.models
        for horizon in task.horizons_of(model)
        if asked.horizons is None or horizon in asked.horizons
        for seed in asked.seeds_of(task.name, model)
    ]


def jobs_of(keys: Iterable[Key]) -> list[Job]:
    """Put runs that share their fits into one process."""
    jobs: dict[tuple, Job] = {}
    for task, model, horizon, seed in keys:
        of_fit = TASKS[task].fitted_as, model, horizon, seed
        job = jobs.get(of_fit, Job(model, horizon, seed, ()))
        jobs[of_fit] = replace(job, names=(*job.names, task))
    return list(jobs.values())


def execute(job: Any, module: str = "benchmarks.results.worker") -> list[dict]:
    """Run a process to its end, and return its records.

    ``job`` is told to the module by its ``text()``. No job has the memory of another.

    Raises
    ------
    RuntimeError
        If it failed; with the last lines that it printed.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "records.json"
        command = [sys.executable, "-m", module, job.text(), str(output)]
        done = subprocess.run(
            command, cwd=ROOT, env=os.environ | THREADS, capture_output=True, text=True
        )
        if done.returncode:
            lines = (done.stdout + done.stderr).splitlines()[-LAST_LINES:]
            raise RuntimeError("\n".join([f"exit status {done.returncode}", *lines]))
        return json.loads(output.read_text("utf-8"))


@dataclass
class Report:
    """What became of the jobs."""

    done: int = 0
    left: int = 0
    failed: int = 0


def run_all(
    jobs: list[Job],
    folder: Path,
    log: Path,
    n_jobs: int = 1,
    minutes: float | None = None,
    way: Callable[[Job], list[dict]] = execute,
) -> Report:
    """Run jobs, ``n_jobs`` at a time, and append their records as they come.

    After ``minutes`` none is started. What fails is written to ``log``, and the others
    go on.
    """
    report, lock = Report(), Lock()
    until = float("inf") if minutes is None else time.monotonic() + 60 * minutes

    def run(job: Job) -> None:
        if time.monotonic() >= until:
            report.left += 1
            return
        began = time.perf_counter()
        try:
            found = way(job)
        except Exception as error:
            with lock:
                report.failed += 1
                note_failure(log, job, error)
            return
        with lock:
            for record in found:
                append(record, folder)
            report.done += 1
            seconds = time.perf_counter() - began
            print(f"{report.done}/{len(jobs)} {job}: {seconds:.0f} s", flush=True)

    with ThreadPoolExecutor(n_jobs) as pool:
        list(pool.map(run, jobs))
    return report


def note_failure(log: Path, job: Job, error: Exception) -> None:
    """Write down what failed, and say so."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {job}\n{error}\n\n")
    print(f"FAILED {job}: {str(error).splitlines()[-1]}", flush=True)

"""Small tables, and the command line run in this process."""

import os
import shlex
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pandas as pd

from skinformer.cli import main


class Done(NamedTuple):
    """What a command has left."""

    code: int
    out: str
    err: str


def run(capsys, line, *more):
    """Run a command line; paths go into ``more``, where blanks do no harm."""
    capsys.readouterr()
    code = main([*shlex.split(line), *map(str, more)])
    return Done(code, *capsys.readouterr())


def process(*args, **kwargs):
    """Start a command line in a process of its own."""
    command = [sys.executable, "-m", "skinformer", *map(str, args)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **kwargs.pop("env", {})}
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **kwargs,
    )


def hours(n, start="2024-01-01", **more):
    """Return so many hours."""
    return pd.date_range(start, periods=n, freq="h", **more)


def load_frame(n=240):
    """Return a table of a load with a daily shape that never changes."""
    index = hours(n)
    load = 100.0 + index.hour + np.zeros(n)
    return pd.DataFrame({"time": index, "temp": 0.5 * index.hour, "load": load})


def write(path, frame, **more):
    """Write a table, and return its path."""
    frame.to_csv(path, index=False, **more)
    return path

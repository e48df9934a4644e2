"""A fit that is killed, and called again, ends as if nothing had been."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import killing

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="forks without threads, as on Linux"
)


def run(kills):
    """Return what undisturbed fits and killed ones came to."""
    done = subprocess.run(
        [sys.executable, "-m", killing.__name__, kills],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check(told):
    """Hold the end of every killed fit against the undisturbed one."""
    undisturbed = told["undisturbed"]
    assert undisturbed["left"] == []
    for name, each in told["killed"].items():
        assert each["end"] == undisturbed, name


@pytest.mark.slow
def test_at_moments_that_could_hurt():
    told = run("named")
    check(told)
    epochs = {name: each["epochs"] for name, each in told["killed"].items()}
    n = len(told["undisturbed"]["history"])
    assert epochs == {
        "while rows are read": None,
        "in the highway": None,
        "before the first checkpoint": None,
        "in a batch of the third epoch": 2,
        "once the second epoch is serialised": 1,
        "with a half of it written": 1,
        "before a checkpoint is on the disk": 1,
        "before it takes its place": 1,
        "after it took its place": 2,
        "after the last epoch": n,
        "in the finish": n,
        "before the checkpoint is removed": n,
        "as the checkpoint is removed": None,
    }


def test_at_twenty_random_moments():
    told = run("20")
    check(told)
    assert len(told["killed"]) == 20
    resumed = [each["epochs"] for each in told["killed"].values() if each["epochs"]]
    assert len(resumed) >= 5

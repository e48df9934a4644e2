"""Forked children compute. Each test forks a process of its own, not that of pytest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")

# A parent whose torch and whose trees have worked on two threads, as those of a server
# that has loaded its model and tried it once.
PARENT = """
import os, sys, threading, warnings
import numpy as np, torch
warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
from tests.small import small
from tests.test_serving import rows

torch.set_num_threads(2)
a = torch.randn(700, 700)
X, y = rows(400)

def work():
    (a @ a).sum()

def in_child(ask):
    "Return what a child answers, as bytes; a child that hangs is timed out."
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write, np.asarray(ask(), dtype=float).tobytes())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        told = answer.read()
    os.waitpid(pid, 0)
    return told
"""


def run(script, timeout=600):
    """Run a script after PARENT, on two threads; return what it prints."""
    # passive: threads that wait do not keep the cores of a busy machine
    threads = {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive"}
    done = subprocess.run(
        [sys.executable, "-c", PARENT + script],
        cwd=HERE.parent,
        env=os.environ | threads,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_torch_itself_hangs_without_us():
    """If it no longer does, there is nothing to see to any more."""
    script = """
import os, time, torch
torch.set_num_threads(2)
a = torch.randn(700, 700)
(a @ a).sum()
pid = os.fork()
if pid == 0:
    (a @ a).sum()
    os._exit(0)
time.sleep(5)
ended, _ = os.waitpid(pid, os.WNOHANG)
if not ended:
    os.kill(pid, 9)
    os.waitpid(pid, 0)
print("ended" if ended else "hangs")
"""
    env = os.environ | {"OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    if done.stdout.split() == ["ended"]:
        pytest.skip("torch runs on another OpenMP library than GNU's here")


def test_a_child_answers_as_its_parent_does():
    """A network, a highway with trees, torch itself and a fit, bit for bit.

    So do children that ``multiprocessing`` forks. One parent for all: to begin costs
    more than the answers.
    """
    script = """
import multiprocessing
model = small(highway="auto", highway_len=36, d_model=64, d_ff=256)
model.fit(X[:300], y[:300]).calibrate(X[300:380], y[300:380])

def fit():
    return small(highway="ridge", highway_len=36).fit(X[:300], y[:300]).predict(X[300:])

asks = {
    "torch": lambda: torch.tanh(a @ a).sum(),
    "threads": lambda: torch.get_num_threads(),
    "ahead": lambda: model.predict(X[380:]),
    "past": lambda: model.predict(X[:380]),
    "interval": lambda: model.predict_interval(X[380:], coverage=0.8),
    "fit": fit,
}
for name, ask in asks.items():
    expected = np.asarray(ask(), dtype=float).tobytes()
    work()
    print(name, in_child(ask) == expected, flush=True)
    print(name, np.asarray(ask(), dtype=float).tobytes() == expected, flush=True)
work()
expected = model.predict(X[380:])
with multiprocessing.get_context("fork").Pool(2) as pool:
    for answer in pool.map(model.predict, [X[380:]] * 4):
        print("pool", np.array_equal(answer, expected))
"""
    names = ["torch", "threads", "ahead", "past", "interval", "fit", "pool", "pool"]
    assert run(script) == [word for name in names for word in [name, "True"] * 2]


def test_locks_are_free_in_a_child_unless_its_own_thread_holds_them():
    """Those of a fit, of filters, of an update, and that of progress bars.

    A callback of a fit may fork: the child leaves the block as it would have.
    """
    script = """
import tqdm
from skinformer._filters import muted
from skinformer.forecasting.generators import ONE_AT_A_TIME, seeded
from skinformer._turns import changed_at_once

with seeded(0, "cpu"):
    told = in_child(lambda: ONE_AT_A_TIME._is_owned())
print(told == np.ones(1).tobytes(), flush=True)

model = small(highway="ridge", highway_len=36).fit(X[:300], y[:300])
held, done = threading.Event(), threading.Event()

def hold():
    lock = tqdm.tqdm.get_lock()
    with seeded(0, "cpu"), muted(), changed_at_once(model), lock.locks[-1]:
        held.set()
        done.wait()

thread = threading.Thread(target=hold)
thread.start()
held.wait()

def ask():
    tqdm.tqdm.write("")
    model.update(X[300:310], y[300:310])
    small(highway="ridge", highway_len=36, verbose=1).fit(X[:300], y[:300])
    return model.predict(X[310:])

told = in_child(ask)
done.set()
thread.join()
print(len(told))
"""
    told = run(script)
    assert told[:1] + told[-1:] == ["True", str(8 * 90)]

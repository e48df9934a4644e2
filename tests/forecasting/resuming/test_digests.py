"""Values written out, or known by a digest, the same in every process."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from skorch.callbacks import EpochScoring
from torch import nn

from skinformer.forecasting.resuming.digests import digest, told


class Odd:
    """Holds itself."""

    def __init__(self):
        self.me, self.n, self.learned_ = self, 3, 5


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.001, "0.001"),
        (np.float64(0.001), "0.001"),
        (np.int64(7), "7"),
        (None, "None"),
        ("auto", "'auto'"),
        ((3, 2, 1), "[3, 2, 1]"),
        ([3, 2, 1], "[3, 2, 1]"),
        ({"b", "a"}, "{'a', 'b'}"),
        ({"momentum": 0.9}, "{'momentum': 0.9}"),
        (torch.optim.SGD, "torch.optim.sgd.SGD"),
        (np.mean, "numpy.mean"),
        (pd.offsets.Hour(2), "2h"),
        (pd.Index(["a", "b"]), "['a', 'b']"),
        (slice(1, 3), "slice(1, 3, None)"),
        (pd.Timestamp("2024-01-01"), "Timestamp('2024-01-01 00:00:00')"),
        (pd.Timedelta("1h"), "Timedelta('0 days 01:00:00')"),
        (object(), "builtins.object"),
    ],
)
def test_values_are_written_out(value, text):
    assert told(value) == text


def test_objects_are_told_by_what_they_are_made_of():
    assert told(Ridge(alpha=2.5)).startswith(
        "sklearn.linear_model._ridge.Ridge(alpha=2.5, "
    )
    assert "delta=0.5" in told(nn.HuberLoss(delta=0.5))
    assert "delta=0.5" in told(nn.Sequential(nn.HuberLoss(delta=0.5)))
    scoring = EpochScoring("r2")
    before = told(scoring)
    scoring.best_score_ = 3.0  # learned, not set
    assert told(scoring) == before
    assert told(EpochScoring("neg_mean_squared_error")) != before


def test_weights_of_a_loss_count():
    one, other = nn.Linear(2, 3), nn.Linear(2, 3)
    assert told(one) != told(other)
    other.load_state_dict(one.state_dict())
    assert told(one) == told(other)


def test_an_object_that_holds_itself_has_an_end():
    assert told(Odd()).startswith(f"{__name__}.Odd(me=")
    assert "learned_" not in told(Odd())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.arange(6.0), np.arange(6.0).reshape(2, 3)),
        (np.arange(6.0), np.arange(6.0).astype(np.float32)),
        (torch.zeros(3), torch.zeros(3, dtype=torch.bfloat16)),
        ([1, [2, 3]], [1, 2, [3]]),
        (["ab", "c"], ["a", "bc"]),
        ({"a": 1}, {"a": 2}),
        (pd.Index(["a"] * 9), pd.Index(["a"] * 8 + ["b"])),
        (np.random.RandomState(0), np.random.RandomState(1)),
    ],
)
def test_digests_tell_apart(one, other):
    assert digest(one) != digest(other)
    assert digest(one) == digest(one)


def test_how_an_array_lies_in_memory_does_not_count():
    array = np.arange(35.0).reshape(5, 7)
    assert digest(array) == digest(np.asfortranarray(array))
    assert digest(array[:, 2]) == digest(array[:, 2].copy())


@given(st.lists(st.floats(), min_size=1, max_size=5), st.data())
def test_one_other_value_is_another_digest(values, data):
    values = np.array(values)
    other = values.copy()
    i = data.draw(st.integers(0, len(values) - 1))
    other[i] = data.draw(st.floats())
    same = values.tobytes() == other.tobytes()
    assert (digest(values) == digest(other)) == same


def test_another_process_has_the_same():
    """Of sets and hashes, which Python salts anew in each."""
    code = (
        "from skinformer.forecasting.resuming.digests import digest\n"
        "print(digest([{'a', 'b', 'c'}, {'x': (1, 2.5)}, print]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == digest([{"a", "b", "c"}, {"x": (1, 2.5)}, print])

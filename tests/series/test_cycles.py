import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer.series.cycles import latest_in_cycle
from skinformer.series.frequency import make_grid
from skinformer.series.grid import RowGrid


def test_by_hand():
    """A cycle of three: rows 1 and 4 are of one slot, row 5 of another."""
    known = np.array([1, 4, 5])
    assert latest_in_cycle(known, np.array([7, 8, 9, 10, 2]), 3).tolist() == [
        1,
        2,
        -1,
        1,
        -1,
    ]
    # the row itself does not count, nor does one in a cycle longer than all rows
    assert latest_in_cycle(known, np.array([4, 5]), 3).tolist() == [0, -1]
    assert latest_in_cycle(known, np.array([7]), 10**12).tolist() == [-1]


@settings(max_examples=60, deadline=None)
@given(
    known=st.sets(st.integers(0, 97), min_size=1),
    wanted=st.lists(st.integers(0, 211), min_size=1, max_size=7),
    cycle=st.integers(1, 29),
)
def test_it_is_what_a_loop_finds(known, wanted, cycle):
    known = sorted(known)
    found = latest_in_cycle(np.array(known), np.array(wanted), cycle)
    for row, which in zip(wanted, found, strict=True):
        same = [i for i, k in enumerate(known) if k < row and (row - k) % cycle == 0]
        assert which == (same[-1] if same else -1)


@pytest.mark.parametrize(
    ("freq", "tz", "cycles"),
    [
        ("h", None, (24, 168)),
        ("h", "UTC", (24, 168)),
        ("h", "Europe/Berlin", None),  # its clock is moved
        ("5h", None, (24, 168)),  # 24 steps of 5 hours are 5 days
        ("36h", None, (2, 14)),
        ("D", "Europe/Berlin", (1, 7)),
        ("3D", None, (1, 7)),
        ("14D", None, (1, 1)),
        ("MS", None, None),
    ],
)
def test_cycles_of_grids(freq, tz, cycles):
    grid = make_grid(pd.date_range("2024-01-01", periods=2, freq=freq, tz=tz), freq)
    assert grid.cycles == cycles


def test_rows_without_time_are_all_of_one_slot():
    assert RowGrid().cycles == (1, 1)
    assert make_grid(pd.period_range("2024-01", periods=2, freq="h")).cycles is None

"""Origins and the windows after them."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skinformer.forecasting.origins import (
    AsKnown,
    Reach,
    check_whole,
    grid_stamps,
    true_windows,
)
from skinformer.series.frequency import make_grid

NAN = np.nan


@pytest.mark.parametrize(
    ("reach", "first", "stop", "origins"),
    [
        (Reach(3), 7, 12, [7, 8, 9]),
        (Reach(3, stride=2), 7, 12, [7, 9]),
        (Reach(3, gap=2), 7, 12, [7]),
        (Reach(5), 7, 12, [7]),
        (Reach(1, stride=4), 0, 10, [0, 4, 8]),
    ],
)
def test_every_window_within_the_rows(reach, first, stop, origins):
    assert_array_equal(reach.origins(first, stop), origins)


def test_no_window():
    with pytest.raises(ValueError, match=r"5 rows hold no window of horizon=6; give"):
        Reach(6).origins(7, 12)
    with pytest.raises(ValueError, match=r"horizon=3 and gap=3; give at least 6"):
        Reach(3, gap=3).origins(7, 12)


@pytest.mark.parametrize("value", [0, -1, 1.0, True, "1", None])
def test_whole_numbers(value):
    with pytest.raises(ValueError, match=r"stride=.* must be an int of at least 1"):
        check_whole("stride", value)
    check_whole("stride", np.int64(1))


def test_true_windows():
    targets = np.array([[0, 5], [1, 6], [2, 7]], dtype=np.float32)
    windows = true_windows(targets, np.array([1, 0, 2]), 2)
    assert windows.dtype == np.float64
    assert_array_equal(windows[:, :, 0], [[1, 2], [0, 1], [2, NAN]])
    assert_array_equal(windows[:, :, 1], [[6, 7], [5, 6], [7, NAN]])


@pytest.mark.parametrize("freq", ["h", "D", "B", "ME", "W-SUN"])
@pytest.mark.parametrize("tz", [None, "Europe/Berlin"])
def test_the_stamp_before_the_first(freq, tz):
    # summer time begins on 31 March 2024
    index = pd.date_range("2024-03-29 12:00", periods=5, freq=freq, tz=tz)
    assert list(grid_stamps(make_grid(index[1:]), -1, 4)) == list(index)
    assert list(grid_stamps(make_grid(index), 1, 3)) == list(index[1:3])


def test_the_period_before_the_first():
    index = pd.period_range("2024-01", periods=4, freq="M")
    assert list(grid_stamps(make_grid(index[1:]), -1, 3)) == list(index)


def known(answer, index, positions, grid=None):
    grid = make_grid(index) if grid is None else grid
    return AsKnown(answer, index, np.asarray(positions), grid)


def test_rows_that_x_has_are_asked_for():
    index = pd.date_range("2024-01-01", periods=9, freq="D")
    asked = []

    def answer(origin, rows):
        asked.append((origin, list(rows)))
        return np.zeros((len(rows), 1))

    # X has the rows 3 5 6 8 of the grid
    source = known(answer, index[[3, 5, 6, 8]], [3, 5, 6, 8], make_grid(index))
    positions, _ = source.ask(4, 4, 7)
    assert_array_equal(positions, [5, 6])
    assert asked == [(index[3], [index[5], index[6]])]
    positions, nothing = source.ask(4, 7, 8)
    assert (len(positions), nothing, len(asked)) == (0, None, 1)


def test_rows_without_time_are_numbered():
    index = pd.RangeIndex(20, 24)
    stamps = []
    source = known(lambda o, i: stamps.append(o) or i.to_numpy(), index, [7, 8, 9, 10])
    for origin in (7, 9):
        source.ask(origin, origin, 11)
    assert stamps == [19, 21]

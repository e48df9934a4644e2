"""What a linear map leaves over of the windows that a network learns from."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting.residual_windows import ResidualWindows
from skinformer.forecasting.ridge_map import RidgeMap
from skinformer.series.windows import Windows

from ..histories import rows_of

VALUES = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0])


def times_last(factor):
    """A map of two rows to one, of one target: (1, 2, 1)."""
    return np.array([[[0.0], [factor]]])


@pytest.fixture
def ridge():
    made = RidgeMap(seq_len=2, pred_len=1)
    made.coef_, made.center_ = times_last(2.0), np.zeros(1)
    made.block_coef_ = np.stack([times_last(3.0), times_last(5.0)])
    made.edges_ = [np.array([2, 4, 7])]
    return made


def windows_of(ridge, honest):
    rows = rows_of(VALUES[:, None], np.empty((7, 0)), np.empty((7, 0), dtype=int))
    starts = np.array([3, 4, 6])
    short, long = (Windows(rows, starts, n, 1) for n in (1, 2))
    return ResidualWindows(short, long, ridge, honest)


def test_what_the_map_of_all_rows_leaves(ridge):
    inputs, targets = windows_of(ridge, honest=False).batch(np.array([0, 1, 2]))
    # 8 - 2 * 4, and so on: the wave doubles at each row
    assert_allclose(targets.ravel(), [0.0, 0.0, 0.0])
    assert_array_equal(inputs["values"].ravel(), [4.0, 8.0, 32.0])


def test_what_a_map_leaves_that_has_not_seen_the_block(ridge):
    _, targets = windows_of(ridge, honest=True).batch(np.array([2, 0, 1]))
    # 64 - 5 * 32 and 16 - 5 * 8 of the second block, 8 - 3 * 4 of the first
    assert_allclose(targets.ravel(), [-96.0, -4.0, -24.0])


def test_some_of_the_windows_keep_their_maps(ridge):
    some = windows_of(ridge, honest=True).take(np.array([1, 2]))
    assert len(some) == 2
    _, targets = some.batch(np.array([0]))
    assert_allclose(targets.ravel(), [-24.0])

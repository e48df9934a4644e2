"""Arrays put one after another, copied only where they have to be."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skinformer.series.together import run_together


def test_parts_of_one_array_run_together_without_a_copy():
    whole = np.arange(33.0).reshape(11, 3).copy()
    parts = [whole[2:5], whole[5:6], whole[6:11]]
    joined = run_together(parts)
    assert_array_equal(joined, whole[2:])
    assert np.shares_memory(joined, whole)


@pytest.mark.parametrize(
    "cut",
    [
        lambda a: [a[2:5], a[6:11]],  # a row between them is left out
        lambda a: [a[5:11], a[2:5]],  # in another order
        lambda a: [a[2:5], a[5:11].copy()],  # not of one array
        lambda a: [a[2:5, :2], a[5:11, :2]],  # not whole rows
        lambda a: [a[4:1:-1], a[5:11]],  # backwards
    ],
)
def test_other_parts_are_copied(cut):
    whole = np.arange(33.0).reshape(11, 3).copy()
    parts = cut(whole)
    joined = run_together(parts)
    assert_array_equal(joined, np.concatenate(parts))
    assert not np.shares_memory(joined, whole)


def test_rows_without_columns_are_counted_all():
    """They have no place in memory, by which they could follow one another."""
    whole = np.empty((5, 0))
    assert run_together([whole[:3], whole[1:]]).shape == (7, 0)


def test_a_part_alone_is_in_c_order():
    alone = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    joined = run_together([alone])
    assert joined.flags.c_contiguous
    assert_array_equal(joined, alone)

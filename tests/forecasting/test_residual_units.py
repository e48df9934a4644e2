"""Units of residuals, counted out."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skinformer.forecasting.residual_units import has_a_unit, unit_of

NAN = np.nan


def test_the_unit_is_the_deviation_of_what_is_known():
    # of 1, 5 and of 3, 3, 9: sqrt(4), sqrt((4 + 4 + 16) / 3)
    targets = np.array([[1.0, 3.0], [NAN, 3.0], [5.0, 9.0]], dtype=np.float32)
    assert_array_equal(unit_of(targets), [2.0, np.sqrt(8.0)])


@pytest.mark.parametrize("values", [[7.0, 7.0], [NAN, NAN]])
def test_what_never_moved_has_the_unit_one(values):
    assert_array_equal(unit_of(np.array(values)[:, None]), [1.0])


def test_extreme_values_have_a_unit():
    assert_array_equal(unit_of(np.array([[-2e-300], [2e-300]])), [2e-300])


@pytest.mark.parametrize(
    ("n_known", "last", "expected"),
    [(20, 2.0, True), (19, 2.0, False), (20, 1.0, False)],
)
def test_a_unit_takes_twenty_rows_that_move(n_known, last, expected):
    targets = np.full((31, 2), NAN)
    targets[:n_known] = 1.0
    targets[0] = 2.0, last
    assert has_a_unit(SimpleNamespace(targets=targets)) is expected

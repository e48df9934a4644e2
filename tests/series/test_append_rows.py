"""Rows that come after a history."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ..histories import append_rows, covariates, history_of, hours, targets

NAN = np.nan


def test_append_rows():
    history = history_of(range(3))
    longer = append_rows(
        history, hours(range(5))[3:], targets([3.0, 4.0]), covariates([3, 4])
    )
    np.testing.assert_array_equal(longer.targets, targets(np.arange(5)))
    np.testing.assert_array_equal(longer.covariates.numeric[:, 0], np.arange(5))
    assert history.n_known == len(history.covariates) == 3  # as it was


def test_append_rows_after_a_gap():
    longer = append_rows(
        history_of(range(3)), hours([5, 6]), targets([5.0, 6.0]), covariates([5, 6])
    )
    np.testing.assert_array_equal(longer.targets, targets([0, 1, 2, NAN, NAN, 5, 6]))
    np.testing.assert_array_equal(
        longer.covariates.numeric[:, 0], [0, 1, 2, 2, 2, 5, 6]
    )
    np.testing.assert_array_equal(longer.given, [1, 1, 1, 0, 0, 1, 1])


@pytest.mark.parametrize("rows", [[2, 3], [0, 1], [2]])
def test_rows_that_overlap_the_history(rows):
    message = f"0{rows[0]}:00:00 is not after the history, which ends at .* 02:00:00; p"
    with pytest.raises(ValueError, match=message):
        append_rows(
            history_of(range(3)),
            hours(rows),
            targets(np.zeros(len(rows))),
            covariates(rows),
        )


def test_a_long_history_may_be_continued_after_a_long_gap():
    """Three months without data are no wrong grid to a year of hours."""
    history = history_of(range(8760))
    late = hours([8760 + 2160])
    longer = append_rows(history, late, targets([1.0]), covariates([1]))
    assert longer.n_known == 8760 + 2161
    assert longer.given.sum() == 8761
    message = "A grid in steps of 'h' would have 183961 rows, of which 8761 are"
    with pytest.raises(ValueError, match=message):
        append_rows(history, hours([8760 * 21]), targets([1.0]), covariates([1]))


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(1, 199), min_size=5, max_size=97), st.integers(3, 197))
def test_to_append_is_to_have_known_before(rows, cut):
    rows = np.array(sorted(rows | {0, 1, 2, 199}))
    whole = history_of(rows)
    before, after = rows[rows < cut], rows[rows >= cut]
    parts = append_rows(
        history_of(before),
        hours(rows)[rows >= cut],
        targets(after.astype(float)),
        covariates(after),
    )
    np.testing.assert_array_equal(parts.given, whole.given)
    np.testing.assert_array_equal(parts.filled.between, whole.filled.between)
    np.testing.assert_array_equal(parts.filled.ahead, whole.filled.ahead)
    np.testing.assert_array_equal(parts.targets, whole.targets)
    np.testing.assert_array_equal(parts.covariates.numeric, whole.covariates.numeric)
    np.testing.assert_array_equal(parts.covariates.codes, whole.covariates.codes)


NOTHING = covariates([])

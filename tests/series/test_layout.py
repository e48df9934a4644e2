"""Rows put on the grid of their series."""

import numpy as np
import pandas as pd
import pytest

from skinformer.exceptions import FilledRowsWarning
from skinformer.series.history import Observed
from skinformer.series.layout import warn_of_absent

from ..histories import (
    append_rows,
    covariates,
    history_of,
    hours,
    plain_history,
    start_history,
    targets,
)

NAN = np.nan


def test_complete_rows_are_stored_as_they_are():
    history = history_of(range(7))
    assert (history.n_known, history.offset) == (7, 0)
    np.testing.assert_array_equal(history.targets, targets(np.arange(7)))
    np.testing.assert_array_equal(history.covariates.numeric[:, 0], np.arange(7))
    np.testing.assert_array_equal(history.covariates.codes[:, 0], np.arange(7) % 5)
    assert history.given.all()


def test_the_history_is_no_view_of_what_was_given():
    y = targets(np.arange(7.0))
    history = plain_history(hours(range(7)), y, covariates(range(7)))
    y[:] = NAN
    assert history.given.all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept(dtype):
    y = targets([0, 3]).astype(dtype)
    history = plain_history(hours([0, 3]), y, covariates([0, 3], dtype), "h")
    assert history.targets.dtype == dtype
    assert history.covariates.numeric.dtype == dtype


def test_absent_rows_are_put_on_the_grid():
    rows = [0, 1, 2, 5, 6, 8]
    history = plain_history(
        hours(rows), targets(np.array(rows, float)), covariates(rows)
    )
    expected = [0, 1, 2, NAN, NAN, 5, 6, NAN, 8]
    np.testing.assert_array_equal(history.targets, targets(expected))
    np.testing.assert_array_equal(history.given, ~np.isnan(expected))
    # no row of that hour yet: the last one before
    np.testing.assert_array_equal(
        history.covariates.numeric[:, 0], [0, 1, 2, 2, 2, 5, 6, 6, 8]
    )


def test_covariates_of_absent_rows_repeat_the_same_hour():
    rows = [r for r in range(60) if r not in (25, 26, 53)]
    history = history_of(rows)
    filled = history.covariates.numeric[:, 0]
    assert filled[[25, 26, 53]].tolist() == [1, 2, 29]
    assert history.covariates.codes[[25, 26, 53], 0].tolist() == [1, 2, 4]


def test_rows_without_time_follow_one_another():
    history = plain_history(
        pd.Index([3, 7, 9]), targets([1.0, 2, 3]), covariates(range(3))
    )
    assert history.n_known == 3
    longer = append_rows(
        history, pd.RangeIndex(2), targets([4.0, 5]), covariates([3, 4])
    )
    np.testing.assert_array_equal(longer.targets, targets([1, 2, 3, 4, 5]))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0, 2, 1], "01:00:00 follows 2024-01-01 02:00:00"),
        ([0, 1, 1], "01:00:00 is there more than once"),
    ],
)
def test_rows_in_disorder(rows, message):
    with pytest.raises(ValueError, match=message):
        plain_history(hours(rows), targets(np.zeros(3)), covariates(rows))
    with pytest.raises(ValueError, match=message):
        append_rows(
            history_of([0]), hours(rows), targets(np.zeros(3)), covariates(rows)
        )


def history_of_one(index):
    return plain_history(index, targets(np.zeros(len(index))), covariates([0]), "h")


def test_one_row_needs_freq():
    assert history_of_one(hours([0])).n_known == 1
    with pytest.raises(ValueError, match=r"n_samples = 1\); give freq="):
        plain_history(hours([0]), targets([0.0]), covariates([0]))


def test_a_grid_that_is_almost_empty_is_a_wrong_one():
    days = pd.date_range("2024-01-01", periods=97, freq="D")
    message = (
        "A grid in steps of 'min' would have 138241 rows, of which 97 are given. "
        "Most of them are 1440 steps of 'min' apart: leave freq=None"
    )
    with pytest.raises(ValueError, match=message):
        plain_history(days, targets(np.zeros(97)), covariates(range(97)), "min")


def test_absent_rows_are_counted_and_the_first_one_named():
    message = (
        "3 of 9 rows are absent from the grid in steps of 'h', the first at "
        "2024-01-01 03:00:00: they count as missing."
    )
    with pytest.warns(FilledRowsWarning, match=message) as caught:
        warn_of_absent([history_of([0, 1, 2, 5, 6, 8])], [0])
    assert len(caught) == 1


def test_the_absent_rows_of_many_series_make_one_warning():
    histories = [history_of(range(3)), history_of([0, 2, 3, 6]), history_of([0, 4])]
    # rows 0 to 2; then of the second series rows 4 to 6, of the third rows 1 to 4
    with pytest.warns(FilledRowsWarning, match="5 of 10 .* 04:00:00") as caught:
        warn_of_absent(histories, [0, 4, 1])
    assert len(caught) == 1


def test_rows_that_are_absent_before_others_are_told_no_second_time():
    history = history_of([0, 1, 3])
    longer = append_rows(history, hours([4, 5]), targets([4.0, 5]), covariates([4, 5]))
    warn_of_absent([longer], [history.n_known])  # warnings are errors in tests
    longer = append_rows(history, hours([4, 6]), targets([4.0, 6]), covariates([4, 6]))
    with pytest.warns(FilledRowsWarning, match="1 of 3 .* 2024-01-01 05:00:00"):
        warn_of_absent([longer], [history.n_known])


def test_absent_rows_have_no_value_no_category_and_no_weight():
    observed = Observed(np.ones((3, 2)), np.full((3, 1), 4), np.array([3.0, 5, 7]))
    history = start_history(hours([0, 1, 4]), observed, covariates(range(3)), 1)
    assert np.isnan(history.observed.values[[2, 3]]).all()
    np.testing.assert_array_equal(history.observed.codes[:, 0], [4, 4, 0, 0, 4])
    np.testing.assert_array_equal(history.observed.weights, [3, 5, 0, 0, 7])

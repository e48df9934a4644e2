"""The rows of a series that a forecaster works on."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer.series.history import Observed

from ..histories import (
    covariates,
    history_of,
    hours,
    plain_history,
    start_history,
    targets,
)

NAN = np.nan


def ahead(history, rows, values, start, stop):
    return history.ahead(np.array(rows, int), covariates(values), start, stop)


def test_ahead_of_rows_in_any_order():
    stretch = ahead(history_of(range(7)), [9, 7, 8], [109, 107, 108], 5, 10)
    assert stretch.offset == 5
    np.testing.assert_array_equal(stretch.targets, targets([5, 6]))
    np.testing.assert_array_equal(
        stretch.covariates.numeric[:, 0], [5, 6, 107, 108, 109]
    )
    np.testing.assert_array_equal(stretch.covariates.codes[:, 0], [0, 1, 2, 3, 4])


def test_ahead_overrides_what_is_stored():
    history = history_of(range(7))
    stretch = ahead(history, [5, 2, 8], [105, 102, 108], 1, 9)
    # row 7 was not given: it repeats the last, as no row of its hour is known
    np.testing.assert_array_equal(
        stretch.covariates.numeric[:, 0], [1, 102, 3, 4, 105, 6, 6, 108]
    )
    np.testing.assert_array_equal(history.covariates.numeric[:, 0], np.arange(7))


def test_ahead_keeps_the_precision_of_both():
    history = plain_history(
        hours(range(2)), targets([0.0, 1]), covariates([0, 1], np.float32)
    )
    exact = 1 + 2.0**-40
    stretch = ahead(history, [0, 2], [exact, exact], 0, 3)
    assert stretch.covariates.numeric[:, 0].tolist() == [exact, 1, exact]


def test_ahead_completes_gaps_from_the_same_hour():
    stretch = ahead(history_of(range(48)), [50], [150], 30, 52)
    np.testing.assert_array_equal(
        stretch.covariates.numeric[:, 0], [*range(30, 48), 24, 25, 150, 27]
    )


def test_what_a_row_holds_does_not_hang_on_where_the_stretch_begins():
    """The same weekday lies a week back, before the context of most networks."""
    history = history_of(range(200))
    for start in (0, 97, 199):
        stretch = ahead(history, [], [], start, 203)
        assert stretch.offset == start
        assert stretch.covariates.numeric[-3:, 0].tolist() == [32, 33, 34]


def test_what_is_copied_is_what_was_told_not_what_was_filled():
    """The Thursday at noon that is absent repeats Wednesday; so it is no Thursday."""
    noons = [12 + 24 * day for day in range(3)]  # Monday to Wednesday
    later = [12 + 24 * day for day in (4, 5, 6, 7, 8, 9)]
    rows = [0, 1, 2, *noons, *later]
    history = history_of(rows)
    stretch = ahead(history, [], [], 0, 12 + 24 * 10 + 1)
    assert history.covariates.numeric[12 + 24 * 3, 0] == noons[2]
    assert stretch.covariates.numeric[-1, 0] == later[-1]
    told = ahead(history, [12 + 24 * 3], [777], 0, 12 + 24 * 10 + 1)
    assert told.covariates.numeric[-1, 0] == 777


@pytest.mark.parametrize(
    ("start", "begins"),
    [(0, 0), (2, 2), (3, 2), (4, 2), (5, 5), (6, 5), (7, 7), (8, 7)],
)
def test_a_start_inside_a_gap_moves_back_to_an_observed_row(start, begins):
    history = history_of([0, 1, 2, 5, 7])
    stretch = ahead(history, [], [], start, 11)
    assert stretch.offset == begins
    assert len(stretch.covariates) == 11 - begins
    np.testing.assert_array_equal(stretch.targets, history.targets[begins:])
    assert stretch.given[0]


def test_given_rows_beyond_the_stretch_are_left_out():
    stretch = ahead(history_of(range(3)), [3, 11], [103, 111], 0, 5)
    np.testing.assert_array_equal(stretch.covariates.numeric[:, 0], [0, 1, 2, 103, 103])


def test_then_forecast():
    stretch = ahead(history_of([0, 2]), [], [], 0, 5)
    longer = stretch.then_forecast(targets([7.0, 8]))
    np.testing.assert_array_equal(longer.targets[:, 0], [0, np.nan, 2, 7, 8])
    np.testing.assert_array_equal(longer.given, [True, False, True, True, True])
    assert longer.covariates is stretch.covariates
    assert stretch.n_known == 3


@pytest.mark.parametrize(
    ("n_context", "first"), [(None, 0), (9, 0), (5, 0), (4, 1), (3, 1), (2, 1), (1, 4)]
)
def test_last_rows(n_context, first):
    # rows 2 and 3 are absent: a cut inside the gap moves back to row 1
    stretch = ahead(history_of([0, 1, 4]), [], [], 0, 7).last_rows(n_context)
    assert stretch.offset == first
    assert stretch.targets[0, 0] == first
    np.testing.assert_array_equal(stretch.covariates.numeric[-3:, 0], [4, 4, 4])
    assert len(stretch.covariates) == 7 - first


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.integers(1, 52), max_size=31),
    st.permutations(range(40, 101)),
    st.integers(1, 53),
    st.integers(0, 100),
    st.integers(0, 52),
)
def test_later_covariates_never_change_earlier_ones(rows, asked, n_asked, t, start):
    history = history_of(sorted({0, 53} | rows))
    asked = np.array(asked[:n_asked])
    values = 1000.0 + asked
    one = ahead(history, asked, values, start, 101)
    other = ahead(history, asked, np.where(asked >= t, -values, values), start, 101)
    until = max(t - one.offset, 0)
    np.testing.assert_array_equal(
        one.covariates.numeric[:until], other.covariates.numeric[:until]
    )
    back = ahead(history, asked[::-1], values[::-1], start, 101)
    np.testing.assert_array_equal(one.covariates.numeric, back.covariates.numeric)
    alone = asked < t
    fewer = ahead(history, asked[alone], values[alone], start, 101)
    np.testing.assert_array_equal(
        one.covariates.numeric[:until], fewer.covariates.numeric[:until]
    )


def mixed_rows(n, missing=()):
    """Two targets, a number of the past and a category of the past, of n rows."""
    values = np.arange(3.0 * n).reshape(n, 3) ** 2
    for row, column in missing:
        values[row, column] = NAN
    return Observed(values, np.arange(n)[:, None] % 5, np.arange(n) / 7)


def wide_history(n=11, missing=((3, 1), (6, 2), (10, 0))):
    observed = mixed_rows(n, missing)
    return start_history(hours(range(n)), observed, covariates(range(n)), 2, "h")


def same_filling(one, other):
    np.testing.assert_array_equal(one.between, other.between)
    np.testing.assert_array_equal(one.ahead, other.ahead)
    np.testing.assert_array_equal(one.latest(), other.latest())


def test_targets_are_the_first_of_what_is_observed():
    history = wide_history()
    assert history.targets.shape == history.filled_targets.shape == (11, 2)
    np.testing.assert_array_equal(history.targets, history.observed.values[:, :2])
    assert np.isnan(history.targets[[3, 10], [1, 0]]).all()
    assert np.isfinite(history.filled_targets).all()
    assert history.given.all()  # a row with a missing value was given all the same


def test_what_was_told_is_taken_off_the_targets_alone():
    history = wide_history()
    told = np.array([[1.0, 10], [2, 20], [3, 30], [4, 40], [5, 50]])
    rest = history.less(told)
    assert (rest.n_known, len(rest.given)) == (5, 5)
    np.testing.assert_array_equal(rest.targets, history.targets[:5] - told)
    past = rest.observed.values[:, 2], history.observed.values[:5, 2]
    np.testing.assert_array_equal(*past)
    np.testing.assert_array_equal(
        rest.filled_targets, history.filled_targets[:5] - told
    )


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.tuples(st.integers(0, 10), st.integers(0, 2)), max_size=23),
    st.integers(1, 11),
)
def test_before_a_row_nothing_is_known_of_it(missing, row):
    """As if the rows from there on had never been."""
    history = wide_history(11, missing)
    less = wide_history(row, [cell for cell in missing if cell[0] < row])
    before = history.before(row)
    assert before.n_known == len(before.given) == len(before.covariates) == row
    np.testing.assert_array_equal(before.observed.values, less.observed.values)
    same_filling(before.filled, less.filled)


def test_a_forecast_tells_targets_and_leaves_the_rest_missing():
    history = wide_history()
    longer = history.then_forecast(np.array([[1.0, 2], [3, 4]]))
    assert longer.n_known == len(longer.given) == 13
    np.testing.assert_array_equal(
        longer.observed.values[11:], [[1, 2, NAN], [3, 4, NAN]]
    )
    np.testing.assert_array_equal(longer.observed.codes[11:], [[0], [0]])
    # what was filled before is filled as it was: forecasts close no gap of the past
    np.testing.assert_array_equal(longer.filled.between[:11], history.filled.between)
    np.testing.assert_array_equal(longer.filled_targets[11:], [[1, 2], [3, 4]])


@pytest.mark.parametrize("start", [0, 4, 7])
def test_rows_since_one_keep_what_was_filled_before(start):
    history = wide_history()
    rest = history.since(start)
    assert (rest.offset, rest.n_known) == (start, 11 - start)
    np.testing.assert_array_equal(rest.filled.between, history.filled.between[start:])
    np.testing.assert_array_equal(rest.filled.ahead, history.filled.ahead[start:])
    last = np.maximum(history.filled.last[start:] - start, -1)
    np.testing.assert_array_equal(rest.filled.last, last)
    np.testing.assert_array_equal(rest.observed.codes, history.observed.codes[start:])


def test_the_number_of_the_series_stays():
    history = replace(wide_history(3, ()), series=7)
    told = np.zeros((1, 2))
    for stretch in (
        history.since(1),
        history.before(2),
        history.then_forecast(told),
        ahead(history, [4], [104], 1, 5),
        history.less(told),
    ):
        assert stretch.series == 7

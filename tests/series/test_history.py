from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer.exceptions import FilledRowsWarning
from skinformer.series import history as module
from skinformer.series.covariates import Covariates
from skinformer.series.filling import fill
from skinformer.series.history import Observed, Stretch, warn_of_absent

NAN = np.nan


def hours(rows):
    """Stamps of those rows of an hourly grid, which starts on a Monday."""
    rows = pd.to_timedelta(np.asarray(rows) * 3600, unit="s")
    return pd.Timestamp("2024-01-01") + rows


def covariates(values, dtype=np.float64):
    """One number per row, and a category that goes with it."""
    values = np.array(values, dtype=dtype)
    return Covariates(values[:, None], values[:, None].astype(np.int64) % 5)


def targets(values):
    """Two targets per row."""
    return np.column_stack([values, -np.array(values, dtype=float)])


def start_history(index, values, covariates, freq=None):
    """A history of which nothing but the targets was observed."""
    observed = Observed.of(values)
    return module.start_history(index, observed, covariates, values.shape[1], freq)


def append_rows(history, index, values, covariates):
    return module.append_rows(history, index, Observed.of(values), covariates)


def history_of(rows):
    """A history in which every row's numbers are its position."""
    rows = list(rows)
    return start_history(
        hours(rows), targets(np.array(rows, float)), covariates(rows), "h"
    )


def test_complete_rows_are_stored_as_they_are():
    history = history_of(range(7))
    assert (history.n_known, history.offset) == (7, 0)
    np.testing.assert_array_equal(history.targets, targets(np.arange(7)))
    np.testing.assert_array_equal(history.covariates.numeric[:, 0], np.arange(7))
    np.testing.assert_array_equal(history.covariates.codes[:, 0], np.arange(7) % 5)
    assert history.given.all()


def test_the_history_is_no_view_of_what_was_given():
    y = targets(np.arange(7.0))
    history = start_history(hours(range(7)), y, covariates(range(7)))
    y[:] = NAN
    assert history.given.all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept(dtype):
    y = targets([0, 3]).astype(dtype)
    history = start_history(hours([0, 3]), y, covariates([0, 3], dtype), "h")
    assert history.targets.dtype == dtype
    assert history.covariates.numeric.dtype == dtype


def test_absent_rows_are_put_on_the_grid():
    rows = [0, 1, 2, 5, 6, 8]
    history = start_history(
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
    history = start_history(
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
        start_history(hours(rows), targets(np.zeros(3)), covariates(rows))
    with pytest.raises(ValueError, match=message):
        append_rows(
            history_of([0]), hours(rows), targets(np.zeros(3)), covariates(rows)
        )


def history_of_one(index):
    return start_history(index, targets(np.zeros(len(index))), covariates([0]), "h")


def test_one_row_needs_freq():
    assert history_of_one(hours([0])).n_known == 1
    with pytest.raises(ValueError, match=r"n_samples = 1\); give freq="):
        start_history(hours([0]), targets([0.0]), covariates([0]))


def test_a_grid_that_is_almost_empty_is_a_wrong_one():
    days = pd.date_range("2024-01-01", periods=97, freq="D")
    message = (
        "A grid in steps of 'min' would have 138241 rows, of which 97 are given. "
        "Most of them are 1440 steps of 'min' apart: leave freq=None"
    )
    with pytest.raises(ValueError, match=message):
        start_history(days, targets(np.zeros(97)), covariates(range(97)), "min")


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


def test_absent_rows_are_counted_and_the_first_one_named():
    message = (
        "3 of 9 rows are absent from the grid in steps of 'h', the first at "
        "2024-01-01 03:00:00: they count as missing, are filled as inputs, and left out"
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
    history = start_history(
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


def observed_of(n, missing=()):
    """Two targets, a number of the past and a category of the past, of n rows."""
    values = np.arange(3.0 * n).reshape(n, 3) ** 2
    for row, column in missing:
        values[row, column] = NAN
    return Observed(values, np.arange(n)[:, None] % 5, np.arange(n) / 7)


def wide_history(n=11, missing=((3, 1), (6, 2), (10, 0))):
    observed = observed_of(n, missing)
    return module.start_history(hours(range(n)), observed, covariates(range(n)), 2, "h")


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


def test_absent_rows_have_no_value_no_category_and_no_weight():
    observed = Observed(np.ones((3, 2)), np.full((3, 1), 4), np.array([3.0, 5, 7]))
    history = module.start_history(hours([0, 1, 4]), observed, covariates(range(3)), 1)
    assert np.isnan(history.observed.values[[2, 3]]).all()
    np.testing.assert_array_equal(history.observed.codes[:, 0], [4, 4, 0, 0, 4])
    np.testing.assert_array_equal(history.observed.weights, [3, 5, 0, 0, 7])


def test_of_targets_alone():
    values = targets([1.0, NAN, 4])
    one = history_of(range(3))
    stretch = Stretch.of(values, one.given, one.covariates, one.grid)
    assert (stretch.n_targets, stretch.offset, stretch.series) == (2, 0, 0)
    assert stretch.observed.codes.shape == (3, 0)
    same_filling(stretch.filled, fill(values, one.grid.season))


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

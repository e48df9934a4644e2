"""Rows that come after a history was started: later ones, and corrections."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer.series.covariates import Covariates
from skinformer.series.extension import extend
from skinformer.series.filling import fill
from skinformer.series.history import Observed
from skinformer.series.panel import Given

from ..histories import start_history

NAN = np.nan
NAMES = ["Target 'load'", "Column 'wind'"]
N = 7


def hours(rows):
    rows = pd.to_timedelta(np.asarray(rows) * 3600, unit="s")
    return pd.Timestamp("2024-01-01") + rows


def rows_at(positions, values=None, numeric=None, codes=None, past_codes=None):
    """One target, one number of the past, and a column of each other kind.

    By default all of a row follows from its position.
    """
    positions = np.asarray(positions)
    default = np.column_stack([10.0 * positions, 10.0 * positions + 1])
    values = default if values is None else np.array(values, dtype=float)

    def column(given, formula, dtype):
        given = formula if given is None else np.array(given)
        return given.astype(dtype)[:, None]

    return Given(
        hours(positions),
        None,
        Observed(values, column(past_codes, positions % 3 + 1, np.int64)),
        Covariates(
            column(numeric, positions / 4, np.float64),
            column(codes, positions % 5, np.int64),
        ),
    )


def history_of(positions=range(N), **columns):
    rows = rows_at(list(positions), **columns)
    return start_history(rows.index, rows.observed, rows.covariates, 1, "h")


def put(history, rows, on_conflict="raise"):
    return extend(history, rows, on_conflict, NAMES)


def same(one, other):
    assert_array_equal(one.observed.values, other.observed.values)
    assert_array_equal(one.observed.codes, other.observed.codes)
    assert_array_equal(one.given, other.given)
    assert_array_equal(one.covariates.numeric, other.covariates.numeric)
    assert_array_equal(one.covariates.codes, other.covariates.codes)
    assert_array_equal(one.filled.between, other.filled.between)
    assert_array_equal(one.filled.ahead, other.filled.ahead)


def test_later_rows_are_appended():
    same(put(history_of(), rows_at([7, 8])), history_of(range(9)))


def test_rows_that_are_there_and_agree_change_nothing():
    history = history_of()
    for on_conflict in ("raise", "replace"):
        same(put(history, rows_at([2, 3, 6]), on_conflict), history)


def test_rows_that_overlap_and_agree_are_appended_from_the_end_on():
    same(put(history_of(), rows_at([5, 6, 7, 8])), history_of(range(9)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[20, 21], [31, 31]], r"Target 'load' is 31 at .* 03:00:00, .* has 30\. "),
        ([[20, 22], [30, 31]], r"Column 'wind' is 22 at .* 02:00:00, .* has 21\. "),
    ],
)
def test_a_value_that_contradicts_the_history(values, message):
    history = history_of()
    with pytest.raises(ValueError, match=message + "Give .* on_conflict='replace'"):
        put(history, rows_at([2, 3], values))
    same(history, history_of())


@pytest.mark.parametrize(
    "columns",
    [{"numeric": [0.5, 0.8]}, {"codes": [2, 4]}, {"past_codes": [3, 2]}],
)
def test_covariates_that_contradict_the_history(columns):
    message = r"The covariates of 2024-01-01 03:00:00 are others .*'replace'"
    with pytest.raises(ValueError, match=message):
        put(history_of(), rows_at([2, 3], **columns))


def test_what_is_given_takes_the_place_of_what_was():
    old = history_of()
    rows = rows_at(
        [5, 6, 7], [[1, 2], [3, NAN], [5, 6]], [7, 8, 9], [4, 3, 2], [3, 2, 1]
    )
    new = put(old, rows, "replace")
    assert_array_equal(new.observed.values[5:], [[1, 2], [3, NAN], [5, 6]])
    assert_array_equal(new.observed.values[:5], old.observed.values[:5])
    assert_array_equal(new.observed.codes[5:, 0], [3, 2, 1])
    assert_array_equal(new.covariates.numeric[5:, 0], [7, 8, 9])
    assert_array_equal(new.covariates.codes[5:, 0], [4, 3, 2])
    filled = fill(new.observed.values, new.grid.season)
    assert_array_equal(new.filled.between, filled.between)
    same(old, history_of())  # as it was


def test_a_value_that_was_missing_is_taken_in():
    values = rows_at(range(N)).observed.values.copy()
    values[3], values[5, 1] = NAN, NAN
    late = put(history_of(values=values), rows_at([3, 5]))
    same(late, history_of())


def test_a_missing_value_contradicts_nothing():
    again = rows_at([2, 3], [[NAN, 21], [30, NAN]])
    same(put(history_of(), again), history_of())


def test_a_category_that_was_missing_is_taken_in():
    history = history_of(past_codes=[1, 2, 0, 1, 2, 3, 1])
    same(put(history, rows_at([2])), history_of())
    same(put(history_of(), rows_at([2, 3], past_codes=[0, 1])), history_of())
    hidden = put(history_of(), rows_at([2], past_codes=[0]), "replace")
    assert hidden.observed.codes[2, 0] == 0


def test_a_missing_value_takes_a_place_if_it_is_to():
    new = put(history_of(), rows_at([2], [[NAN, 21]]), "replace")
    assert np.isnan(new.targets[2, 0])
    assert new.given[2]


def test_a_missing_covariate_contradicts_nothing():
    columns = {"numeric": [0, 1, NAN, 3]}
    same(
        put(history_of(range(4), **columns), rows_at([2], numeric=[NAN])),
        history_of(range(4), **columns),
    )
    # taken in where it was missing, kept where it is missing now
    late = put(history_of(range(4), **columns), rows_at([2, 3], numeric=[2.0, NAN]))
    same(late, history_of(range(4), numeric=[0, 1, 2, 3]))
    hidden = put(history_of(range(4)), rows_at([2], numeric=[NAN]), "replace")
    assert np.isnan(hidden.covariates.numeric[2, 0])


def test_a_row_of_a_gap_may_come_late():
    """What stands in a gap was never given, and contradicts nothing."""
    history = history_of([0, 1, 2, 5, 6])
    assert not history.given[4]
    late = put(put(history, rows_at([3])), rows_at([4]))
    same(late, history_of())


def test_a_row_before_the_history():
    history = history_of(range(3, 9))
    with pytest.raises(ValueError, match=r"01:00:00 is before the history, .* 03:00:0"):
        put(history, rows_at([1, 2, 3]))


def test_a_row_before_those_that_are_kept():
    kept = history_of().since(4)
    assert kept.offset == 4
    with pytest.raises(ValueError, match=r"03:00:00 is no longer kept: .* 04:00:0"):
        put(kept, rows_at([3, 4]))
    longer = put(kept, rows_at([4, 5, 6, 7]))
    same(longer, history_of(range(8)).since(4))
    assert longer.offset == 4


def test_a_row_off_the_grid():
    rows = rows_at([5, 6])
    rows = rows._replace(index=rows.index + pd.Timedelta("20min"))
    with pytest.raises(ValueError, match=r"05:20:00 is off the grid"):
        put(history_of(), rows)


def test_rows_out_of_order():
    with pytest.raises(ValueError, match="05:00:00 follows 2024-01-01 06:00:00"):
        put(history_of(), rows_at([6, 5]), "replace")


def test_rows_without_time_always_follow():
    history, rows = rows_at(range(3)), rows_at(range(2))
    history = start_history(pd.RangeIndex(3), history.observed, history.covariates, 1)
    longer = put(history, rows._replace(index=pd.RangeIndex(2)))
    assert_array_equal(longer.targets[:, 0], [0, 10, 20, 0, 10])


@settings(max_examples=40, deadline=None)
@given(
    st.sets(st.integers(1, 30), min_size=1),
    st.sets(st.integers(1, 30), min_size=1),
    st.sampled_from(["raise", "replace"]),
)
def test_in_whichever_order_true_rows_come(first, second, on_conflict):
    """The history is that of all rows, from the first on."""
    parts = put(history_of(sorted({0} | first)), rows_at(sorted(second)), on_conflict)
    whole = history_of(sorted({0} | first | second))
    assert_array_equal(parts.observed.values, whole.observed.values)
    assert_array_equal(parts.given, whole.given)
    assert_array_equal(parts.filled.between, whole.filled.between)
    known = whole.given
    assert_array_equal(parts.covariates.numeric[known], whole.covariates.numeric[known])

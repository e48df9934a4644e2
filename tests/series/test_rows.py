"""The rows of some stretches, one after another, and windows over them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer.series.covariates import Covariates
from skinformer.series.filling import fill
from skinformer.series.grid import RowGrid
from skinformer.series.history import Observed, Stretch
from skinformer.series.rows import Rows, edges_of
from skinformer.series.windows import Scale, Windows

from ..histories import rows_of

N_VALUES, N_TARGETS, N_PAST_CODES, N_NUMERIC, N_CODES = 3, 2, 1, 5, 7
SEQ_LEN, PRED_LEN = 4, 3
NAN = np.nan


def stretch(n, ahead=0, seed=0, missing=0.0, weighted=False, series=0):
    """A stretch of n known rows, and covariates of some rows after them."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, N_VALUES)) + 100 * series
    values[rng.random((n, N_VALUES)) < missing] = NAN
    observed = Observed(
        values,
        rng.integers(1, 9, (n, N_PAST_CODES)),
        rng.random(n) if weighted else None,
    )
    numeric = rng.normal(size=(n + ahead, N_NUMERIC))
    codes = rng.integers(0, 9, (n + ahead, N_CODES))
    given_rows = np.ones(n, dtype=bool)
    covariates, filled = Covariates(numeric, codes), fill(values)
    return Stretch(
        observed, given_rows, covariates, RowGrid(), N_TARGETS, filled, series=series
    )


def test_edges():
    assert edges_of([3, 0, 2]).tolist() == [0, 3, 3, 5]


def test_stretches_one_after_another():
    one, other = stretch(7, ahead=2, series=5), stretch(4, seed=1, series=3)
    rows = Rows.of([one, other])
    assert rows.known.tolist() == [0, 7, 11]
    assert rows.edges.tolist() == [0, 9, 13]
    assert rows.series.tolist() == [5, 3]
    assert rows.n_targets == N_TARGETS
    assert rows.weights is None
    assert not rows.has_gaps
    assert not rows.lacks_numbers
    assert_array_equal(rows.values[7:], other.observed.values)
    assert_array_equal(rows.past_codes[:7], one.observed.codes)
    assert_array_equal(rows.numeric[9:], other.covariates.numeric)
    assert_array_equal(rows.codes[:9], one.covariates.codes)


def test_a_gap_of_one_stretch_is_one_of_all():
    whole, gappy = stretch(7), stretch(5, seed=1, missing=0.5)
    rows = Rows.of([whole, gappy])
    assert rows.has_gaps
    assert_array_equal(rows.filled.between[:7], whole.observed.values)
    # the latest observed rows are counted in each stretch
    assert_array_equal(rows.filled.last[:7, 0], np.arange(7))
    assert_array_equal(rows.filled.last[7:], gappy.filled.last)


def test_weights_stand_beside_the_rows():
    one, other = stretch(3, weighted=True), stretch(2, seed=1, weighted=True)
    weights = Rows.of([one, other]).weights
    assert_array_equal(weights[:3], one.observed.weights)
    assert_array_equal(weights[3:], other.observed.weights)


@pytest.mark.parametrize("first", [0, 1])
def test_a_stretch_that_forecasts_have_lengthened_has_no_weights(first):
    """Nor have all, then: rows that are forecast need none."""
    stretches = [stretch(3, weighted=True), stretch(2, seed=1)]
    assert Rows.of([stretches[first], stretches[1 - first]]).weights is None


# Windows of many stretches


def some_stretches(lengths, missing, change=None):
    """Stretches; the rows of one of them may be others."""
    return [
        stretch(n, PRED_LEN, seed=i + 50 * (i == change), missing=missing, series=i)
        for i, n in enumerate(lengths)
    ]


LENGTHS = st.lists(st.integers(1, 13), min_size=2, max_size=5)


@settings(max_examples=60, deadline=None)
@given(LENGTHS, st.sampled_from([0.0, 0.4]), st.data())
def test_windows_never_cross_series(lengths, missing, data):
    """Each is what it is where its stretch stands alone."""
    which = data.draw(st.integers(0, len(lengths) - 1))
    start = data.draw(st.integers(0, lengths[which]))
    stretches = some_stretches(lengths, missing)
    lengths_of = (SEQ_LEN, PRED_LEN)
    together = Windows(
        Rows.of(stretches), np.array([start]), *lengths_of, which=np.array([which])
    )
    alone = Windows(Rows.of([stretches[which]]), np.array([start]), *lengths_of)
    (one, y), (other, y_alone) = together.batch([0]), alone.batch([0])
    assert_array_equal(y, y_alone)
    for name in ("values", "covariates", "categories"):
        assert_array_equal(one[name], other[name])
    none = np.zeros((1, SEQ_LEN, N_VALUES))
    assert_array_equal(
        one.get("missing_values", none), other.get("missing_values", none)
    )
    assert_array_equal(together.context([0]), one["values"][:, :, :N_TARGETS])


@settings(max_examples=30, deadline=None)
@given(LENGTHS, st.sampled_from([0.0, 0.4]), st.data())
def test_other_rows_of_another_series_change_nothing(lengths, missing, data):
    which, change = data.draw(
        st.permutations(range(len(lengths))).map(lambda order: order[:2])
    )
    start = data.draw(st.integers(0, lengths[which]))
    batches = [
        Windows(
            Rows.of(some_stretches(lengths, missing, changed)),
            np.array([start]),
            SEQ_LEN,
            PRED_LEN,
            which=np.array([which]),
        ).batch([0])
        for changed in (None, change)
    ]
    for name in ("values", "covariates", "categories"):
        assert_array_equal(batches[0][0][name], batches[1][0][name])
    assert_array_equal(batches[0][1], batches[1][1])


def test_windows_of_some_series_by_hand():
    """Two series of five and four rows, one column each."""
    values = np.array([0.0, 1, 2, 3, 4, 50, 51, 52, 53])[:, None]
    rows = replace(
        rows_of(values, np.arange(9.0)[:, None], np.empty((9, 0), int)),
        known=np.array([0, 5, 9]),
        edges=np.array([0, 5, 9]),
        series=np.array([1, 0]),
    )
    scale = Scale(np.array([[50.0], [0.0]]), np.array([[2.0], [1.0]]))
    windows = Windows(
        rows, np.array([3, 2, 1, 0]), 3, 1, scale, which=np.array([0, 1, 1, 1])
    )
    inputs, targets = windows.batch(slice(None))
    # series 1 is read as it is, series 0 about 50, in units of 2
    assert inputs["values"][:, :, 0].tolist() == [
        [0, 1, 2],
        [0, 0, 0.5],  # before the first row it is repeated
        [0, 0, 0],
        [0, 0, 0],  # no row before it
    ]
    assert targets[:, 0, 0].tolist() == [3, 1, 0.5, 0]
    assert inputs["covariates"][1, :, 0].tolist() == [5, 5, 6, 7]
    assert windows.series.tolist() == [1, 0, 0, 0]
    assert windows.take([1]).series.tolist() == [0]
    assert windows.at(np.array([3])).series.tolist() == [1]


def test_what_is_not_known_ahead_is_hidden_in_the_horizon():
    one = stretch(7, ahead=PRED_LEN)
    windows = Windows(Rows.of([one]), np.array([5, 7, 2]), SEQ_LEN, PRED_LEN)
    inputs, _ = windows.batch(slice(None))
    assert inputs["values"].shape == (3, SEQ_LEN, N_VALUES)
    assert inputs["categories"].shape == (3, SEQ_LEN + PRED_LEN, N_CODES + N_PAST_CODES)
    past = inputs["categories"][:, :, N_CODES:]
    assert_array_equal(past[0, :SEQ_LEN], one.observed.codes[1:5])
    assert_array_equal(past[2, :SEQ_LEN], one.observed.codes[[0, 0, 0, 1]])
    assert (past[:, SEQ_LEN:] == 0).all()
    known = inputs["categories"][1, :, :N_CODES]
    assert_array_equal(known, one.covariates.codes[3:10])


def test_targets_are_as_wide_as_the_targets():
    windows = Windows(Rows.of([stretch(7)]), np.array([4]), SEQ_LEN, PRED_LEN)
    _, targets = windows.batch([0])
    assert targets.shape == (1, PRED_LEN, N_TARGETS)
    assert windows.context([0]).shape == (1, SEQ_LEN, N_TARGETS)


def test_weights_are_those_of_the_rows_to_be_forecast():
    one, other = stretch(7, weighted=True), stretch(8, seed=1, weighted=True)
    windows = Windows(
        Rows.of([one, other]),
        np.array([4, 5]),
        SEQ_LEN,
        PRED_LEN,
        which=np.array([0, 1]),
    )
    weights = windows.batch([0, 1])[0]["weights"]
    assert weights.dtype == np.float32
    expected = [one.observed.weights[4:7], other.observed.weights[5:8]]
    assert_array_equal(weights, np.float32(expected))
    assert "weights" not in windows.inputs([0])


def test_weights_of_windows_that_are_not_all_known():
    """A forecast over a weighted history: there is no row to weigh yet."""
    one = stretch(7, ahead=PRED_LEN, weighted=True)
    windows = Windows(Rows.of([one]), np.array([7, 3]), SEQ_LEN, PRED_LEN)
    inputs, targets = windows.batch([0])
    assert targets.shape == (1, 0, N_TARGETS)
    assert "weights" not in inputs

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skinformer.series.filling import fill
from skinformer.series.windows import Scale, Windows, view, windows_within

from ..histories import rows_of

N_ROWS, N_TARGETS, N_NUMERIC, N_CATEGORICAL = 53, 3, 2, 5
SEQ_LEN, PRED_LEN = 11, 7
NAN = np.nan


def series(n_known=N_ROWS, n_rows=N_ROWS, seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.normal(size=(n_known, N_TARGETS)).astype(np.float32),
        rng.normal(size=(n_rows, N_NUMERIC)).astype(np.float32),
        rng.integers(0, 9, size=(n_rows, N_CATEGORICAL)),
    )


def windows_of(rows, starts, seq_len=SEQ_LEN, pred_len=PRED_LEN):
    return Windows(rows_of(*rows), np.array(starts), seq_len, pred_len)


def column(values):
    """One target, no covariates."""
    values = np.array(values, dtype=np.float32)[:, None]
    return values, np.empty((len(values), 0), "f4"), np.empty((len(values), 0), int)


def context(values, start, seq_len=4):
    inputs, _ = windows_of(column(values), [start], seq_len, 1).batch([0])
    return inputs["values"][0, :, 0].tolist()


def test_windows_within():
    # rows 0 to 9, four of context, three to forecast
    assert windows_within(0, 10, 4, 3).tolist() == [4, 5, 6, 7]
    assert windows_within(6, 10, 4, 3).tolist() == [6, 7]
    assert windows_within(0, 10, 4, 3, stride=2).tolist() == [4, 6]
    assert windows_within(0, 7, 4, 3).tolist() == [4]
    assert windows_within(0, 6, 4, 3).tolist() == []


@given(st.integers(0, 29), st.integers(0, 29), st.integers(1, 11), st.integers(1, 7))
def test_windows_lie_within(first, n, seq_len, pred_len):
    starts = windows_within(first, first + n, seq_len, pred_len)
    expected = [
        start
        for start in range(100)
        if start >= seq_len and start >= first and start + pred_len <= first + n
    ]
    assert starts.tolist() == expected


def test_a_view_copies_nothing():
    values = series()[0]
    runs = view(values, SEQ_LEN)
    assert runs.shape == (N_ROWS - SEQ_LEN + 1, SEQ_LEN, N_TARGETS)
    assert np.shares_memory(runs, values)
    np.testing.assert_array_equal(runs[17], values[17 : 17 + SEQ_LEN])


@pytest.mark.parametrize(
    "which", [[3, 0, 29], np.array([3, 0, 29]), slice(2, 5), slice(0, 1)]
)
def test_batches_are_slices(which):
    values, numeric, codes = rows = series()
    windows = windows_of(rows, windows_within(0, N_ROWS, SEQ_LEN, PRED_LEN))
    inputs, targets = windows.batch(which)
    assert set(inputs) == {"values", "covariates", "categories"}
    for i, start in enumerate(windows.starts[which]):
        before, after = start - SEQ_LEN, start + PRED_LEN
        np.testing.assert_array_equal(inputs["values"][i], values[before:start])
        np.testing.assert_array_equal(inputs["covariates"][i], numeric[before:after])
        np.testing.assert_array_equal(inputs["categories"][i], codes[before:after])
        np.testing.assert_array_equal(targets[i], values[start:after])


def test_one_window_has_no_batch_axis():
    windows = windows_of(series(), windows_within(0, N_ROWS, SEQ_LEN, PRED_LEN))
    assert len(windows) == N_ROWS - SEQ_LEN - PRED_LEN + 1
    inputs, targets = windows[13]
    batch, batch_targets = windows.batch([13])
    assert inputs["values"].shape == (SEQ_LEN, N_TARGETS)
    assert inputs["covariates"].shape == (SEQ_LEN + PRED_LEN, N_NUMERIC)
    assert targets.shape == (PRED_LEN, N_TARGETS)
    np.testing.assert_array_equal(inputs["categories"], batch["categories"][0])
    np.testing.assert_array_equal(targets, batch_targets[0])


def test_columns_that_are_not_there_are_not_passed():
    values, numeric, codes = series()
    starts = np.array([SEQ_LEN])
    for rows, names in (
        ((values, numeric[:, :0], codes), {"values", "categories"}),
        ((values, numeric, codes[:, :0]), {"values", "covariates"}),
        ((values, numeric[:, :0], codes[:, :0]), {"values"}),
    ):
        assert set(windows_of(rows, starts).batch([0])[0]) == names


def test_other_starts_share_the_rows():
    windows = windows_of(series(), [11, 13])
    other = windows.at(np.array([17]))
    assert other.rows is windows.rows
    assert (len(other), len(windows)) == (1, 2)
    np.testing.assert_array_equal(other[0][1], windows.rows.values[17:24])


def test_targets_only_as_far_as_they_are_known():
    rows = series(n_known=29, n_rows=29 + PRED_LEN)
    _, targets = windows_of(rows, [29]).batch([0])
    assert targets.shape == (1, 0, N_TARGETS)
    assert windows_of(rows, [22]).batch([0])[1].shape == (1, PRED_LEN, N_TARGETS)


def test_before_the_first_row_it_is_repeated():
    assert context([5, 6, 7, 8, 9], start=2) == [5, 5, 5, 6]
    assert context([5, 6, 7, 8, 9], start=1) == [5, 5, 5, 5]
    assert context([5, 6, 7, 8, 9], start=4) == [5, 6, 7, 8]


def test_with_no_row_before_it_a_window_sees_zeros():
    assert context([5, 6, 7, 8, 9], start=0) == [0, 0, 0, 0]
    inputs, _ = windows_of(series(), [0, 3]).batch([0, 1])
    assert (inputs["values"][0] == 0).all()
    assert (inputs["values"][1] != 0).all()


def test_covariates_before_the_first_row_repeat_its_own():
    _, numeric, codes = rows = series()
    inputs, _ = windows_of(rows, [3, 0]).batch([0, 1])
    padded = np.concatenate([np.repeat(numeric[:1], 8, axis=0), numeric[:10]])
    np.testing.assert_array_equal(inputs["covariates"][0], padded)
    np.testing.assert_array_equal(
        inputs["categories"][1][:12], np.repeat(codes[:1], 12, 0)
    )
    np.testing.assert_array_equal(inputs["covariates"][1][11:], numeric[:7])


def test_a_gap_that_has_not_ended_is_filled_by_the_rows_before_it():
    values = [0, 2, NAN, NAN, 8, 10, NAN, 20]
    filled = fill(column(values)[0])
    between, ahead = filled.between[:, 0], filled.ahead[:, 0]
    assert context(values, start=5) == [2, between[2], between[3], 8]
    assert context(values, start=4) == [0, 2, ahead[2], ahead[3]]
    assert context(values, start=3) == [0, 0, 2, ahead[2]]
    assert context(values, start=7) == [between[3], 8, 10, ahead[6]]
    assert context(values, start=8) == [8, 10, between[6], 20]


def test_each_column_has_its_own_gaps():
    values = np.array([[1, 10], [NAN, 20], [3, NAN], [4, NAN], [5, 50]], "f4")
    filled = fill(values)
    windows = windows_of((values, *column(values[:, 0])[1:]), [4], 3, 1)
    inputs, _ = windows.batch([0])
    # the gap of the first column has ended at row 4, that of the second has not
    expected = [[filled.between[1, 0], 20], [3, filled.ahead[2, 1]]]
    np.testing.assert_array_equal(inputs["values"][0, :2], expected)
    np.testing.assert_array_equal(inputs["missing_values"][0], [[1, 0], [0, 1], [0, 1]])


def test_before_its_first_value_a_column_has_the_training_mean():
    values, *others = column([NAN, NAN, 9.0, 7.0])
    scale = Scale(np.array([5.0]), np.array([2.0]))
    rows = rows_of(values, *others)
    windows = Windows(rows, np.array([2, 3, 0]), 3, 1, scale)
    inputs, _ = windows.batch(slice(None))
    assert inputs["values"][0, :, 0].tolist() == [0, 0, 0]  # nothing was known yet
    assert inputs["values"][1, 2, 0] == 2
    # a window without a row before it lacks nothing: there is no row to lack
    assert inputs["missing_values"][:, :, 0].tolist() == [[1] * 3, [1, 1, 0], [0] * 3]


def test_targets_keep_their_gaps():
    values = [0, 2, NAN, NAN, 8, 10]
    windows = windows_of(column(values), [1], 1, 5)
    assert windows.has_gaps
    np.testing.assert_array_equal(windows[0][1][:, 0], values[1:])


def test_where_nothing_is_missing_no_flags_are_passed():
    windows = windows_of(series(), [11])
    assert not windows.has_gaps
    assert {"missing_values", "missing_covariates"}.isdisjoint(windows[0][0])


def test_missing_covariates_are_told_and_stand_at_the_mean():
    targets, numeric, codes = series()
    numeric[[9, 20], [0, 1]] = NAN
    of_numeric = Scale(np.array([-1.0, 0.5]), np.array([0.25, 2.0]))
    rows = rows_of(targets, numeric, codes)
    windows = Windows(rows, np.array([11]), SEQ_LEN, PRED_LEN, numeric_scale=of_numeric)
    inputs, _ = windows.batch([0])
    missing = np.zeros((SEQ_LEN + PRED_LEN, N_NUMERIC))
    missing[9, 0] = 1  # row 20 is after the window
    np.testing.assert_array_equal(inputs["missing_covariates"][0], missing)
    assert inputs["covariates"][0, 9, 0] == 0
    whole = np.where(missing == 1, -1.0, (numeric[:18] - of_numeric.mean))
    np.testing.assert_allclose(
        inputs["covariates"][0][missing == 0],
        (whole / of_numeric.deviation)[missing == 0],
        rtol=1e-5,
    )
    assert "missing_values" not in inputs


@st.composite
def gappy(draw):
    """Cells that are absent, (n, N_TARGETS), and a start."""
    n = draw(st.integers(5, 41))
    cells = draw(st.lists(st.integers(0, n * N_TARGETS - 1), max_size=2 * n))
    absent = np.zeros(n * N_TARGETS, dtype=bool)
    absent[cells] = True
    return absent.reshape(n, N_TARGETS), draw(st.integers(0, n))


def slow_context(values, start, seq_len):
    """Fill what was seen before the start, then repeat its first row."""
    if start == 0:
        return np.zeros((seq_len, values.shape[1]))
    seen = fill(values[:start])
    is_open = np.arange(start)[:, None] > seen.latest()[-1]
    rows = [max(row, 0) for row in range(start - seq_len, start)]
    return np.nan_to_num(np.where(is_open, seen.ahead, seen.between))[rows]


@settings(max_examples=60, deadline=None)
@given(gappy(), st.integers(1, 13))
def test_the_context_is_what_was_seen_before_the_start(case, seq_len):
    absent, start = case
    values, numeric, codes = series(len(absent), len(absent) + PRED_LEN)
    values[absent] = NAN
    windows = windows_of((values, numeric, codes), [start], seq_len)
    seen = windows.batch([0])[0]["values"][0]
    np.testing.assert_allclose(seen, slow_context(values, start, seq_len), rtol=1e-5)


@settings(max_examples=60, deadline=None)
@given(gappy())
def test_rows_from_the_start_on_never_reach_the_context(case):
    absent, start = case
    values, numeric, codes = series(len(absent), len(absent) + PRED_LEN)
    values[absent] = NAN
    noise = values.copy()
    noise[start:] = 1e6 * series(len(absent) - start, 1, seed=1)[0]
    one = windows_of((values, numeric, codes), [start]).batch([0])[0]
    other = windows_of((noise, numeric, codes), [start]).batch([0])[0]
    np.testing.assert_array_equal(one["values"], other["values"])
    none = np.zeros_like(one["values"])
    np.testing.assert_array_equal(
        one.get("missing_values", none), other.get("missing_values", none)
    )
    assert np.isfinite(one["values"]).all()


@settings(max_examples=30, deadline=None)
@given(gappy(), st.lists(st.integers(0, 36), min_size=1, max_size=7))
def test_windows_do_not_see_their_batch_mates(case, starts):
    absent, _ = case
    starts = np.minimum(starts, len(absent))
    values, numeric, codes = series(len(absent), len(absent) + PRED_LEN)
    values[absent] = NAN
    windows = windows_of((values, numeric, codes), starts)
    together = windows.batch(slice(None))[0]
    for i in range(len(starts)):
        for name, alone in windows[i][0].items():
            np.testing.assert_array_equal(together[name][i], alone)


LAYOUTS = {
    "C": np.ascontiguousarray,
    "F": np.asfortranarray,
    "reversed": lambda x: x[::-1],
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("absent", [[], [13, 14]])
@pytest.mark.parametrize("starts", [[11, 17, 29], [0, 3, 29], [17]])
def test_batches_are_ready_for_torch(layout, absent, starts):
    """torch.from_numpy takes no negative strides, and warns of read-only memory."""
    rows = series()
    rows[0][absent] = NAN
    windows = windows_of([layout(array) for array in rows], starts)
    inputs, targets = windows.batch(slice(None))
    for array in (*inputs.values(), targets):
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert not any(np.shares_memory(array, row) for row in rows)
    assert inputs["values"].dtype == inputs["covariates"].dtype == np.float32
    assert targets.dtype == np.float32
    assert inputs["categories"].dtype == np.int64
    expected = windows_of([layout(x).copy() for x in rows], starts).batch(slice(None))
    np.testing.assert_array_equal(inputs["values"], expected[0]["values"])


def test_rows_in_c_order_are_not_copied():
    values, numeric, codes = rows = series()
    windows = windows_of(rows, [11])
    rows = windows.rows
    assert rows.values is rows.filled.between is rows.filled.ahead is values
    assert rows.numeric is numeric
    assert rows.codes is codes


def test_no_window_is_materialised_before_its_batch():
    """100,000 rows would make windows of 70 MB; a batch of 32 has 29 KB."""
    n = 100_003
    rows = (
        np.zeros((n, 1), "f4"),
        np.zeros((n, 1), "f4"),
        np.zeros((n, 0), np.int64),
    )
    starts = windows_within(0, n, 97, 24)
    tracemalloc.start()
    try:
        windows_of(rows, starts, 97, 24).batch(slice(1000, 1032))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2e6


def test_numbers_are_standardised_as_they_are_read():
    targets, numeric, codes = series()
    scale = Scale(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 8.0]))
    of_numeric = Scale(np.array([-1.0, 0.5]), np.array([0.25, 2.0]))
    rows, lengths = rows_of(targets, numeric, codes), (SEQ_LEN, PRED_LEN)
    windows = Windows(rows, np.array([20, 11]), *lengths, scale, of_numeric)
    inputs, y = windows.batch(slice(None))
    np.testing.assert_allclose(
        inputs["values"][1], (targets[:11] - scale.mean) / scale.deviation, rtol=1e-6
    )
    np.testing.assert_allclose(
        inputs["covariates"][0],
        (numeric[9:27] - of_numeric.mean) / of_numeric.deviation,
        rtol=1e-6,
    )
    np.testing.assert_allclose(
        y[0], (targets[20:27] - scale.mean) / scale.deviation, rtol=1e-6
    )
    assert {x.dtype for x in (y, inputs["values"], inputs["covariates"])} == {
        np.dtype("f4")
    }
    assert (inputs["categories"] == windows.inputs([0, 1])["categories"]).all()


def test_a_window_without_history_sees_the_training_mean():
    scale = Scale(np.array([5.0]), np.array([2.0]))
    values, *others = column([9.0, 7.0, 5.0])
    rows = rows_of(values, *others)
    windows = Windows(rows, np.array([0, 1]), 2, 1, scale)
    inputs, _ = windows.batch(slice(None))
    assert inputs["values"][..., 0].tolist() == [[0.0, 0.0], [2.0, 2.0]]

"""Windows, standardised, and forecasts restored."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.exceptions import OutlierWarning
from skinformer.forecasting.windowing import (
    WindowScaler,
    learn_scale,
)
from skinformer.series import chunks

from ..histories import timeless

SEQ_LEN, PRED_LEN = 5, 3
NAN = np.nan


def ones(n, missing=()):
    """A series of ones, of which some rows are absent."""
    targets = np.ones((n, 1))
    targets[list(missing)] = NAN
    return timeless(targets)


def test_statistics_are_those_of_observed_training_rows():
    targets = np.array([[1.0, 10], [3, 30], [NAN, NAN], [5, 80], [99, 99]])
    numeric = np.arange(5.0)[:, None] ** 2
    scaler = WindowScaler(1, 1).fit([timeless(targets, numeric)], [4])
    assert_allclose(scaler.target_scaler_.mean_, [3.0, 40.0])
    assert_allclose(scaler.target_scaler_.var_, [8 / 3, 2600 / 3])
    # row 2 was not given: its covariates are a copy
    assert_allclose(scaler.covariate_scaler_.mean_, [10 / 3])


def test_missing_cells_are_left_out_of_the_statistics():
    targets = np.array([[1.0, 10], [NAN, 30], [3, NAN], [8, 80], [99, 99]])
    numeric = np.array([[2.0], [4], [NAN], [12], [99]])
    scaler = WindowScaler(1, 1).fit([timeless(targets, numeric)], [4])
    assert_allclose(scaler.target_scaler_.mean_, [4.0, 40.0])
    assert_allclose(scaler.target_scaler_.var_, [26 / 3, 2600 / 3])
    assert_allclose(scaler.covariate_scaler_.mean_, [6.0])


def test_rows_of_weight_zero_are_left_out_of_the_statistics():
    targets = np.array([[1.0], [1e9], [3], [-1e9], [8]])
    numeric = targets - 1
    weights = np.array([1.0, 0, 0.5, 0, 7])
    scaler = WindowScaler(1, 1).fit([timeless(targets, numeric, weights=weights)], [5])
    # the others count alike, however much they weigh
    assert_allclose(scaler.target_scaler_.mean_, [4.0])
    assert_allclose(scaler.target_scaler_.var_, [26 / 3])
    assert_allclose(scaler.covariate_scaler_.mean_, [3.0])


def test_columns_of_the_past_have_statistics_beside_the_targets():
    values = np.array([[1.0, 10, NAN], [3, 30, NAN], [5, 20, NAN]])
    scaler = WindowScaler(1, 1).fit([timeless(values, n_targets=1)], [3])
    assert_allclose(scaler.value_scaler_.mean_, [3, 20, 0])
    assert_allclose(scaler.value_scaler_.scale_[2], 1)
    assert_allclose(scaler.target_scaler_.mean_, [3])


def two_series(per_series):
    """The same forms in other units; the last row of each does not train."""
    one = timeless([[1.0], [3], [5], [999]], [[1.0], [2], [3], [4]])
    other = timeless([[100.0], [NAN], [500], [900], [-999]], np.ones((5, 1)), series=1)
    scaler = WindowScaler(1, 1, per_series).fit([one, other], [3, 4])
    return scaler, one, other


def test_many_series_share_one_scale():
    scaler, *_ = two_series(per_series=False)
    known = [1, 3, 5, 100, 500, 900]
    assert_allclose(scaler.target_scaler_.mean_, [np.mean(known)])
    assert_allclose(scaler.target_scaler_.var_, [np.var(known)])
    # row 1 of the second series is absent: six rows are left
    assert_allclose(scaler.covariate_scaler_.mean_, [(1 + 2 + 3 + 1 + 1 + 1) / 6])


def test_each_series_has_a_scale_of_its_own():
    scaler, one, other = two_series(per_series=True)
    assert_allclose(scaler.target_scaler_.mean_, [[3.0], [500.0]])
    assert_allclose(scaler.target_scaler_.var_, [[8 / 3], [320000 / 3]])
    assert_allclose(scaler.covariate_scaler_.mean_, [1.5])  # covariates share theirs
    jobs = [(other, np.array([3, 1])), (one, np.array([1]))]
    inputs, targets = scaler.windows(jobs).batch(slice(None))
    root = np.sqrt(320000 / 3)
    assert_allclose(inputs["values"][:, 0, 0], [0, -400 / root, -2 / np.sqrt(8 / 3)])
    assert_allclose(targets[[0, 2], 0, 0], [400 / root, 0], atol=1e-7)
    restored = scaler.restore(targets, np.array([1, 1, 0]))
    assert_allclose(restored[:, 0, 0], [900, NAN, 3], rtol=1e-6)


def test_a_series_more_is_admitted_by_its_own_rows():
    scaler, _one, _other = two_series(per_series=True)
    third = timeless([[7.0], [9.0]], [[5.0], [5.0]], series=2)
    more = scaler.admit(third)
    assert_allclose(more.target_scaler_.mean_, [[3.0], [500.0], [8.0]])
    assert_allclose(more.value_scaler_.scale_[2], [1.0])
    assert more.covariate_scaler_ is scaler.covariate_scaler_
    assert scaler.target_scaler_.mean_.shape == (2, 1)  # as it was
    # one that is known already takes the place that it had
    again = more.admit(third)
    assert again.target_scaler_.mean_.shape == (3, 1)


def test_a_series_more_is_read_in_the_scale_of_all():
    scaler, *_ = two_series(per_series=False)
    more = scaler.admit(timeless([[7e6], [9e6]], [[5.0], [5.0]], series=2))
    assert more.target_scaler_ is scaler.target_scaler_


def test_a_series_that_begins_after_the_training_rows():
    """Nothing of it trains; it is read by what there is of it."""
    late = timeless([[NAN], [NAN], [NAN], [4.0], [6.0]])
    early = replace(timeless([[1.0], [3], [5], [7], [9]]), series=1)
    scaler = WindowScaler(1, 1, per_series=True).fit([late, early], [3, 3])
    assert_allclose(scaler.target_scaler_.mean_, [[5.0], [3.0]])


def test_a_target_of_which_nothing_counts_is_named():
    targets = np.array([[1.0, 2], [3, NAN], [5, NAN]])
    history = timeless(targets, weights=np.array([0.0, 1, 1]))
    message = "target number 1 has no value that counts among the rows that train"
    with pytest.raises(ValueError, match=message):
        WindowScaler(1, 1).fit([history], [3])


def test_where_no_row_counts_a_column_never_moves():
    """All weights zero: said of a target, and no error of numpy's."""
    rows = [(np.array([[3.0, 5.0]]), np.array([False]))]
    scale = learn_scale(rows, "column")
    assert_array_equal(scale, [[0, 0], [0, 0], [1, 1]])
    with pytest.raises(ValueError, match="target number 0 has no value that counts"):
        learn_scale(rows, "target", n_needed=2)


@pytest.mark.parametrize("per_series", [False, True])
def test_a_least_unit_holds_for_windows_and_forecasts(per_series):
    values = np.array([[1.0, 10, 0], [3, 30, 0]])
    history = timeless(values, n_targets=2)
    scaler = WindowScaler(1, 1, per_series).fit([history], [2])
    scaler.raise_scale(np.array([4.0, 5.0]))
    assert_array_equal(scaler.value_scaler_.scale_.ravel(), [4, 10, 1])
    assert_array_equal(scaler.target_scaler_.scale_.ravel(), [4, 10])
    inputs, _ = scaler.windows([(history, np.array([1]))]).batch([0])
    assert_allclose(inputs["values"][0, 0], [-1 / 4, -1, 0])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 11), min_size=1, max_size=7), st.integers(0, 99))
def test_parts_have_the_statistics_of_the_whole(lengths, seed):
    rng = np.random.default_rng(seed)
    parts = []
    for n in lengths:
        values = rng.normal(1e3, 1e-2, (n, 3))
        values[rng.random((n, 3)) < 0.3] = NAN
        parts.append((values, rng.random(n) < 0.8))
    whole = np.concatenate([values[counts] for values, counts in parts])
    scale = learn_scale(parts, "target")
    for c, column in enumerate(whole.T):
        known = column[~np.isnan(column)]
        expected = (known.mean(), known.var()) if len(known) else (0.0, 0.0)
        assert_allclose(
            [scale.mean_[c], scale.var_[c]], expected, rtol=1e-9, atol=1e-12
        )


def test_windows_are_standardised_and_restored():
    rng = np.random.default_rng(0)
    rows = timeless(rng.normal(1e6, 1e-2, (17, 2)))
    scaler = WindowScaler(SEQ_LEN, PRED_LEN).fit([rows], [17])
    inputs, targets = scaler.windows([(rows, np.arange(5, 15))]).batch(slice(None))
    assert inputs["values"].dtype == targets.dtype == np.float32
    assert_allclose(inputs["values"][0].mean(axis=0), 0, atol=1.5)
    # float32 alone would have lost the digits of 1e6 + 1e-2
    restored = scaler.restore(targets, np.zeros(10, int))
    assert_allclose(restored[0], rows.targets[5:8], rtol=1e-14)
    assert restored.dtype == np.float64


def test_long_arrays_are_looked_at_in_parts(monkeypatch):
    # parts of 4 rows: the statistics are those of all 11 given training rows
    monkeypatch.setattr(chunks, "CHUNK", 4)
    targets = np.random.default_rng(0).normal(5, 3, (17, 2))
    targets[[1, 8]] = NAN
    scaler = WindowScaler(1, 1).fit([timeless(targets)], [13])
    given = np.delete(targets[:13], [1, 8], axis=0)
    assert_allclose(scaler.target_scaler_.mean_, given.mean(axis=0), rtol=1e-14)
    assert_allclose(scaler.target_scaler_.var_, given.var(axis=0), rtol=1e-13)


def test_an_outlier_in_a_later_part_is_named(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 4)
    targets = np.random.default_rng(0).normal(size=(17, 2))
    scaler = WindowScaler(1, 1).fit([timeless(targets)], [17])
    targets[10, 1], targets[12, 0] = -1e20, NAN
    with pytest.warns(OutlierWarning, match=r"target number 1, -1e\+20, is 1e\+20 st"):
        cut = scaler.windows([(timeless(targets), np.array([11]))])
    inputs, _ = cut.batch([0])
    assert inputs["values"][0, -1, 1] == np.float32(-1e15)
    assert np.abs(inputs["values"][0, :, 0]).max() < 9


@pytest.mark.parametrize("scale", [1.0, 1e-160, 1e-300])
def test_variances_that_vanish(scale):
    targets = np.array([[3.0], [5.0], [NAN], [4.0]]) * scale
    of = WindowScaler(1, 1).fit([timeless(targets)], [4]).target_scaler_
    assert_allclose(of.mean_, 4 * scale)
    assert_allclose(of.scale_ / scale, np.sqrt(2 / 3), rtol=1e-12)
    assert (of.var_ > 0).all()


def test_windows_hold_no_copy_of_the_rows():
    rows = timeless(np.random.default_rng(0).normal(size=(17, 2)), np.ones((17, 3)))
    scaler = WindowScaler(SEQ_LEN, PRED_LEN).fit([rows], [17])
    cut = scaler.windows([(rows, np.array([7]))]).rows
    assert np.shares_memory(cut.values, rows.targets)
    assert np.shares_memory(cut.filled.between, rows.targets)
    assert np.shares_memory(cut.numeric, rows.covariates.numeric)


def test_a_constant_stays_one_in_parts(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 4)
    targets = np.stack([np.full(17, 0.1), np.arange(17.0)], axis=1)
    scaler = WindowScaler(1, 1).fit([timeless(targets)], [17])
    forecast = scaler.restore(
        np.array([[[0.7, 0.0]]], dtype=np.float32), np.zeros(1, int)
    )
    assert_array_equal(forecast, [[[0.1, 8.0]]])

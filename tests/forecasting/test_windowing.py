"""Splitting windows in time, and standardising them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.exceptions import NoValidationWarning
from skinformer.forecasting.windowing import WindowScaler, split_in_time
from skinformer.series import chunks
from skinformer.series.covariates import Covariates
from skinformer.series.grid import RowGrid
from skinformer.series.history import Stretch

SEQ_LEN, PRED_LEN = 5, 3


def stretch(targets, numeric=None):
    targets = np.asarray(targets, dtype=np.float64)
    n = len(targets)
    numeric = np.empty((n, 0)) if numeric is None else np.asarray(numeric)
    given = ~np.isnan(targets).any(axis=1)
    covariates = Covariates(numeric, np.empty((n, 0), int))
    return Stretch(targets, given, covariates, RowGrid())


@pytest.mark.parametrize("validation", [7, 0.35])
def test_split(validation):
    train, valid, n_train = split_in_time(np.ones(20, bool), validation, 5, 3)
    assert n_train == 13
    # contexts from row 0 on; the last training target is row 12
    assert_array_equal(train, [5, 6, 7, 8, 9, 10])
    # targets in rows 13 ... 19, contexts reach back into the training rows
    assert_array_equal(valid, [13, 14, 15, 16, 17])


def test_split_without_validation():
    train, valid, n_train = split_in_time(np.ones(11, bool), None, 5, 3)
    assert_array_equal(train, [5, 6, 7, 8])
    assert len(valid) == 0
    assert n_train == 11


@pytest.mark.parametrize("validation", [2, 4, 11, 30])
def test_too_few_windows_for_both_parts(validation):
    with pytest.warns(NoValidationWarning, match=r"^Of 11 rows the last \d+ would"):
        split = split_in_time(np.ones(11, bool), validation, 5, 3)
    assert_array_equal(split.train, [5, 6, 7, 8])
    assert split.n_train == 11


def test_windows_without_a_target_are_left_out():
    observed = np.ones(14, bool)
    observed[6:10] = False
    train, _, _ = split_in_time(observed, None, 5, 3)
    # windows at 6 and 7 would forecast rows 6 to 9 alone
    assert_array_equal(train, [5, 8, 9, 10, 11])


def test_statistics_are_those_of_observed_training_rows():
    targets = np.array([[1.0, 10], [3, 30], [np.nan, np.nan], [5, 80], [99, 99]])
    numeric = np.arange(5.0)[:, None] ** 2
    scaler = WindowScaler(1, 1).fit(stretch(targets, numeric), n_train=4)
    assert_allclose(scaler.target_scaler_.mean_, [3.0, 40.0])
    assert_allclose(scaler.target_scaler_.var_, [8 / 3, 2600 / 3])
    assert_allclose(scaler.covariate_scaler_.mean_, [10 / 3])


def test_windows_are_standardised_and_restored():
    rng = np.random.default_rng(0)
    rows = stretch(rng.normal(1e6, 1e-2, (17, 2)))
    scaler = WindowScaler(SEQ_LEN, PRED_LEN).fit(rows, 17)
    inputs, targets = scaler.windows(rows, np.arange(5, 15)).batch(slice(None))
    assert inputs["values"].dtype == targets.dtype == np.float32
    assert_allclose(inputs["values"][0].mean(axis=0), 0, atol=1.5)
    # float32 alone would have lost the digits of 1e6 + 1e-2
    assert_allclose(scaler.restore(targets)[0], rows.targets[5:8], rtol=1e-14)
    assert scaler.restore(targets).dtype == np.float64


def test_long_arrays_are_looked_at_in_parts(monkeypatch):
    # parts of 4 rows: the statistics are those of all 11 given training rows
    monkeypatch.setattr(chunks, "CHUNK", 4)
    targets = np.random.default_rng(0).normal(5, 3, (17, 2))
    targets[[1, 8]] = np.nan
    scaler = WindowScaler(1, 1).fit(stretch(targets), n_train=13)
    given = np.delete(targets[:13], [1, 8], axis=0)
    assert_allclose(scaler.target_scaler_.mean_, given.mean(axis=0), rtol=1e-14)
    assert_allclose(scaler.target_scaler_.var_, given.var(axis=0), rtol=1e-13)


def test_an_outlier_in_a_later_part_is_named(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 4)
    targets = np.random.default_rng(0).normal(size=(17, 2))
    scaler = WindowScaler(1, 1).fit(stretch(targets), n_train=17)
    targets[10, 1], targets[12, 0] = -1e20, np.nan
    with pytest.raises(ValueError, match=r"target number 1, -1e\+20, is 1e\+20 stand"):
        scaler.windows(stretch(targets), np.array([5]))


def test_windows_hold_no_copy_of_the_rows():
    rows = stretch(np.random.default_rng(0).normal(size=(17, 2)), np.ones((17, 3)))
    windows = WindowScaler(SEQ_LEN, PRED_LEN).fit(rows, 17).windows(rows, np.array([7]))
    assert np.shares_memory(windows.values, rows.targets)
    assert np.shares_memory(windows.filled, rows.targets)
    assert np.shares_memory(windows.numeric, rows.covariates.numeric)


def test_a_constant_stays_one_in_parts(monkeypatch):
    monkeypatch.setattr(chunks, "CHUNK", 4)
    targets = np.stack([np.full(17, 0.1), np.arange(17.0)], axis=1)
    scaler = WindowScaler(1, 1).fit(stretch(targets), n_train=17)
    forecast = scaler.restore(np.array([[[0.7, 0.0]]], dtype=np.float32))
    assert_array_equal(forecast, [[[0.1, 8.0]]])

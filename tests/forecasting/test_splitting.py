"""Which windows train, and which validate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer.exceptions import NoValidationWarning
from skinformer.forecasting.splitting import known_rows, split_in_time
from skinformer.series.timeline import last_part

from ..histories import timeless

SEQ_LEN, PRED_LEN = 5, 3
NAN = np.nan


def ones(n, missing=()):
    """A series of ones, of which some rows are absent."""
    targets = np.ones((n, 1))
    targets[list(missing)] = NAN
    return timeless(targets)


def starts_of(part):
    return [starts.tolist() for _, starts in part]


@pytest.mark.parametrize("validation", [7, 0.35])
def test_split(validation):
    history = ones(20)
    train, valid, n_train = split_in_time([history], validation, 5, 3)
    assert n_train == [13]
    # contexts from row 0 on; the last training target is row 12
    assert starts_of(train) == [[5, 6, 7, 8, 9, 10]]
    # targets in rows 13 ... 19, contexts reach back into the training rows
    assert starts_of(valid) == [[13, 14, 15, 16, 17]]
    assert train[0][0] is valid[0][0] is history


def test_split_without_validation():
    split = split_in_time([ones(11)], None, 5, 3)
    assert starts_of(split.train) == [[5, 6, 7, 8]]
    assert split.n_valid == 0
    assert split.n_train == [11]


@pytest.mark.parametrize("validation", [2, 4, 11, 30])
def test_too_few_windows_for_both_parts(validation):
    with pytest.warns(NoValidationWarning, match=r"^Of 11 rows the last \d+ would"):
        split = split_in_time([ones(11)], validation, 5, 3)
    assert starts_of(split.train) == [[5, 6, 7, 8]]
    assert split.n_train == [11]
    assert split.n_valid == 0


def test_windows_without_a_target_are_left_out():
    train, _, _ = split_in_time([ones(14, range(6, 10))], None, 5, 3)
    # windows at 6 and 7 would forecast rows 6 to 9 alone
    assert starts_of(train) == [[5, 8, 9, 10, 11]]


def test_one_target_of_a_row_is_enough():
    targets = np.ones((14, 2))
    targets[6:10] = NAN
    targets[7, 1] = 3.0
    train, _, _ = split_in_time([timeless(targets)], None, 5, 3)
    assert starts_of(train) == [[5, 6, 7, 8, 9, 10, 11]]


def test_a_row_of_weight_zero_is_no_target():
    weights = np.ones(14)
    weights[6:10] = 0.0
    history = timeless(np.ones((14, 1)), weights=weights)
    train, _, _ = split_in_time([history], None, 5, 3)
    assert starts_of(train) == [[5, 8, 9, 10, 11]]
    assert_array_equal(known_rows(history), weights > 0)


def test_each_series_is_split_by_itself():
    split = split_in_time([ones(20), ones(13), ones(9)], 0.35, 5, 3)
    # 7 of 20 rows validate, 5 of 13; of 9 rows, 5 are left, one window too few
    assert split.n_train == [13, 8, 9]
    assert starts_of(split.train) == [[5, 6, 7, 8, 9, 10], [5], [5, 6]]
    assert starts_of(split.valid) == [[13, 14, 15, 16, 17], [8, 9, 10], []]
    assert split.n_valid == 8


def test_a_series_too_short_for_a_window_has_none():
    split = split_in_time([ones(20), ones(4)], 7, 5, 3)
    assert starts_of(split.train) == [[5, 6, 7, 8, 9, 10], []]
    assert starts_of(split.valid)[1] == []
    assert split.n_train == [13, 4]


def test_where_no_series_validates_all_of_them_train():
    message = r"^Of 20 rows the last 8 would validate"
    with pytest.warns(NoValidationWarning, match=message) as caught:
        split = split_in_time([ones(11), ones(9)], 4, 5, 3)
    assert len(caught) == 1
    assert starts_of(split.train) == [[5, 6, 7, 8], [5, 6]]
    assert split.n_train == [11, 9]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(1, 31), min_size=1, max_size=5),
    st.one_of(st.integers(1, 13), st.floats(0.05, 0.9)),
)
@pytest.mark.filterwarnings("ignore::skinformer.exceptions.NoValidationWarning")
def test_no_training_target_is_a_validation_target(lengths, validation):
    split = split_in_time([ones(n) for n in lengths], validation, 5, 3)
    for n, n_train, (_, train), (_, valid) in zip(
        lengths, split.n_train, split.train, split.valid, strict=True
    ):
        assert n_train in (n, n - last_part(n, validation))
        assert (train + PRED_LEN <= n_train).all()
        assert (train >= SEQ_LEN).all()
        assert (valid >= n_train).all()
        assert (valid + PRED_LEN <= n).all()
        assert len(train) or n < SEQ_LEN + PRED_LEN

"""Scores over known rows, by hand and by scikit-learn on the rows that are left."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from skinformer.forecasting.known_score import known_score

NAN = np.nan
TRUTH = np.array([[1.0, 7.0], [NAN, 4.0], [5.0, NAN]])
FORECAST = np.array([[2.0, 4.0], [9.0, 9.0], [2.0, 6.0]])


def test_by_hand():
    # absolute errors 1, 3 and 3, 5
    assert known_score(TRUTH, FORECAST, metric=mean_absolute_error) == 3
    # 1 - (1 + 9) / (4 + 4), 1 - (9 + 25) / (2.25 + 2.25)
    assert known_score(TRUTH, FORECAST) == pytest.approx((-0.25 - 29.5 / 4.5) / 2)
    expected = (np.sqrt(5) + np.sqrt(17)) / 2
    found = known_score(TRUTH, FORECAST, metric=root_mean_squared_error)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    "truth",
    [
        [1.0, NAN, 5.0],
        np.array([[1.0], [NAN], [5.0]]),
        pd.Series([1.0, NAN, 5.0], index=[7, 8, 9]),
        pd.Series([1, None, 5], dtype="Int64"),
        pd.DataFrame({"load": [1.0, NAN, 5.0]}),
        [1.0, None, 5.0],
    ],
)
@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_forms_of_one_target(truth, shape):
    forecast = np.array([2.0, 9.0, 2.0]).reshape(shape)
    assert known_score(truth, forecast, metric=mean_absolute_error) == 2


def test_a_target_that_is_not_known_is_left_out():
    truth = TRUTH.copy()
    truth[:, 0] = NAN
    assert known_score(truth, FORECAST, metric=mean_absolute_error) == 4
    assert np.isnan(known_score(TRUTH * NAN, FORECAST))


def test_weights():
    found = known_score(
        TRUTH, FORECAST, metric=mean_absolute_error, sample_weight=[3, 1, 1]
    )
    # (3 * 1 + 3) / 4 and (3 * 3 + 5) / 4
    assert found == 2.5
    # of the second target the only row that counts is not known
    weight = [0.0, 0.0, 2.0]
    found = known_score(
        TRUTH, FORECAST, metric=mean_absolute_error, sample_weight=weight
    )
    assert found == 3


@given(
    rows=st.lists(
        st.tuples(*[st.floats(-9, 9) | st.just(NAN)] * 2, *[st.floats(-9, 9)] * 2),
        min_size=1,
        max_size=13,
    )
)
@settings(max_examples=60, deadline=None)
def test_as_scikit_learn_on_known_rows(rows):
    truth, forecast = np.array(rows)[:, :2], np.array(rows)[:, 2:]
    expected = [
        mean_absolute_error(t[~np.isnan(t)], f[~np.isnan(t)])
        for t, f in zip(truth.T, forecast.T, strict=True)
        if not np.isnan(t).all()
    ]
    found = known_score(truth, forecast, metric=mean_absolute_error)
    assert_allclose(found, np.mean(expected) if expected else NAN)


def test_without_holes_it_is_scikit_learn():
    rng = np.random.default_rng(0)
    truth, forecast = rng.normal(size=(2, 11, 3))
    weight = rng.random(11)
    assert known_score(truth, forecast, sample_weight=weight) == pytest.approx(
        r2_score(truth, forecast, sample_weight=weight)
    )


def test_what_does_not_fit():
    with pytest.raises(ValueError, match=r"y has 1 target\(s\), and the forecast 2"):
        known_score(TRUTH[:, 0], FORECAST)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        known_score(TRUTH, FORECAST[:2])
    with pytest.raises(ValueError, match="contains NaN"):  # a forecast has to be one
        known_score(TRUTH, FORECAST * NAN)

"""Every metric by hand."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.model_selection.metrics import (
    METRICS,
    check_metric,
    evaluate,
    training_scale,
)

NAN = np.nan
# two windows of three steps, two targets; errors beside them
TRUTH = np.array(
    [[[1.0, 10.0], [2.0, 20.0], [NAN, 30.0]], [[2.0, 20.0], [4.0, 30.0], [5.0, NAN]]]
)
ERROR = np.array(
    [[[1.0, -10], [0.0, 20.0], [99.0, 0.0]], [[-3.0, 0.0], [2.0, 10.0], [1.0, 99.0]]]
)
# a: 1 0 . | -3 2 1 of truths 1 2 . | 2 4 5;  b: -10 20 0 | 0 10 . of 10 20 30 | 20 30 .
SCALE = training_scale([[0.0, 0.0], [2.0, 20.0], [3.0, 10.0], [5.0, 40.0]])

BY_TARGET = {
    "mse": [15 / 5, 600 / 5],
    "mae": [7 / 5, 40 / 5],
    "rmse": [np.sqrt(3), np.sqrt(120)],
    "bias": [1 / 5, 20 / 5],
    "wape": [7 / 14, 40 / 110],
    "mase": [7 / 5 / (5 / 3), 40 / 5 / 20],
    "rmsse": [np.sqrt(3 / 3), np.sqrt(120 / (1400 / 3))],
}
OVERALL = {
    "mse": 615 / 10,
    "mae": 47 / 10,
    "rmse": np.sqrt(61.5),
    "bias": 21 / 10,
    "wape": 47 / 124,
    "mase": (7 / (5 / 3) + 40 / 20) / 10,
    "rmsse": np.sqrt((15 / 3 + 600 / (1400 / 3)) / 10),
}


def value(name, axis=None, **kwargs):
    return evaluate(name, TRUTH, TRUTH + ERROR, axis, SCALE, **kwargs)


def test_the_tables_above_name_every_metric():
    assert set(METRICS) == set(BY_TARGET) == set(OVERALL)


@pytest.mark.parametrize("name", METRICS)
def test_by_target(name):
    assert_allclose(value(name, (0, 1)), BY_TARGET[name])


@pytest.mark.parametrize("name", METRICS)
def test_overall(name):
    assert_allclose(value(name), OVERALL[name])


@pytest.mark.parametrize("name", METRICS)
def test_one_target(name):
    one = evaluate(name, TRUTH[..., :1], (TRUTH + ERROR)[..., :1], None, first(SCALE))
    assert_allclose(one, BY_TARGET[name][0])


def first(scale):
    return training_scale([[0.0], [2.0], [3.0], [5.0]], scale.season)


def test_by_step():
    assert_allclose(value("mae", (0, 2)), [14 / 4, 32 / 4, 1 / 2])
    assert_allclose(value("bias", (0, 2)), [-12 / 4, 32 / 4, 1 / 2])


def test_a_unit_divides_errors_and_truths():
    unit = [2.0, 10.0]
    assert_allclose(value("mae", unit=unit), (7 / 2 + 40 / 10) / 10)
    assert_allclose(value("mse", unit=unit), (15 / 4 + 600 / 100) / 10)
    assert_allclose(value("wape", unit=unit), (7 / 2 + 4) / (14 / 2 + 11))
    assert_allclose(value("mase", unit=unit), OVERALL["mase"])
    assert_allclose(value("rmsse", unit=unit), OVERALL["rmsse"])


def test_a_unit_may_be_a_series_of_the_targets():
    unit = pd.Series([2.0, 10.0], index=["a", "b"])  # as ``y.std()`` gives it
    for name in ("mse", "rmse", "mae"):
        assert value(name, unit=unit) == value(name, unit=unit.to_numpy())


@pytest.mark.parametrize("name", METRICS)
def test_without_any_truth_all_are_nan(name):
    nothing = np.full((2, 3, 1), NAN)
    assert np.isnan(evaluate(name, nothing, np.ones((2, 3, 1)), None, first(SCALE)))


def test_an_absent_forecast_of_a_known_truth_is_not_passed_over():
    assert np.isnan(evaluate("mae", np.ones((1, 2, 1)), np.full((1, 2, 1), NAN)))


def test_wape_of_truths_that_are_zero_is_nan():
    assert np.isnan(evaluate("wape", np.zeros((1, 2, 1)), np.ones((1, 2, 1))))


def test_scaled_errors_of_a_constant_history_are_nan():
    scale = training_scale(np.full((5, 1), 7.0))
    assert np.isnan([scale.std[0], scale.mae[0], scale.rmse[0]]).all()
    for name in ("mase", "rmsse"):
        assert np.isnan(
            evaluate(name, np.ones((1, 2, 1)), np.zeros((1, 2, 1)), None, scale)
        )


def test_training_scale():
    # a: steps 2 1 2; b: 20 -10 30
    assert_allclose(SCALE.mae, [5 / 3, 20])
    assert_allclose(SCALE.rmse, [np.sqrt(3), np.sqrt(1400 / 3)])
    assert_allclose(SCALE.std, [np.sqrt(38 / 4 - 6.25), np.sqrt(2100 / 4 - 17.5**2)])


def test_training_scale_of_a_season():
    # rows two apart: 3 - 0 and 5 - 2; 10 - 0 and 40 - 20
    seasonal = training_scale([[0.0, 0.0], [2.0, 20.0], [3.0, 10.0], [5.0, 40.0]], 2)
    assert_allclose(seasonal.mae, [3, 15])
    assert_allclose(seasonal.rmse, [3, np.sqrt(250)])


def test_training_scale_leaves_absent_rows_out():
    scale = training_scale([[1.0], [NAN], [4.0], [6.0]])
    assert_allclose(scale.mae, [2.0])  # of 4 and 6 alone
    assert_allclose(scale.std, [np.std([1, 4, 6])])


def test_fewer_rows_than_a_season_have_no_scale():
    assert_array_equal(training_scale([[1.0], [2.0]], 7).mae, [NAN])


@pytest.mark.parametrize("name", ["msae", "MAE", None, 3])
def test_unknown_metric(name):
    with pytest.raises(ValueError, match=r"is unknown\. Known are 'mse', 'mae'"):
        check_metric(name)


def test_a_misspelling_is_recognised():
    with pytest.raises(ValueError, match="Did you mean 'rmsse'"):
        check_metric("rmssee")


def test_scaled_metric_without_training_rows():
    with pytest.raises(ValueError, match="'mase' needs the training rows"):
        evaluate("mase", np.ones((1, 1, 1)), np.ones((1, 1, 1)))

"""Regressors of covariates, and covariates as they were known."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from skinformer import TimeFeatures, backtest

from .transparent import LastPlusCovariate, TenTimes

# Regressors


def test_a_fitted_regressor_forecasts_rows_from_their_covariates(warm):
    X, y = warm
    result = backtest(TenTimes().fit(X, y), X[7:], y[7:], horizon=2, gap=1, stride=2)
    assert_array_equal(result.starts, [1, 3])
    assert_allclose(result.y_pred[:, :, 0], [[0.8, 0.9], [1.0, 1.1]])
    assert_array_equal(result.y_true[:, :, 0], [[8, 9], [10, 11]])
    assert list(result.origins.day) == [7, 9]
    assert result.target_names == ["a"]
    assert result.scale is None


def test_several_targets(warm, daily):
    X, y = warm[0], daily[1]
    result = backtest(TenTimes().fit(X, y), X[7:], y[7:], horizon=3)
    assert result.y_pred.shape == (3, 3, 2)
    assert_allclose(result.y_pred[0, :, 1], [0.7, 0.8, 0.9])
    assert_allclose(result.y_true[0, :, 1], [70, 80, 90])


def test_arrays_and_lists(warm):
    X, y = warm[0].to_numpy(), warm[1].to_numpy()
    expected = backtest(TenTimes().fit(X, y), X, y, horizon=2)
    assert list(expected.origins[:2]) == [-1, 0]
    listed = backtest(TenTimes().fit(X, y), X.tolist(), y.tolist(), horizon=2)
    assert_array_equal(listed.y_pred, expected.y_pred)


def test_the_windows_are_those_of_a_forecaster(warm):
    X, y = warm
    forecaster = LastPlusCovariate().fit(X[:7], y[:7])
    ours = backtest(forecaster, X[7:], y[7:], horizon=2, gap=1)
    theirs = backtest(TenTimes().fit(X, y), X[7:], y[7:], horizon=2, gap=1)
    assert ours.origins.equals(theirs.origins)
    assert ours.timestamps.equals(theirs.timestamps)
    assert_array_equal(ours.y_true, theirs.y_true)


@pytest.mark.parametrize("tz", [None, "Europe/Berlin"])
@pytest.mark.parametrize("freq", ["ME", "D", "h"])
def test_the_origin_before_the_first_row(freq, tz):
    index = pd.date_range("2024-01-31", periods=6, freq=freq, tz=tz)
    X, y = pd.DataFrame({"x": np.arange(6.0)}, index), np.arange(6.0)
    result = backtest(TenTimes().fit(X, y), X[1:], y[1:], horizon=2)
    assert list(result.origins) == list(index[:4])


def test_an_absent_row_has_neither_truth_nor_forecast(warm):
    X, y = warm
    kept = [7, 8, 10, 11]
    regressor = TenTimes().fit(X, y)
    result = backtest(regressor, X.iloc[kept], y.iloc[kept], horizon=2)
    assert_array_equal(
        result.y_true[:, :, 0], [[7, 8], [8, np.nan], [np.nan, 10], [10, 11]]
    )
    assert_array_equal(np.isnan(result.y_pred), np.isnan(result.y_true))
    assert result.mae() == pytest.approx(0.9 * (7 + 8 + 8 + 10 + 10 + 11) / 6)


def test_a_regressor_needs_a_horizon(warm):
    X, y = warm
    with pytest.raises(ValueError, match="Give horizon, the rows of a window"):
        backtest(TenTimes().fit(X, y), X, y)


def test_a_pipeline_and_a_transformed_target(warm):
    X, y = warm
    line = make_pipeline(TimeFeatures(), StandardScaler(), LinearRegression())
    for model in (line, TransformedTargetRegressor(line, transformer=StandardScaler())):
        result = backtest(model.fit(X, y), X, y, horizon=3)
        assert_allclose(result.y_pred, result.y_true, atol=1e-9)


# Covariates as they were known


class Forecasts:
    """Covariates that tell the origin and the row that they were asked for."""

    def __init__(self, X):
        self.X, self.asked = X, []

    def __call__(self, origin, index):
        self.asked.append((origin, list(index)))
        rows = self.X.index.get_indexer(index)
        day = self.X.index.get_loc(origin) if origin in self.X.index else -1
        return pd.DataFrame({"warmth": 100 * (day + 1) + rows}, index=index)


def test_a_forecaster_is_given_what_was_known_at_each_origin(warm):
    X, y = warm
    known = Forecasts(X)
    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:], stride=2, future_X=known)
    # last known values 6 and 8; rows 7 and 8, 9 and 10, as known on days 6 and 8
    assert_allclose(result.y_pred[:, :, 0], [[6 + 707, 6 + 708], [8 + 909, 8 + 910]])
    assert known.asked[1] == (X.index[8], list(X.index[9:11]))


def test_rows_of_the_gap_are_asked_for_too_where_forecasts_run_through_them(warm):
    X, y = warm
    known = Forecasts(X)
    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:], gap=1, stride=9, future_X=known)
    assert known.asked == [(X.index[6], list(X.index[7:10]))]
    # blocks 7 8 | 9: row 9 goes on from the forecast of row 8
    assert_allclose(result.y_pred[0, :, 0], [6 + 708, 6 + 708 + 709])


def test_a_regressor_is_given_what_was_known_of_its_window(warm):
    X, y = warm
    known = Forecasts(X)
    regressor = TenTimes().fit(X, y)
    result = backtest(
        regressor, X[7:], y[7:], horizon=2, gap=1, stride=2, future_X=known
    )
    assert known.asked == [
        (X.index[6], list(X.index[8:10])),
        (X.index[8], list(X.index[10:12])),
    ]
    assert_allclose(result.y_pred[:, :, 0], [[7080, 7090], [9100, 9110]])


def test_what_was_known_passes_the_steps_of_a_pipeline(warm):
    X, y = warm
    double = FunctionTransformer(lambda frame: 2 * frame)
    model = make_pipeline(double, LastPlusCovariate(pred_len=2)).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:], stride=9, future_X=Forecasts(X))
    assert_allclose(result.y_pred[0, :, 0], [6 + 2 * 707, 6 + 2 * 708])


def test_what_was_observed_gives_the_same_as_no_function(warm):
    X, y = warm
    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    for horizon in (2, 3):
        plain = backtest(model, X[7:], y[7:], horizon=horizon)
        asked = backtest(
            model,
            X[7:],
            y[7:],
            horizon=horizon,
            future_X=lambda origin, index: X.loc[index],
        )
        assert_allclose(asked.y_pred, plain.y_pred)


def test_rows_without_time_are_asked_for_by_number(warm):
    X, y = warm[0].to_numpy(), warm[1].to_numpy()
    asked = []

    def known(origin, index):
        asked.append((origin, list(index)))
        return X[7:][index]

    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:], stride=2, future_X=known)
    assert asked == [(-1, [0, 1]), (1, [2, 3])]
    assert_allclose(result.y_pred, backtest(model, X[7:], y[7:], stride=2).y_pred)


def test_other_rows_than_asked_for_are_refused(warm):
    X, y = warm
    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    wrong = {
        "returned 1 rows for origin 2024-01-07.*where 2 were": lambda o, i: X.loc[
            i[:1]
        ],
        "row 0 is 2024-01-09 00:00:00, expected 2024-01-08": lambda o, i: X.loc[
            i[::-1]
        ],
        "returned 0 rows": lambda o, i: None,
    }
    for message, future_X in wrong.items():
        with pytest.raises(ValueError, match=message):
            backtest(model, X[7:], y[7:], future_X=future_X)


def test_stamps_cannot_be_asked_for_where_a_step_drops_them(warm):
    X, y = warm
    model = make_pipeline(StandardScaler(), LastPlusCovariate())
    with pytest.warns(UserWarning, match="X has lost"):
        model.fit(X[:7], y[:7])
    with pytest.raises(ValueError, match=r"asked by stamps.*set_output"):
        backtest(model, X[7:], y[7:], future_X=Forecasts(X))

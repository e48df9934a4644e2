"""The rolling backtest."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import Pipeline, make_pipeline

from skinformer import SeasonalNaive, TimeFeatures, backtest
from skinformer.exceptions import FilledRowsWarning

from .transparent import LastPlusCovariate


def test_every_window_counts_the_last_one_too(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3, season=1).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:])
    assert_array_equal(result.starts, [0, 1, 2])
    assert result.target_names == ["a", "b"]
    assert_array_equal(result.y_true[:, :, 0], [[7, 8, 9], [8, 9, 10], [9, 10, 11]])
    assert_array_equal(result.y_pred[:, :, 0], [[6, 6, 6], [7, 7, 7], [8, 8, 8]])
    assert_array_equal(result.errors()[:, :, 1], [[-10, -20, -30]] * 3)


def test_errors_in_original_and_standardised_units(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3, season=1).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:])
    assert result.mse() == pytest.approx((1 + 4 + 9) / 3 * (1 + 100) / 2)
    assert result.mae() == pytest.approx(2 * 11 / 2)
    assert result.mse([2.0, 20.0]) == pytest.approx((1 + 4 + 9) / 3 / 4)
    assert result.mae([2.0, 20.0]) == pytest.approx(1.0)


def test_stride(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=2, season=1).fit(X[:7], y[:7])
    assert_array_equal(backtest(model, X[7:], y[7:], stride=2).starts, [0, 2])


def test_pipeline(daily):
    X, y = daily
    naive = SeasonalNaive(pred_len=3, season=1)
    model = make_pipeline(TimeFeatures(), naive).fit(X[:7], y[:7])
    expected = backtest(clone(naive).fit(X[:7], y[:7]), X[7:], y[7:])
    assert_allclose(backtest(model, X[7:], y[7:]).y_pred, expected.y_pred)


def test_one_target(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3, season=1).fit(X[:7], y["a"][:7])
    assert backtest(model, X[7:], y["a"][7:]).y_true.shape == (3, 3, 1)


def test_the_estimator_is_left_as_it_is(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3).fit(X[:7], y[:7])
    before = pickle.dumps(model)
    backtest(model, X[7:], y[7:])
    assert pickle.dumps(model) == before


def test_rows_that_were_trained_on_are_refused(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3).fit(X[:7], y[:7])
    message = "^2024-01-06 00:00:00 is not after the history.*ends at 2024-01-07"
    with pytest.raises(ValueError, match=message):
        backtest(model, X[5:], y[5:])
    model = make_pipeline(TimeFeatures(), model).fit(X[:7], y[:7])
    with pytest.raises(ValueError, match=r"^2024-01-01 00:00:00 is not after"):
        backtest(model, X, y)


@pytest.mark.parametrize("stride", [0, -1, 1.5, True, "1"])
def test_stride_must_be_a_positive_whole_number(daily, stride):
    X, y = daily
    model = SeasonalNaive(pred_len=3).fit(X[:7], y[:7])
    with pytest.raises(ValueError, match="stride="):
        backtest(model, X[7:], y[7:], stride=stride)


def test_absent_rows_are_left_out_of_the_errors(daily):
    X, y = daily
    kept = [7, 8, 10, 11]
    model = SeasonalNaive(pred_len=2, season=1).fit(X[:7], y["a"][:7])
    with pytest.warns(FilledRowsWarning, match="1 of 5 rows"):
        result = backtest(model, X.iloc[kept], y["a"].iloc[kept])
    assert_array_equal(
        result.y_true[:, :, 0], [[7, 8], [8, np.nan], [np.nan, 10], [10, 11]]
    )
    assert_array_equal(result.y_pred[:, 0, 0], [6, 7, 8, 8])
    # errors 1 2 | 1 - | - 2 | 2 3
    assert result.mae() == pytest.approx(11 / 6)


def test_search_and_nested_pipelines_are_unwrapped(daily):
    X, y = daily
    naive = SeasonalNaive(pred_len=3)
    search = GridSearchCV(
        make_pipeline(make_pipeline(TimeFeatures(), clone(naive))),
        {"pipeline__seasonalnaive__season": [2]},
        cv=TimeSeriesSplit(2, test_size=2),
    ).fit(X[:7], y[:7])
    expected = backtest(naive.set_params(season=2).fit(X[:7], y[:7]), X[7:], y[7:])
    assert_allclose(backtest(search, X[7:], y[7:]).y_pred, expected.y_pred)


@pytest.mark.parametrize(
    "estimator",
    [
        None,
        Pipeline([]),
        TransformedTargetRegressor(SeasonalNaive()),
        TransformedTargetRegressor(make_pipeline(SeasonalNaive())),
        TimeFeatures(),
    ],
)
def test_other_estimators_are_refused(daily, estimator):
    X, y = daily
    with pytest.raises(TypeError, match="backtest takes a fitted forecaster"):
        backtest(estimator, X[7:], y[7:])


# Origins, horizons, gaps


def origins_and_rows(result):
    """Return the days of the last known row, and of the window, for each window."""
    horizon = result.y_true.shape[1]
    days = np.asarray(result.timestamps.day).reshape(-1, horizon).tolist()
    return list(zip(result.origins.day.tolist(), days, strict=True))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        # the history ends on day 7
        ({"stride": 2}, [(7, [8, 9]), (9, [10, 11])]),
        ({"horizon": 1, "stride": 3}, [(7, [8]), (10, [11])]),
        ({"horizon": 4}, [(7, [8, 9, 10, 11]), (8, [9, 10, 11, 12])]),
        ({"gap": 1, "stride": 2}, [(7, [9, 10]), (9, [11, 12])]),
        ({"gap": 3}, [(7, [11, 12])]),
        ({"horizon": 5}, [(7, [8, 9, 10, 11, 12])]),
    ],
)
def test_windows(warm, settings, expected):
    X, y = warm
    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:], **settings)
    assert origins_and_rows(result) == expected
    for (origin, days), truth in zip(expected, result.y_true, strict=True):
        assert_array_equal(truth[:, 0], np.array(days) - 1)
        assert origin < days[0]


def test_forecasts_over_a_gap_and_blocks(warm):
    X, y = warm
    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:], horizon=3, gap=1, stride=1)
    # blocks 7 8 | 9 10 from the last known value 6: the second adds to the row 8
    assert_allclose(result.y_pred[0, :, 0], [6.08, 6.08 + 0.09, 6.08 + 0.10])
    # blocks 8 9 | 10 11 from 7
    assert_allclose(result.y_pred[1, :, 0], [7.09, 7.09 + 0.10, 7.09 + 0.11])
    assert_array_equal(result.y_true[1, :, 0], [9, 10, 11])


def test_windows_of_several_blocks_are_what_predict_gives(warm):
    X, y = warm
    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    result = backtest(model, X[7:], y[7:], horizon=3)
    for i, window in enumerate(result.y_pred):
        model = LastPlusCovariate(pred_len=2).fit(X[: 7 + i], y[: 7 + i])
        assert_allclose(window[:, 0], model.predict(X[7 + i : 10 + i]))


def test_a_shorter_horizon_is_the_beginning_of_a_longer_one(warm):
    X, y = warm
    model = LastPlusCovariate(pred_len=3).fit(X[:7], y[:7])
    whole = backtest(model, X[7:], y[7:])
    part = backtest(model, X[7:], y[7:], horizon=1, gap=1)
    assert_allclose(part.y_pred[:3], whole.y_pred[:, 1:2])


def test_rows_absent_between_the_history_and_x(warm):
    X, y = warm
    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    with pytest.warns(FilledRowsWarning, match="1 of 5 rows") as caught:
        result = backtest(model, X[8:], y[8:], horizon=3)
    assert len(caught) == 1
    assert_array_equal(result.y_true[0, :, 0], [np.nan, 8, 9])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"horizon": 0}, "horizon=0 must be an int of at least 1"),
        ({"gap": -1}, "gap=-1 must be an int of at least 0"),
        ({"horizon": 6}, "5 rows hold no window of horizon=6; give at least 6"),
        ({"horizon": 3, "gap": 3}, "horizon=3 and gap=3; give at least 6"),
        ({"refit": True}, "refit=True needs train_size"),
        ({"refit": -2, "train_size": 3}, "refit=-2 must be True, False, or an int"),
        ({"refit": 0, "train_size": 3}, "refit=0 must be"),
        ({"max_train_size": 3}, "max_train_size=3 needs train_size"),
        ({"max_train_size": 0, "train_size": 3}, "max_train_size=0 must be an int"),
        ({"train_size": 0.5}, "train_size=0.5 must be an int"),
        ({"train_size": 5}, "train_size=5 leaves no row to forecast: X has 5"),
    ],
)
def test_settings_out_of_range(warm, settings, message):
    X, y = warm
    model = LastPlusCovariate(pred_len=2).fit(X[:7], y[:7])
    with pytest.raises(ValueError, match=message):
        backtest(model, X[7:], y[7:], **settings)


def test_an_estimator_that_is_not_fitted_needs_train_size(daily):
    X, y = daily
    for model in (SeasonalNaive(), make_pipeline(TimeFeatures(), LinearRegression())):
        with pytest.raises(NotFittedError, match=r"is not fitted.*or give train_size"):
            backtest(model, X, y, horizon=2)


def test_a_search_that_kept_no_estimator(daily):
    X, y = daily
    search = GridSearchCV(
        SeasonalNaive(pred_len=2),
        {"season": [1]},
        cv=TimeSeriesSplit(2, test_size=2),
        refit=False,
    ).fit(X[:7], y[:7])
    with pytest.raises(NotFittedError, match="This GridSearchCV is not fitted"):
        backtest(search, X[7:], y[7:])


# What was known of the covariates


def test_foresight(warm, daily):
    X, y = warm
    model = LastPlusCovariate().fit(X[:7], y[:7])
    assert backtest(model, X[7:], y[7:]).foresight == "perfect"
    known = backtest(model, X[7:], y[7:], future_X=lambda origin, index: X.loc[index])
    assert known.foresight == "as known"
    assert known.to_frame().attrs["foresight"] == "as known"
    bare = LastPlusCovariate().fit(daily[0][:7], y[:7])
    assert backtest(bare, daily[0][7:], y[7:]).foresight == "not needed"
    calendar = TimeFeatures(encoding="cyclic").fit_transform(daily[0])
    hourly = LastPlusCovariate().fit(calendar[:7], y[:7])
    assert backtest(hourly, calendar[7:], y[7:]).foresight == "not needed"


def test_a_bar(daily, capsys):
    X, y = daily
    model = SeasonalNaive(pred_len=2).fit(X[:7], y[:7])
    backtest(model, X[7:], y[7:])
    assert capsys.readouterr().err == ""
    backtest(model, X[7:], y[7:], horizon=3, verbose=1)
    assert "backtest: 100%" in capsys.readouterr().err


def test_what_cannot_be_asked_for_covariates_is_refused(daily):
    X, y = daily
    model = SeasonalNaive(pred_len=3, season=1).fit(X[:7], y[:7])
    with pytest.raises(ValueError, match=r"future_X=3 must be None or a callable"):
        backtest(model, X[7:], y[7:], future_X=3)


def test_a_regressor_of_one_target_is_no_forecast_of_two(daily):
    X, y = daily
    X = X.assign(x=1.0)
    line = LinearRegression().fit(X[:7], y["a"][:7])
    for future_X in (None, lambda origin, index: X.loc[index]):
        with pytest.raises(ValueError, match=r"y has 2 target\(s\)"):
            backtest(line, X[7:], y[7:], horizon=2, future_X=future_X)


def test_a_class_and_no_rows_are_refused():
    with pytest.raises(TypeError, match=r"the class SeasonalNaive: Seas.+\(\)"):
        backtest(SeasonalNaive, np.zeros((9, 1)), np.zeros(9))
    with pytest.raises(TypeError, match="X=None has no rows"):
        backtest(SeasonalNaive(), None, np.zeros(9))

"""Clones that are fitted on the way: on which rows, and how often."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from tqdm import tqdm

from skinformer import SeasonalNaive, TimeFeatures, backtest
from skinformer.exceptions import FilledRowsWarning
from skinformer.forecasting.origins import Reach
from skinformer.model_selection.refits import Refits
from skinformer.model_selection.refitting import refitted_windows
from skinformer.model_selection.rolling import Roll
from skinformer.model_selection.rows import Rows

from .transparent import FITS, LastPlusCovariate, TenTimes

ESTIMATORS = [
    LastPlusCovariate(pred_len=2),
    make_pipeline(FunctionTransformer(), LastPlusCovariate(pred_len=2)),
    TenTimes(),
    make_pipeline(FunctionTransformer(), TenTimes()),
]


def rows(start, stop):
    return np.arange(float(start), stop).tolist()


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(
    ("settings", "fits"),
    [
        # origins 5 7 9
        ({}, [rows(0, 5)]),
        ({"refit": True}, [rows(0, 5), rows(0, 7), rows(0, 9)]),
        ({"refit": 1}, [rows(0, 5), rows(0, 7), rows(0, 9)]),
        ({"refit": 2}, [rows(0, 5), rows(0, 9)]),
        ({"refit": 9}, [rows(0, 5)]),
        ({"max_train_size": 3}, [rows(2, 5)]),
        ({"refit": True, "max_train_size": 4}, [rows(1, 5), rows(3, 7), rows(5, 9)]),
        ({"refit": True, "max_train_size": 6}, [rows(0, 5), rows(1, 7), rows(3, 9)]),
    ],
)
def test_rows_of_each_fit(warm, estimator, settings, fits):
    X, y = warm
    before = pickle.dumps(estimator)
    result = backtest(estimator, X, y, horizon=2, stride=2, train_size=5, **settings)
    assert fits == FITS
    assert_array_equal(result.starts, [0, 2, 4])
    assert list(result.origins.day) == [5, 7, 9]
    assert_array_equal(result.y_true[:, :, 0], [[5, 6], [7, 8], [9, 10]])
    assert pickle.dumps(estimator) == before


@pytest.mark.parametrize("refit", [False, True, 2, 3])
def test_forecasts_go_on_from_true_rows_however_often_one_fits(warm, refit):
    X, y = warm
    result = backtest(LastPlusCovariate(), X, y, train_size=5, stride=2, refit=refit)
    expected = [[4 + 0.05, 4 + 0.06], [6 + 0.07, 6 + 0.08], [8 + 0.09, 8 + 0.10]]
    assert_allclose(result.y_pred[:, :, 0], expected)


def test_a_gap_is_not_fitted_on(warm):
    X, y = warm
    result = backtest(
        LastPlusCovariate(), X, y, train_size=5, stride=2, gap=1, refit=True
    )
    assert [rows(0, 5), rows(0, 7), rows(0, 9)] == FITS
    assert list(result.origins.day) == [5, 7, 9]
    assert_array_equal(result.y_true[:, :, 0], [[6, 7], [8, 9], [10, 11]])


def test_a_fitted_estimator_is_left_as_it_is(warm):
    X, y = warm
    model = LastPlusCovariate().fit(X[:3], y[:3])
    before = pickle.dumps(model)
    backtest(model, X, y, train_size=5, refit=True)
    assert pickle.dumps(model) == before


def test_one_fit_gives_what_a_fitted_estimator_gives(daily):
    X, y = daily
    model = make_pipeline(TimeFeatures(), SeasonalNaive(pred_len=3, season=2))
    once = backtest(model, X, y, train_size=7)
    fitted = backtest(model.fit(X[:7], y[:7]), X[7:], y[7:])
    for name in ("starts", "y_true", "y_pred"):
        assert_array_equal(getattr(once, name), getattr(fitted, name))
    assert once.origins.equals(fitted.origins)
    assert once.timestamps.equals(fitted.timestamps)
    assert_allclose(once.scale.std, fitted.scale.std)
    assert repr(once) == repr(fitted)


def test_the_scale_is_that_of_the_first_fit(warm):
    X, y = warm
    whole = backtest(LastPlusCovariate(), X, y, train_size=5, refit=True)
    assert_allclose(whole.scale.std, np.std(np.arange(5)))
    last = backtest(TenTimes(), X, 2 * y, horizon=2, train_size=5, max_train_size=3)
    assert_allclose(last.scale.std, 2 * np.std([2, 3, 4]))


def test_a_search_is_run_again_at_each_fit(warm):
    X, y = warm
    search = GridSearchCV(
        LastPlusCovariate(), {"pred_len": [2]}, cv=TimeSeriesSplit(2, test_size=2)
    )
    result = backtest(search, X, y, horizon=2, train_size=6, stride=2, refit=2)
    assert len(FITS) == 2 * (2 + 1)
    assert_array_equal(result.starts, [0, 2, 4])
    assert not hasattr(search, "best_estimator_")


def test_arrays(warm):
    X, y = (values.to_numpy() for values in warm)
    settings = {"train_size": 5, "stride": 2, "refit": 2}
    expected = backtest(LastPlusCovariate(), *warm, **settings)
    ours = backtest(LastPlusCovariate(), X, y, **settings)
    assert_allclose(ours.y_pred, expected.y_pred)
    asked = []

    def known(origin, index):
        asked.append((origin, list(index)))
        return X[index]

    ours = backtest(LastPlusCovariate(), X, y, future_X=known, **settings)
    assert_allclose(ours.y_pred, expected.y_pred)
    # rows are numbered as those of X
    assert asked == [(4, [5, 6]), (6, [7, 8]), (8, [9, 10])]


def test_absent_rows(warm):
    X, y = warm
    kept = [0, 1, 2, 4, 5, 6, 9, 10, 11]  # 3, 7 and 8 are absent
    with pytest.warns(FilledRowsWarning) as caught:
        result = backtest(
            LastPlusCovariate(freq="D"),
            X.iloc[kept],
            y.iloc[kept],
            train_size=6,
            refit=True,
            stride=2,
        )
    assert len(FITS) == 2
    assert len(caught) == 1  # not once a fit
    # six rows up to day 6; windows 7 8 | 9 10
    assert FITS[0][:3] + FITS[0][4:] == [0, 1, 2, 4, 5, 6]
    assert_array_equal(result.y_true[:, :, 0], [[np.nan, np.nan], [9, 10]])
    # nothing is known of the first window's rows; the second goes on from 6
    assert_allclose(result.y_pred[1, :, 0], [6 + 0.09, 6 + 0.10])


def test_a_second_backtest_warns_again(warm):
    X, y = warm
    kept = [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11]  # 3 is absent
    for _ in range(2):
        with pytest.warns(FilledRowsWarning):
            backtest(
                LastPlusCovariate(freq="D"), X.iloc[kept], y.iloc[kept], train_size=6
            )


def test_absent_rows_and_a_step_that_drops_the_index(warm):
    X, y = warm
    kept = [0, 1, 2, 3, 4, 5, 6, 9, 10, 11]
    model = make_pipeline(StandardScaler(), LastPlusCovariate())
    with (
        pytest.warns(UserWarning, match="X has lost"),
        pytest.raises(ValueError, match=r"rows are absent from X.*set_output"),
    ):
        backtest(model, X.iloc[kept], y.iloc[kept], train_size=6)


def test_a_step_that_the_first_rows_do_not_show(warm):
    X, y = warm
    kept = [0, 2, 4, 6, 7, 8, 9, 10, 11]
    with pytest.raises(ValueError, match=r"show another step.*freq="):
        backtest(LastPlusCovariate(), X.iloc[kept], y.iloc[kept], train_size=4)


def windows_with_holes(estimator, X, y, missing, train_size=5):
    """Return windows of two rows over rows of which some targets are missing."""
    given = Rows.read(X, y)
    targets = given.targets.copy()
    targets[missing] = np.nan
    given = replace(given, y=targets, targets=targets)
    roll = Roll(Reach(2, 0, 2), None, tqdm(disable=True))
    origins = roll.reach.origins(train_size, len(given))
    return refitted_windows(estimator, given, origins, roll, Refits(5, None, False))


def test_a_regressor_is_fitted_on_rows_with_all_their_targets(daily):
    X, y = daily
    X = X.assign(warmth=0.01 * np.arange(12))
    windows = windows_with_holes(TenTimes(), X, y, ([1, 3, 6], [0, 1, 1]))
    assert FITS == [[0.0, 2.0, 4.0]]
    assert_array_equal(windows.y_true[0], [[5, 50], [6, np.nan]])
    assert_allclose(windows.y_pred[0], [[0.5, 0.5], [0.6, 0.6]])


def test_a_regressor_has_nothing_to_be_fitted_on(daily):
    X, y = daily
    with pytest.raises(ValueError, match=r"None of the 5 rows up to 2024-01-05.*great"):
        windows_with_holes(TenTimes(), X, y, slice(0, 5))

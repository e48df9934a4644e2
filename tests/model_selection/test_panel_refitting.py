"""Clones of a forecaster of many series: on which rows, and how often."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skinformer import (
    PanelTimeSeriesSplit,
    SeasonalNaive,
    SeriesScaler,
    TimeFeatures,
    backtest,
)

from .panels import DAYS, before, stacked

FITS = []  # stamps of the rows that each fit saw, by store


class Telling(SeasonalNaive):
    """The last value again; each fit is told of."""

    def _fit_panel(self, panel):
        super()._fit_panel(panel)
        ends = [h.grid.stamps(0, h.n_known)[[0, -1]].day.tolist() for h in panel]
        FITS.append(dict(zip(panel.keys, ends, strict=True)))


@pytest.fixture(autouse=True)
def _forget_fits():
    FITS.clear()


def telling(**kwargs):
    return Telling(**{"pred_len": 2, "season": 1, "series": "store"} | kwargs)


@pytest.fixture
def two():
    """Return twelve days of two stores; b begins on day 3."""
    return stacked({"a": np.arange(12), "b": 100 * np.arange(2, 12)}, {"b": 2})


@pytest.mark.parametrize(
    ("settings", "fits"),
    [
        # the last stamps known are days 5 7 9
        ({}, [((1, 5), (3, 5))]),
        ({"refit": True}, [((1, 5), (3, 5)), ((1, 7), (3, 7)), ((1, 9), (3, 9))]),
        ({"refit": 2}, [((1, 5), (3, 5)), ((1, 9), (3, 9))]),
        ({"max_train_size": 4}, [((2, 5), (3, 5))]),
        (
            {"max_train_size": 4, "refit": True},
            [((2, 5), (3, 5)), ((4, 7), (4, 7)), ((6, 9), (6, 9))],
        ),
    ],
)
def test_stamps_of_each_fit(two, settings, fits):
    result = backtest(telling(), *two, train_size=5, stride=2, **settings)
    assert [{"a": list(a), "b": list(b)} for a, b in fits] == FITS
    assert list(result.series) == ["a"] * 3 + ["b"] * 3
    assert list(result.origins.day) == [5, 7, 9] * 2
    assert list(result.timestamps.day) == [6, 7, 8, 9, 10, 11] * 2
    assert_array_equal(result.y_true[:3, :, 0], [[5, 6], [7, 8], [9, 10]])
    last = np.array([[4, 4], [6, 6], [8, 8]])
    assert_array_equal(result.y_pred[:, :, 0], np.vstack([last, 100 * last]))


def test_one_fit_gives_what_a_fitted_estimator_gives(two):
    steps = TimeFeatures(), SeriesScaler(series="store"), telling(season=2)
    once = backtest(make_pipeline(*steps), *two, train_size=5)
    X, y, later, truth = before(*two, 6)
    fitted = backtest(make_pipeline(*steps).fit(X, y), later, truth)
    for name in ("starts", "y_true", "y_pred"):
        assert_array_equal(getattr(once, name), getattr(fitted, name))
    for name in ("origins", "timestamps", "series"):
        assert getattr(once, name).equals(getattr(fitted, name))
    assert_allclose(once.scale.std, fitted.scale.std)


def test_no_later_row_of_any_series_reaches_a_forecast(two):
    X, y = two
    settings = {"train_size": 5, "refit": True, "gap": 1}
    model = telling()
    one = backtest(model, X, y, **settings)
    other = backtest(model, X, y.where(X.index < DAYS[7], 1e4), **settings)
    earlier = one.origins < DAYS[7]
    assert earlier.any()
    assert_array_equal(one.y_pred[earlier], other.y_pred[earlier])
    assert (one.y_pred[~earlier] != other.y_pred[~earlier]).all()


@pytest.mark.parametrize("scaled", [False, True])
def test_a_late_series_waits_for_a_fit_that_has_seen_it(scaled):
    X, y = stacked({"a": np.arange(12), "c": np.arange(6, 12)}, {"c": 6})
    model = telling(freq="D")
    if scaled:  # which refuses series that it does not know
        model = make_pipeline(SeriesScaler(series="store"), model)
    settings = {"train_size": 5, "stride": 2}
    assert set(backtest(model, X, y, **settings).series) == {"a"}
    result = backtest(model, X, y, refit=True, **settings)
    assert list(result.series) == ["a"] * 3 + ["c"] * 2
    assert list(result.origins[3:].day) == [7, 9]
    assert_array_equal(result.y_pred[3:, :, 0], [[6, 6], [8, 8]])
    # scaled by the rows of its first fit: of one row there is none
    assert np.isnan(result.scale.std[3:]).all()
    assert_allclose(result.scale.std[:3], np.std(np.arange(5)))


def test_a_late_series_that_is_taken_in():
    X, y = stacked({"a": np.arange(12), "c": np.arange(6, 12)}, {"c": 6})
    model = telling(new_series="allow")
    result = backtest(model, X, y, train_size=5, stride=2)
    assert list(result.series) == ["a"] * 3 + ["c"] * 2
    assert_array_equal(result.y_pred[3:, :, 0], [[6, 6], [8, 8]])


def test_a_series_that_ended_before_the_first_origin_has_no_window(two):
    X, y = two
    kept = (X["store"] == "a") | (X.index < DAYS[4])
    result = backtest(telling(), X[kept], y[kept], train_size=6)
    assert set(result.series) == {"a"}
    with pytest.raises(ValueError, match=r"5 rows hold no window of horizon=6"):
        backtest(telling(), X, y, train_size=7, horizon=6)


def test_absent_stamps_count_for_the_stride_and_not_for_the_train_size(two):
    X, y = two
    kept = ~X.index.isin(DAYS[[3, 6]])  # days 4 and 7 of both
    model = telling(freq="D")
    with pytest.warns(UserWarning, match="absent from the grid"):
        result = backtest(model, X[kept], y[kept], train_size=4, stride=3)
    # stamps 1 2 3 5 | 6 . 8 | 9 10 11 | 12
    assert list(result.origins[result.series == "a"].day) == [5, 8]
    assert FITS == [{"a": [1, 5], "b": [3, 5]}]


def test_rows_without_time_have_no_common_order(two):
    X, y = (values.reset_index(drop=True) for values in two)
    message = r"train_size=5 counts the stamps of many series.*fit the estimator"
    with pytest.raises(ValueError, match=message):
        backtest(telling(), X, y, train_size=5)


def test_more_stamps_than_there_are(two):
    message = "train_size=12 leaves no row to forecast: X has 12"
    with pytest.raises(ValueError, match=message):
        backtest(telling(), *two, train_size=12)


def test_a_step_that_some_fits_do_not_show():
    X, y = stacked({"a": np.arange(12), "b": np.arange(12)})
    kept = (X["store"] == "a") | ~X.index.isin(DAYS[[5, 7, 9, 11]])
    settings = {"train_size": 5, "max_train_size": 5, "refit": True, "horizon": 1}
    message = "Series 'b': one fit reads the step 'D' off .* another one '2D'.* freq="
    with (
        pytest.warns(UserWarning, match="absent from the grid"),
        pytest.raises(ValueError, match=message),
    ):
        backtest(telling(), X[kept], y[kept], stride=4, **settings)
    with pytest.warns(UserWarning, match="absent from the grid"):
        backtest(telling(freq="D"), X[kept], y[kept], **settings)


def test_a_search_is_run_again_at_each_fit(two):
    search = GridSearchCV(
        telling(),
        {"season": [1, 2]},
        cv=PanelTimeSeriesSplit(2, test_size=2, series="store"),
        scoring="neg_mean_absolute_error",
        error_score="raise",
    )
    result = backtest(search, *two, horizon=2, train_size=8, stride=2, refit=True)
    assert len(FITS) == 2 * (2 * 2 + 1)
    assert_array_equal(result.y_pred[:2, :, 0], [[7, 7], [9, 9]])


def test_covariates_as_they_were_known_to_each_series(two):
    asked = []

    def known(origin, index, series):
        asked.append((series, origin.day, list(index.day)))
        return pd.DataFrame({"store": series}, index)

    backtest(telling(), *two, train_size=8, stride=2, refit=True, future_X=known)
    assert asked == [
        ("a", 8, [9, 10]),
        ("b", 8, [9, 10]),
        ("a", 10, [11, 12]),
        ("b", 10, [11, 12]),
    ]

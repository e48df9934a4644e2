"""Lags in the columns of an ordinary regressor."""

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge

from skinformer import LagForecaster
from skinformer.exceptions import FilledRowsWarning


def hours(n):
    return pd.date_range("2024-01-01", periods=n, freq="h")


def nothing(n):
    return pd.DataFrame(index=hours(n))


def second_order(n):
    """Return a wave that fades: y = 1.6 y(-1) - 0.9 y(-2) + 3, exactly."""
    y = [10.0, 7.0]
    while len(y) < n:
        y.append(1.6 * y[-1] - 0.9 * y[-2] + 3)
    return pd.Series(y, index=hours(n))


def linear(**kwargs):
    return LagForecaster(LinearRegression(), **({"windows": None} | kwargs))


class Recorder(RegressorMixin, BaseEstimator):
    """Forecast the first column, and keep what it was given."""

    def fit(self, X, y):
        self.X_, self.y_ = X.copy(), y.copy()
        return self

    def predict(self, X):
        return X[:, 0]


@pytest.mark.parametrize("strategy", ["recursive", "direct"])
class TestExactSeries:
    def test_is_continued(self, strategy):
        X, y = nothing(70), second_order(70)
        model = linear(pred_len=7, lags=2, strategy=strategy).fit(X[:40], y[:40])
        # over blocks, and further than pred_len
        assert_allclose(model.predict(X[40:]), y[40:], atol=1e-8)

    def test_windows_start_from_true_rows(self, strategy):
        X, y = nothing(60), second_order(60)
        y[50:] += 100.0
        model = linear(pred_len=5, lags=2, strategy=strategy).fit(X[:40], y[:40])
        windows = model.predict_windows(X[40:], y[40:], stride=3)
        assert_array_equal(windows.starts, [0, 3, 6, 9, 12, 15])
        assert_allclose(windows.y_pred[:2], windows.y_true[:2], atol=1e-8)
        # the window at 12 sees two rows that are 100 higher
        a, b = y.iloc[51], y.iloc[50]
        assert_allclose(windows.y_pred[4, 0, 0], 1.6 * a - 0.9 * b + 3, rtol=1e-9)

    def test_fitted_values(self, strategy):
        X, y = nothing(40), second_order(40)
        fitted = linear(pred_len=4, lags=2, strategy=strategy).fit(X, y).predict(X)
        # the first block has no row before it, the others have
        assert_allclose(fitted[4:], y[4:], atol=1e-8)
        assert np.isfinite(fitted[:4]).all()

    def test_update_moves_the_origin(self, strategy):
        X, y = nothing(60), second_order(60)
        model = linear(pred_len=4, lags=2, strategy=strategy).fit(X[:40], y[:40])
        model.update(X[40:49], y[40:49])
        assert_allclose(model.predict(X[49:53]), y[49:53], atol=1e-8)

    def test_several_targets(self, strategy):
        X, y = nothing(50), second_order(50)
        both = pd.DataFrame({"a": y, "b": 5 - 2 * y})
        model = linear(pred_len=5, lags=2, strategy=strategy).fit(X[:40], both[:40])
        assert_allclose(model.predict(X[40:]), both[40:], atol=1e-8)
        assert len(model.regressors_) == 2

    def test_effect_of_a_covariate(self, strategy):
        rng = np.random.default_rng(0)
        X = pd.DataFrame(
            {"x": rng.normal(size=80), "kind": pd.Categorical(list("abcd") * 20)},
            index=hours(80),
        )
        effect = X["kind"].cat.codes.map({0: 0.0, 1: 5.0, 2: -2.0, 3: 1.0})
        y = 3 * X["x"] + effect.astype(float)
        model = linear(pred_len=5, lags=1, strategy=strategy).fit(X[:60], y[:60])
        assert_allclose(model.predict(X[60:]), y[60:], atol=1e-8)


@pytest.mark.parametrize("strategy", ["recursive", "direct"])
def test_gradient_boosting_learns_a_category(strategy):
    kinds = np.random.default_rng(0).integers(0, 3, 400)
    X = pd.DataFrame({"kind": pd.Categorical(np.array(list("abc"))[kinds])}, hours(400))
    y = pd.Series(np.array([0.0, 9.0, 1.0])[kinds], X.index)
    model = LagForecaster(pred_len=3, lags=1, windows=None, strategy=strategy)
    model.fit(X[:380], y[:380])
    assert_allclose(model.predict(X[380:]), y[380:], atol=0.1)
    # lag, and then the codes
    assert_array_equal(model.regressors_[0][0].is_categorical_, [False, True])
    unknown = X[380:383].assign(kind=pd.Categorical(["z", "z", "z"]))
    assert np.isfinite(model.predict(unknown)).all()


def test_more_categories_than_bins_count_as_numbers():
    X = pd.DataFrame({"id": pd.Categorical(np.arange(300))}, hours(300))
    y = pd.Series(np.arange(300.0), X.index)
    model = LagForecaster(HistGradientBoostingRegressor(), lags=1).fit(X, y)
    assert np.isfinite(model.predict(X)).all()


def test_the_table_that_a_regressor_sees():
    y = pd.Series(np.arange(10.0) ** 2, hours(10))
    X = pd.DataFrame({"x": np.arange(10.0)}, hours(10))
    model = LagForecaster(Recorder(), pred_len=2, lags=[3, 1], windows=[2])
    recorder = model.fit(X, y).regressors_[0][0]
    # rows from 3 on: lag 1, lag 3, mean of the two rows before, covariate
    assert_array_equal(recorder.y_, y[3:])
    assert_array_equal(recorder.X_[0], [4, 0, 2.5, 3])
    assert_array_equal(recorder.X_[-1], [64, 36, 56.5, 9])


def test_the_tables_of_the_direct_strategy():
    y, X = pd.Series(np.arange(60.0), hours(60)), nothing(60)
    model = LagForecaster(
        Recorder(), pred_len=26, lags=[1, 24], windows=[2], strategy="direct"
    )
    first, *_, last = model.fit(X, y).regressors_[0]
    assert_array_equal(first.X_[0], [23, 0, 22.5])
    # 25 rows after the origin, 24: the row is 49, a day before it is not known yet
    assert_array_equal(last.y_, y[49:])
    assert_array_equal(last.X_[0], [23, 1, 22.5])


def test_absent_rows_are_neither_trained_on_nor_seen():
    y, X = second_order(50), nothing(50)
    kept = np.r_[0:20, 23:40]
    model = linear(lags=2, pred_len=4)
    with pytest.warns(FilledRowsWarning):
        model.fit(X.iloc[kept], y.iloc[kept])
    recorder = LagForecaster(Recorder(), lags=2, windows=[2])
    with pytest.warns(FilledRowsWarning):
        recorder.fit(X.iloc[kept], y.iloc[kept])
    trained = recorder.regressors_[0][0]
    assert_array_equal(trained.y_, y.iloc[kept][2:])
    # row 24 knows row 23, and has the mean where row 22 is absent
    row = list(kept).index(24) - 2
    mean = y.iloc[kept].mean()
    assert_allclose(trained.X_[row], [y.iloc[23], mean, y.iloc[23]])


def test_gradient_boosting_sees_absent_rows_as_absent():
    y, X = second_order(300), nothing(300)
    kept = np.r_[0:200, 203:290]
    model = LagForecaster(pred_len=5, lags=2)
    with pytest.warns(FilledRowsWarning):
        model.fit(X.iloc[kept], y.iloc[kept])
    assert np.isfinite(model.predict(X)).all()
    assert model._allows_nan


def test_auto_follows_season_and_length():
    y, X = second_order(400), nothing(400)
    model = linear(windows="auto").fit(X, y)
    assert_array_equal(model.lags_, [1, 2, 3, 23, 24, 25, 48, 168])
    assert_array_equal(model.windows_, [24, 168])
    short = linear(windows="auto").fit(X[:100], y[:100])
    assert_array_equal(short.lags_, [1, 2, 3, 23, 24, 25, 48])
    rows = linear().fit(np.zeros((30, 1)), y.to_numpy()[:30])
    assert_array_equal(rows.lags_, [1, 2, 3, 7])


def test_the_regressor_given_is_not_fitted_and_gets_a_seed():
    y, X = second_order(60), nothing(60)
    forest = RandomForestRegressor(3)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    answers = [
        LagForecaster(forest, random_state=0).fit(X[:50], y[:50]).predict(X[50:])
        for _ in range(2)
    ]
    assert_array_equal(*answers)
    assert not hasattr(forest, "estimators_")
    assert forest.random_state is None
    LagForecaster().fit(X, y)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_clone_and_pickle():
    y, X = second_order(60), nothing(60)
    model = clone(LagForecaster(Ridge(), pred_len=3, lags=[1, 2])).fit(X[:50], y[:50])
    again = pickle.loads(pickle.dumps(model))
    assert_array_equal(again.predict(X[50:]), model.predict(X[50:]))


def test_many_windows_are_forecast_in_parts(monkeypatch):
    y, X = second_order(90), nothing(90)
    model = linear(pred_len=3, lags=2).fit(X[:40], y[:40])
    whole = model.predict_windows(X[40:], y[40:]).y_pred
    monkeypatch.setattr("skinformer.baselines.lags.WINDOWS_AT_ONCE", 7)
    assert_array_equal(model.predict_windows(X[40:], y[40:]).y_pred, whole)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"lags": 0}, r"lags=\[0\] holds 0; give whole numbers of at least 1"),
        ({"lags": 10**9}, "lags=1000000000 is more than 1000000; give fewer"),
        ({"lags": [1, 2.5]}, "holds 2.5"),
        ({"lags": []}, "lags is empty"),
        ({"windows": [1]}, "at least 2"),
        ({"strategy": "both"}, "strategy"),
        ({"regressor": "ridge"}, "regressor"),
    ],
)
def test_wrong_settings(kwargs, message):
    with pytest.raises(ValueError, match=message):
        LagForecaster(**kwargs).fit(nothing(30), second_order(30))


def test_too_few_rows_for_the_lags_given():
    with pytest.raises(ValueError, match="needs at least 31 rows"):
        LagForecaster(lags=30).fit(nothing(30), second_order(30))
    direct = LagForecaster(lags=5, pred_len=7, strategy="direct", windows=None)
    with pytest.raises(ValueError, match="needs at least 12 rows"):
        direct.fit(nothing(11), second_order(11))
    direct.fit(nothing(12), second_order(12))


class Tenfold(Recorder):
    """Forecast ten times the last row."""

    def predict(self, X):
        return 10 * X[:, 0]


class TestFedOnItself:
    def test_it_does_not_grow_without_end(self):
        y = np.array([1.0, -1.0, 2.0, 1.0])  # a range of 3, up to 2
        model = LagForecaster(Tenfold(), lags=1, windows=None, pred_len=5)
        forecast = model.fit(nothing(4), y).predict(nothing(14)[4:])
        # 300 above the largest row known before; 100 of the first block feed the second
        assert_allclose(forecast[:4], [10.0, 100.0, 302.0, 302.0])
        assert_allclose(forecast[5:], 602.0)

    def test_rows_since_then_move_what_is_allowed(self):
        X, y = nothing(9), np.array([1.0, -1.0, 2.0, 1.0])
        model = LagForecaster(Tenfold(), lags=1, windows=None, pred_len=2)
        model.fit(X[:4], y).update(X[4:7], [1000.0, 0.0, 5000.0])
        assert_allclose(model.predict(X[7:]), 5300.0)

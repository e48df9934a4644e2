"""The highway: what covariates tell, what a linear map carries, what a network adds."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from skinformer import (
    CovariateRegressor,
    RidgeForecaster,
    TimeFeatures,
)
from skinformer.exceptions import FilledRowsWarning, NoValidationWarning
from skinformer.forecasting.covariate_path import (
    CovariatePath,
    covariate_frame,
    some_rows,
    time_blocks,
)
from skinformer.forecasting.highway import Highway
from skinformer.forecasting.lengths import context_length, highway_length
from skinformer.forecasting.shares import best_shares
from skinformer.series.covariates import Columns

from ..histories import observed_of, start_history
from ..small import small

PRED_LEN = 6


class Remembering(RegressorMixin, BaseEstimator):
    """Predicts the mean of its targets; remembers which rows it was fitted on."""

    fits: list = []  # noqa: RUF012

    def fit(self, X, y):
        self.mean_, self.n_features_in_ = float(np.mean(y)), X.shape[1]
        Remembering.fits.append((list(X.index), X.copy()))
        return self

    def predict(self, X):
        return np.full(len(X), self.mean_)


@pytest.fixture(autouse=True)
def _forget():
    Remembering.fits.clear()


@pytest.fixture(scope="module")
def additive():
    """Return a target that is 3 times its covariate plus a slow wave."""
    rng = np.random.default_rng(0)
    index = pd.date_range("2024-01-01", periods=400, freq="h")
    X = pd.DataFrame({"price": rng.normal(size=400)}, index=index)
    wave = np.sin(np.arange(400) * 2 * np.pi / 24)
    return X, pd.Series(3 * X["price"] + wave, index=index, name="load")


def test_a_wave_beside_a_covariate_is_forecast_exactly(additive):
    X, y = additive
    model = RidgeForecaster(pred_len=PRED_LEN, highway=LinearRegression())
    forecast = model.fit(X[:360], y[:360]).predict(X[360:])
    assert_allclose(forecast, y[360:], atol=0.1)
    alone = RidgeForecaster(pred_len=PRED_LEN).fit(X[:360], y[:360]).predict(X[360:])
    assert np.abs(alone - y[360:]).mean() > 1.0


def test_covariates_that_are_passed_count(additive):
    X, y = additive
    model = RidgeForecaster(pred_len=PRED_LEN, highway=LinearRegression())
    model.fit(X[:360], y[:360])
    raised = X[360:366].copy()
    raised.iloc[4] += 1.0
    difference = model.predict(raised) - model.predict(X[360:366])
    assert_allclose(difference, [0, 0, 0, 0, 3, 0], atol=0.05)


def path_over(y, X, regressor):
    columns = Columns.learn(X)
    observed = observed_of(y[:, None])
    history = start_history(pd.RangeIndex(len(y)), observed, columns.read(X), 1)
    return CovariatePath(regressor, columns).fit(history, len(y)), history


def test_each_block_of_rows_is_told_without_itself():
    y = np.arange(50.0)
    path, history = path_over(y, np.zeros((50, 2)), Remembering())
    whole, *blocks = (rows for rows, _ in Remembering.fits)
    assert whole == list(range(50))
    assert [sorted(set(whole) - set(rows)) for rows in blocks] == [
        list(range(first, first + 10)) for first in range(0, 50, 10)
    ]
    assert_allclose(path.honest_[:10, 0], np.arange(10, 50).mean())
    assert_allclose(path.honest_[40:, 0], np.arange(40).mean())
    rest = history.less(path.honest_).targets
    assert_allclose(rest[40:, 0], y[40:] - np.arange(40).mean())
    # to forecast, all rows are told by one regressor
    assert_allclose(path.told(history)[:, 0], y.mean())


def test_a_new_level_is_not_counted_twice():
    rng = np.random.default_rng(0)
    index = pd.date_range("2024-01-01", periods=1224, freq="h")
    X = pd.DataFrame({"hour": index.hour % 24, "x": rng.normal(size=1224)}, index=index)
    y = 10 + np.sin(X["hour"] * np.pi / 12) + 2.0 * (np.arange(1224) >= 1080)
    y = y + rng.normal(0, 0.1, 1224)
    model = RidgeForecaster(pred_len=24, highway="auto").fit(X[:1200], y[:1200])
    assert np.abs(model.predict(X[1200:]) - y[1200:]).mean() < 0.6


def test_rows_are_drawn_from_all_hours(monkeypatch):
    monkeypatch.setattr("skinformer.forecasting.covariate_path.MOST_ROWS", 120)
    drawn = some_rows(np.arange(240))
    assert len(np.unique(drawn % 24)) == 24
    assert (np.diff(drawn) > 0).all()
    assert len(drawn) == 120


def test_validation_rows_teach_only_what_is_refitted_after_all(series):
    X, y = series
    small(highway=Remembering(), validation_fraction=30).fit(X[:120], y[:120])
    longest = [max(rows) for rows, _ in Remembering.fits]
    # two targets, six fits each: on the 90 rows that train, and at last on all
    assert len(longest) == 24
    assert max(longest[:12]) == 89
    assert max(longest[12:]) == 119


def test_the_frame_that_a_regressor_sees(series):
    X, y = series
    small(highway=Remembering()).fit(X[:120], y[:120])
    rows, frame = Remembering.fits[0]
    assert rows == list(range(96))
    assert not isinstance(frame.index, pd.RangeIndex)
    assert list(frame.columns) == ["temp", "hour"]
    assert_array_equal(frame["temp"], X["temp"][:96])
    assert frame["hour"].dtype == X["hour"].dtype


def test_unknown_categories_are_missing_values():
    X = pd.DataFrame({"k": pd.Categorical(["a", "b"]), "x": [1.0, 2.0]})
    columns = Columns.learn(X)
    rows = pd.DataFrame({"k": pd.Categorical(["b", "z"]), "x": [3.0, 4.0]})
    frame = covariate_frame(columns, columns.read(rows), first=7)
    assert frame["k"].tolist()[0] == "b"
    assert frame["k"].isna().tolist() == [False, True]
    assert frame.index.tolist() == [7, 8]


def test_the_regressor_given_is_not_fitted(series):
    X, y = series
    given = LinearRegression()
    model = small(highway=given, categorical_features=None)
    X = X[["temp"]]
    model.fit(X[:120], y[:120])
    assert not hasattr(given, "coef_")
    assert clone(model).get_params()["highway__fit_intercept"] is True


def test_auto_is_a_covariate_regressor_where_there_are_columns(additive):
    X, y = additive
    model = small(highway="auto").fit(X, np.stack([y, -y], axis=1))
    regressors = model._highway.path_.regressors_
    assert [type(r) for r in regressors] == [CovariateRegressor] * 2
    bare = small(highway="auto").fit(X[[]], y)
    assert bare._highway.path_ is None


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_the_network_counts_by_its_weight(weight, series):
    X, y = series
    model = small(highway="ridge", highway_len=12, lr=0.3).fit(X[:120], y[:120])
    model.blend_ = np.full(2, weight)
    alone = RidgeForecaster(pred_len=PRED_LEN, seq_len=12).fit(X[:120], y[:120])
    # targets are standardised by training rows here, and by all of them there
    same = np.allclose(model.predict(X), alone.predict(X), rtol=5e-3)
    assert same is (weight == 0.0)


def test_all_rows_choose_the_highway_that_forecasts(series):
    X, y = series
    model = small(highway="ridge", highway_len=12).fit(X[:120], y[:120])
    fresh = Highway(None, model._columns, 12, PRED_LEN)
    fresh.fit([model._history], [120], model._scaler)
    ridge, same = model._highway.ridge_, fresh.ridge_
    assert_array_equal(ridge.penalties_, same.penalties_)
    assert_array_equal(ridge.pull_, same.pull_)
    assert_array_equal(ridge.coef_, same.coef_)
    assert ridge.block_coef_ is None


def test_a_network_that_is_not_validated_counts_whole(series):
    X, y = series
    model = small(highway="ridge", validation_fraction=None).fit(X, y)
    assert_array_equal(model.blend_, [1, 1])
    assert_array_equal(small(validation_fraction=0.2).fit(X, y).blend_, [1, 1])


def test_a_network_that_cannot_be_validated_counts_for_nothing(series):
    X, y = series
    with pytest.warns(NoValidationWarning, match="counts for nothing"):
        model = small(highway="ridge", validation_fraction=0.5).fit(X[:24], y[:24])
    assert_array_equal(model.blend_, [0, 0])


def test_a_correction_starts_at_nothing(series):
    X, y = series
    model = small(highway="ridge", lr=1e-12, weight_decay=0.0).fit(X[:120], y[:120])
    projection = model.net_.module_.projection
    assert float(projection.weight.detach().abs().max()) < 1e-9


def test_weights_of_a_correction():
    assert_array_equal(best_shares(np.zeros(2), np.zeros(2)), [0, 0])
    assert_array_equal(best_shares(np.array([6.0]), np.array([4.0])), [1])


def test_lengths():
    assert highway_length(8640, 720, season=24) == 504
    assert highway_length(700, 24, season=24) == 168  # a quarter of 676 rows, in days
    assert highway_length(10**6, 24, season=1) == 96
    assert highway_length(5, 24, season=24) == 1
    assert context_length(10**6, 24, season=12) == 48
    assert context_length(120, 24, season=24) == 24


def test_chosen_lengths_are_told(series):
    X, y = series
    model = small(highway="auto", seq_len="auto", label_len=48).fit(X, y)
    # 120 rows train: a quarter of 114 is 28, in whole days 24
    assert (model.seq_len_, model.highway_len_) == (24, 24)
    assert small(highway=None).fit(X, y).highway_len_ is None


def test_the_map_knows_the_season():
    hours = pd.date_range("2024", periods=300, freq="h")
    X = pd.DataFrame({"a": np.arange(300.0)}, hours)
    y = np.sin(np.arange(300.0))
    assert RidgeForecaster(pred_len=2).fit(X, y)._highway.ridge_.season == 24
    assert RidgeForecaster(pred_len=2).fit(X.to_numpy(), y)._highway.ridge_.season == 1


def test_too_few_windows_to_trust_a_network_by(series):
    X, y = series
    rows = PRED_LEN + PRED_LEN - 1  # they hold PRED_LEN windows
    with pytest.warns(NoValidationWarning, match="will count for nothing"):
        model = small(highway="ridge", validation_fraction=rows).fit(X[:120], y[:120])
    assert_array_equal(model.blend_, [0, 0])
    small(highway="ridge", validation_fraction=rows + 1).fit(X[:120], y[:120])


def test_few_rows():
    for n in (3, 4, 5, 9):
        X, y = np.arange(2.0 * n).reshape(n, 2), np.arange(float(n))
        model = RidgeForecaster(pred_len=2, highway="auto").fit(X, y)
        assert np.isfinite(model.predict(X)).all()


def test_blocks_of_time():
    assert [len(block) for block in time_blocks(12)] == [3, 3, 2, 2, 2]
    assert [len(block) for block in time_blocks(2)] == [1, 1]


@pytest.mark.parametrize("highway", ["ridge", "auto"])
def test_absent_rows(highway, series):
    X, y = series
    kept = np.r_[0:40, 47:120]
    with pytest.warns(FilledRowsWarning):
        model = small(highway=highway).fit(X.iloc[kept], y.iloc[kept])
    assert np.isfinite(model.predict(X)).all()


def test_rows_that_are_appended_count(additive):
    X, y = additive
    model = RidgeForecaster(pred_len=PRED_LEN, highway=LinearRegression())
    model.fit(X[:300], y[:300])
    forecast = model.update(X[300:360], y[300:360]).predict(X[360:366])
    assert_allclose(forecast, y[360:366], atol=0.15)
    _, windows, _ = copy.deepcopy(model).predict_windows(X[360:], y[360:])
    assert_allclose(windows[0, :, 0], forecast, rtol=1e-5)


@pytest.mark.parametrize("highway", ["ridge", "auto"])
def test_no_later_row_reaches_a_forecast(highway, series):
    X, y = series[0].copy(), series[1].copy()
    model = small(highway=highway).fit(X[:120], y[:120])
    model.blend_ = np.ones(2)
    before = model.predict(X[120:])
    X.iloc[131:, 0] = 1e4
    after = model.predict(X[120:])
    assert_allclose(after[:11], before[:11], rtol=1e-6)
    assert not np.allclose(after[11:], before[11:])
    rest = y[120:].copy()
    _, before, _ = model.predict_windows(X[120:], rest)
    rest.iloc[10:] = 1e4
    _, after, _ = model.predict_windows(X[120:], rest)
    assert_allclose(after[:11], before[:11], rtol=1e-6)
    assert not np.allclose(after[11:], before[11:])


def test_the_batch_does_not_matter(series):
    X, y = series
    model = small(highway="auto").fit(X[:120], y[:120])
    model.blend_ = np.ones(2)
    one_by_one = [model.predict_windows(X[120:], y[120:], stride=s)[1] for s in (1, 8)]
    assert_allclose(one_by_one[0][::8], one_by_one[1], rtol=1e-5)


def test_warm_start_goes_on(series):
    X, y = series
    model = small(highway="ridge", warm_start=True).fit(X[:120], y[:120])
    model.fit(X, y)
    assert model.n_iter_ == 4
    for other in (None, "auto"):
        with pytest.raises(ValueError, match="warm_start=True goes on"):
            model.set_params(highway=other).fit(X, y)


def test_warm_start_keeps_the_length_that_was_chosen(series):
    X, y = series
    model = small(highway="ridge", warm_start=True, seq_len="auto", label_len=3)
    assert model.fit(X[:60], y[:60]).seq_len_ == 10
    assert model.fit(X, y).seq_len_ == 10


def test_lengths_where_there_is_no_room_to_validate(series):
    X, y = series
    model = small(highway="ridge", seq_len="auto", validation_fraction=500)
    with pytest.warns(NoValidationWarning):
        model.fit(X, y)
    assert (model.seq_len_, model.highway_len_) == (24, 24)


def test_pickle_and_grid_search(series):
    X, y = series
    model = small(highway="auto").fit(X[:120], y[:120])
    assert_array_equal(pickle.loads(pickle.dumps(model)).predict(X), model.predict(X))
    grid = {"highway": [None, "ridge", LinearRegression()]}
    cv = TimeSeriesSplit(2, test_size=PRED_LEN)
    search = GridSearchCV(small(), grid, cv=cv).fit(X[["temp"]], y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


class Wrong(RegressorMixin, BaseEstimator):
    def __init__(self, answer="short"):
        self.answer = answer

    def fit(self, X, y):
        if self.answer == "fails":
            raise ValueError("no such luck")

    def predict(self, X):
        if self.answer == "two axes":
            return np.zeros((len(X), 1))
        if self.answer == "NaN":
            return np.full(len(X), np.nan)
        return np.zeros(len(X) - 1)


@pytest.mark.parametrize("answer", ["short", "NaN", "fails"])
def test_a_regressor_that_misbehaves_is_named(answer, series):
    X, y = series
    with pytest.raises(ValueError, match=rf"highway=Wrong\(.*({answer}|returned)"):
        small(highway=Wrong(answer)).fit(X, y)


def test_a_regressor_may_return_two_axes(series):
    X, y = series
    model = RidgeForecaster(pred_len=2, highway=Wrong("two axes")).fit(X, y)
    plain = RidgeForecaster(pred_len=2).fit(X, y)
    assert_allclose(model.predict(X), plain.predict(X))


def test_a_glitch_among_the_newest_rows(series):
    X, y = series
    y = y["load"].copy()
    y.iloc[140] = 1e6
    forecast = small(highway="ridge", highway_len=12).fit(X, y).predict(X[-6:])
    assert np.abs(forecast).max() < 2e6


def test_the_share_of_the_network_is_told(series, capfd):
    X, y = series
    small(highway="ridge", verbose=1).fit(X[:120], y[:120])
    out, err = capfd.readouterr()
    assert out == ""  # a program may print its answer there
    assert "share of the network's correction" in err


def test_an_absent_row_among_those_that_validate(series):
    X, y = series
    kept = np.delete(np.arange(120), 112)
    model = small(highway=LinearRegression(), validation_fraction=0.2)
    with pytest.warns(FilledRowsWarning):
        model.fit(X.iloc[kept], y.iloc[kept])
    assert np.isfinite(model.validation_loss_curve_).all()
    assert np.isfinite(model.predict(X[120:])).all()


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
def test_a_target_that_starts_to_move_late(unit):
    hours = np.arange(300)
    moving = unit * (100 + 20 * np.sin(hours * np.pi / 12))
    X = pd.DataFrame({"a": hours * 0.1}, pd.date_range("2024", periods=300, freq="h"))
    y = np.where(hours < 200, 0.0, moving)
    settings = {"highway": "ridge", "highway_len": 24, "validation_fraction": 94}
    model = small(**settings).fit(X[:294], y[:294])  # the first 200 rows train
    assert_array_equal(model.blend_, [0])
    assert_allclose(model.predict(X[294:]), y[294:], rtol=0.15)
    still = RidgeForecaster(pred_len=PRED_LEN, seq_len=24).fit(X[:200], y[:200])
    assert_array_equal(still.predict(X[200:206]), np.zeros(6))
    # what it learned is to repeat the last value
    still.update(X[200:250], y[200:250])
    assert_allclose(still.predict(X[250:256]), np.full(6, y[249]))


def test_a_regressor_that_takes_a_trend_for_the_calendar_is_left_out():
    index = pd.date_range("2020", periods=1024, freq="h")
    X = TimeFeatures().fit_transform(pd.DataFrame(index=index))
    X["wind"] = np.random.default_rng(0).normal(size=1024)
    rise = np.arange(1024.0)
    y = np.stack([rise, 50 * X["wind"]], axis=1)
    model = RidgeForecaster(pred_len=24, highway="auto").fit(X[:1000], y[:1000])
    assert_array_equal(model._highway.path_.kept_, [False, True])
    assert_allclose(model.predict(X[1000:]), y[1000:], atol=15.0)
    alone = RidgeForecaster(pred_len=24, highway="auto").fit(X[:1000], rise[:1000])
    assert alone._highway.path_ is None
    # one that the user gives is kept
    given = RidgeForecaster(pred_len=24, highway=CovariateRegressor())
    assert given.fit(X[:1000], rise[:1000])._highway.path_.kept_.all()


def test_rows_that_validate_do_not_change_which_targets_have_a_regressor(monkeypatch):
    X = np.random.default_rng(0).normal(size=(200, 1))
    y = np.stack([5 * X[:, 0], np.arange(200.0)], axis=1)
    answers = iter([np.array([True, False]), np.array([False, True])])
    monkeypatch.setattr(Highway, "_helped", lambda *_: next(answers))
    model = small(highway="auto", highway_len=12, validation_fraction=0.2).fit(X, y)
    assert_array_equal(model._highway.path_.kept_, [True, False])
    assert model._highway.path_.honest_ is None  # that of all rows


def test_a_target_that_its_regressor_explains_to_the_last_digit():
    celsius = np.random.default_rng(0).normal(size=(324, 1)) * 10
    y = celsius[:, 0] * 1.8 + 32
    y[300:306] += 10  # and later does not
    model = RidgeForecaster(pred_len=12, seq_len=24, highway=LinearRegression())
    model.fit(celsius[:300], y[:300]).update(celsius[300:306], y[300:306])
    assert np.abs(model.predict(celsius[306:318]) - y[306:318]).max() < 11

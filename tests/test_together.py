"""A panel with holes, columns of the past, calendar, bounds, weights and intervals."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_validate

from skinformer import (
    PanelTimeSeriesSplit,
    TimeFeatures,
    backtest,
    make_forecast_pipeline,
    make_rolling_scorer,
    make_skipping_scorer,
)
from skinformer.exceptions import FilledRowsWarning, GapWarning

from .small import small

PRED_LEN = 6
LENGTHS = {"north": 240, "south": 211, "new": 97}

# some hours of some series are missing, at the end of a block too
pytestmark = [
    pytest.mark.filterwarnings("ignore::skinformer.exceptions.FilledRowsWarning"),
    pytest.mark.filterwarnings("ignore::skinformer.exceptions.GapWarning"),
]


def one_series(name, n, seed):
    """Return the last n of 240 hours: what is known ahead, what is not, and a count."""
    rng = np.random.default_rng(seed)
    index = pd.date_range("2024-01-01", periods=240, freq="h", tz="Europe/Berlin")[-n:]
    price, wind = rng.normal(size=n), rng.normal(size=n)
    visitors = 50 + 30 * np.sin(index.hour / 24 * 2 * np.pi) + 5 * wind
    X = pd.DataFrame(
        {
            "store": name,
            "price": price,
            "wind": wind,
            "sky": pd.Categorical(
                np.where(wind > 0, "clear", "grey"), ["clear", "grey"]
            ),
            "size": pd.Categorical([len(name)] * n, [3, 5, 7]),
        },
        index=index,
    )
    y = pd.DataFrame(
        {"visitors": visitors, "sales": 3 * visitors + rng.normal(size=n)}, index
    )
    return X, y.clip(lower=0)


@pytest.fixture(scope="module")
def rows():
    """Return the rows of three series, mixed by time, with holes of all kinds."""
    parts = [one_series(name, n, n) for name, n in LENGTHS.items()]
    X, y = (pd.concat(p) for p in zip(*parts, strict=True))
    order = np.argsort(X.index, kind="stable")
    X, y = X.iloc[order], y.iloc[order]
    rng = np.random.default_rng(0)
    y = y.mask(rng.random(y.shape) < 0.1)
    X["price"] = X["price"].mask(rng.random(len(X)) < 0.1)
    X["wind"] = X["wind"].mask(rng.random(len(X)) < 0.1)
    X.loc[rng.random(len(X)) < 0.1, ["sky", "size"]] = np.nan
    kept = rng.random(len(X)) > 0.05
    return X[kept], y[kept]


def model(**kwargs):
    settings = {
        "highway": "auto",
        "series": "store",
        "past_covariates": ["wind", "sky"],
        "bounds": (0, None),
        "loss": "quantile",
        "calibration_fraction": 40,
        "new_series": "allow",
    }
    informer = small(**settings | kwargs)
    return make_forecast_pipeline(TimeFeatures(country="DE"), informer)


def ahead_of(X, hours=PRED_LEN):
    """Return rows to come of all series; of columns of the past, garbage."""
    last = X.index.max()
    index = pd.date_range(last, periods=hours + 1, freq="h")[1:]
    frames = [
        pd.DataFrame(
            {
                "store": name,
                "price": 0.5,
                "wind": 1e9,
                "sky": pd.Categorical([None] * hours, ["clear", "grey"]),
                "size": pd.Categorical([len(name)] * hours, [3, 5, 7]),
            },
            index=index,
        )
        for name in LENGTHS
    ]
    return pd.concat(frames)


@pytest.fixture(scope="module")
def fitted(rows):
    """Return a model of rows before the last day; tests must not change it."""
    X, y = rows
    before = X.index < X.index.max() - pd.Timedelta(hours=23)
    return model().fit(X[before], y[before])


@pytest.fixture(scope="module")
def last_day(rows):
    X, y = rows
    return tuple(of[X.index >= X.index.max() - pd.Timedelta(hours=23)] for of in (X, y))


def answers(model, X):
    with np.errstate(all="raise"):
        return {
            "predict": model.predict(X),
            "interval": model.predict_interval(X, 0.8),
            "quantiles": model.predict_quantiles(X),
            "paths": np.moveaxis(model.sample_paths(X, 7, random_state=0), 0, 2),
        }


@pytest.fixture(scope="module")
def now(fitted, last_day):
    """Return the model after the last day, rows to come, and what it says of them."""
    current = pickled(fitted).update(*last_day)
    X = ahead_of(last_day[0])
    return current, X, answers(current, X)


def pickled(model):
    return pickle.loads(pickle.dumps(model))


def test_everything_is_answered(now):
    _, X, of = now
    n = len(X)
    shapes = {name: array.shape for name, array in of.items()}
    assert shapes == {
        "predict": (n, 2),
        "interval": (n, 2, 2),
        "quantiles": (n, 2, 5),
        "paths": (n, 2, 7),
    }
    for array in of.values():
        assert np.isfinite(array).all()
        assert (array >= 0).all()
    assert (np.diff(of["quantiles"], axis=2) >= 0).all()
    assert (of["interval"][..., 0] <= of["predict"]).all()
    assert (of["predict"] <= of["interval"][..., 1]).all()


def test_columns_of_the_past_say_nothing_ahead(now):
    current, X, of = now
    rng = np.random.default_rng(5)
    other = X.assign(
        wind=rng.normal(size=len(X)), sky=pd.Categorical(["clear"] * len(X))
    )
    for name, array in answers(current, other).items():
        assert_array_equal(array, of[name])
    transformed = current[:-1].transform(X).drop(columns=["wind", "sky"])
    assert_array_equal(current[-1].predict(transformed), of["predict"])


def test_order_and_company_do_not_matter(now):
    current, X, of = now
    order = np.random.default_rng(0).permutation(len(X))
    for name in ("predict", "interval", "quantiles"):
        again = answers(current, X.iloc[order])[name]
        assert_allclose(again, of[name][order], rtol=1e-5)
    south = (X["store"] == "south").to_numpy()
    assert_allclose(current.predict(X[south]), of["predict"][south], rtol=1e-5)


def test_other_series_do_not_matter(fitted, last_day, now):
    """What one store has sold last says nothing of the others."""
    X, y = last_day
    mine = (X["store"] != "north").to_numpy()
    other = y.copy()
    other[~mine] = 7.0
    _current, ahead, of = now
    changed = pickled(fitted).update(X, other)
    south = (ahead["store"] == "south").to_numpy()
    for name in ("predict", "quantiles"):
        got = answers(changed, ahead)[name]
        assert_allclose(got[south], of[name][south], rtol=1e-5)
        assert not np.allclose(got[~south], of[name][~south], rtol=1e-3)


def test_fitted_values_are_forecasts_from_the_rows_before(fitted, rows):
    X, y = rows
    known = X[X.index < "2024-01-08"]
    fitted_values = fitted.predict(known)
    assert np.isfinite(fitted_values).all()
    assert fitted.score(known, y.loc[X.index < "2024-01-08"]) > -5


def test_is_cloned_searched_and_kept(rows, tmp_path):
    X, y = rows
    folds = PanelTimeSeriesSplit(2, test_size=24, series="store")
    search = GridSearchCV(
        model(calibration_fraction=None, max_epochs=1),
        {"informerregressor__label_len": [3, 5]},
        cv=folds,
        scoring={"roll": make_rolling_scorer("mae"), "mae": make_skipping_scorer()},
        refit="roll",
        error_score="raise",
    )
    search.fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_roll"]).all()
    assert np.isfinite(search.cv_results_["mean_test_mae"]).all()
    best = search.best_estimator_
    joblib.dump(best, tmp_path / "best.joblib")
    again = joblib.load(tmp_path / "best.joblib")
    ahead = ahead_of(X)
    assert_array_equal(again.predict(ahead), best.predict(ahead))
    assert_array_equal(clone(best).fit(X, y).predict(ahead), best.predict(ahead))


def test_weights_are_routed(rows):
    X, y = rows
    weight = np.linspace(1, 0, len(X)).clip(0)
    with config_context(enable_metadata_routing=True):
        routed = model(calibration_fraction=None, max_epochs=1)
        routed[-1].set_fit_request(sample_weight=True)
        scores = cross_validate(
            routed,
            X,
            y,
            cv=PanelTimeSeriesSplit(2, test_size=24, series="store"),
            params={"sample_weight": weight},
            scoring=make_skipping_scorer().set_score_request(sample_weight=False),
            error_score="raise",
        )
    assert np.isfinite(scores["test_score"]).all()


def test_backtest_agrees_with_a_loop_of_update_and_predict(fitted, last_day):
    X, y = last_day
    result = backtest(fitted, X, y, stride=PRED_LEN)
    model, errors = pickled(fitted), {}
    hours = pd.date_range(X.index.min(), X.index.max(), freq="h")
    for first in range(0, len(hours), PRED_LEN):
        block = X.index.isin(hours[first : first + PRED_LEN])
        keys = zip(X["store"][block], X.index[block], strict=True)
        errors |= dict(zip(keys, model.predict(X[block]), strict=True))
        model.update(X[block], y[block])
    frame = result.to_frame().pivot_table(
        index=["series", "timestamp"], columns="target", values="y_pred"
    )[["visitors", "sales"]]
    same = [(key, row) for key, row in frame.iterrows() if key in errors]
    assert len(same) > 40
    for key, row in same:
        assert_allclose(row.to_numpy(), errors[key], rtol=1e-5)


def test_a_store_that_opens_later(fitted, last_day):
    X, y = last_day
    opened = (X["store"] == "north").to_numpy()
    newcomer = X[opened].assign(store="west"), y[opened]
    with pytest.raises(ValueError, match="1 series of X are unknown: 'west'"):
        fitted.predict(newcomer[0])
    current = pickled(fitted).update(*last_day).update(*newcomer)
    ahead = ahead_of(X)
    west = ahead[ahead["store"] == "north"].assign(store="west")
    forecast = current.predict(west)
    assert forecast.shape == (PRED_LEN, 2)
    assert current.predict_interval(west, 0.7).shape == (PRED_LEN, 2, 2)
    # its level is that of its own rows
    assert 0 < forecast[:, 0].mean() < 200


def test_warnings_are_ours(rows):
    X, y = rows
    with pytest.warns(FilledRowsWarning) as caught:
        model(max_epochs=1).fit(X, y)
    assert {w.category for w in caught} <= {FilledRowsWarning, GapWarning}
    assert len(caught) == 1

"""The pipeline inside scikit-learn's tools, on a frame with a DatetimeIndex."""

import subprocess
import sys

import joblib
import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import (
    GridSearchCV,
    TimeSeriesSplit,
    cross_val_score,
    learning_curve,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from skinformer import SeriesScaler, TimeFeatures, make_load_series
from skinformer.exceptions import GapWarning

from .small import small


@pytest.fixture(scope="module")
def load():
    return make_load_series(24 * 20, random_state=0)


def pipeline(**kwargs):
    return Pipeline([("time", TimeFeatures()), ("informer", small(**kwargs))])


def test_cross_val_score(load):
    scores = cross_val_score(pipeline(), *load, cv=TimeSeriesSplit(5))
    assert scores.shape == (5,)
    assert np.isfinite(scores).all()


def test_cross_val_score_is_a_roll_forward_from_one_origin(load):
    X, y = load
    train, test = next(TimeSeriesSplit(5).split(X))
    model = pipeline().fit(X.iloc[train], y.iloc[train])
    expected = model.score(X.iloc[test], y.iloc[test])
    scores = cross_val_score(pipeline(), X, y, cv=TimeSeriesSplit(5))
    assert scores[0] == pytest.approx(expected, rel=1e-6)


def threads_of_torch(estimator, X, y):
    return torch.get_num_threads()


def test_processes_share_the_cores(load):
    X, y = load
    scores = cross_val_score(
        pipeline(), X, y, cv=TimeSeriesSplit(2), n_jobs=2, scoring=threads_of_torch
    )
    assert 2 * scores.max() <= max(joblib.cpu_count(), 2)


def test_grid_search_in_two_processes(load):
    X, y = load
    grid = {"informer__attention": ["prob", "full"], "time__encoding": ["cyclic"]}
    cv = TimeSeriesSplit(2, test_size=24)
    search = GridSearchCV(pipeline(), grid, cv=cv, n_jobs=2, error_score="raise")
    search.fit(X[:-24], y[:-24])
    assert search.best_params_["informer__attention"] in ("prob", "full")
    alone = GridSearchCV(pipeline(), grid, cv=cv).fit(X[:-24], y[:-24])
    assert_allclose(
        search.cv_results_["mean_test_score"],
        alone.cv_results_["mean_test_score"],
        rtol=1e-4,
    )
    assert search.predict(X[-24:]).shape == (24,)


def test_transformed_target(load):
    X, y = load
    model = TransformedTargetRegressor(small(), transformer=StandardScaler())
    forecast = model.fit(X[:-12], y[:-12]).predict(X[-12:])
    assert forecast.shape == (12,)
    # the network standardises its target anyway: scaling it first changes nothing
    direct = small().fit(X[:-12], y[:-12]).predict(X[-12:])
    assert_allclose(forecast, direct, rtol=1e-3)


def test_learning_curve(load):
    X, y = load
    with pytest.warns(GapWarning):
        sizes, _, scores = learning_curve(
            small(),
            X,
            y,
            train_sizes=[0.5, 1.0],
            cv=TimeSeriesSplit(2, test_size=24),
            error_score="raise",
        )
    assert_array_equal(sizes, [216, 432])
    assert np.isfinite(scores).all()


def test_gap(load):
    cv = TimeSeriesSplit(3, test_size=24, gap=24)
    with pytest.warns(GapWarning, match="^24 rows") as caught:
        scores = cross_val_score(pipeline(), *load, cv=cv, error_score="raise")
    assert np.isfinite(scores).all()
    assert len(caught) == 3


def test_set_output_keeps_the_index_through_steps_that_drop_it(load):
    X, y = load
    steps = [TimeFeatures(), StandardScaler(), small()]
    model = make_pipeline(*steps).set_output(transform="pandas")
    forecast = model.fit(X[:-6], y[:-6]).predict(X[-6:])
    assert model[-1].feature_names_in_[0] == "temperature"
    # rows count by their time, not by their position
    assert_allclose(model.predict(X[-6:][::-1]), forecast[::-1], rtol=1e-12)


def test_ordinal_features_feed_the_embedding_tables(load):
    X, y = load
    model = make_pipeline(TimeFeatures(encoding="ordinal"), SeriesScaler(), small())
    model.fit(X[:-6], y[:-6])
    assert model[-1].net_.module_.get_submodule("decoder_embedding").tables
    assert model.predict(X[-6:]).shape == (6,)


def test_clone_has_the_same_parameters_and_no_fit(load):
    model = pipeline(lr=0.5).fit(*load)
    copy = clone(model)
    assert copy[-1].get_params() == model[-1].get_params()
    assert not hasattr(copy[-1], "net_")


def test_joblib_in_one_process_and_load_in_another(load, tmp_path):
    X, y = load
    model = pipeline().fit(X[:-24], y[:-24])
    joblib.dump((model, X), tmp_path / "model.joblib")
    program = (
        "import sys, joblib, numpy as np, torch; torch.set_num_threads(1);"
        "model, X = joblib.load(sys.argv[1]); np.save(sys.argv[2], model.predict(X))"
    )
    paths = [str(tmp_path / name) for name in ("model.joblib", "forecast.npy")]
    subprocess.run([sys.executable, "-c", program, *paths], check=True)
    assert_array_equal(np.load(paths[1]), model.predict(X))

"""A pipeline that passes on what its forecaster can do."""

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.pipeline import Pipeline, make_pipeline

from skinformer import (
    ForecastPipeline,
    SeasonalNaive,
    SeriesScaler,
    TimeFeatures,
    make_forecast_pipeline,
)

from .small import small


@pytest.fixture
def pair(series):
    """Return a pipeline and its last step alone, fitted alike; one target."""
    X, y = series[0][["temp"]], series[1]["load"]
    scaler, model = SeriesScaler().fit(X[:100]), small(loss="quantile")
    pipeline = make_forecast_pipeline(SeriesScaler(), model).fit(X[:100], y[:100])
    alone = clone(model).fit(scaler.transform(X[:100]), y[:100])
    return X, y, pipeline, alone, scaler.transform


def test_rows_pass_through_the_steps_in_front(pair):
    X, y, pipeline, alone, seen = pair
    assert pipeline.calibrate(X[100:130], y[100:130]) is pipeline
    alone.calibrate(seen(X[100:130]), y[100:130])
    assert pipeline.update(X[130:136], y[130:136]) is pipeline
    alone.update(seen(X[130:136]), y[130:136])
    pipeline.update(X[135:136], y[135:136] + 1, on_conflict="replace")
    alone.update(seen(X[135:136]), y[135:136] + 1, on_conflict="replace")
    ahead = X[136:145]
    for method, kwargs in (
        ("predict", {}),
        ("predict_quantiles", {}),
        ("predict_interval", {"coverage": 0.7}),
        ("sample_paths", {"n": 3, "random_state": 0}),
    ):
        got = getattr(pipeline, method)(ahead, **kwargs)
        assert_array_equal(got, getattr(alone, method)(seen(ahead), **kwargs))


def test_partial_fit_trains_the_last_step_alone(pair):
    X, y, pipeline, alone, seen = pair
    mean = pipeline[0].scalers_[0].mean_.copy()
    pipeline.partial_fit(X[100:130], y[100:130], n_epochs=1)
    alone.partial_fit(seen(X[100:130]), y[100:130], n_epochs=1)
    assert_array_equal(pipeline.predict(X[130:133]), alone.predict(seen(X[130:133])))
    assert_array_equal(pipeline[0].scalers_[0].mean_, mean)


def test_partial_fit_fits_what_is_not_fitted(series):
    X, y = series[0][["temp"]], series[1]["load"]
    first = make_forecast_pipeline(SeriesScaler(), small()).partial_fit(
        X[:100], y[:100]
    )
    other = make_forecast_pipeline(SeriesScaler(), small()).fit(X[:100], y[:100])
    assert_array_equal(first.predict(X[100:106]), other.predict(X[100:106]))


def test_is_a_pipeline(series, tmp_path):
    X, y = series[0][["temp"]], series[1]
    steps = TimeFeatures(), SeasonalNaive(pred_len=3)
    model = make_forecast_pipeline(*steps, verbose=False)
    assert isinstance(model, Pipeline)
    assert list(model.named_steps) == list(make_pipeline(*steps).named_steps)
    assert clone(model).set_params(seasonalnaive__pred_len=5)[-1].pred_len == 5
    model.fit(X[:60], y[:60]).calibrate(X[60:140], y[60:140])
    joblib.dump(model, tmp_path / "model.joblib")
    again = joblib.load(tmp_path / "model.joblib")
    interval = model.predict_interval(X[140:144])
    assert_array_equal(again.predict_interval(X[140:144]), interval)


def test_a_forecaster_alone(series):
    X, y = series
    model = make_forecast_pipeline(SeasonalNaive(pred_len=3)).fit(X[:60], y[:60])
    assert model.update(X[60:63], y[60:63]).predict(X[63:65]).shape == (2, 2)


@pytest.mark.parametrize("method", ["partial_fit", "predict_quantiles"])
def test_has_what_its_last_step_has(method):
    model = ForecastPipeline([("naive", SeasonalNaive())])
    assert not hasattr(model, method)
    with pytest.raises(AttributeError, match=method):
        getattr(model, method)
    assert hasattr(ForecastPipeline([("informer", small())]), method)


def test_refused_rows_leave_it_as_it_was(pair):
    X, _y, pipeline, *_ = pair
    before = pipeline.predict(X[100:103])
    with pytest.raises(ValueError, match="infinity"):
        pipeline.update(X[100:103], np.full(3, np.inf))
    assert_array_equal(pipeline.predict(X[100:103]), before)

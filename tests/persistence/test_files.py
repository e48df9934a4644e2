import numpy as np
import pytest

from skinformer import (
    InformerRegressor,
    SeasonalNaive,
    TimeFeatures,
    describe,
    load,
    make_forecast_pipeline,
    make_load_series,
    save,
)

X, Y = make_load_series(24 * 12, random_state=0)
SMALL = {
    "seq_len": 24,
    "pred_len": 7,
    "label_len": 5,
    "d_model": 4,
    "n_heads": 2,
    "d_ff": 6,
    "max_epochs": 1,
    "highway": None,
    "random_state": 0,
}


def informer():
    return make_forecast_pipeline(TimeFeatures(), InformerRegressor(**SMALL))


@pytest.mark.parametrize("make", [SeasonalNaive, informer], ids=["naive", "informer"])
def test_a_loaded_model_forecasts_as_the_saved_one(tmp_path, make):
    model = make().fit(X[:-7], Y[:-7])
    path = save(model, tmp_path / "model.skinf")
    np.testing.assert_array_equal(load(path).predict(X[-7:]), model.predict(X[-7:]))


def test_describe_tells_of_the_notes_and_the_history(tmp_path):
    model = informer().fit(X[:-7], Y[:-7])
    told = describe(save(model, tmp_path / "model.skinf", notes={"time": ["date"]}))
    assert told["class"] == "ForecastPipeline"
    assert told["rows"] == 24 * 12 - 7
    assert told["parameters"]["informerregressor__seq_len"] == 24
    assert told["notes"] == {"time": ["date"]}

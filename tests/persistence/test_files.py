import builtins
import datetime
import marshal
import os
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import skinformer
from skinformer import (
    InformerRegressor,
    SeasonalNaive,
    TimeFeatures,
    describe,
    load,
    make_forecast_pipeline,
    save,
)
from skinformer.exceptions import ModelFileError
from skinformer.persistence import reading

from .crafted import SMALL, X, Y, naive, parts, rewrite


def pandas(step):
    return step.set_output(transform="pandas")


def informer():
    return make_forecast_pipeline(
        TimeFeatures(), InformerRegressor(**SMALL, highway=None)
    )


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


def test_describe_tells_of_stamps_columns_and_versions(tmp_path):
    path = save(SeasonalNaive().fit(X, Y), tmp_path / "model.skinf")
    told = describe(path)
    assert told["features"] == ["temperature"]
    assert told["targets"] == ["load"]
    assert told["frequency"] == "h"
    assert told["first"] == "2022-01-01 00:00:00"
    assert told["last"] == "2022-01-12 23:00:00"
    assert told["series"] is None
    assert told["schema_version"] == 1
    assert told["bytes"] == path.stat().st_size
    assert told["versions"]["numpy"] == np.__version__
    assert datetime.datetime.fromisoformat(told["created"]).utcoffset().seconds == 0


def test_describe_of_an_unfitted_model(tmp_path):
    told = describe(save(TimeFeatures(country="CN"), tmp_path / "a"))
    assert told["class"] == "TimeFeatures"
    assert told["steps"] is told["features"] is told["rows"] is told["notes"] is None
    assert told["parameters"]["country"] == "CN"


@pytest.mark.parametrize(
    "notes",
    [{1: "a"}, {"a": {1}}, {"a": (1,)}, {"a": float("nan")}, ["a"], "a"],
    ids=str,
)
def test_notes_that_would_not_come_back(tmp_path, notes):
    with pytest.raises(ModelFileError, match="notes"):
        save(SeasonalNaive(), tmp_path / "a", notes=notes)


def test_describe_builds_nothing(tmp_path, monkeypatch):
    path = save(SeasonalNaive().fit(X, Y), tmp_path / "a")
    monkeypatch.setattr(reading, "model_of", None)
    assert describe(path)["rows"] == 24 * 12


@pytest.mark.parametrize("model", [Ridge(), GridSearchCV(Ridge(), {}), 7, None])
def test_what_is_no_model_of_ours(tmp_path, model):
    with pytest.raises(ModelFileError, match="save takes a forecaster"):
        save(model, tmp_path / "a")


def test_a_class_of_ones_own_is_refused(tmp_path):
    class Mine(SeasonalNaive):
        pass

    with pytest.raises(ModelFileError, match="got a Mine"):
        save(Mine(), tmp_path / "a")
    with pytest.raises(ModelFileError, match=r"mine is a Mine, .*skops does not trust"):
        save(make_pipeline(Mine()), tmp_path / "a")


def test_an_attribute_of_ones_own_is_refused(tmp_path):
    model = SeasonalNaive().fit(X, Y)
    model.colour = "red"
    with pytest.raises(ModelFileError, match=r"'colour'.*del model\.colour"):
        save(model, tmp_path / "a")


def test_a_model_that_is_fitted_in_part_is_refused(tmp_path):
    model = SeasonalNaive().fit(X, Y)
    del model._means
    with pytest.raises(ModelFileError, match="fitted in part: it has no _means"):
        save(model, tmp_path / "a")


def test_parameters_that_are_not_allowed_are_refused(tmp_path):
    with pytest.raises(ValueError, match="'pred_len' parameter"):
        save(SeasonalNaive(pred_len=-1), tmp_path / "a")


def test_a_cache_is_refused(tmp_path):
    model = make_pipeline(SeasonalNaive(), memory=str(tmp_path))
    with pytest.raises(ModelFileError, match=r"^memory is .*set_params\(memory=None\)"):
        save(model, tmp_path / "a")


def test_a_step_that_skops_does_not_trust_is_refused(tmp_path):
    model = make_pipeline(FunctionTransformer(to_pandas), SeasonalNaive())
    with pytest.raises(ModelFileError, match=r"^functiontransformer is .*to_pandas"):
        save(model, tmp_path / "a")


def to_pandas(X):
    return X


def test_a_parameter_of_a_later_release_has_its_default(tmp_path):
    """A file that was written before there was a parameter stays readable."""
    path = save(naive(season=5), tmp_path / "a")
    rewrite(path, lambda content: parts(content)[0].pop("bounds"))
    model = load(path)
    assert model.bounds is None
    assert model.season_ == 5


def test_a_field_of_a_later_release_has_its_default(tmp_path):
    path = save(naive(), tmp_path / "a")
    rewrite(path, lambda content: parts(content)[1]["_schema"]["object"][1].pop("time"))
    model = load(path)
    assert model._schema.time is None
    np.testing.assert_array_equal(model.predict(X[-7:]), naive().predict(X[-7:]))


# Nothing is run


def test_nothing_is_unpickled(tmp_path, monkeypatch):
    model = make_forecast_pipeline(
        TimeFeatures(), pandas(StandardScaler()), InformerRegressor(**SMALL)
    ).fit(X[:-7], Y[:-7])
    path = save(model, tmp_path / "model.skinf")
    load(path)  # what is imported late may use eval, as namedtuple does

    def fails(*args, **kwargs):
        raise AssertionError("something would be run")

    for module, names in [
        (pickle, ["load", "loads", "Unpickler", "_Unpickler"]),
        (torch, ["load"]),
        (joblib, ["load"]),
        (marshal, ["load", "loads"]),
        (builtins, ["eval", "exec"]),
        (os, ["system", "popen"]),
        (subprocess, ["Popen"]),
    ]:
        for name in names:
            monkeypatch.setattr(module, name, fails)
    loaded = load(path)
    monkeypatch.undo()
    np.testing.assert_array_equal(loaded.predict(X[-7:]), model.predict(X[-7:]))


FRESH = """
import sys, warnings
import numpy as np
import skinformer
X, _ = skinformer.make_load_series(24 * 12, random_state=0)
assert "skops" not in sys.modules  # which takes a second to import
warnings.simplefilter("error")  # not before: old releases of holidays warn at import
model = skinformer.load(sys.argv[1])
np.save(sys.argv[2], model.predict(X[-7:]))
"""


def test_in_a_process_of_its_own(tmp_path):
    model = informer().fit(X[:-7], Y[:-7])
    path = save(model, tmp_path / "model.skinf")
    out = tmp_path / "forecast.npy"
    root = Path(skinformer.__file__).parents[1]
    subprocess.run([sys.executable, "-c", FRESH, path, out], check=True, cwd=root)
    np.testing.assert_array_equal(np.load(out), model.predict(X[-7:]))

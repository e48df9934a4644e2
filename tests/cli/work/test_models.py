"""From a name to a forecaster."""

from dataclasses import replace

import pytest

from skinformer import InformerRegressor, RidgeForecaster, TimeFeatures
from skinformer.cli.kinds import KINDS, ModelName, read_names
from skinformer.cli.options import ModelOptions, TableOptions
from skinformer.cli.reading.data import read_data
from skinformer.cli.work.models import check_settings, fitting, make_model

from ..helpers import load_frame, write


@pytest.fixture
def data(tmp_path):
    frame = load_frame(90).assign(hour=1, holiday=0)
    path = write(tmp_path / "t.csv", frame)
    return read_data(str(path), TableOptions(target=["load"], known=["temp"]))


def test_every_name_has_a_class(data):
    assert set(KINDS) == set(ModelName)
    for name in ModelName:
        model = make_model(name, fitting(name, data), ModelOptions(horizon=5), None, {})
        assert model[-1].pred_len == 5
        assert (len(model) == 2) == KINDS[name].calendar


def test_parameters_come_from_the_options(data):
    options = ModelOptions(horizon=5, country="DE", seed=7)
    settings = check_settings(["lr=0.5", "loss=mse"], [ModelName.informer])
    rows = fitting(ModelName.informer, data, "DE")
    model = make_model(
        ModelName.informer, rows, options, "h", settings[ModelName.informer], 31
    )
    front, informer = (step for _, step in model.steps)
    assert isinstance(front, TimeFeatures)
    assert front.country == "DE"
    assert isinstance(informer, InformerRegressor)
    names = ("pred_len", "random_state", "freq", "lr", "loss", "calibration_fraction")
    values = [getattr(informer, name) for name in names]
    assert values == [5, 7, "h", 0.5, "mse", 31]


def test_ridge_knows_the_calendar(data):
    model = make_model(ModelName.ridge, data, ModelOptions(), None, {})
    assert isinstance(model[-1], RidgeForecaster)
    assert model[-1].highway == "auto"


def test_columns_that_the_calendar_makes_are_left_out(data):
    assert data.roles.past == ("hour", "holiday")
    assert fitting(ModelName.naive, data, "DE").roles.past == ("hour", "holiday")
    assert fitting(ModelName.ridge, data).roles.past == ("holiday",)
    rows = fitting(ModelName.ridge, data, "DE")
    assert (rows.roles.past, list(rows.X.columns)) == ((), ["temp"])
    assert rows.said["left out"] == "hour, holiday"
    assert fitting(ModelName.lag, data).roles.past == ()


def test_a_named_column_that_the_calendar_makes(data):
    named = replace(data, roles=replace(data.roles, known=("holiday",), past=()))
    assert fitting(ModelName.ridge, named) is named
    with pytest.raises(ValueError, match="--known names 'holiday'"):
        fitting(ModelName.ridge, named, "DE")


def test_settings_go_to_those_that_have_them():
    names = [ModelName.ridge, ModelName.lag]
    given = ["seq_len=31", "lag.lags=[1, 7]", "ridge.highway=ridge"]
    assert check_settings(given, names) == {
        ModelName.ridge: {"seq_len": 31, "highway": "ridge"},
        ModelName.lag: {"lags": [1, 7]},
    }


def test_names_in_a_row():
    assert read_names("naive, ridge,naive") == [ModelName.naive, ModelName.ridge]

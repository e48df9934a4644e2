"""What a model file holds."""

import json

from skinformer import SeasonalNaive, save

from ..helpers import run


def test_what_is_shown(model, capsys):
    done = run(capsys, "inspect", model)
    said = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert said["model"] == "SeasonalNaive"
    assert (said["horizon"], said["target"], said["step"]) == ("4", "load", "h")
    assert said["rows"] == "240, 2024-01-01 00:00:00 to 2024-01-10 23:00:00"
    assert said["fitted"].endswith("load.csv")
    assert "past only    temp" in done.out


def test_a_model_that_is_not_fitted(tmp_path, capsys):
    save(SeasonalNaive(), tmp_path / "m.skinf")
    done = run(capsys, "inspect", tmp_path / "m.skinf")
    assert "not fitted" in done.out


def test_all_of_it_for_a_program(model, capsys):
    told = json.loads(run(capsys, "inspect --json", model).out)
    assert told["class"] == "ForecastPipeline"
    assert told["notes"]["command_line"]["model"] == "naive"


def test_no_file(tmp_path, capsys):
    done = run(capsys, "inspect", tmp_path / "m.skinf")
    assert done.code == 1
    assert "There is no model" in done.err

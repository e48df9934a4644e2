"""Fitting from a table."""

import json

import numpy as np
import pandas as pd
import pytest

from skinformer import SeasonalNaive, describe, load
from skinformer.cli.work.fit import calibration_rows, share_of
from skinformer.forecasting.training import ForecastNet

from ..helpers import hours, load_frame, run, write


def test_the_model_is_the_one_that_python_makes(tmp_path, table, capsys):
    path = tmp_path / "m.skinf"
    line = "fit --model naive --target load --horizon 5 --set season=7 -o"
    assert run(capsys, line, path, table).code == 0
    model = load(path)
    frame = load_frame().set_index("time")
    naive = SeasonalNaive(pred_len=5, season=7, past_covariates=["temp"])
    naive.fit(frame[["temp"]], frame[["load"]])
    ahead = pd.DataFrame({"temp": np.nan}, hours(5, "2024-01-11"))
    np.testing.assert_array_equal(model.predict(ahead), naive.predict(ahead))


def test_what_is_said(tmp_path, table, capsys):
    done = run(
        capsys,
        "fit --model naive --target load --horizon 5 -o",
        tmp_path / "m.skinf",
        table,
    )
    said = dict(line.split(maxsplit=1) for line in done.err.splitlines())
    assert said["time"] == "time (guessed)"
    assert said["dates"].startswith("year-month-day: 2024-01-01 00:00:00 to 2024-01-10")
    assert done.err.splitlines()[-2].split() == ["past", "only", "temp"]
    assert "next: skinformer predict" in done.out


def test_the_file_knows_the_table(tmp_path, table, capsys):
    path = tmp_path / "m.skinf"
    line = "fit --model naive --target load --known temp --tz Europe/Berlin -o"
    assert run(capsys, line, path, table).code == 0
    notes = describe(path)["notes"]["command_line"]
    assert notes["roles"]["known"] == ["temp"]
    assert notes["model"] == "naive"


def test_a_network_with_settings(tmp_path, table, capsys):
    path = tmp_path / "m.skinf"
    sizes = {"seq_len": 24, "label_len": 12, "d_model": 8, "n_heads": 2, "d_ff": 8}
    sizes |= {"max_epochs": 1, "highway": None}
    settings = " ".join(f"--set {name}={value}" for name, value in sizes.items())
    line = f"fit --target load --horizon 5 --country DE {settings} -o"
    assert run(capsys, line, path, table).code == 0
    informer = load(path)[-1]
    assert {name: getattr(informer, name) for name in sizes} == sizes
    assert informer.verbose == 0
    assert "holiday" in informer.feature_names_in_


def test_models_without_a_fraction_calibrate_after_the_fit(tmp_path, table, capsys):
    path = tmp_path / "m.skinf"
    line = "fit --model lag --target load --horizon 3 -o"
    done = run(capsys, line, path, table, "--json")
    assert done.code == 0
    kept = json.loads(done.out)["n_calibration"]
    model = load(path)
    assert model[-1]._n_fitted == [240 - kept]
    ahead = pd.DataFrame(index=hours(3, "2024-01-11"))
    assert model.predict_interval(ahead, 0.9).shape == (3, 1, 2)
    # it has no use for what nobody knows ahead
    assert json.loads(done.out)["left_out"] == ["temp"]


@pytest.mark.parametrize(
    ("given", "n", "horizon", "expected"),
    [
        (None, 1000, 24, 100),
        (None, 400, 24, 80),
        (None, 300, 24, None),
        (0, 1000, 24, None),
        (0.25, 1000, 24, 250),
        (31, 1000, 24, 31),
    ],
)
def test_rows_that_calibrate(given, n, horizon, expected):
    assert calibration_rows(given, n, horizon) == expected


@pytest.mark.parametrize("given", [-1, 1.5, 100, float("nan")])
def test_a_share_that_is_none(given):
    with pytest.raises(ValueError, match="--calibration"):
        share_of("--calibration", given, 100)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--model lag --series store", "take one of informer, ridge, naive"),
        ("--set max_epoch=3", "no parameter of informer. Did you mean 'max_epochs'?"),
        ("--set max_epochs", "has no value"),
        ("--set pred_len=3", "give --horizon"),
        ("--set ridge.seq_len=3", "another model than informer"),
        ("--model naive --set season=x", "'season' parameter of SeasonalNaive"),
    ],
)
def test_settings_that_cannot_be(tmp_path, options, message, capsys):
    frame = pd.concat([load_frame(90).assign(store=s) for s in "ab"])
    frame = frame if "store" in options else frame[:90].drop(columns="store")
    path = write(tmp_path / "t.csv", frame)
    line = f"fit --target load --horizon 3 {options} -o"
    done = run(capsys, line, tmp_path / "m.skinf", path)
    assert done.code == 1
    assert message in done.err


def test_a_training_is_kept_in_a_folder(tmp_path, table, capsys, monkeypatch):
    line = (
        "fit --model lstm --target load --set hidden_size=4 --set max_epochs=2 "
        "--horizon 5 --set seq_len=9 --checkpoint-dir"
    )
    more = [tmp_path, "-o", tmp_path / "m.skinf", table]
    kept = tmp_path / "skinformer.checkpoint"
    real, left = ForecastNet.notify, [2]

    def break_off(net, name, **kwargs):
        left[0] -= name == "on_epoch_begin"
        if left[0] == 0:
            raise KeyboardInterrupt
        real(net, name, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(ForecastNet, "notify", break_off)
        assert run(capsys, line, *more).code != 0
    assert kept.exists()
    other = run(capsys, f"{line.replace('hidden_size=4', 'hidden_size=5')}", *more)
    assert other.code != 0
    assert "hidden_size was 4, is 5" in other.err
    done = run(capsys, line, *more)
    assert done.code == 0
    assert f"note: going on after epoch 1, from {kept}\n" in done.err
    assert not kept.exists()
    assert load(tmp_path / "m.skinf")[-1].n_iter_ == 2


def test_a_model_without_a_training_has_nothing_to_keep(tmp_path, table, capsys):
    done = run(capsys, "fit --model naive --checkpoint-dir", tmp_path, table)
    assert done.code != 0
    assert "(informer, lstm, transformer), and the model naive trains none" in done.err

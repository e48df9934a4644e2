"""The demo: a table of errors and a picture; a table to begin with."""

import json
import re
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skinformer.cli.work import demo

from ..helpers import run

pytest.importorskip("matplotlib", reason="the demo draws a picture")


def test_missing_data_exits_with_1_and_says_what_to_do(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SKINFORMER_DATA", str(tmp_path))
    monkeypatch.setenv("SKINFORMER_CACHE", str(tmp_path))

    def offline(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    done = run(capsys, "demo --data ETTh2")
    assert done.code == 1
    assert "SKINFORMER_DATA" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--target OT", "--target goes with ETTh1"),
        ("--output picture.zzz", "must end in .png"),
        ("--output nowhere/picture.png", "cannot be written"),
        ("--pred-len 700", "--pred-len 700 is more than the 433 test rows"),
    ],
)
def test_what_cannot_work_is_refused_before_training(
    line, message, monkeypatch, tmp_path, capsys
):
    monkeypatch.chdir(tmp_path)
    done = run(capsys, f"demo {line}")
    assert done.code == 1
    assert message in done.err


def test_truth_of_a_picture_stands_at_its_stamps():
    index = pd.date_range("2024-01-01", periods=12, freq="h").delete([6, 8])
    y = pd.DataFrame({"a": 0.0, "b": np.arange(10.0)}, index=index)
    truth = demo.Series(y[[]], y, n_train=4, n_valid=2).truth(4)
    assert list(truth.index.hour) == [6, 7, 8, 9]
    np.testing.assert_array_equal(truth, [np.nan, 6, np.nan, 7])


@pytest.fixture
def quick(monkeypatch):
    """A demo of few rows and a tiny network."""
    make, real = demo.demo_forecaster, demo.load

    def tiny(asked, n_valid):
        sizes = {"seq_len": 24, "label_len": 12, "d_model": 8, "n_heads": 2, "d_ff": 8}
        return make(asked, n_valid).set_params(highway=None, max_epochs=1, **sizes)

    def short(*args):
        series = real(*args)
        return replace(
            series, X=series.X[:600], y=series.y[:600], n_train=400, n_valid=100
        )

    monkeypatch.setattr(demo, "demo_forecaster", tiny)
    monkeypatch.setattr(demo, "load", short)


def test_demo_prints_a_table_and_saves_a_picture(quick, tmp_path, capsys):
    picture = tmp_path / "picture.png"
    done = run(capsys, "demo --pred-len 7 --output", picture)
    assert done.code == 0
    assert "1 target(s), 94 test windows of 7 rows" in done.out
    for name in ("Informer", "seasonal naive"):
        line = rf"^ {name} +\d\.\d{{3}} +\d\.\d{{3}} +\d+\.\d s$"
        assert re.search(line, done.out, re.M)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_picture_that_is_asked_for_needs_matplotlib(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = run(capsys, "demo --output", tmp_path / "picture.png")
    assert done.code == 1
    assert "pip install 'skinformer[plot]'" in done.err


def test_without_matplotlib_there_is_a_table(quick, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = run(capsys, "demo --pred-len 7")
    assert done.code == 0
    assert "seasonal naive" in done.out
    assert "pip install 'skinformer[plot]'" in done.out
    assert list(tmp_path.iterdir()) == []


def test_demo_for_a_program(quick, tmp_path, capsys):
    done = run(capsys, "demo --pred-len 7 --json --output", tmp_path / "picture.png")
    errors = json.loads(done.out)["errors"]
    assert set(errors) == {"Informer", "seasonal naive"}


def test_tables_to_begin_with(tmp_path, capsys):
    done = run(capsys, "demo --write-csv", tmp_path / "load.csv")
    assert done.code == 0
    past = pd.read_csv(tmp_path / "load.csv", parse_dates=["time"])
    ahead = pd.read_csv(tmp_path / "load-next.csv", parse_dates=["time"])
    assert list(past.columns) == ["time", "temperature", "load"]
    assert list(ahead.columns) == ["time", "temperature"]
    assert ahead["time"][0] - past["time"].iloc[-1] == pd.Timedelta("1h")
    assert run(capsys, "demo --write-csv", tmp_path / "load.xls").code == 1

"""The command line."""

import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skinformer import __version__, cli

pytest.importorskip("matplotlib", reason="the demo draws a picture")


def run(*args, **kwargs):
    command = [sys.executable, "-m", "skinformer", *args]
    return subprocess.run(command, capture_output=True, text=True, **kwargs)


def test_version():
    done = run("--version")
    assert (done.returncode, done.stdout.strip()) == (0, __version__)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "required: command"),
        (("demo", "--data", "ETTh9"), "invalid choice: 'ETTh9'"),
        (("demo", "--pred-len", "0"), "not a whole number of at least 1"),
        (("demo", "--pred-len", "x"), "not a whole number of at least 1"),
        (("demo", "--seed", "-1"), "not a whole number below"),
    ],
)
def test_wrong_usage_exits_with_2(args, message):
    done = run(*args)
    assert done.returncode == 2
    assert message in done.stderr


def test_missing_data_exits_with_1_and_says_what_to_do(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SKINFORMER_DATA", str(tmp_path))
    monkeypatch.setenv("SKINFORMER_CACHE", str(tmp_path))

    def offline(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    assert cli.main(["demo", "--data", "ETTh2"]) == 1
    shown = capsys.readouterr().err
    assert "SKINFORMER_DATA" in shown
    assert "Traceback" not in shown


def test_target_without_columns_to_choose_from(capsys):
    assert cli.main(["demo", "--target", "OT"]) == 1
    assert "--target goes with ETTh1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--output", "picture.zzz"], "must end in one of .png"),
        (["--output", "nowhere/picture.png"], "cannot be written"),
        (["--pred-len", "700"], "--pred-len 700 is more than the 433 test rows"),
    ],
)
def test_what_cannot_work_is_refused_before_training(args, message, capsys):
    assert cli.main(["demo", *args]) == 1
    assert message in capsys.readouterr().err


def test_truth_of_a_picture_stands_at_its_stamps():
    index = pd.date_range("2024-01-01", periods=12, freq="h").delete([6, 8])
    y = pd.DataFrame({"a": 0.0, "b": np.arange(10.0)}, index=index)
    truth = cli.Series(y[[]], y, n_train=4, n_valid=2).truth(4)
    assert list(truth.index.hour) == [6, 7, 8, 9]
    np.testing.assert_array_equal(truth, [np.nan, 6, np.nan, 7])


def test_demo_prints_a_table_and_saves_a_picture(monkeypatch, tmp_path, capsys):
    make, real = cli.demo_forecaster, cli.load

    def quick(args, n_valid):
        sizes = {"seq_len": 24, "label_len": 12, "d_model": 8, "n_heads": 2, "d_ff": 8}
        return make(args, n_valid).set_params(max_epochs=1, **sizes)

    def short(*args):
        series = real(*args)
        return replace(
            series, X=series.X[:600], y=series.y[:600], n_train=400, n_valid=100
        )

    monkeypatch.setattr(cli, "demo_forecaster", quick)
    monkeypatch.setattr(cli, "load", short)
    picture = tmp_path / "picture.png"
    assert cli.main(["demo", "--pred-len", "7", "--output", str(picture)]) == 0
    shown = capsys.readouterr().out
    assert "1 target(s), 94 test windows of 7 rows" in shown
    for name in ("Informer", "seasonal naive"):
        assert re.search(rf"^{name} +\d\.\d{{3}} +\d\.\d{{3}} +\d+\.\d s$", shown, re.M)
    assert picture.read_bytes().startswith(b"\x89PNG")

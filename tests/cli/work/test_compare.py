"""Several forecasters in one table."""

import json

import numpy as np

from ..helpers import load_frame, run, write


def noisy(tmp_path):
    """A table whose days differ by chance: the mean of lags is better than the last."""
    frame = load_frame(480)
    frame["load"] += np.random.default_rng(0).normal(size=480)
    return write(tmp_path / "noisy.csv", frame)


LINE = "compare --models naive,lag --target load --horizon 4 --set lag.lags=24"


def test_the_best_one_stands_first(tmp_path, capsys):
    done = run(capsys, f"{LINE} --set season=168", noisy(tmp_path))
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    names = [words[0] for words in lines if words and words[0] in ("naive", "lag")]
    assert names == ["lag", "naive"]
    assert "least error" in done.out
    assert "worse" in done.out


def test_numbers_for_a_program(tmp_path, capsys):
    told = json.loads(run(capsys, f"{LINE} --json", noisy(tmp_path)).out)
    naive, lag = told["models"]["naive"], told["models"]["lag"]
    assert told["best"] == "lag"
    assert lag["above_best"] is None
    above = naive["above_best"]
    assert above["difference"] == naive["mae"] - lag["mae"] > 0
    assert above["interval"][0] < above["difference"] < above["interval"][1]
    assert above["tie"] == (above["interval"][0] < 0)


def test_too_few_forecasts_to_tell(tmp_path, capsys):
    done = run(capsys, f"{LINE} --test-size 8", noisy(tmp_path))
    assert done.code == 0
    assert "unknown" in done.out
    assert "too few forecasts" in done.err


def test_targets_of_different_units(tmp_path, capsys):
    line = LINE.replace("load", "load,temp")
    told = json.loads(run(capsys, f"{line} --json", noisy(tmp_path)).out)
    assert told["standardized"]

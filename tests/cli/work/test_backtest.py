"""Errors over the last part of a table."""

import json

import numpy as np
import pandas as pd
import pytest

from skinformer import SeasonalNaive, backtest

from ..helpers import load_frame, run, write


@pytest.fixture
def rising(tmp_path):
    """A table whose load rises by one a day: naive is one too low."""
    frame = load_frame(240)
    frame["load"] += np.arange(240) // 24
    return write(tmp_path / "rising.csv", frame)


def test_errors_are_those_of_python(rising, capsys):
    line = "backtest --model naive --target load --horizon 5 --test-size 48 --json"
    done = run(capsys, line, rising)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    frame = pd.read_csv(rising, parse_dates=["time"]).set_index("time")
    model = SeasonalNaive(pred_len=5, past_covariates=["temp"])
    result = backtest(model, frame[["temp"]], frame[["load"]], train_size=192)
    assert told["n_forecasts"] == len(result.starts) == 44
    assert told["errors"]["load"]["mae"] == result.mae() == 1.0
    assert told["by_step"]["mae"] == [1.0] * 5
    assert (told["first"], told["last"]) == (
        "2024-01-09 00:00:00",
        "2024-01-10 23:00:00",
    )


def test_the_table(rising, capsys):
    line = "backtest --model naive --target load --known temp --horizon 5 --stride 24"
    done = run(capsys, line, rising)
    assert "naive on " in done.out
    assert (
        "2 forecasts of 5 rows, 2024-01-09 00:00:00 to 2024-01-10 04:00:00" in done.out
    )
    [row] = [
        text.split() for text in done.out.splitlines() if text.startswith(" load")
    ][:1]
    assert row == ["load", "1", "1", "1", "-1"]
    assert "note: temp counted as known ahead" in done.err


def test_several_targets_have_a_row_each(rising, capsys):
    line = "backtest --model naive --target load,temp --horizon 5"
    done = run(capsys, line, rising)
    lines = [line.split() for line in done.out.splitlines()]
    assert [words[:2] for words in lines if words[:1] in (["load"], ["temp"])] == [
        *(["load", "1"], ["temp", "0"])
    ]
    assert "in standard deviations" in done.out


def test_forecasts_are_written(rising, tmp_path, capsys):
    out = tmp_path / "windows.csv"
    line = "backtest --model naive --target load --horizon 5 --stride 24 --refit 2 -o"
    assert run(capsys, line, out, rising).code == 0
    frame = pd.read_csv(out)
    assert list(frame["step"]) == [1, 2, 3, 4, 5] * 2
    np.testing.assert_array_equal(frame["y_pred"], frame["y_true"] - 1)


def test_series(tmp_path, capsys):
    frame = pd.concat([load_frame(96).assign(store=s) for s in "ab"])
    path = write(tmp_path / "t.csv", frame)
    line = "backtest --model naive --target load --series store --horizon 5 --json"
    told = json.loads(run(capsys, line, path).out)
    assert set(told["by_series"]) == {"a", "b"}


def test_a_model_file_on_later_rows(model, tmp_path, capsys):
    frame = load_frame(264)
    frame.loc[240:, "load"] += 3
    path = write(tmp_path / "later.csv", frame)  # rows of the fit are left out
    told = json.loads(run(capsys, "backtest --json --fitted", model, path).out)
    assert told["n_forecasts"] == 21
    assert told["errors"]["load"]["mae"] == 3.0
    early = write(tmp_path / "early.csv", frame[:200])
    done = run(capsys, "backtest --fitted", model, early)
    assert done.code == 1
    assert "No row of" in done.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--test-size 4", "fewer than --horizon 5"),
        ("--test-size 239", "--horizon 5 is too long for the 1 rows"),
        ("--test-size 240", "leaves no row to learn from"),
        ("-o windows.xls", "must end in .csv"),
    ],
)
def test_what_cannot_be_tested(rising, options, message, capsys):
    line = f"backtest --model naive --target load --horizon 5 {options}"
    done = run(capsys, line, rising)
    assert done.code == 1
    assert message in done.err

"""Forecasts by a model file."""

import io
import json

import numpy as np
import pandas as pd
import pytest

from skinformer import SeasonalNaive, load, save

from ..helpers import hours, load_frame, run, write


def forecast(done):
    """Read what a command has printed."""
    assert done.code == 0, done.err
    return pd.read_csv(io.StringIO(done.out), parse_dates=[0])


def test_the_calendar_rows_are_made(model, capsys):
    frame = forecast(run(capsys, "predict", model))
    assert list(frame.columns) == ["time", "load"]
    assert list(frame["time"]) == list(hours(4, "2024-01-11"))
    assert list(frame["load"]) == [100, 101, 102, 103]


def test_a_longer_horizon_and_intervals(model, capsys):
    frame = forecast(run(capsys, "predict --horizon 7 --coverage 0.9", model))
    assert list(frame.columns) == ["time", "load", "load_lower", "load_upper"]
    assert len(frame) == 7
    # naive never misses here, so that an interval has no width
    np.testing.assert_allclose(frame["load_lower"], frame["load"])


def test_without_rows_to_calibrate_intervals_are_refused(tmp_path, table, capsys):
    line = "fit --model naive --target load --calibration 0 -o"
    assert run(capsys, line, tmp_path / "m.skinf", table).code == 0
    done = run(capsys, "predict --coverage 0.9", tmp_path / "m.skinf")
    assert done.code == 1
    assert "such as --calibration 63" in done.err  # 40 windows of 24 rows


@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz", "f.parquet"])
def test_files(tmp_path, model, name, capsys):
    path = tmp_path / name
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="Parquet is an extra")
    done = run(capsys, "predict -o", path, model)
    assert (done.code, done.out) == (0, "")
    assert "wrote 4 rows" in done.err
    read = pd.read_parquet if name.endswith("parquet") else pd.read_csv
    assert list(read(path)["load"]) == [100, 101, 102, 103]


def test_rows_observed_since(tmp_path, model, capsys):
    frame = load_frame(250)
    frame["load"] += np.where(np.arange(250) >= 240, 50.0, 0.0)
    newer = write(tmp_path / "newer.csv", frame[200:])  # some are known already
    shown = forecast(run(capsys, "predict --data", newer, model))
    assert shown["time"][0] == pd.Timestamp("2024-01-11 10:00")
    assert load(model)[-1]._history.n_known == 240  # the file is as it was


def test_rows_that_contradict(tmp_path, model, capsys):
    frame = load_frame(244).assign(load=7.0)
    newer = write(tmp_path / "newer.csv", frame)
    done = run(capsys, "predict --data", newer, model)
    assert done.code == 1
    assert "--replace" in done.err
    shown = forecast(run(capsys, "predict --replace --data", newer, model))
    assert list(shown["load"]) == [7, 7, 7, 7]


@pytest.fixture
def known(tmp_path, table, capsys):
    """A model with a column that is known ahead."""
    path = tmp_path / "known.skinf"
    line = "fit --model naive --target load --known temp --horizon 4 -o"
    assert run(capsys, line, path, table).code == 0
    return path


def test_future_rows(tmp_path, known, capsys):
    future = write(tmp_path / "future.csv", load_frame(247).drop(columns="load")[230:])
    done = run(capsys, "predict --future", future, known)
    frame = forecast(done)
    assert list(frame["time"]) == list(hours(7, "2024-01-11"))
    assert "10 rows of" in done.err
    assert (
        len(forecast(run(capsys, "predict --horizon 3 --future", future, known))) == 3
    )
    done = run(capsys, "predict --horizon 8 --future", future, known)
    assert done.code == 1
    assert "which ends 7 rows after" in done.err


def test_future_rows_that_are_none(known, table, capsys):
    done = run(capsys, "predict --future", table, known)
    assert done.code == 1
    assert "has seen rows up to 2024-01-10 23:00:00; give later rows" in done.err


def test_a_gap_before_the_future_is_said(tmp_path, known, capsys):
    future = write(tmp_path / "future.csv", load_frame(245)[242:])
    done = run(capsys, "predict --future", future, known)
    assert len(forecast(done)) == 3
    assert "note: 2 rows after the history were not asked for" in done.err


def test_times_of_a_zone_read_back(tmp_path, capsys):
    index = hours(24 * 20, "2024-10-17 00:00", tz="Europe/Berlin")
    frame = pd.DataFrame({"when": index, "load": np.arange(480.0)})
    frame["when"] = frame["when"].dt.tz_localize(None)
    table = write(tmp_path / "t.csv", frame[:240])
    path, out = tmp_path / "m.skinf", tmp_path / "f.csv"
    line = "fit --model naive --tz Europe/Berlin --horizon 9 -o"
    assert run(capsys, line, path, table).code == 0
    # the night of the change is in the forecast
    assert run(capsys, "predict --horizon 49 -o", out, path).code == 0
    shown = pd.read_csv(out)
    stamps = pd.to_datetime(shown["when"], utc=True).dt.tz_convert("Europe/Berlin")
    assert list(stamps) == list(index[240:289])
    assert shown["when"].str[-6:].nunique() == 2
    # and the forecast, taken for what came, is read in the same way
    assert run(capsys, "predict --data", out, path).code == 0


def test_days_have_no_time_of_day(tmp_path, capsys):
    days = pd.date_range("2024-01-01", periods=60, freq="D").strftime("%d.%m.%Y")
    table = write(tmp_path / "t.csv", pd.DataFrame({"Datum": days, "x": range(60)}))
    path = tmp_path / "m.skinf"
    assert run(capsys, "fit --model naive --horizon 3 -o", path, table).code == 0
    done = run(capsys, "predict", path)
    assert done.out.splitlines()[1].startswith("2024-03-01,")


def test_months(tmp_path, capsys):
    months = pd.date_range("2020-01-31", periods=60, freq="ME")
    table = write(tmp_path / "t.csv", pd.DataFrame({"month": months, "x": range(60)}))
    path = tmp_path / "m.skinf"
    assert run(capsys, "fit --model naive --horizon 3 -o", path, table).code == 0
    shown = forecast(run(capsys, "predict", path))
    assert [str(t.date()) for t in shown["month"]] == [
        *("2025-01-31", "2025-02-28", "2025-03-31")
    ]


def test_many_series_go_on_from_their_own_ends(tmp_path, capsys):
    north, south = (
        load_frame(200).assign(store="north"),
        load_frame(210).assign(store="s"),
    )
    south["load"] *= 2
    frame = pd.concat([north, south]).drop(columns="temp")
    path = tmp_path / "m.skinf"
    line = "fit --model naive --series store --horizon 3 -o"
    assert run(capsys, line, path, write(tmp_path / "t.csv", frame)).code == 0
    shown = forecast(run(capsys, "predict --coverage 0.5", path))
    assert list(shown.columns) == ["time", "store", "load", "load_lower", "load_upper"]
    assert list(shown["store"]) == ["north"] * 3 + ["s"] * 3
    assert list(shown["time"][[0, 3]]) == [hours(201)[-1], hours(211)[-1]]
    assert list(shown["load"]) == [108, 109, 110, 236, 238, 240]
    future = write(tmp_path / "f.csv", shown.loc[[0, 3], ["time", "store"]])
    assert len(forecast(run(capsys, "predict --future", future, path))) == 2


def test_several_targets(tmp_path, table, capsys):
    path = tmp_path / "m.skinf"
    line = "fit --model naive --target load,temp --horizon 3 --calibration .3 -o"
    assert run(capsys, line, path, table).code == 0
    shown = forecast(run(capsys, "predict --coverage 0.5", path))
    names = ["load", "load_lower", "load_upper", "temp", "temp_lower", "temp_upper"]
    assert list(shown.columns) == ["time", *names]
    assert list(shown["temp"]) == [0, 0.5, 1]


def test_date_and_hour_in_two_columns(tmp_path, capsys):
    frame = load_frame(240)
    days = {"day": frame["time"].dt.strftime("%d-%m-%Y"), "hour": frame["time"].dt.hour}
    split = pd.DataFrame(days).assign(load=frame["load"])
    path = tmp_path / "m.skinf"
    line = "fit --model naive --horizon 3 -o"
    assert run(capsys, line, path, write(tmp_path / "t.csv", split[:200])).code == 0
    done = run(capsys, "predict --data", write(tmp_path / "n.csv", split[200:]), path)
    assert list(forecast(done)["day"]) == list(hours(3, "2024-01-11"))


def test_a_model_that_python_has_saved(tmp_path, capsys):
    frame = load_frame().set_index("time")
    save(SeasonalNaive(pred_len=3).fit(frame[[]], frame["load"]), tmp_path / "m.skinf")
    shown = forecast(run(capsys, "predict", tmp_path / "m.skinf"))
    assert list(shown["load"]) == [100, 101, 102]
    save(SeasonalNaive().fit(np.zeros((9, 1)), np.arange(9.0)), tmp_path / "no.skinf")
    done = run(capsys, "predict", tmp_path / "no.skinf")
    assert "rows with a time" in done.err


def test_json_holds_the_rows(model, capsys):
    done = run(capsys, "predict --horizon 2 --json", model)
    rows = json.loads(done.out)["forecast"]
    assert rows == [
        {"time": "2024-01-11 00:00:00", "load": 100.0},
        {"time": "2024-01-11 01:00:00", "load": 101.0},
    ]

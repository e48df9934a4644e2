"""Ten typical mistakes, each answered in one sentence that names the remedy."""

import os

import numpy as np
import pytest

from .helpers import hours, load_frame, run, write


def refused(done, *parts):
    """Check that a problem is told in one line, without a traceback."""
    assert done.code == 1
    assert done.out == ""
    [line] = done.err.splitlines()
    assert line.startswith("skinformer: ")
    for part in parts:
        assert part in line


def test_wrong_column_name(table, capsys):
    done = run(capsys, "fit --model naive --target laod", table)
    refused(done, "--target names 'laod'", "time, temp, load", "Did you mean 'load'?")


def test_text_in_a_number_column(tmp_path, capsys):
    frame = load_frame().astype({"load": object})
    frame.loc[5, "load"] = "broken"
    path = write(tmp_path / "text.csv", frame)
    done = run(capsys, "fit --model naive --target load", path)
    refused(
        done, "Column 'load' holds text, 'broken' in line 7", "leave the field empty"
    )


def test_two_date_formats(tmp_path, capsys):
    frame = load_frame()
    day_first = frame["time"].dt.strftime("%d/%m/%Y %H:%M")
    month_first = frame["time"].dt.strftime("%m/%d/%Y %H:%M")
    late = np.arange(len(frame)) >= 26
    frame["time"] = day_first.mask(late, month_first)
    frame.loc[9, "time"] = "31/01/2024 09:00"
    frame.loc[230, "time"] = "01/31/2024 09:00"
    path = write(tmp_path / "two.csv", frame)
    done = run(capsys, "fit --model naive --target load", path)
    refused(done, "mixes two ways", "'31/01/2024 09:00' in line 11", "'01/31/2024")


def test_empty_file(tmp_path, capsys):
    path = tmp_path / "empty.csv"
    path.write_text("")
    refused(run(capsys, "fit", path), "is empty", "a header and rows")


@pytest.mark.parametrize(
    ("output", "remedy"),
    [
        ("nowhere/m.skinf", "Make it, or give another place"),
        (".", "name a file in it"),
        ("m.joblib", "must end in .skinf"),
    ],
)
def test_unwritable_output(table, tmp_path, monkeypatch, output, remedy, capsys):
    monkeypatch.chdir(tmp_path)
    done = run(capsys, f"fit --model naive --target load -o {output}", table)
    refused(done, f"-o {output}", remedy)


def test_missing_model(tmp_path, model, capsys):
    done = run(capsys, "predict", tmp_path / "laod.skinf")
    refused(done, "There is no model", "load.skinf", "skinformer fit makes one")


def test_wrong_horizon(table, capsys):
    done = run(capsys, "fit --model naive --target load --horizon 100", table)
    refused(done, "--horizon 100 is too long for the 240 rows", "give at most 80")


@pytest.mark.parametrize("horizon", ["0", "x"])
def test_a_horizon_that_is_no_number_of_rows(table, horizon, capsys):
    done = run(capsys, f"fit --target load --horizon {horizon}", table)
    assert done.code == 2
    assert "--horizon" in done.err
    assert len(done.err.splitlines()) == 1


def test_duplicate_stamps(tmp_path, capsys):
    frame = load_frame()
    frame.loc[8, "time"] = frame.loc[7, "time"]
    path = write(tmp_path / "twice.csv", frame)
    done = run(capsys, "fit --model naive --target load", path)
    refused(done, "2024-01-01 07:00:00 is there 2 times, in lines 9, 10", "--series")


def test_other_columns_at_predict(tmp_path, table, capsys):
    path = tmp_path / "m.skinf"
    line = "fit --model naive --target load --known temp --horizon 4 -o"
    assert run(capsys, line, path, table).code == 0
    refused(
        run(capsys, "predict", path), "--future, a table of time, temp, with rows after"
    )
    later = load_frame(4).rename(columns={"temp": "tmep"}).assign(time=hours(4, "2025"))
    future = write(tmp_path / "future.csv", later)
    done = run(capsys, "predict", path, "--future", future)
    refused(done, "lacks the column 'temp'", "Did you mean 'tmep'?")


def test_corrupt_model(model, capsys):
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 255
    model.write_bytes(content)
    refused(run(capsys, "predict", model), "load.skinf", "Copy it again")
    model.write_text("no model")
    refused(run(capsys, "inspect", model), "load.skinf", "Give a file")


def test_a_forecast_does_not_replace_what_is_read(table, model, tmp_path, capsys):
    link = tmp_path / "link.csv"
    link.symlink_to(table)
    before = table.read_bytes()
    for option in ("--data", "--future"):
        for output in (table, link):
            done = run(capsys, "predict", model, option, table, "-o", output)
            refused(done, f"-o {output} is a file that is read", "another name")
    done = run(capsys, "backtest --model naive --target load", table, "-o", table)
    refused(done, f"-o {table} is a file that is read")
    assert table.read_bytes() == before


def test_a_forecast_does_not_replace_its_model(model, tmp_path, capsys):
    link = tmp_path / "m.csv"
    link.symlink_to(model)
    refused(run(capsys, "predict", model, "-o", link), "is a file that is read")


@pytest.mark.parametrize(
    ("target", "reason"),
    [("x.csv", "links lead in a circle"), ("gone/y.csv", "there is no folder")],
)
def test_links_that_lead_nowhere(model, tmp_path, target, reason, capsys):
    link = tmp_path / "x.csv"
    link.symlink_to(tmp_path / target)
    refused(run(capsys, "predict", model, "-o", link), f"-o {link} cannot", reason)


def test_a_pipe_is_no_place_for_a_file(model, tmp_path, capsys):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    refused(run(capsys, "predict", model, "-o", pipe), "is no regular file")


def test_long_names(model, tmp_path, capsys):
    longest = tmp_path / f"{'x' * 251}.csv"
    assert run(capsys, "predict", model, "-o", longest).code == 0
    assert longest.exists()
    done = run(capsys, "predict", model, "-o", tmp_path / f"{'x' * 252}.csv")
    refused(done, "cannot be written (File name too long)")


def test_two_tables_from_standard_input(model, capsys):
    done = run(capsys, "predict --data - --future -", model)
    assert done.code == 2
    assert "--future and --data cannot both be standard input" in done.err


@pytest.mark.parametrize("country", ["nonsense", "de"])
def test_a_country_is_checked_for_every_model(table, country, capsys):
    done = run(capsys, f"fit --model naive --target load --country {country}", table)
    refused(done, f"country={country!r} is unknown")


def test_a_setting_is_checked_before_the_table_is_read(tmp_path, capsys):
    empty = tmp_path / "empty.csv"  # which would be refused
    empty.touch()
    done = run(capsys, "fit --model naive --set season=x", empty)
    refused(done, "'season' parameter of SeasonalNaive", "Got 'x'")
    done = run(capsys, "compare --models naive,ridge --set seq_len=0", empty)
    refused(done, "'seq_len' parameter of RidgeForecaster", "Got 0")


def test_a_stride_beyond_all_whole_numbers(table, capsys):
    line = "backtest --model naive --target load --horizon 4 --json --stride"
    done = run(capsys, line, 10**20, table)
    assert done.code == 0
    assert '"n_forecasts": 1' in done.out


def test_a_step_longer_than_time(table, capsys):
    done = run(capsys, "fit --model naive --target load --freq 10000000D", table)
    refused(done, "--freq '10000000D' steps beyond the year 2261", "a shorter one")

"""Files by what their names say, and JSON."""

import json

import numpy as np
import pandas as pd
import pytest

from skinformer.cli.output import check_output, print_json, write_frame


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("t.xls", ValueError, "must end in .csv or .parquet"),
        ("t", ValueError, "must end in"),
        ("nowhere/t.csv", FileNotFoundError, "-o .* there is no folder"),
    ],
)
def test_what_cannot_be_written_is_refused_before(tmp_path, name, error, message):
    with pytest.raises(error, match=message):
        check_output(tmp_path / name, (".csv", ".parquet"))


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
def test_tables_come_back(tmp_path, name):
    frame = pd.DataFrame({"time": ["a", "b"], "load": [0.1 + 0.2, 1e10 / 3]})
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow", reason="Parquet is an extra")
    write_frame(frame, tmp_path / name)
    read = pd.read_parquet if name.endswith("parquet") else pd.read_csv
    pd.testing.assert_frame_equal(read(tmp_path / name), frame, rtol=1e-9)


def test_json_knows_numpy_and_has_no_nan(capsys):
    values = {"a": np.float64(0.5), "b": np.array([1, 2]), "c": float("nan")}
    values |= {"d": {1: np.bool_(True)}, "e": pd.Timestamp("2024-01-01"), "f": None}
    print_json(values)
    read = json.loads(capsys.readouterr().out)
    assert read == {
        **{"a": 0.5, "b": [1, 2], "c": None, "d": {"1": True}},
        **{"e": "2024-01-01 00:00:00", "f": None},
    }


def test_control_characters_in_json_do_not_reach_the_terminal(capsys):
    values = {"wärme\x9b31m": "\x1b[31mred\x7f\x85"}
    print_json(values)
    text = capsys.readouterr().out
    assert "wärme\\u009b31m" in text
    assert not set(text) & {"\x1b", "\x7f", "\x85", "\x9b"}
    assert json.loads(text) == values

"""Whole files or none, and JSON."""

import json
import os

import numpy as np
import pandas as pd
import pytest

from skinformer.cli.output import check_output, print_json, replaced, write_frame


def test_a_file_is_there_when_it_is_whole(tmp_path):
    path = tmp_path / "t.csv"
    with replaced(path) as beside:
        beside.write_text("new")
        assert not path.exists()
        assert beside.suffix == ".csv"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_ends_early_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "t.csv"
    path.write_text("old")

    def write_half():
        with replaced(path) as beside:
            beside.write_text("half")
            raise error

    with pytest.raises(error):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_and_links_stay(tmp_path):
    path, link = tmp_path / "t.csv", tmp_path / "link.csv"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with replaced(link) as beside:
        beside.write_text("new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_usual_permissions(tmp_path):
    mask = os.umask(0o027)
    try:
        with replaced(tmp_path / "t.csv") as beside:
            beside.write_text("")
    finally:
        os.umask(mask)
    assert (tmp_path / "t.csv").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("t.xls", ValueError, "must end in .csv or .parquet"),
        ("t", ValueError, "must end in"),
        ("nowhere/t.csv", FileNotFoundError, "there is no folder"),
        ("folder.csv", IsADirectoryError, "is a folder"),
    ],
)
def test_what_cannot_be_written_is_refused_before(tmp_path, name, error, message):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(error, match=message):
        check_output(tmp_path / name, (".csv", ".parquet"))


def test_a_disk_that_takes_nothing(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with pytest.raises(OSError, match=r"No space left on device\); give another place"):
        check_output(tmp_path / "t.csv", (".csv",))


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

"""Tables from files."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest

from skinformer.cli.reading.tables import read_table

TEXT = "time,load\n2024-01-01,3\n2024-01-02,5\n"


def written(tmp_path, content, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize(
    ("content", "how"),
    [
        (TEXT, "CSV"),
        (TEXT.replace(",", ";"), "CSV with semicolons"),
        (TEXT.replace(",", "\t"), "text with tabs"),
        (TEXT.replace("\n", "\r\n"), "CSV"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "CSV"),
        (TEXT.encode("utf-16"), "CSV"),
        (gzip.compress(TEXT.encode(), mtime=0), "CSV, gzip"),
        ("time, load\n2024-01-01, 3\n2024-01-02, 5\n", "CSV"),
        ("\n\n" + TEXT + "\n\n", "CSV"),
    ],
)
def test_kinds_of_text(tmp_path, content, how):
    table = read_table(written(tmp_path, content))
    assert table.how == how
    assert list(table.frame.columns) == ["time", "load"]
    assert list(table.frame["load"]) == [3, 5]


def test_lines_are_numbered_as_an_editor_does(tmp_path):
    table = read_table(written(tmp_path, "\n" + TEXT + "\n2024-01-03,7\n"))
    assert (table.frame.index.name, list(table.frame.index)) == ("line", [3, 4, 6])


def test_decimal_commas(tmp_path):
    text = "time;a;b;c\n2024-01-01;1,5;1.234,5;x,1\n2024-01-02;-2;,25;y\n"
    frame = read_table(written(tmp_path, text)).frame
    assert list(frame["a"]) == [1.5, -2.0]
    assert list(frame["b"]) == [1234.5, 0.25]
    assert list(frame["c"]) == ["x,1", "y"]


def test_plain_csv_of_excel_in_the_west(tmp_path):
    table = read_table(written(tmp_path, "Tag;Wärme\n01.01.2024;3\n".encode("cp1252")))
    assert list(table.frame) == ["Tag", "Wärme"]
    assert table.how == "CSV with semicolons, windows-1252 (guessed)"


def test_names_may_be_numbers_beside_that_of_the_time(tmp_path):
    frame = read_table(written(tmp_path, "day,1,2\n2024-01-01,3,5\n")).frame
    assert list(frame) == ["day", "1", "2"]


def test_marks_of_what_is_missing(tmp_path):
    text = "time;a;b\n2024-01-01;-;7,5\n2024-01-02;-3;-\n2024-01-03;#NV;5\n"
    frame = read_table(written(tmp_path, text)).frame
    np.testing.assert_array_equal(frame["a"], [np.nan, -3, np.nan])
    np.testing.assert_array_equal(frame["b"], [7.5, np.nan, 5])


def test_the_index_that_pandas_writes(tmp_path):
    frame = pd.DataFrame({"load": [3, 5]}, pd.to_datetime(["2024-01-01", "2024-01-02"]))
    assert list(read_table(written(tmp_path, frame.to_csv())).frame) == ["time", "load"]
    frame = frame.reset_index(names="when")
    assert list(read_table(written(tmp_path, frame.to_csv())).frame) == ["when", "load"]


@pytest.mark.parametrize("index", [True, False])
def test_parquet(tmp_path, index):
    pytest.importorskip("pyarrow", reason="Parquet is an extra")
    stamps = pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin", name="when")
    frame = pd.DataFrame({"load": np.arange(3.0)}, stamps)
    frame = frame if index else frame.reset_index()
    frame.to_parquet(tmp_path / "table.parquet")
    table = read_table(str(tmp_path / "table.parquet"))
    assert list(table.frame.columns.sort_values()) == ["load", "when"]
    assert str(table.frame["when"].dt.tz) == "Europe/Berlin"
    assert (table.frame.index.name, table.frame.index[0]) == ("row", 1)


def test_standard_input(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(TEXT.encode()))
    monkeypatch.setattr("sys.stdin", stream)
    table = read_table("-")
    assert (table.name, len(table.frame)) == ("standard input", 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("time,load\n", "has a header and no rows"),
        ("time,load,load\n2024-01-01,3,4\n", "more than one column of the name 'load'"),
        (TEXT + "2024-01-03,7,9\n", "Line 4 of .* has 3 fields, the first one 2"),
        ("time\n2024-01-01,3\n", "more fields than its first line has names"),
        (b"time,load\n2024-01-01,\x81\xfe3\n", "is no text"),  # no character of Windows
        (
            "2024-01-01,3\n2024-01-02,5\n",
            "holds values, 2024-01-01, 3; put a line with",
        ),
        ("01.01.2024;3,5;\n02.01.2024;5,5;\n", "holds values, 01.01.2024, 3,5"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-9], "damaged gzip"),
        (b"PK\x03\x04 and so on", "Excel"),
        (b"PAR1 and so on", "damaged Parquet"),
        (b"time\0load", "is no text"),
    ],
)
def test_what_is_no_table(tmp_path, content, message):
    if content[:4] == b"PAR1":
        pytest.importorskip("pyarrow", reason="Parquet is an extra")
    with pytest.raises(ValueError, match=message):
        read_table(written(tmp_path, content))


def test_what_is_no_file(tmp_path):
    written(tmp_path, TEXT, "load.csv")
    with pytest.raises(FileNotFoundError, match=r"laod.csv; beside it lie load.csv"):
        read_table(str(tmp_path / "laod.csv"))
    with pytest.raises(FileNotFoundError, match="no folder"):
        read_table(str(tmp_path / "nowhere" / "load.csv"))
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read_table(str(tmp_path))


def test_lines_that_end_in_returns_alone(tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes(b"time,load\r2024-01-01,1\r2024-01-02,2\r")
    assert read_table(str(path)).frame["load"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('time,load\na,1\nb,"2\nc,3\n', "A quote in line 3 of .* is never closed"),
        ('\n\ntime,load\na,1\nb,"2\n', "A quote in line 5 of .* is never closed"),
        ("\n\ntime,load\na,1\nb,2,3\n", "Line 5 of .* has 3 fields, the first one 2"),
    ],
)
def test_the_line_that_is_odd(tmp_path, text, sentence):
    path = tmp_path / "odd.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=sentence):
        read_table(str(path))


@pytest.mark.parametrize("names", [["time"], ["shop", "time"], [None]])
def test_an_index_of_parquet_is_there_once(tmp_path, names):
    days = pd.date_range("2024-01-01", periods=3)
    frame = pd.DataFrame({"shop": [5, 5, 7], "time": days, "load": [1, 2, 3]})
    given = frame.set_index([n or "time" for n in names], drop=None in names)
    given = given if None not in names else frame.set_axis([4, 6, 9], axis=0)
    for table in (given, frame.set_index(["shop", "time"], drop=False)):
        table.to_parquet(tmp_path / "t.parquet")
        read = read_table(str(tmp_path / "t.parquet")).frame
        assert sorted(read.columns) == ["load", "shop", "time"]
        assert read["time"].tolist() == days.tolist()

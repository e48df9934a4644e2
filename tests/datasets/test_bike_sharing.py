import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from skinformer.datasets import _download, fetch_bike_sharing
from skinformer.datasets._bike_sharing import (
    _HEADER,
    _UCI_HEADER,
    _canonical,
    _features_and_target,
)
from skinformer.exceptions import DatasetUnavailableError

NAME = "bike_sharing_hour.csv"
COLUMNS = [
    "season",
    "holiday",
    "workingday",
    "weather",
    "temp",
    "feeling_temp",
    "humidity",
    "windspeed",
]
UCI_ROWS = (
    "1,2011-01-31,1,0,1,23,0,6,0,1,0.24,0.2879,0.81,0,3,13,16\r\n"
    "2,2012-12-01,4,0,1,1,1,6,0,3,0.22,0.2727,0.8,0.1,8,32,40\r\n"
)


def zipped(text, name="hour.csv"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Readme.txt", "about the data")
        archive.writestr(name, text)
    return buffer.getvalue()


def as_uci(canonical):
    """Undo the conversion by other means: through a frame, not through text."""
    frame = pd.read_csv(io.BytesIO(canonical), dtype=str)
    frame.columns = _UCI_HEADER.split(",")
    frame["dteday"] = pd.to_datetime(frame["dteday"], format="%d-%m-%Y").dt.strftime(
        "%Y-%m-%d"
    )
    return frame.to_csv(index=False, lineterminator="\r\n")


@pytest.fixture
def bikes(real_file, monkeypatch):
    monkeypatch.setenv("SKINFORMER_DATA", str(real_file(NAME).parent))


@pytest.mark.usefixtures("bikes")
def test_rows_by_value():
    X, y = fetch_bike_sharing(return_X_y=True)
    assert X.columns.to_list() == COLUMNS
    first = ["winter", 0, 0, "clear", 0.24, 0.2879, 0.81, 0.0]
    assert X.iloc[0].to_list() == first
    last = ["winter", 0, 1, "clear", 0.26, 0.2727, 0.65, 0.1343]
    assert X.iloc[-1].to_list() == last
    assert y.name == "count"
    assert y.iloc[[0, 1, 2, -1]].to_list() == [16, 40, 32, 49]
    assert y.max() == 977
    assert y.sum() == 3_292_679


@pytest.mark.usefixtures("bikes")
def test_missing_hours_stay_missing():
    X, y = fetch_bike_sharing(return_X_y=True)
    full = pd.date_range("2011-01-01 00:00", "2012-12-31 23:00", freq="h")
    assert len(X) == 17_379
    assert X.index.equals(y.index)
    assert X.index.is_monotonic_increasing
    assert len(full.difference(X.index)) == 165
    assert X.index.isin(full).all()
    # Read month first, the 3rd of January would come before the 2nd.
    assert pd.Timestamp("2011-01-03 02:00") not in X.index
    assert y["2011-01-03 04:00"] == 1


@pytest.mark.usefixtures("bikes")
def test_the_parts_of_the_target_are_nowhere():
    data = fetch_bike_sharing()
    assert not {"casual", "registered"} & set(data.frame.columns)
    assert "count" not in data.data.columns
    for column in data.data.select_dtypes("number"):
        assert abs(np.corrcoef(data.data[column], data.target)[0, 1]) < 0.5, column


@pytest.mark.usefixtures("bikes")
def test_flags_and_categories():
    X = fetch_bike_sharing().data
    assert X["season"].value_counts().to_dict() == {
        "fall": 4232,
        "spring": 4409,
        "summer": 4496,
        "winter": 4242,
    }
    assert X["weather"].value_counts().to_dict() == {
        "clear": 11413,
        "mist": 4544,
        "light_rain_snow": 1419,
        "heavy_rain_snow": 3,
    }
    assert X["holiday"].sum() == 500
    assert set(X["workingday"]) == {0, 1}
    weekend = X.index.day_of_week >= 5
    assert not X["workingday"][weekend].any()
    assert (X["workingday"] + X["holiday"])[~weekend].eq(1).all()


@pytest.mark.usefixtures("bikes")
def test_bunch():
    data = fetch_bike_sharing()
    assert data.feature_names == COLUMNS
    assert data.target_names == ["count"]
    assert data.frame.columns.to_list() == [*COLUMNS, "count"]
    pd.testing.assert_series_equal(data.frame["count"], data.target)
    for part in ("CC BY 4.0", "archive.ics.uci.edu", "casual", "follow from the index"):
        assert part in data.DESCR


@pytest.mark.usefixtures("bikes")
def test_celsius_of_the_description():
    temp = fetch_bike_sharing().data["temp"] * 47 - 8
    assert temp["2011-01-22":"2011-01-24"].min() < 0
    assert 30 < temp["2011-07-22"].max() < 40


def test_domains_are_full_even_where_few_values_occur():
    raw = pd.read_csv(io.BytesIO(_canonical(zipped(_UCI_HEADER + "\r\n" + UCI_ROWS))))
    X, y = _features_and_target(raw)
    assert X["season"].to_list() == ["winter", "fall"]
    assert X["season"].cat.categories.to_list() == [
        "winter",
        "spring",
        "summer",
        "fall",
    ]
    assert X["weather"].to_list() == ["clear", "light_rain_snow"]
    assert len(X["weather"].cat.categories) == 4
    assert X.index.to_list() == [
        pd.Timestamp("2011-01-31 23:00"),
        pd.Timestamp("2012-12-01 01:00"),
    ]
    assert y.to_list() == [16, 40]


@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_canonical_text(line_end):
    text = (_UCI_HEADER + "\r\n" + UCI_ROWS).replace("\r\n", line_end)
    assert _canonical(zipped(text)).decode() == (
        f"{_HEADER}\n"
        "1,31-01-2011,1,0,1,23,0,6,0,1,0.24,0.2879,0.81,0,3,13,16\n"
        "2,01-12-2012,4,0,1,1,1,6,0,3,0.22,0.2727,0.8,0.1,8,32,40\n"
    )


def test_download_makes_the_very_file(real_file, monkeypatch, tmp_path):
    canonical = real_file(NAME).read_bytes()
    uci = as_uci(canonical)
    # The size of UCI's hour.csv, as others list it.
    assert len(uci) == 1_156_736
    asked = []

    def urlopen(url, timeout):
        asked.append(url)
        return io.BytesIO(zipped(uci))

    monkeypatch.setattr(_download, "urlopen", urlopen)
    data = fetch_bike_sharing(data_home=tmp_path / "home")
    assert (tmp_path / "home" / NAME).read_bytes() == canonical
    assert data.filename == str(tmp_path / "home" / NAME)
    assert data.target.iloc[0] == 16
    fetch_bike_sharing(data_home=tmp_path / "home", download_if_missing=False)
    url = "https://archive.ics.uci.edu/static/public/275/bike+sharing+dataset.zip"
    assert asked == [url]


@pytest.mark.parametrize(
    ("archive", "message"),
    [
        (b"<html>busy</html>", r"17 bytes .*no zip archive"),
        (zipped(_UCI_HEADER, "day.csv"), "hour.csv"),
        (zipped("a,b\r\n1,2\r\n"), "hour.csv starts with 'a,b'"),
        (zipped(_UCI_HEADER + "\r\n" + UCI_ROWS), "expected sha256:bfd480bd"),
        (zipped(_UCI_HEADER + "\r\n" + UCI_ROWS)[:-30], "no zip archive"),
        (zipped("Grüße"), "ascii"),
    ],
)
def test_another_archive_is_refused_and_not_kept(
    monkeypatch, tmp_path, archive, message
):
    monkeypatch.setattr(_download, "urlopen", lambda url, timeout: io.BytesIO(archive))
    with pytest.raises(DatasetUnavailableError, match=message):
        fetch_bike_sharing(data_home=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_offline_without_a_copy():
    with pytest.raises(DatasetUnavailableError, match=r"bike_sharing_hour\.csv is not"):
        fetch_bike_sharing()

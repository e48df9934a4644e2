import hashlib

import numpy as np
import pandas as pd
import pytest

from skinformer.datasets import _download, _ett, fetch_ett
from skinformer.exceptions import DatasetUnavailableError

COLUMNS = ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT"]
FIRST = [
    5.827000141143799,
    2.009000062942505,
    1.5989999771118164,
    0.4620000123977661,
    4.203000068664552,
    1.3400000333786009,
    30.5310001373291,
]
LAST = [10.114, 3.55, 6.183, 1.564, 3.716, 1.462, 9.567]


@pytest.fixture
def etth1(real_file, monkeypatch):
    monkeypatch.setenv("SKINFORMER_DATA", str(real_file("ETTh1.csv").parent))


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """Return a function that puts a small file where ``name`` is looked for."""

    def write(name, step):
        stamps = pd.date_range("2016-07-01", periods=5, freq=step)
        rows = np.arange(35.0).reshape(5, 7)
        frame = pd.DataFrame(rows, index=stamps, columns=COLUMNS)
        text = frame.to_csv(index_label="date", date_format="%Y-%m-%d %H:%M:%S")
        (tmp_path / f"{name}.csv").write_text(text)
        digest = hashlib.md5(text.encode()).hexdigest()
        monkeypatch.setitem(_ett._CHECKSUMS, name, f"md5:{digest}")
        monkeypatch.setenv("SKINFORMER_DATA", str(tmp_path))

    return write


@pytest.mark.usefixtures("etth1")
def test_etth1_by_value():
    data = fetch_ett()
    assert data.frame.columns.to_list() == data.target_names == COLUMNS
    assert data.target.shape == (17_420, 7)
    np.testing.assert_allclose(data.target.iloc[0], FIRST, rtol=1e-15)
    np.testing.assert_allclose(data.target.iloc[-1], LAST, rtol=1e-6)
    assert data.target.index[0] == pd.Timestamp("2016-07-01 00:00")
    assert data.target.index[-1] == pd.Timestamp("2018-06-26 19:00")
    assert not data.target.isna().any(axis=None)


@pytest.mark.usefixtures("etth1")
def test_nothing_is_known_ahead_but_time():
    data = fetch_ett()
    assert data.data.shape == (17_420, 0)
    assert data.feature_names == []
    assert data.data.index.equals(data.target.index)
    assert data.data.index.freqstr == data.target.index.freqstr == "h"


@pytest.mark.usefixtures("etth1")
def test_one_target_is_a_series():
    X, y = fetch_ett("ETTh1", target="OT", return_X_y=True)
    assert isinstance(y, pd.Series)
    assert y.name == "OT"
    assert y.index.freqstr == X.index.freqstr == "h"
    assert y.iloc[0] == pytest.approx(FIRST[-1], rel=1e-15)
    data = fetch_ett(target="OT")
    assert data.target_names == ["OT"]
    assert data.frame.columns.to_list() == COLUMNS
    pd.testing.assert_series_equal(data.target, y)


@pytest.mark.parametrize(
    ("name", "step"), [("ETTh2", "h"), ("ETTm1", "15min"), ("ETTm2", "15min")]
)
def test_each_name_has_its_grid(fake, name, step):
    fake(name, step)
    data = fetch_ett(name)
    assert data.data.index.freqstr == step
    assert data.target.loc["2016-07-01"].iloc[1].to_list() == list(range(7, 14))
    assert name in data.DESCR
    assert data.filename.endswith(f"{name}.csv")


def test_descr_has_licence_source_and_split(fake):
    fake("ETTh1", "h")
    fake("ETTm1", "15min")
    hourly, quarters = fetch_ett("ETTh1").DESCR, fetch_ett("ETTm1").DESCR
    assert "CC BY-ND 4.0" in hourly
    assert "https://github.com/zhouhaoyi/ETDataset" in hourly
    assert "17,420" in hourly
    assert "8,640, 2,880, 2,880" in hourly
    assert "69,680" in quarters
    assert "34,560, 11,520, 11,520" in quarters


@pytest.mark.parametrize("name", ["ETTh1", "ETTh2", "ETTm1", "ETTm2"])
def test_the_url_is_that_of_the_name(monkeypatch, name):
    asked = []

    def urlopen(url, timeout):
        asked.append(url)
        raise OSError("offline")

    monkeypatch.setattr(_download, "urlopen", urlopen)
    with pytest.raises(DatasetUnavailableError, match=f"ETT-small/{name}.csv"):
        fetch_ett(name)
    root = "https://raw.githubusercontent.com/zhouhaoyi/ETDataset/main/ETT-small"
    assert asked == [f"{root}/{name}.csv"]


def test_both_sums_of_etth1_belong_to_one_file(real_file):
    # The other three files are known by MD5 alone, from the source of this one.
    content = real_file("ETTh1.csv").read_bytes()
    assert hashlib.md5(content).hexdigest() == "8381763947c85f4be6ac456c508460d6"
    assert _download._digest(content, "sha256:") == _ett._CHECKSUMS["ETTh1"]


def test_data_home_and_download_if_missing_are_handed_on(tmp_path):
    with pytest.raises(DatasetUnavailableError) as caught:
        fetch_ett(data_home=tmp_path / "mine", download_if_missing=False)
    assert str(tmp_path / "mine") in str(caught.value)
    assert "download_if_missing=False" in str(caught.value)


def test_a_data_home_that_is_none():
    with pytest.raises(TypeError, match=r"data_home must be a str .* got 5"):
        fetch_ett(data_home=5)
    with pytest.raises(ValueError, match=r"data_home='~nouser/x'.*whole path"):
        fetch_ett(data_home="~nouser/x")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "etth1"}, "'name' parameter .* Got 'etth1'"),
        ({"name": "ETTh"}, "Did you mean 'ETTh"),
        ({"name": None}, "'name' parameter .* Got None"),
        ({"target": "OTT"}, "'target' parameter .* Got 'OTT' .* mean 'OT'"),
    ],
)
def test_unknown_names_are_refused_before_anything_is_read(arguments, message):
    with pytest.raises(ValueError, match=message):
        fetch_ett(**arguments)

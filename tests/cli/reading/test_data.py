"""From a file to rows."""

import numpy as np
import pandas as pd
import pytest

from skinformer.cli.options import TableOptions
from skinformer.cli.reading.data import read_data, read_later

from ..helpers import hours, load_frame, write


def test_a_table_that_needs_no_option(tmp_path):
    frame = load_frame(50)[["time", "load"]]
    data = read_data(str(write(tmp_path / "t.csv", frame)), TableOptions())
    assert data.index.equals(pd.DatetimeIndex(frame["time"]))
    np.testing.assert_array_equal(data.y["load"], frame["load"])
    assert data.X.shape == (50, 0)
    assert data.said["time"] == "time (guessed)"
    assert data.said["step"] == "h (guessed)"
    assert data.said["table"] == "50 rows of CSV"


def test_what_is_given_is_not_called_a_guess(table):
    options = TableOptions(time="time", target=["load"], freq="h", tz="UTC")
    data = read_data(str(table), options)
    assert (data.said["time"], data.said["step"]) == ("time", "h")
    assert str(data.index.tz) == data.said["zone"] == "UTC"


def test_rows_are_sorted_by_time_and_it_is_said(tmp_path):
    frame = load_frame(50)
    shuffled = frame.sample(frac=1.0, random_state=0)
    path = write(tmp_path / "t.csv", shuffled)
    data = read_data(str(path), TableOptions(target=["load"]))
    np.testing.assert_array_equal(data.y["load"], frame["load"])
    np.testing.assert_array_equal(data.X["temp"], frame["temp"])
    assert "sorted by time" in data.said["table"]


def test_series_keep_their_order(tmp_path):
    frame = pd.concat([load_frame(50).assign(store=s) for s in "ba"])
    path = write(tmp_path / "t.csv", frame)
    data = read_data(str(path), TableOptions(target=["load"], series="store"))
    assert list(data.X["store"]) == ["b"] * 50 + ["a"] * 50
    assert data.said["series"] == "store, 2 of them"
    assert data.n_steps == 50


def test_text_is_a_category(tmp_path):
    frame = load_frame(50).assign(kind=["a", "b"] * 25)
    path = write(tmp_path / "t.csv", frame)
    data = read_data(str(path), TableOptions(target=["load"], known=["kind"]))
    assert data.X["kind"].dtype == "category"
    assert data.roles.categories == ("kind",)


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (load_frame(2), {}, "has 2 row"),
        (load_frame(50), {"freq": "hh"}, "--freq 'hh' is no frequency"),
        (load_frame(50), {"tz": "Berlin"}, "--tz Berlin is no time zone"),
        (load_frame(50), {"time": "time,load,temp"}, "--time names 3 columns"),
        (
            load_frame(50).assign(
                time=hours(50) + pd.to_timedelta(np.arange(50) ** 2, unit="s")
            ),
            {},
            "no regular grid; .* Give --freq",
        ),
        (
            load_frame(50).assign(store=["a", None] * 25),
            {"series": "store"},
            "'store' has no value in line 3",
        ),
    ],
)
def test_what_cannot_be_read(tmp_path, frame, options, message):
    path = write(tmp_path / "t.csv", frame)
    with pytest.raises(ValueError, match=message):
        read_data(str(path), TableOptions(target=["load"], **options))


def later_than(tmp_path, table, frame, **options):
    """Read a later table by what the first one showed."""
    data = read_data(str(table), TableOptions(target=["load"], **options))
    path = write(tmp_path / "later.csv", frame)
    ask = str(path), data.roles, data.clock, data.index.tz
    return lambda targets: read_later(*ask, targets=targets)


def test_later_rows_need_the_columns_that_are_asked_for(tmp_path, table):
    frame = load_frame(3)[["time", "temp"]]
    read = later_than(tmp_path, table, frame, known=["temp"])
    X, y, name = read(targets=False)
    assert (list(X.columns), y) == (["temp"], None)
    assert name.endswith("later.csv")
    with pytest.raises(ValueError, match="lacks the column 'load'"):
        read(targets=True)


def test_columns_of_the_past_are_unknown_ahead(tmp_path, table):
    X, _, _ = later_than(tmp_path, table, load_frame(3)[["time"]])(targets=False)
    assert X["temp"].isna().all()


def test_later_dates_are_read_in_the_order_of_the_first_ones(tmp_path):
    frame = load_frame(31 * 24)
    frame["time"] = frame["time"].dt.strftime("%m/%d/%Y %H:%M")
    table = write(tmp_path / "t.csv", frame)
    later = load_frame(1)[["time", "temp"]].assign(time="02/03/2024 00:00")
    X, _, _ = later_than(tmp_path, table, later)(targets=False)
    assert X.index[0] == pd.Timestamp("2024-02-03")


def test_times_with_offsets_where_there_was_no_zone(tmp_path, table):
    later = load_frame(2)[["time"]].assign(
        time=["2025-01-01 00:00Z", "2025-01-01 01:00Z"]
    )
    with pytest.raises(ValueError, match="have offsets from UTC"):
        later_than(tmp_path, table, later)(targets=False)

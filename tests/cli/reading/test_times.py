"""Which column has the time, and rows of one time."""

import pandas as pd
import pytest

from skinformer.cli.reading.times import (
    Clock,
    find_time,
    read_times,
    refuse_repeated,
)

from ..helpers import hours


def frame_of(**columns):
    frame = pd.DataFrame(columns)
    return frame.set_axis(pd.RangeIndex(2, len(frame) + 2, name="line"), axis=0)


DAYS = ["2024-01-01", "2024-01-02", "2024-01-03"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"load": [1, 2, 3], "when": DAYS}, "when"),
        ({"built": DAYS, "Date": DAYS}, "Date"),
        ({"built": DAYS, "start_date": DAYS}, "start_date"),
        ({"date": ["a", "b", "c"], "x": DAYS}, "x"),
        (
            {"timestamp": [1704067200, 1704070800, 1704074400], "load": [1, 2, 3]},
            "timestamp",
        ),
        ({"id": [20240101, 20240102, 20240103], "date": DAYS}, "date"),
        ({"load": [1, 2, 3], "date": ["n.a.", *DAYS[1:]]}, "date"),
    ],
)
def test_the_column_of_the_time(columns, expected):
    assert find_time(frame_of(**columns), "t.csv") == expected


def test_no_column_of_times():
    frame = frame_of(
        load=[1, 2, 3], id=[20240101, 20240102, 20240103], kind=list("abc")
    )
    with pytest.raises(ValueError, match=r"no column of times.*load, id, kind"):
        find_time(frame, "t.csv")


@pytest.mark.parametrize("hour", [[0, 1, 0], ["00:00", "01:00", "00:00"]])
def test_the_hour_in_a_column_of_its_own(hour):
    frame = frame_of(day=[DAYS[0], DAYS[0], DAYS[1]], hour=hour, load=[1, 2, 3])
    index, clock = read_times(frame, ("day",), guess_hour=True)
    assert clock.columns == ("day", "hour")
    assert list(index) == [pd.Timestamp(t) for t in (DAYS[0], f"{DAYS[0]} 01", DAYS[1])]
    assert index.name == "day"
    given, _ = read_times(frame, ("day", "hour"))
    assert given.equals(index)


def test_hours_are_left_alone_where_dates_do_not_repeat():
    frame = frame_of(day=DAYS, hour=[0, 1, 2])
    assert read_times(frame, ("day",), guess_hour=True)[1].columns == ("day",)


def test_what_is_no_hour():
    frame = frame_of(day=DAYS, hour=[0, 25, 2])
    with pytest.raises(ValueError, match="25 in line 3, which is no hour"):
        read_times(frame, ("day", "hour"))


@pytest.mark.parametrize(
    ("columns", "series", "message"),
    [
        ({"hour": [0, 1, 2]}, None, "--time day,hour"),
        ({"store": list("aba")}, None, "in lines 2, 3: keep one of them"),
        (
            {"store": list("aab")},
            "store",
            "of store 'a' is there 2 times, in lines 2, 3",
        ),
    ],
)
def test_rows_of_one_time(columns, series, message):
    frame = frame_of(day=[DAYS[0], DAYS[0], DAYS[1]], **columns)
    index, clock = read_times(frame, ("day",))
    with pytest.raises(ValueError, match=message):
        refuse_repeated(index, frame, clock, series)


def test_rows_of_many_series_are_recognised():
    frame = frame_of(day=DAYS * 4, load=range(12), store=list("aaabbbcccddd"))
    index, clock = read_times(frame, ("day",))
    with pytest.raises(ValueError, match="--series store"):
        refuse_repeated(index, frame, clock, None)
    refuse_repeated(index, frame, clock, "store")


def test_a_column_that_repeats_is_no_series_for_one_stamp():
    index = hours(24).append(hours(1, "2024-01-01 05:00"))
    frame = pd.DataFrame({"time": index, "temp": [*range(24), 0]}).eval(
        "temp = temp % 7"
    )
    frame.index.name = "line"
    with pytest.raises(ValueError, match="repeats in autumn") as caught:
        refuse_repeated(pd.DatetimeIndex(index), frame, Clock(("time",), ""), None)
    assert "--series temp" not in str(caught.value)

"""Times in a zone."""

import pandas as pd
import pytest

from skinformer.cli.reading.dates import read_dates
from skinformer.cli.reading.zones import check_zone, in_zone

BERLIN = "Europe/Berlin"


def dates_of(*values):
    index = pd.RangeIndex(2, len(values) + 2, name="line")
    return read_dates(pd.Series(list(values), index=index, name="when"))


def test_a_zone_that_does_not_exist():
    check_zone(None)
    check_zone(BERLIN)
    with pytest.raises(
        ValueError, match=r"Europ/Berlin .* Did you mean 'Europe/Berlin"
    ):
        check_zone("Europ/Berlin")


def test_naive_times_stay_so():
    assert in_zone(dates_of("2024-01-01 05:00"), None).tz is None


def test_the_hour_that_comes_twice():
    times = [
        f"2024-10-27 {hour}" for hour in ("01:30", "02:00", "02:30", "02:00", "02:30")
    ]
    index = in_zone(dates_of(*times), BERLIN)
    hours = [stamp.utcoffset() / pd.Timedelta("1h") for stamp in index]
    assert hours == [2, 2, 2, 1, 1]


def test_the_hour_that_comes_twice_in_each_series():
    dates = dates_of(*["2024-10-27 02:00"] * 4)
    labels = pd.Series(list("aabb"), dates.stamps.index)
    index = in_zone(dates, BERLIN, labels)
    assert [stamp.utcoffset() / pd.Timedelta("1h") for stamp in index] == [2, 1, 2, 1]


def test_the_hour_that_is_left_out():
    with pytest.raises(ValueError, match="02:00:00 in line 3 does not exist in Europe"):
        in_zone(dates_of("2024-03-31 01:00", "2024-03-31 02:00"), BERLIN)


def test_offsets():
    utc = in_zone(dates_of("2024-01-01 05:00Z"), None)
    assert str(utc.tz) == "UTC"
    one = in_zone(dates_of("2024-01-01 05:00+05:30"), None)
    assert one[0].utcoffset() == pd.Timedelta("5h30min")
    assert one[0].hour == 5
    two = dates_of("2024-03-31 01:00+01:00", "2024-03-31 03:00+02:00")
    with pytest.raises(ValueError, match=r"'when' has .*\+01:00, \+02:00.*--tz"):
        in_zone(two, None)
    assert list(in_zone(two, BERLIN).hour) == [1, 3]

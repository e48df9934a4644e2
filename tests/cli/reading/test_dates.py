"""Dates as people write them."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skinformer.cli.reading.dates import looks_like_dates, read_dates


def column(*values, name="when"):
    index = pd.RangeIndex(2, len(values) + 2, name="line")
    return pd.Series(list(values), index=index, name=name)


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31T07:05", "2024-01-31 07:05"),
        ("2024/1/31 7:05:09", "2024-01-31 07:05:09"),
        ("2024-01-31 07:05:09.250", "2024-01-31 07:05:09.25"),
        ("31.01.2024 07:05", "2024-01-31 07:05"),
        ("31/1/24", "2024-01-31"),
        ("31-01-98", "1998-01-31"),
        ("01/31/2024 7:05 PM", "2024-01-31 19:05"),
        ("01/31/2024 12:05 am", "2024-01-31 00:05"),
        ("31.01.2024 24:00", "2024-02-01"),
        ("31 Jan 2024", "2024-01-31"),
        (20240131, "2024-01-31"),
        (2024013107, "2024-01-31 07:00"),
        ("2024-03", "2024-03-01"),
        ("3/2024", "2024-03-01"),
        ("Mar 2024", "2024-03-01"),
        ("Mar-24", "2024-03-01"),
        ("2024Q3", "2024-07-01"),
        ("2024-Q1", "2024-01-01"),
        ("2024-W09", "2024-02-26"),
    ],
)
def test_ways_to_write_a_date(text, stamp):
    values = column(text, text)
    assert looks_like_dates(values)
    assert (read_dates(values).stamps == pd.Timestamp(stamp)).all()


def test_months_and_days_are_not_mixed():
    with pytest.raises(
        ValueError, match=r"'2024-03' in line 2 and '2024-04-01' in line"
    ):
        read_dates(column("2024-03", "2024-04-01"))
    with pytest.raises(
        ValueError, match="'2024-04-01' in line 2 and '2024-03' in line"
    ):
        read_dates(column("2024-04-01", "2024-03"))


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_numbers_since_1970_are_utc(unit):
    stamp = pd.Timestamp("2024-01-31 07:00", tz="UTC")
    number = (stamp - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(1, unit=unit)
    dates = read_dates(column(number, number))
    assert (dates.stamps == stamp).all()
    assert dates.offsets == ("UTC",)


def test_offsets_are_taken_off():
    dates = read_dates(column("2024-03-31T01:00:00+01:00", "2024-03-31T03:00:00+0200"))
    expected = ["2024-03-31 00:00", "2024-03-31 01:00"]
    assert list(dates.stamps) == list(pd.DatetimeIndex(expected, tz="UTC"))
    assert dates.offsets == ("+01:00", "+0200")


@pytest.mark.parametrize("values", [("load", "x"), (1.5, 2.5), (1, 2), (True, False)])
def test_what_is_no_date(values):
    assert not looks_like_dates(column(*values))


def test_the_order_is_what_all_values_allow():
    assert read_dates(column("01/02/2024", "13/02/2024")).order == "dmy"
    assert read_dates(column("01/02/2024", "01/13/2024")).order == "mdy"


def test_an_open_order_is_the_one_with_regular_steps_and_said():
    days = [f"{day:02d}.01.2024" for day in range(1, 6)]
    months = [f"{month:02d}.01.2024" for month in range(1, 6)]
    dates = read_dates(column(*days))
    assert dates.order == "dmy"
    assert "a guess" in dates.how
    assert "--date-format '%m.%d.%Y'" in dates.how
    assert (dates.stamps.diff().dropna() == pd.Timedelta("1D")).all()
    # month by month the days differ in number: the first of a month in either way
    assert read_dates(column(*months), prefer="mdy").stamps[3] == pd.Timestamp(
        "2024-02-01"
    )


@given(
    st.lists(st.datetimes(pd.Timestamp("1971"), pd.Timestamp("2060")), min_size=1),
    st.sampled_from(["%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M %p"]),
)
def test_dates_come_back_as_they_were_written(stamps, form):
    stamps = [*stamps, pd.Timestamp("2024-01-31 13:00")]  # tells day from month
    dates = read_dates(column(*(stamp.strftime(form) for stamp in stamps)))
    resolution = "s" if "%S" in form else "min"
    assert list(dates.stamps) == [pd.Timestamp(s).floor(resolution) for s in stamps]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("13/01/2024", "01/13/2024"), "'13/01/2024' in line 2 has the day first"),
        (("2024-01-01", "01/02/2024"), "'2024-01-01' in line 2 and '01/02/2024' in"),
        (("01.02.2024", "01/02/2024"), "mixes two ways"),
        (("1 Jan 2024", "2 January 2024"), "mixes two ways"),
        (("2024-01-01 00:00Z", "2024-01-01 01:00"), "mixes two ways"),
        (("2024-01-01", "n.a."), "'n.a.' in line 3"),
        (("2024-01-01", None), "has no time in line 3"),
        (("2024-02-30",), "'2024-02-30' in line 2, which no calendar has"),
        (("2024-02-01 25:00",), "which no calendar has"),
        (("yesterday",), "'yesterday' in line 2, which is no date"),
        ((5, 7), "numbers that are no times"),
    ],
)
def test_what_is_wrong_is_named(values, message):
    with pytest.raises(ValueError, match=message):
        read_dates(column(*values))


def test_a_format_that_is_given():
    dates = read_dates(column("02/01/2024", "03/01/2024"), "%d/%m/%Y")
    assert list(dates.stamps.dt.month) == [1, 1]
    with pytest.raises(ValueError, match="in line 2, which does not have the form"):
        read_dates(column("2024-01-01"), "%d/%m/%Y")


def test_years_of_two_digits_in_front():
    days = pd.date_range("2024-01-01", periods=40)
    dates = read_dates(column(*days.strftime("%y-%m-%d")))
    assert dates.stamps.tolist() == days.tolist()
    assert dates.order == "ymd"
    assert "guess" in dates.how
    # three later days alone could be those of the years 1 to 3
    later = read_dates(column("24-02-10", "24-02-11"), prefer=dates.order)
    assert later.stamps.tolist() == [
        pd.Timestamp(2024, 2, 10),
        pd.Timestamp(2024, 2, 11),
    ]


def test_years_of_two_digits_at_the_end_stay_there():
    days = pd.date_range("2024-01-01", periods=40)
    dates = read_dates(column(*days.strftime("%d/%m/%y")))
    assert dates.stamps.tolist() == days.tolist()
    assert dates.order == "dmy"


def test_microseconds():
    dates = read_dates(column("2024-01-01 00:00:00.000239", "2024-01-01 00:00:00.5"))
    assert dates.stamps.dt.microsecond.tolist() == [239, 500_000]


def test_an_offset_of_days():
    with pytest.raises(
        ValueError, match=r"'2024-01-01 05:00.99:99' in line 2, which no"
    ):
        read_dates(column("2024-01-01 05:00+99:99", "2024-01-01 06:00+99:99"))


def test_a_line_of_units_is_named_once():
    with pytest.raises(
        ValueError, match=r"'.*UTC.*' in line 2 and '2024-01-01' in line 3"
    ):
        read_dates(column("[UTC]", "2024-01-01", "2024-01-02"))


def test_the_number_that_is_no_date_is_named():
    with pytest.raises(ValueError, match="such as 20241332 in line 4"):
        read_dates(column(20240101, 20240102, 20241332))
    with pytest.raises(ValueError, match=r"such as 1999 in line 2.*%Y for years"):
        read_dates(column(1999, 2000, 2001))

"""Holidays and events, against lists checked by hand."""

import numpy as np
import pandas as pd
import pytest

from skinformer.preprocessing import TimeFeatures


def make(stamps, features, **parameters):
    """Return the features of stamps, which are strings or an index."""
    stamps = pd.DatetimeIndex(stamps) if isinstance(stamps, list) else stamps
    return TimeFeatures(features, **parameters).fit_transform(stamps)


def codes(stamps, feature, **parameters):
    """Return the values of one feature as plain numbers."""
    column = make(stamps, [feature], encoding="ordinal", **parameters)[feature]
    return column.tolist()


def test_us_independence_day():
    days = pd.date_range("2024-07-02", "2024-07-06")
    made = make(
        days, ["holiday", "day_before_holiday", "day_after_holiday"], country="US"
    )
    assert made.to_numpy().T.tolist() == [
        [0.0, 0.0, 1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, 0.0],
    ]


def test_chinese_spring_festival():
    days = pd.date_range("2024-02-08", "2024-02-18")
    # 10 to 17 February 2024 were free; 17 is a Saturday and no public holiday as such.
    assert codes(days, "holiday", country="CN") == [0.0] * 2 + [1.0] * 7 + [0.0] * 2


def test_a_subdivision_has_holidays_of_its_own():
    epiphany = ["2024-01-06", "2024-05-30"]  # and Corpus Christi
    assert codes(epiphany, "holiday", country="DE") == [0.0, 0.0]
    assert codes(epiphany, "holiday", country="DE", subdivision="BY") == [1.0, 1.0]


def test_holidays_across_the_turn_of_the_year():
    days = pd.DatetimeIndex(["2022-12-27", "2022-12-31", "2023-01-01", "2023-01-02"])
    assert codes(days, "day_before_holiday", country="DE") == [0.0, 1.0, 0.0, 0.0]
    assert codes(days, "day_after_holiday", country="DE") == [1.0, 0.0, 0.0, 1.0]
    # After New Year the next one is Good Friday, 7 April: capped.
    assert codes(days, "days_to_holiday", country="DE") == [5, 1, 0, 30]


def test_last_day_alone_sees_the_next_year():
    assert codes(["2022-12-31 23:00"], "day_before_holiday", country="DE") == [1.0]
    assert codes(["2023-01-01"], "day_after_holiday", extra_holidays="2022-12-31") == [
        1
    ]


def test_a_holiday_observed_in_the_year_before():
    # 1 January 2022 was a Saturday, observed on Friday 31 December 2021.
    assert codes(["2021-12-31"], "holiday", country="US") == [1.0]


@pytest.mark.parametrize(("ahead", "days"), [(0, 0), (29, 29), (30, 30), (31, 30)])
def test_days_to_holiday_is_capped(ahead, days):
    holiday = pd.Timestamp("2024-07-04") + pd.Timedelta(days=ahead)
    made = make(["2024-07-04"], ["days_to_holiday"], extra_holidays=holiday)
    assert made["days_to_holiday"].tolist() == pytest.approx([days / 30 - 0.5])


def test_holidays_after_fit():
    time = TimeFeatures(["holiday"], country="US")
    time.fit(pd.date_range("2019-01-01", "2019-12-31"))
    assert time.transform(pd.DatetimeIndex(["2031-07-04"]))["holiday"].tolist() == [1.0]


def test_extra_holidays_add_to_the_country():
    days = ["2024-07-04", "2024-07-08", "2024-07-09"]
    own = [pd.Timestamp("2024-07-08 17:00", tz="UTC"), np.datetime64("2020-01-02")]
    assert codes(days, "holiday", country="US", extra_holidays=own) == [1.0, 1.0, 0.0]
    assert codes(days, "holiday", extra_holidays=own) == [0.0, 1.0, 0.0]


def test_events():
    events = {"fair": pd.date_range("2024-07-01", "2024-07-02"), "strike": "2024-07-02"}
    made = make(pd.date_range("2024-07-01", periods=3), ["weekend"], events=events)
    assert list(made) == ["weekend", "fair", "strike"]
    assert made["fair"].tolist() == [1.0, 1.0, 0.0]
    assert made["strike"].tolist() == [0.0, 1.0, 0.0]


def test_events_follow_auto():
    time = TimeFeatures(events={"fair": pd.Period("2024-07-01", "D")})
    time.fit(pd.date_range("2024-07-01", periods=9))
    assert time.features_ == ["weekday", "day_of_month"]
    assert time.get_feature_names_out().tolist() == ["weekday", "day_of_month", "fair"]


def test_a_period_stands_for_all_its_days():
    days = pd.DatetimeIndex(["2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01"])
    events = {"closed": pd.Period("2024-02", "M")}
    assert make(days, [], events=events)["closed"].tolist() == [0.0, 1.0, 1.0, 0.0]


def test_holidays_are_local_days():
    stamps = pd.DatetimeIndex(["2024-07-04 03:00"], tz="UTC")
    assert codes(stamps, "holiday", country="US") == [1.0]
    assert codes(stamps, "holiday", country="US", tz="America/New_York") == [0.0]


@pytest.mark.parametrize("dtype", ["datetime64[D]", "datetime64[ns]", "str", "object"])
def test_an_array_without_axes_is_one_date(dtype):
    stamps = pd.date_range("2024-07-03", periods=3, freq="D")
    day = np.array("2024-07-04", dtype=dtype)
    assert codes(stamps, "holiday", extra_holidays=day) == [0.0, 1.0, 0.0]


def test_bad_dates():
    def fails(match, error=ValueError, **parameters):
        with pytest.raises(error, match=match):
            TimeFeatures(["hour"], **parameters).fit(pd.DatetimeIndex(["2024-07-04"]))

    fails(r"extra_holidays holds 'soon'", extra_holidays=["soon"])
    fails("extra_holidays must be dates", extra_holidays=3, error=TypeError)
    fails("extra_holidays must hold dates", extra_holidays=[20240704], error=TypeError)
    for text in ("now", "today", "2024", "2024-07", "01/02/2024", ""):
        fails(f"holds '{text}': write a date in ISO format", extra_holidays=text)
        fails(f"holds '{text}': write a date in ISO", events={"fair": [text]})
    fails("holds '2024-02-30': day is out of range", extra_holidays="2024-02-30")
    fails("must be dates; got .*5", extra_holidays=np.array(5), error=TypeError)
    fails("missing date", extra_holidays=[pd.NaT])
    fails(r"events\['fair'\] holds 'soon'", events={"fair": "soon"})
    fails("events: a name must be a string", events={1: "2024"}, error=TypeError)

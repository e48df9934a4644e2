"""Every field and its encodings, by hand, and against the standard library."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skinformer.preprocessing import TimeFeatures


def make(stamps, features, **parameters):
    """Return the features of stamps, which are strings or an index."""
    stamps = pd.DatetimeIndex(stamps) if isinstance(stamps, list) else stamps
    return TimeFeatures(features, **parameters).fit_transform(stamps)


def codes(stamps, feature, **parameters):
    """Return the values of one feature as plain numbers."""
    column = make(stamps, [feature], encoding="ordinal", **parameters)[feature]
    return column.tolist()


DAYS = ["2024-02-29", "2024-12-30", "2021-01-03", "2020-12-31", "2024-06-30"]


@pytest.mark.parametrize(
    ("feature", "values"),
    [
        # Thursday, Monday, Sunday, Thursday, Sunday
        ("weekday", [3, 0, 6, 3, 6]),
        ("day_of_month", [29, 30, 3, 31, 30]),
        ("day_of_year", [60, 365, 3, 366, 182]),
        # 30 December 2024 is in the first week of 2025, 3 January 2021 in 2020's last
        ("week_of_year", [9, 1, 53, 53, 26]),
        ("week_of_month", [5, 5, 1, 5, 5]),
        ("month", [2, 12, 1, 12, 6]),
        ("quarter", [1, 4, 1, 4, 2]),
        ("weekend", [0.0, 0.0, 1.0, 0.0, 1.0]),
        ("month_end", [1.0, 0.0, 0.0, 1.0, 1.0]),
        ("month_start", [0.0, 0.0, 0.0, 0.0, 0.0]),
        ("hour", [0, 0, 0, 0, 0]),
    ],
)
def test_field_of_a_day(feature, values):
    assert codes(DAYS, feature) == values


def test_fields_of_the_clock():
    stamps = ["2024-07-04 23:59:58.999", "1969-12-31 13:07:05", "2024-01-01"]
    assert codes(stamps, "hour") == [23, 13, 0]
    assert codes(stamps, "minute") == [59, 7, 0]
    assert codes(stamps, "second") == [58, 5, 0]


def test_month_start_and_end_of_a_common_february():
    stamps = ["2023-02-28", "2024-02-28", "2024-03-01"]
    assert codes(stamps, "month_end") == [1.0, 0.0, 0.0]
    assert codes(stamps, "month_start") == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("day", "week"), [("01-01", 1), ("01-07", 1), ("01-08", 2), ("01-29", 5)]
)
def test_week_of_month_begins_on_the_first(day, week):
    assert codes([f"2024-{day}"], "week_of_month") == [week]


# Encodings


@pytest.mark.parametrize(
    ("feature", "stamp", "value"),
    [
        ("second", "2024-01-01 00:00:59", 0.5),
        ("minute", "2024-01-01 00:15", 15 / 59 - 0.5),
        ("hour", "2024-01-01 06:00", 6 / 23 - 0.5),
        ("weekday", "2024-02-29", 0.0),
        ("day_of_month", "2024-02-29", 28 / 30 - 0.5),
        ("day_of_year", "2024-02-29", 59 / 365 - 0.5),
        ("day_of_year", "2024-12-31", 0.5),
        ("day_of_year", "2023-12-31", 364 / 365 - 0.5),
        ("week_of_year", "2020-12-31", 0.5),
        ("week_of_month", "2024-01-15", 0.0),
        ("month", "2024-03-01", 2 / 11 - 0.5),
        ("quarter", "2024-05-01", 1 / 3 - 0.5),
    ],
)
def test_linear(feature, stamp, value):
    assert make([stamp], [feature])[feature].tolist() == pytest.approx([value])


@pytest.mark.parametrize(
    ("feature", "stamp", "turn"),
    [
        ("hour", "2024-01-01 06:00", 6 / 24),
        ("minute", "2024-01-01 00:45", 45 / 60),
        ("second", "2024-01-01 00:00:30", 30 / 60),
        ("weekday", "2024-02-29", 3 / 7),
        ("day_of_month", "2024-02-29", 28 / 29),
        ("day_of_month", "2023-02-28", 27 / 28),
        ("day_of_month", "2024-12-31", 30 / 31),
        ("day_of_year", "2024-12-31", 365 / 366),
        ("day_of_year", "2023-12-31", 364 / 365),
        ("week_of_year", "2020-12-31", 52 / 53),
        ("week_of_year", "2021-01-03", 52 / 53),  # still in the ISO year 2020
        ("week_of_year", "2023-12-31", 51 / 52),
        ("week_of_month", "2023-02-28", 3 / 4),
        ("week_of_month", "2024-02-29", 4 / 5),
        ("month", "2024-04-01", 3 / 12),
        ("quarter", "2024-04-01", 1 / 4),
    ],
)
def test_cyclic(feature, stamp, turn):
    made = make([stamp], [feature], encoding="cyclic")
    assert list(made) == [f"{feature}_sin", f"{feature}_cos"]
    expected = [[np.sin(2 * np.pi * turn), np.cos(2 * np.pi * turn)]]
    assert_allclose(made, expected, atol=1e-12)


def test_long_iso_years():
    years = range(1990, 2041)
    made = make(
        pd.DatetimeIndex([f"{year}-12-28" for year in years]),
        ["week_of_year"],
        encoding="cyclic",
    )
    # The last week of a year is one step short of the whole circle.
    weeks = 2 * np.pi / np.arctan2(-made["week_of_year_sin"], made["week_of_year_cos"])
    long = [y for y, n in zip(years, weeks.round(), strict=True) if n == 53]
    assert long == [1992, 1998, 2004, 2009, 2015, 2020, 2026, 2032, 2037]


@pytest.mark.parametrize(
    ("feature", "low", "high"),
    [
        ("second", 0, 59),
        ("minute", 0, 59),
        ("hour", 0, 23),
        ("weekday", 0, 6),
        ("day_of_month", 1, 31),
        ("day_of_year", 1, 366),
        ("week_of_year", 1, 53),
        ("week_of_month", 1, 5),
        ("month", 1, 12),
        ("quarter", 1, 4),
    ],
)
def test_ordinal_declares_the_full_domain(feature, low, high):
    column = make(["2024-02-29", "2024-03-01"], [feature], encoding="ordinal")[feature]
    assert isinstance(column.dtype, pd.CategoricalDtype)
    assert column.cat.categories.tolist() == list(range(low, high + 1))


def test_ordinal_days_to_holiday():
    column = make(
        ["2024-07-02"],
        ["days_to_holiday"],
        encoding="ordinal",
        extra_holidays="2024-07-04",
    )["days_to_holiday"]
    assert column.tolist() == [2]
    assert column.cat.categories.tolist() == list(range(31))


def test_a_dict_chooses_by_feature_and_the_rest_is_linear():
    time = TimeFeatures(
        ["month", "hour", "weekday", "weekend"],
        encoding={"hour": "cyclic", "weekday": "ordinal", "weekend": "ordinal"},
    )
    made = time.fit_transform(pd.DatetimeIndex(["2024-12-29 06:00"]))
    assert list(made) == ["month", "hour_sin", "hour_cos", "weekday", "weekend"]
    assert made["weekday"].tolist() == [6]
    assert_allclose(made.drop(columns="weekday"), [[0.5, 1, 0, 1]], atol=1e-12)
    assert time.encodings_ == {
        "month": "linear",
        "hour": "cyclic",
        "weekday": "ordinal",
        "weekend": "flag",
    }


@pytest.mark.parametrize("encoding", ["linear", "cyclic", "ordinal"])
def test_flags_are_floats_in_every_encoding(encoding):
    names = ["weekend", "month_start", "month_end", "holiday", "day_before_holiday"]
    made = make(["2024-06-30"], names, encoding=encoding, extra_holidays="2024-07-01")
    assert made.to_numpy().tolist() == [[1.0, 0.0, 1.0, 0.0, 1.0]]
    assert (made.dtypes == np.float64).all()


def test_all_cyclic_leaves_days_to_holiday_linear():
    made = make(
        ["2024-07-01"],
        ["days_to_holiday"],
        encoding="cyclic",
        extra_holidays=[datetime.date(2024, 7, 4)],
    )
    assert made["days_to_holiday"].tolist() == pytest.approx([3 / 30 - 0.5])


# Properties

CYCLES = ["second", "minute", "hour", "weekday", "day_of_month", "day_of_year"]
CYCLES += ["week_of_year", "week_of_month", "month", "quarter"]
instants = st.lists(
    st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1)),
    min_size=1,
    max_size=20,
).map(pd.DatetimeIndex)


@given(instants)
@settings(max_examples=50, deadline=None)
def test_cycles_lie_on_the_circle(stamps):
    cycles = CYCLES
    made = make(stamps, cycles, encoding="cyclic")
    for name in cycles:
        square = made[f"{name}_sin"] ** 2 + made[f"{name}_cos"] ** 2
        assert_allclose(square, 1)


@given(instants)
@settings(max_examples=50, deadline=None)
def test_fields_agree_with_the_standard_library(stamps):
    made = make(stamps, CYCLES, encoding="ordinal")
    for i, stamp in enumerate(stamps.to_pydatetime()):
        assert made.iloc[i].tolist() == [
            stamp.second,
            stamp.minute,
            stamp.hour,
            stamp.weekday(),
            stamp.day,
            stamp.timetuple().tm_yday,
            stamp.isocalendar().week,
            (stamp.day - 1) // 7 + 1,
            stamp.month,
            (stamp.month - 1) // 3 + 1,
        ]

"""Which features "auto" takes, and what is refused."""

import pandas as pd
import pytest

from skinformer.preprocessing import TimeFeatures

HOLIDAYS = ["holiday", "day_before_holiday", "day_after_holiday", "days_to_holiday"]


@pytest.mark.parametrize(
    ("freq", "short", "yearly"),
    [
        ("30s", ["second", "minute", "hour", "weekday", "day_of_month"], "day_of_year"),
        ("60s", ["minute", "hour", "weekday", "day_of_month"], "day_of_year"),
        ("15min", ["minute", "hour", "weekday", "day_of_month"], "day_of_year"),
        ("h", ["hour", "weekday", "day_of_month"], "day_of_year"),
        ("6h", ["hour", "weekday", "day_of_month"], "day_of_year"),
        ("D", ["weekday", "day_of_month"], "day_of_year"),
        ("B", ["weekday", "day_of_month"], "day_of_year"),
        ("W-MON", ["day_of_month"], "week_of_year"),
        ("MS", [], "month"),
        ("ME", [], "month"),
        ("QS", [], "quarter"),
    ],
)
def test_auto_by_frequency_and_span(freq, short, yearly):
    seen = pd.date_range("2020-01-01", periods=7, freq=freq)
    assert TimeFeatures().fit(seen).features_ == short
    later = pd.date_range("2023-01-01", periods=7, freq=freq)
    assert TimeFeatures().fit(seen.append(later)).features_ == [*short, yearly]


def test_auto_has_nothing_to_say_of_years():
    years = pd.date_range("2000-01-01", periods=20, freq="YS")
    time = TimeFeatures().fit(years)
    assert time.features_ == []
    assert time.transform(years).shape == (20, 0)


@pytest.mark.parametrize(
    ("last", "features"),
    [
        ("2021-12-31 23:00", ["hour", "weekday", "day_of_month", "day_of_year"]),
        ("2021-12-31 22:00", ["hour", "weekday", "day_of_month"]),
    ],
)
def test_auto_counts_two_whole_years(last, features):
    hours = pd.date_range("2020-01-01", last, freq="h")
    assert TimeFeatures().fit(hours).features_ == features


def test_auto_prefers_a_table_of_months():
    hours = pd.date_range("2020-01-01", "2022-12-31", freq="h")
    time = TimeFeatures(encoding="ordinal").fit(hours)
    assert time.features_ == ["hour", "weekday", "day_of_month", "month"]


def test_auto_adds_holidays_where_there_are_some():
    days = pd.date_range("2024-01-01", periods=30)
    for place in ({"country": "CN"}, {"extra_holidays": ["2024-01-01"]}):
        features = TimeFeatures(**place).fit(days).features_
        assert features == ["weekday", "day_of_month", *HOLIDAYS]


def test_auto_looks_past_holes_order_and_repetition():
    hours = pd.date_range("2024-01-01", periods=99, freq="h")
    mixed = hours.delete([3, 4, 50]).append(hours[:20])[::-1]
    assert TimeFeatures().fit(mixed).features_ == ["hour", "weekday", "day_of_month"]


def test_auto_needs_two_stamps():
    with pytest.raises(
        ValueError, match=r"got 1 sample of one time.*features=\['hour'"
    ):
        TimeFeatures().fit(pd.DatetimeIndex(["2024-01-01"]))

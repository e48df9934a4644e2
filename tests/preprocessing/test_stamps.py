"""Where the time stands, in every form, and the local clock."""

import datetime

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.preprocessing import TimeFeatures


def codes(stamps, feature, **parameters):
    """Return the values of one feature as plain numbers."""
    time = TimeFeatures([feature], encoding="ordinal", **parameters)
    return time.fit_transform(stamps)[feature].tolist()


HOURS = pd.date_range("2024-07-03 22:00", periods=3, freq="h", name="when")
EXPECTED = [22 / 23 - 0.5, 0.5, -0.5]


# Forms of input


def test_frame_with_a_period_index():
    X = pd.DataFrame({"price": [40.0, 38.0, 37.0]}, index=HOURS.to_period("h"))
    made = TimeFeatures(["hour"]).fit_transform(X)
    assert_allclose(made["hour"], EXPECTED)
    assert made.index.equals(X.index)


def test_a_period_is_read_at_its_start():
    months = pd.period_range("2024-01", periods=2, freq="M")
    assert codes(months, "day_of_month") == [1, 1]
    assert codes(months, "month") == [1, 2]


@pytest.mark.parametrize(
    "when",
    [
        pd.Series(HOURS),
        pd.Series(HOURS.to_period("h")),
        pd.Series(HOURS.tz_localize("Europe/Berlin")),
        pd.Series(list(HOURS.to_pydatetime()), dtype=object),
    ],
    ids=["stamps", "periods", "aware", "objects"],
)
def test_frame_with_a_time_column(when):
    X = pd.DataFrame({"a": [1, 2, 3], "date": when, "b": [4, 5, 6]})
    X.index = [7, 5, 3]
    made = TimeFeatures(["hour"], column="date").fit_transform(X)
    assert list(made) == ["a", "b", "hour"]
    assert made.index.tolist() == [7, 5, 3]
    assert_allclose(made["hour"], EXPECTED)


def test_a_column_goes_before_the_index():
    X = pd.DataFrame({"issued": HOURS + pd.Timedelta(hours=1)}, index=HOURS)
    made = TimeFeatures(["hour"], column="issued").fit_transform(X)
    assert_allclose(made["hour"], [0.5, -0.5, 1 / 23 - 0.5])


def test_frame_with_numeric_time():
    X = pd.DataFrame({"day": pd.array([19782.25, 19782.5]), "load": [1.0, 2.0]})
    time = TimeFeatures(["hour", "day_of_year"], encoding="ordinal", unit="D")
    made = time.fit_transform(X)  # the first column, by default
    assert made["hour"].tolist() == [6, 12]
    assert made["day_of_year"].tolist() == [60, 60]
    assert made["load"].tolist() == [1.0, 2.0]
    named = time.set_params(column="day").fit_transform(X[["load", "day"]])
    assert named["hour"].tolist() == [6, 12]


def test_series_of_stamps():
    stamps = pd.Series(HOURS, index=[3, 4, 5], name="when")
    made = TimeFeatures(["hour"]).fit_transform(stamps)
    assert list(made) == ["hour"]
    assert made.index.tolist() == [3, 4, 5]
    assert_allclose(made["hour"], EXPECTED)


def test_series_of_values_with_a_time_index():
    load = pd.Series([1.0, 2.0, 3.0], index=HOURS, name="load")
    made = TimeFeatures(["hour"]).fit_transform(load)
    assert list(made) == ["load", "hour"]
    assert_allclose(made["hour"], EXPECTED)


@pytest.mark.parametrize("stamps", [HOURS, HOURS.to_period("h")])
def test_an_index_alone(stamps):
    made = TimeFeatures(["hour"]).fit_transform(stamps)
    assert made.index.equals(stamps)
    assert_allclose(made["hour"], EXPECTED)


@pytest.mark.parametrize(
    "stamps",
    [
        HOURS.to_numpy(),
        HOURS.to_numpy().reshape(-1, 1),
        HOURS.to_numpy().astype("datetime64[h]"),
        HOURS.to_pydatetime(),
        list(HOURS),
    ],
    ids=["1-D", "2-D", "hours", "objects", "list"],
)
def test_array_of_stamps(stamps):
    made = TimeFeatures(["hour"]).fit_transform(stamps)
    assert isinstance(made, np.ndarray)
    assert_allclose(made, np.reshape(EXPECTED, (3, 1)))


def test_numeric_array_with_further_columns():
    X = np.array([[2.5, 0.25, np.nan], [3.5, 1.75, np.inf]])
    time = TimeFeatures(["hour", "weekday"], encoding="ordinal", unit="D", column=1)
    made = time.fit_transform(X)
    # 1970-01-01 was a Thursday.
    assert_array_equal(made, [[2.5, np.nan, 6, 3], [3.5, np.inf, 18, 4]])
    assert made.dtype == np.float64
    assert time.get_feature_names_out().tolist() == ["x0", "x2", "hour", "weekday"]


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("W", 1 + 6 / 7 + 13 / 168),
        ("D", 13 + 13 / 24),
        ("h", 325),
        ("m", 325 * 60),
        ("s", 325 * 3600),
        ("ms", 325 * 3600 * 10**3),
        ("us", 325 * 3600 * 10**6),
        ("ns", 325 * 3600 * 10**9),
    ],
)
def test_units_of_numbers(unit, value):
    time = TimeFeatures(["hour", "day_of_month"], encoding="ordinal", unit=unit)
    assert_array_equal(time.fit_transform([[value]]), [[13, 13]])


def test_fractions_of_a_day_do_not_fall_short_of_the_hour():
    days = 19782 + np.arange(240) / 24
    time = TimeFeatures(["hour"], encoding="ordinal", unit="D")
    hours = time.fit_transform(days.reshape(-1, 1))
    assert_array_equal(hours[:, 0], np.arange(240) % 24)


# Local time


def test_short_and_long_day_in_berlin():
    spring = pd.date_range("2024-03-31", "2024-04-01", freq="h", tz="Europe/Berlin")
    hours = codes(spring[:-1], "hour")
    assert hours == [0, 1, *range(3, 24)]  # 23 hours: there is no 2 o'clock
    autumn = pd.date_range("2024-10-27", "2024-10-28", freq="h", tz="Europe/Berlin")
    hours = codes(autumn[:-1], "hour")
    assert hours == [0, 1, 2, 2, *range(3, 24)]  # 25 hours: 2 o'clock comes twice
    assert set(codes(autumn[:-1], "day_of_month")) == {27}


def test_tz_reads_aware_stamps_in_another_zone():
    stamps = pd.DatetimeIndex(["2023-12-31 23:30", "2024-06-30 22:00"], tz="UTC")
    assert codes(stamps, "hour") == [23, 22]
    assert codes(stamps, "hour", tz="Europe/Berlin") == [0, 0]
    assert codes(stamps, "day_of_year", tz="Europe/Berlin") == [1, 183]
    assert codes(stamps, "hour", tz=datetime.timezone(datetime.timedelta(hours=1))) == [
        0,
        23,
    ]


def test_tz_reads_numeric_time():
    seconds = [[1711846800.0], [1711846799.0]]  # 2024-03-31 01:00 UTC, and before
    time = TimeFeatures(["hour"], encoding="ordinal", unit="s", tz="Europe/Berlin")
    assert_array_equal(time.fit_transform(seconds), [[3.0], [1.0]])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_units_of_stamps(unit):
    stamps = pd.DatetimeIndex(["2024-02-29 13:00:07"]).as_unit(unit)
    assert codes(stamps, "hour") == [13]
    assert codes(stamps, "second") == [7]
    assert codes(stamps, "day_of_year") == [60]


# Errors


def fails(match, X=HOURS, error=ValueError, **parameters):
    with pytest.raises(error, match=match):
        TimeFeatures(**parameters).fit(X)


def test_no_time():
    frame = pd.DataFrame({"load": [1.0, 2.0]})
    fails(r"X carries no time.*set_index.*unit='s'", frame)
    fails("X carries no time", np.zeros((3, 2)))
    fails("X carries no time", pd.Series([1.0, 2.0]))
    dated = pd.DataFrame({"load": [1, 2, 3], "date": HOURS})
    fails(r"Columns of dates are here: \['date'\]", dated)
    for index in (["2024-07-03", "2024-07-04"], [datetime.date(2024, 7, 3)] * 2):
        fails(r"X.index = pd.to_datetime\(X.index\)", frame.set_axis(index))
    fails("int64, neither dates nor with a known unit", dated, column="load")


def test_unknown_column():
    dated = pd.DataFrame({"date": HOURS})
    fails(
        "column='dates' is not a column of X. Did you mean 'date'?",
        dated,
        column="dates",
    )
    fails("0 to 1", np.zeros((3, 2)), column=2, unit="s")
    fails("0 to 1", np.zeros((3, 2)), column="date", unit="s")
    twice = pd.concat([dated, dated], axis=1)
    fails("more than one column named 'date'", twice, column="date")


def test_index_and_unit():
    fails("has a DatetimeIndex, and unit='s'", pd.DataFrame(index=HOURS), unit="s")


def test_text():
    text = ["2024-07-03", "2024-07-04"]
    for X in (np.array(text), np.array(text, dtype=object), pd.Series(text), text):
        fails("is text, such as '2024-07-03'.*pandas.to_datetime", X)
    fails("pandas.to_datetime", pd.DataFrame({"date": text}), column="date")


def test_missing_time():
    holed = pd.DatetimeIndex(["2024-07-03", None, "2024-07-05", None])
    fails(r"missing \(NaT\) in 2 row\(s\), the first of them row 1", holed)
    fails("NaT", holed.to_period("D"))
    fails("NaT", pd.DataFrame({"date": holed}), column="date")
    fails(r"NaN or infinity in 1 row\(s\).*row 1", [[0.0], [np.nan]], unit="D")
    fails("NaN or infinity", [[0.0], [np.inf]], unit="D")
    fails("NaN or infinity", pd.DataFrame({"t": pd.array([1, None])}), unit="D")


def test_time_out_of_range():
    fails("outside the years 1678 to 2261: is the unit right?", [[1.7e12]], unit="s")
    fails("outside the years", np.array([[2**62]]), unit="D")


@pytest.mark.parametrize(
    "stamps",
    [
        pd.DatetimeIndex(np.array(["2300-01-01", "2300-01-02"], dtype="datetime64[s]")),
        pd.period_range("2300-01-01", periods=2, freq="D"),
        np.array(["2300-01-01", "2300-01-02"], dtype="datetime64[s]"),
        np.array([datetime.date(2300, 1, 1), datetime.date(2300, 1, 2)]),
    ],
)
def test_stamps_out_of_range(stamps):
    fails("reaches from 2300-01-01.* to 2300-01-02.*1678 to 2261: correct", stamps)


@pytest.mark.parametrize("X", [None, "x", {}, {"a": [1]}, 5])
def test_what_holds_no_rows(X):
    for unit in (None, "s"):
        fails(
            "X must be a DataFrame.*; got ", X, TypeError, features=["hour"], unit=unit
        )


def test_a_list_is_no_name_of_a_column():
    X = pd.DataFrame({"a": HOURS})
    fails(r"column=\['a'\] must be the name of one column.*\['a'\]", X, column=["a"])


def test_numbers_expected():
    fails("must be numbers", pd.DataFrame({"t": [1, {}]}), unit="D")


def test_naive_stamps_and_a_zone():
    fails("tz='Europe/Berlin' asks for one.*tz_localize", tz="Europe/Berlin")
    fails("tz_localize", HOURS.to_period("h"), tz="Europe/Berlin")


def test_mixed_zones():
    mixed = [pd.Timestamp("2024-07-03", tz="UTC"), pd.Timestamp("2024-07-03")]
    X = pd.DataFrame({"date": pd.Series(mixed, dtype=object)})
    fails("cannot be read as one column", X, column="date")


def test_several_columns_of_stamps():
    fails("must have one column; got 2", np.zeros((2, 2), dtype="datetime64[s]"))


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="Row 1 of X has 2 values, and row 0 has 1"):
        TimeFeatures(unit="h").fit([[1.0], [1.0, 2.0], [1.0]])

"""Columns of several rows of a day, in any order."""

import numpy as np
from numpy.testing import assert_array_equal

from skinformer.preprocessing.calendar_columns import calendar_columns
from skinformer.preprocessing.calendar_fields import NANOSECONDS

DAY, HOUR = NANOSECONDS["D"], NANOSECONDS["h"]
# 3 January 1970 was a Saturday
WALL = np.array([2 * DAY + 5 * HOUR, 7 * HOUR, 2 * DAY])


def test_each_row_has_the_columns_of_its_day_and_hour():
    asked = []

    def holidays_around(days):
        asked.append(days.tolist())
        return np.array([3])

    encodings = {
        "weekend": "flag",
        "hour": "ordinal",
        "holiday": "flag",
        "day_before_holiday": "flag",
    }
    columns = calendar_columns(
        WALL, encodings, {"fair": np.array([0, 11])}, holidays_around
    )
    assert list(columns) == [*encodings, "fair"]
    assert_array_equal(columns["weekend"], [1.0, 0.0, 1.0])
    assert_array_equal(columns["hour"].codes, [5, 7, 0])
    assert_array_equal(columns["holiday"], [0.0, 0.0, 0.0])
    assert_array_equal(columns["day_before_holiday"], [1.0, 0.0, 1.0])
    assert_array_equal(columns["fair"], [0.0, 1.0, 0.0])
    assert asked == [[2, 0]]  # each day once


def test_no_rows():
    columns = calendar_columns(
        np.array([], dtype=np.int64), {"hour": "cyclic"}, {}, lambda days: days
    )
    assert {name: len(values) for name, values in columns.items()} == {
        "hour_sin": 0,
        "hour_cos": 0,
    }

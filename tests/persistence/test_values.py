"""What Python, numpy and pandas have, there and back."""

import datetime
import zoneinfo
from collections import OrderedDict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skinformer.exceptions import ModelFileError
from skinformer.persistence.archive import parse_json
from skinformer.persistence.reading import Reader, unpack
from skinformer.persistence.writing import Writer, pack

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def again(value):
    """Return what a file would make of a value."""
    import json

    writer = Writer()
    node = writer.write(value, "value")
    node = parse_json(json.dumps(node, allow_nan=False).encode())
    return Reader(unpack(pack(writer.arrays)), None).read(node)


def same(one, other):
    """Say whether two values are equal, of one type, nan and nan too."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        if one.dtype.kind not in "OU":
            assert one.flags.f_contiguous == other.flags.f_contiguous
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, pd.Index):
        pd.testing.assert_index_equal(one, other, exact=True)
        assert getattr(one, "freq", None) == getattr(other, "freq", None)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other)
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    else:
        assert repr(one) == repr(other)


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text()
    | st.dates()
    | st.datetimes()
    | st.timedeltas()
    | st.times(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
        | st.dictionaries(st.text(), inner, max_size=3).map(OrderedDict)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(PLAIN)
def test_values_of_python(value):
    same(value, again(value))


@settings(deadline=None)
@given(
    hnp.arrays(
        hnp.boolean_dtypes()
        | hnp.integer_dtypes(endianness="<")
        | hnp.unsigned_integer_dtypes(endianness="<")
        | hnp.floating_dtypes(endianness="<")
        | hnp.datetime64_dtypes(endianness="<")
        | hnp.timedelta64_dtypes(endianness="<")
        | hnp.unicode_string_dtypes(endianness="<"),
        hnp.array_shapes(min_dims=0, min_side=0, max_side=3),
    ),
    st.booleans(),
)
def test_arrays(value, by_columns):
    value = np.asfortranarray(value) if by_columns and value.ndim else value
    same(value, again(value))


@settings(deadline=None)
@given(hnp.arrays(np.float64, 3), st.sampled_from([np.float32, np.int16, np.bool_]))
def test_scalars(values, dtype):
    with np.errstate(all="ignore"):
        same(dtype(values[0]), again(dtype(values[0])))
    same(values[1], again(values[1]))


def test_big_endian_numbers_come_back_as_little():
    back = again(np.arange(3, dtype=">i4"))
    assert back.dtype == np.dtype("<i4")
    assert back.tolist() == [0, 1, 2]


def test_mapped_arrays_are_read_into_memory(tmp_path):
    mapped = np.memmap(tmp_path / "a", dtype=np.float64, mode="w+", shape=(3, 2))
    mapped[:] = np.arange(6.0).reshape(3, 2)
    same(np.arange(6.0).reshape(3, 2), again(mapped))
    same(np.arange(6.0).reshape(3, 2)[1:], again(mapped[1:]))


def test_tuples_in_an_array_stay_tuples():
    value = np.empty(2, dtype=object)
    value[:] = [("a", 1), ("b", 2)]
    same(value, again(value))


def test_one_array_that_two_hold_stays_one():
    array = np.arange(3.0)
    one, other = again((array, array))
    assert one is other
    one[0] = 7  # and can be written to
    assert other[0] == 7


@pytest.mark.parametrize(
    "value",
    [
        slice(1, None, 2),
        range(3, 11, 2),
        {3, 1, 2},
        frozenset({"a"}),
        datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=BERLIN),
        datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)),
        datetime.UTC,
        BERLIN,
        np.datetime64("2024-02-29T01", "h"),
        np.timedelta64(-5, "ms"),
        np.datetime64("NaT", "ns"),
        pd.NaT,
        pd.NA,
        pd.Timestamp("2024-02-29 01:00:00.123456789"),
        pd.Timestamp("2024-02-29").as_unit("s"),
        pd.Timestamp("2024-10-27 00:30", tz="UTC").tz_convert("Europe/Berlin"),
        pd.Timestamp("1969-12-31 23:59:59.5", tz="UTC"),
        pd.Timedelta("-1 day 3 h").as_unit("ms"),
        pd.Period("2024-02", freq="M"),
        pd.Period("2024-02-03 11:00", freq="3h"),
    ],
    ids=repr,
)
def test_times_and_the_rest(value):
    same(value, again(value))


def test_a_generator_draws_on():
    generator = np.random.RandomState(3)
    generator.normal(size=3)  # an odd number: one more lies ready
    back = again(generator)
    np.testing.assert_array_equal(back.normal(size=5), generator.normal(size=5))


@pytest.mark.parametrize(
    "freq",
    ["h", "15min", "D", "3D", "B", "W-TUE", "MS", "ME", "2QE-FEB", "YE-MAR", "bh"]
    + ["CBMS", "WOM-2FRI", "SME-10"],
)
def test_offsets(freq):
    offset = pd.tseries.frequencies.to_offset(freq)
    assert again(offset) == offset
    assert again(offset).freqstr == offset.freqstr


@pytest.mark.parametrize(
    "offset",
    [
        pd.DateOffset(months=2, days=3),
        pd.offsets.CustomBusinessDay(holidays=["2024-12-25"], weekmask="Mon Wed Fri"),
        pd.offsets.MonthEnd(normalize=True),
        pd.offsets.BusinessHour(start="08:30", end="17:00"),
        pd.offsets.FY5253(weekday=5, startingMonth=2, variation="last"),
        pd.offsets.LastWeekOfMonth(weekday=4),  # pandas before 3 reads no LWOM-FRI
    ],
    ids=repr,
)
def test_offsets_that_are_made_of_more(offset):
    assert again(offset) == offset
    stamp = pd.Timestamp("2024-12-24 10:00")
    assert again(offset) + stamp == offset + stamp


HOURS = pd.date_range("2024-10-26 23:00", periods=5, freq="h", tz="Europe/Berlin")


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["a", None, "c"], name="x"),
        pd.Index(["a", "b"], dtype=object),
        pd.Index(["a", 1, None], dtype=object),
        pd.Index(["a", None], dtype="string"),
        pd.Index([3, 1, 2], name=("a", 1)),
        pd.Index([0.5, np.nan]),
        pd.Index([True, False]),
        pd.Index([1, None], dtype="Int32"),
        pd.Index([0.5, None], dtype="Float64"),
        pd.Index([True, None], dtype="boolean"),
        pd.RangeIndex(2, 11, 3, name="n"),
        HOURS,
        HOURS.tz_convert("UTC").as_unit("ns"),
        HOURS[[0, 3]],
        pd.DatetimeIndex(["2024-01-01", pd.NaT]),
        pd.TimedeltaIndex(["1h", "3h"]),
        pd.period_range("2024-01", periods=3, freq="M", name="p"),
        pd.IntervalIndex.from_breaks([0.0, 1.0, 3.0], closed="left"),
        pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", 2)], names=["x", None]),
    ],
    ids=repr,
)
def test_indexes(index):
    same(index, again(index))


def test_series_and_frames():
    series = pd.Series([1.5, np.nan, 2.0], index=["a", "b", "c"], name="s")
    same(series, again(series))
    index = pd.date_range("2024-01-01", periods=3)
    frame = pd.DataFrame({"x": [1, 2, 3], "t": index, 7: ["a", "b", "c"]}, index)
    same(frame, again(frame))
    same(frame[[]], again(frame[[]]))


def function():
    return 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [lambda x: x]}, r"^value\['a'\]\[0\] is the function '<lambda>'"),
        (function, "^value is the function 'function', which no model file"),
        (np.zeros(2, dtype=complex), "^value, of dtype complex128, is"),
        (np.zeros(2, dtype=np.longdouble), "^value, of dtype"),
        (np.zeros(1, dtype=[("a", int)]), "^value, of dtype"),
        (pd.Index(pd.Categorical(["a"])), "^value is a .*CategoricalIndex"),
        (object(), "^value is a object"),
        (int, "^value is the type 'int'"),
        (b"bytes", "^value is a bytes"),
    ],
)
def test_what_no_file_can_hold_is_named(value, words):
    with pytest.raises(ModelFileError, match=words):
        again(value)

"""Columns of numbers, and what is none."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skinformer.series.covariates import Columns
from skinformer.series.number_columns import check_finite

from .frames import column_of, read, read_whole

HOURS = pd.date_range("2024-01-01", periods=3, freq="h")


def test_a_number_beyond_floats():
    message = "Column 'a' of X holds object values.*too large"
    with pytest.raises(ValueError, match=message):
        read(column_of(pd.Series([10**400, 1], dtype=object)))


def test_numeric_in_fit_and_categorical_at_predict():
    columns = Columns.learn(column_of([5.0, 7.0]))
    message = r"Column 'a' of X is categorical.*astype\(float\)"
    with pytest.raises(ValueError, match=message):
        columns.read(column_of(pd.Categorical([5.0, 7.0])))


@pytest.mark.parametrize("chosen", [None, ["b"], [False, True]])
def test_a_categorical_that_is_not_chosen(chosen):
    frame = pd.DataFrame({"a": pd.Categorical(["x", "y"]), "b": [1, 2]})
    with pytest.raises(ValueError, match=r"'a' of X is categorical.*leaves it out"):
        read(frame, chosen)


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([True, False]),
        pd.Series([True, False], dtype="boolean"),
        pd.Series([True, False], dtype=object),
        pd.Series([1, 0], dtype="Int64"),
        pd.Series([1, 0], dtype="Float32"),
        pd.Series([1, 0], dtype="uint8"),
        pd.Series([1, 0], dtype="float16"),
        pd.Series([1, 0.0], dtype=object),
        pd.Series([Decimal(1), Decimal(0)]),
        pd.Series(pd.arrays.SparseArray([1.0, 0.0])),
    ],
    ids=lambda values: str(values.dtype),
)
def test_what_counts_as_numbers(values):
    rows = read(values.to_frame("a"))
    assert rows.numeric.dtype == np.float64
    np.testing.assert_array_equal(rows.numeric, [[1.0], [0.0]])


def test_single_precision_is_kept():
    frame = pd.DataFrame(np.ones((3, 2), dtype=np.float32), columns=["a", "b"])
    assert read(frame).numeric.dtype == np.float32
    assert read(frame.to_numpy()).numeric.dtype == np.float32
    assert read(frame.assign(b=1.0)).numeric.dtype == np.float64


@pytest.mark.parametrize(
    "values",
    [
        ["x", "y"],
        ["1", "2"],  # text that would convert: numbers by mistake
        pd.Series(["1", "2"], dtype="string"),
        pd.Series(["1", "2"], dtype=object),
        pd.Series(["1", 2], dtype=object).map(lambda x: [x]),
        pd.Series([1 + 2j, 3]),
        pd.Series([1 + 2j, 3], dtype=object),
        pd.to_timedelta([1, 2], unit="h"),
        pd.Series(pd.to_timedelta([1, 2], unit="h"), dtype=object),
        pd.period_range("2024", periods=2, freq="h"),
        pd.interval_range(0, 2),
        pd.Series([{}, []]),
        pd.Series([b"x", b"y"]),
    ],
)
def test_what_is_no_number(values):
    message = r"Column 'a' of X holds .* no numbers.*X\['a'\].astype\('category'\)"
    with pytest.raises(ValueError, match=message):
        read(column_of(values))


@pytest.mark.parametrize("tz", [None, "Europe/Berlin"])
def test_datetimes_belong_into_the_index(tz):
    frame = column_of(pd.date_range("2024", periods=2, tz=tz), name="when")
    message = (
        r"'when' of X holds datetimes. Name it with time='when', make it the index"
    )
    with pytest.raises(ValueError, match=message):
        read(frame)


@pytest.mark.parametrize(
    "values",
    [
        [1.0, np.nan, np.inf],
        pd.array([1, None, 3], dtype="Int64"),
        pd.array([1.5, None, 3], dtype="Float64"),
        pd.array([True, None, False], dtype="boolean"),
        np.array([1, None, 3], dtype=object),
        pd.Categorical(["x", None, "y"]),
    ],
)
def test_missing_by_name_and_row(values):
    frame = pd.DataFrame({"ok": [1, 2, 3], "a": values}, index=HOURS)
    message = "Input X contains NaN: column 'a' at 2024-01-01 01:00:00. Missing"
    with pytest.raises(ValueError, match=message):
        read_whole(frame)


@pytest.mark.parametrize("dtype", ["float", "Int64", "Float64", "boolean", "object"])
def test_missing_numbers_are_nan_where_they_may_be(dtype):
    values = [1.0, np.nan, 0.0] if dtype == "float" else pd.array([1, None, 0], dtype)
    rows = read(pd.DataFrame({"ok": [1, 2, 3], "a": values}))
    np.testing.assert_array_equal(rows.numeric, [[1, 1], [2, np.nan], [3, 0]])


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_by_name_and_row(value):
    frame = pd.DataFrame({"a": [1, 2, value]}, index=HOURS)
    message = "contains infinity: column 'a' at 2024-01-01 02:00:00. Replace it"
    with pytest.raises(ValueError, match=message):
        read(frame)


def test_check_finite_names_the_first():
    values = np.array([[1, 2, 3], [4, np.inf, np.nan]])
    with pytest.raises(ValueError, match="y contains infinity: column 'q' at 7"):
        check_finite(values, pd.Index([5, 7]), ["p", "q", "r"], "y")
    assert check_finite(values[:1], pd.Index([5]), ["p", "q", "r"], "y") is None


def test_the_first_text_among_numbers_is_named():
    column = pd.Series(["1.5", None, "err", "x"], index=[7, 8, 9, 10], dtype="str")
    with pytest.raises(ValueError, match=r"no numbers, the first 'err' at 9\. Make it"):
        read(pd.DataFrame({"temp": column}))

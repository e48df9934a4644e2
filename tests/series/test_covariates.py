from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from skinformer.series.covariates import (
    Columns,
    Covariates,
    as_frame,
    check_finite,
    choose_categorical,
)

MIXED = pd.DataFrame(
    {
        "load": [1.5, 2.5, 4.0],
        "day": pd.Categorical(["Mon", "Sun", "Mon"], categories=["Mon", "Tue", "Sun"]),
        "busy": [True, False, True],
    }
)


def column_of(values, name="a", **kwargs):
    return pd.DataFrame({name: pd.Series(values, **kwargs)})


def read(X, categorical_features="from_dtype"):
    return Columns.learn(X, categorical_features).read(X)


def test_from_dtype():
    columns = Columns.learn(MIXED)
    assert columns.names == ("load", "day", "busy")
    assert columns.cardinalities == (3,)  # Tue too, which no row shows
    assert columns.n_numeric == 2
    rows = columns.read(MIXED)
    np.testing.assert_array_equal(rows.numeric, [[1.5, 1], [2.5, 0], [4, 1]])
    np.testing.assert_array_equal(rows.codes, [[0], [2], [0]])
    assert (rows.numeric.dtype, rows.codes.dtype) == (np.float64, np.int64)


@pytest.mark.parametrize(
    "chosen",
    [
        ["b"],
        ("b",),
        "b",
        [1],
        [np.int64(1)],
        np.array(["b"]),
        np.array([1]),
        [False, True, False],
        np.array([False, True, False]),
        pd.Series([False, True, False]),
    ],
)
def test_chosen_by_name_position_or_mask(chosen):
    frame = pd.DataFrame({"a": [1, 2], "b": [7, 5], "c": [3, 4]})
    assert choose_categorical(frame, chosen).tolist() == [False, True, False]
    rows = read(frame, chosen)
    np.testing.assert_array_equal(rows.numeric, [[1, 3], [2, 4]])
    np.testing.assert_array_equal(rows.codes, [[1], [0]])


@pytest.mark.parametrize("chosen", [None, [], [False, False], "from_dtype"])
def test_none_chosen(chosen):
    rows = read(pd.DataFrame({"a": [1, 2], "b": [7, 5]}), chosen)
    assert rows.numeric.shape == (2, 2)
    assert rows.codes.shape == (2, 0)


def test_names_may_be_numbers_or_tuples():
    frame = pd.DataFrame([[1, 2, 3]], columns=[2, 0, 1])
    assert choose_categorical(frame, [2]).tolist() == [True, False, False]
    tuples = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([(1, 2), (1, 3)]))
    assert choose_categorical(tuples, [(1, 3)]).tolist() == [False, True]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (["z"], r"names 'z', which X lacks; its columns are \['a', 'b'\]"),
        ([2], "names 2, which X lacks"),
        ([-1], "names -1, which X lacks"),
        ([True], "a mask of 1 columns, X has 2"),
        ([True, False, True], "a mask of 3 columns, X has 2"),
    ],
)
def test_chosen_wrongly(chosen, message):
    with pytest.raises(ValueError, match=message):
        Columns.learn(pd.DataFrame({"a": [1], "b": [2]}), chosen)


def test_columns_of_one_name():
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["a", "b", "a"])
    with pytest.raises(ValueError, match="X has more than one column of the name 'a';"):
        Columns.learn(frame, ["a"])


def test_an_unknown_category_is_one_past_the_last():
    columns = Columns.learn(MIXED)
    asked = MIXED.assign(day=["Tue", "Fri", "Sun"])  # plain text now
    np.testing.assert_array_equal(columns.read(asked).codes, [[1], [3], [2]])
    asked["day"] = pd.Categorical(["Fri", "Sun", "Mon"])  # in another order
    np.testing.assert_array_equal(columns.read(asked).codes, [[3], [2], [0]])


@pytest.mark.parametrize("dtype", ["object", "string"])
def test_text_of_any_type_finds_its_category(dtype):
    columns = Columns.learn(MIXED)
    asked = MIXED.assign(day=pd.Series(["Sun", "Tue", "Fri"], dtype=dtype))
    np.testing.assert_array_equal(columns.read(asked).codes, [[2], [1], [3]])


@pytest.mark.parametrize(
    ("fitted", "asked", "codes"),
    [
        ([5, 7, 11], [7, 11, 6], [1, 2, 3]),
        ([5, 7, 11], [7.5, 11.0, 5.2], [3, 2, 3]),  # 7.5 is not 7
        ([5.5, 7.0], [7, 5, 6], [1, 2, 2]),
        ([5, 7, 11], [5.5, 6.0, 8.0], [3, 3, 3]),
        (["x", "y"], ["1", "2", "3"], [2, 2, 2]),
        ([False, True], [True, False, True], [1, 0, 1]),
    ],
)
def test_values_of_another_type_are_not_bent_into_a_category(fitted, asked, codes):
    columns = Columns.learn(column_of(fitted), ["a"])
    np.testing.assert_array_equal(columns.read(column_of(asked)).codes[:, 0], codes)


@pytest.mark.parametrize(
    ("fitted", "asked", "message"),
    [
        ([5, 7], ["7", "x"], "fit saw 5, 7, and '7', 'x' came"),
        (["x", "y"], [1.5, 2.0], r"fit saw 'x', 'y', and 1\.5, 2\.0 came"),
        ([False, True], ["x", "True"], "fit saw False, True, and 'x', 'True' came"),
        (list("abcdefg"), [1], r"fit saw 'a', .*'e', \.\.\. \(7 in all\), and 1 came"),
        ([5, 7], pd.Categorical(["5", "7"]), "fit saw 5, 7, and '5', '7' came"),
    ],
)
def test_categories_of_another_type_alone_are_refused(fitted, asked, message):
    columns = Columns.learn(column_of(fitted), ["a"])
    message = f"No category of column 'a' of X is known: {message}. Convert X"
    with pytest.raises(ValueError, match=message):
        columns.read(column_of(asked))


def test_values_that_can_be_no_categories():
    lists = column_of(pd.Series([[1], [2]]))
    with pytest.raises(ValueError, match=r"Column 'a' of X.*unhashable.*astype\(str\)"):
        Columns.learn(lists, ["a"])
    with pytest.raises(ValueError, match=r"Column 'a' of X.*unhashable.*fit are 5, 7"):
        Columns.learn(column_of([5, 7]), ["a"]).read(lists)


def test_a_number_beyond_floats():
    message = "Column 'a' of X holds object values.*too large"
    with pytest.raises(ValueError, match=message):
        read(column_of(pd.Series([10**400, 1], dtype=object)))


def test_plain_in_fit_and_categorical_at_predict():
    columns = Columns.learn(column_of([5, 11, 7]), ["a"])
    asked = column_of(pd.Categorical([7, 13, 5]))
    np.testing.assert_array_equal(columns.read(asked).codes, [[1], [3], [0]])


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


def test_categories_without_an_order():
    frame = column_of(["x", 1], dtype=object)
    with pytest.raises(ValueError, match=r"column 'a' of X have no order.*one type"):
        Columns.learn(frame, ["a"])
    frame["a"] = frame["a"].astype("category")
    assert Columns.learn(frame).cardinalities == (2,)


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
    message = r"'when' of X holds datetimes. Make it the index with X.set_index\('when'"
    with pytest.raises(ValueError, match=message):
        read(frame)


def read_whole(X, categorical="from_dtype"):
    """Read rows in which nothing may be missing."""
    return Columns.learn(X, categorical, allow_missing=False).read(X)


HOURS = pd.date_range("2024-01-01", periods=3, freq="h")


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
    message = "Input X contains NaN: column 'a' at 2024-01-01 01:00:00. This forecaster"
    with pytest.raises(ValueError, match=message):
        read_whole(frame)


@pytest.mark.parametrize("dtype", ["float", "Int64", "Float64", "boolean", "object"])
def test_missing_numbers_are_nan_where_they_may_be(dtype):
    values = [1.0, np.nan, 0.0] if dtype == "float" else pd.array([1, None, 0], dtype)
    rows = read(pd.DataFrame({"ok": [1, 2, 3], "a": values}))
    np.testing.assert_array_equal(rows.numeric, [[1, 1], [2, np.nan], [3, 0]])


def test_a_missing_category_has_a_code_where_fit_saw_one():
    rows = read(pd.DataFrame({"a": pd.Categorical(["y", None, "x"])}))
    assert rows.codes[:, 0].tolist() == [1, 2, 0]


def test_missing_in_a_chosen_category():
    with pytest.raises(ValueError, match="contains NaN: column 'a' at 1"):
        read_whole(column_of(["x", None, "y"]), ["a"])


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


def test_arrays():
    rows = read(np.array([[1, 7], [2, 5]]), [1])
    np.testing.assert_array_equal(rows.numeric, [[1], [2]])
    np.testing.assert_array_equal(rows.codes, [[1], [0]])
    assert Columns.learn([[1.0, 2.0]]).names == (0, 1)
    with pytest.raises(ValueError, match="contains NaN: column 1 at 0"):
        read_whole([[1.0, np.nan]])
    with pytest.raises(ValueError, match="Expected 2D array"):
        read([1.0, 2.0])
    with pytest.raises(ValueError, match=r"0 feature\(s\)"):
        read(np.empty((3, 0)))


def test_no_columns_and_no_rows():
    rows = read(pd.DataFrame(index=HOURS))
    assert (len(rows), rows.numeric.shape, rows.codes.shape) == (3, (3, 0), (3, 0))
    with pytest.raises(ValueError, match=r"0 sample\(s\) \(shape=\(0, 3\)\)"):
        as_frame(MIXED[:0])
    assert as_frame(MIXED) is MIXED


def test_take():
    rows = read(MIXED)
    some = rows.take(np.array([1, 0]))
    assert len(some) == 2
    np.testing.assert_array_equal(some.numeric[:, 0], [2.5, 1.5])
    np.testing.assert_array_equal(some.codes[:, 0], [2, 0])
    np.testing.assert_array_equal(rows.take(slice(2, 3)).numeric[:, 0], [4.0])


def test_rows_of_which_nothing_is_known():
    nothing = Covariates.none_of(3)
    assert len(nothing) == 3
    assert nothing.numeric.shape == nothing.codes.shape == (3, 0)


def test_what_is_read_is_a_copy():
    frame = column_of(np.array([1.0, 2.0]))
    rows = read(frame)
    frame.loc[0, "a"] = 5.0
    assert isinstance(rows, Covariates)
    assert rows.numeric[0, 0] == 1.0


def test_the_first_text_among_numbers_is_named():
    column = pd.Series(["1.5", None, "err", "x"], index=[7, 8, 9, 10], dtype="str")
    with pytest.raises(ValueError, match=r"no numbers, the first 'err' at 9\. Make it"):
        read(pd.DataFrame({"temp": column}))

"""Columns of categories, as codes."""

import numpy as np
import pandas as pd
import pytest

from skinformer.series.covariates import Columns

from .frames import MIXED, column_of, read, read_whole


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


def test_plain_in_fit_and_categorical_at_predict():
    columns = Columns.learn(column_of([5, 11, 7]), ["a"])
    asked = column_of(pd.Categorical([7, 13, 5]))
    np.testing.assert_array_equal(columns.read(asked).codes, [[1], [3], [0]])


def test_categories_without_an_order():
    frame = column_of(["x", 1], dtype=object)
    with pytest.raises(ValueError, match=r"column 'a' of X have no order.*one type"):
        Columns.learn(frame, ["a"])
    frame["a"] = frame["a"].astype("category")
    assert Columns.learn(frame).cardinalities == (2,)


def test_a_missing_category_has_a_code_where_fit_saw_one():
    rows = read(pd.DataFrame({"a": pd.Categorical(["y", None, "x"])}))
    assert rows.codes[:, 0].tolist() == [1, 2, 0]


def test_missing_in_a_chosen_category():
    with pytest.raises(ValueError, match="contains NaN: column 'a' at 1"):
        read_whole(column_of(["x", None, "y"]), ["a"])

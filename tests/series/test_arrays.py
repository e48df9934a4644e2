"""Arrays and lists of numbers."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skinformer import SeasonalNaive
from skinformer.series.arrays import read_array


@pytest.mark.parametrize(
    "rows",
    [[[1.0], [1.0, 2.0]], np.array([[1], [{"a": 1}]], object), [[10**400], [1]]],
)
def test_what_is_no_table_of_numbers_is_named(rows):
    with pytest.raises((TypeError, ValueError), match=r"^X holds what cannot be made"):
        read_array(rows, "X")


def test_a_mask_is_missing_values():
    masked = np.ma.masked_array([1, 2, 3], [False, True, False])
    assert_array_equal(read_array(masked, "y", ensure_2d=False), [1, np.nan, 3])


def test_another_byte_order_is_that_of_the_machine():
    read = read_array(np.array([[1.5], [2.5]], ">f8"), "X")
    assert read.dtype.isnative
    assert_array_equal(read, [[1.5], [2.5]])


def test_a_series_of_text_is_no_table():
    with pytest.raises(ValueError, match=r"^X holds what cannot be made numbers"):
        read_array(pd.Series(["a", "b"]), "X")


def test_objects_are_numbers():
    assert_array_equal(
        read_array(np.array([[1], [None]], object), "X"), [[1], [np.nan]]
    )


@pytest.mark.parametrize("value", ["seven", [1.0], 1j, 10**400, pd.Timestamp("2024")])
def test_a_target_that_is_no_number_is_named(value):
    y = pd.Series([1.0, 2.0, 3.0], name="load").astype(object)
    y[1] = value
    y.iat[1] = value
    with pytest.raises(ValueError, match=r"^Target 'load' holds object values"):
        SeasonalNaive(season=1).fit(np.zeros((3, 1)), y)


def test_a_missing_object_is_a_missing_target():
    y = pd.Series([1.0, pd.NA, 3.0, None], dtype=object)
    model = SeasonalNaive(season=1, pred_len=1).fit(np.zeros((4, 1)), y)
    assert model.predict(np.zeros((1, 1))) == 3


def test_an_index_of_objects_is_compared_one_by_one():
    index = pd.date_range("2024-01-01", periods=4)
    X, values = pd.DataFrame(index=index), [1.0, 2.0, 3.0, 4.0]
    for other in (index.date, pd.array([1, 2, 3, pd.NA], dtype="Int64")):
        y = pd.Series(values, pd.Index(other))
        with pytest.raises(ValueError, match="different indexes: row 0"):
            SeasonalNaive().fit(X, y)


def test_a_name_of_a_series_that_is_a_list():
    X = pd.DataFrame({"store": [["a"], ["b"]]})
    with pytest.raises(
        ValueError, match=r"holds \['a'\] in row 0, which can be no name"
    ):
        SeasonalNaive(series="store").fit(X, [1.0, 2.0])


def test_names_that_are_no_text_are_columns_by_place():
    index = pd.date_range("2024-01-01", periods=4)
    X = pd.DataFrame({0: [1.0, 2, 3, 4], 1: list("abbb")}, index)
    model = SeasonalNaive(series=1, season=1, pred_len=1).fit(X[:3], [1.0, 2, 3])
    assert model.predict(X[3:].set_axis([5, 6], axis=1)) == 3


def test_a_horizon_that_would_need_all_memory():
    with pytest.raises(ValueError, match="give at most 1000, or more rows"):
        SeasonalNaive(pred_len=10**9).fit(np.zeros((3, 1)), [1.0, 2, 3])


def test_numbers_beyond_those_of_the_machine():
    X, y = np.zeros((3, 1)), [1.0, 2, 3]
    model = SeasonalNaive(season=10**30, pred_len=1).fit(X, y)
    assert model.predict(X[:1]) == 3
    with pytest.raises(ValueError, match="must be a pair"):
        SeasonalNaive(bounds=(0, 10**400)).fit(X, y)

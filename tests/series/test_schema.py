"""What each column of X is."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skinformer.series.schema import Schema

NAN = np.nan


def frame():
    """Five columns, seven rows."""
    return pd.DataFrame(
        {
            "shop": list("aababba"),
            "price": np.arange(7.0),
            "stock": 10 * np.arange(7.0),
            "day": pd.Categorical(list("xyxyxyx")),
            "mood": pd.Categorical(list("uuvvvuv")),
        },
        index=pd.RangeIndex(7),
    )


def learn(**kwargs):
    return Schema.learn(frame(), **kwargs)


def test_columns_by_what_they_are():
    schema = learn(past_covariates=["mood", "stock"], series="shop")
    assert schema.names == ("shop", "price", "stock", "day", "mood")
    assert schema.known.names == ("price", "day")
    assert schema.past.names == ("stock", "mood")  # in the order of X
    assert schema.series == "shop"
    assert not schema.is_plain


def test_without_parameters_all_is_known_ahead():
    schema = Schema.learn(frame().drop(columns="shop"))
    assert schema.is_plain
    assert schema.known.names == schema.names
    assert schema.past.names == ()
    assert schema.read_labels(frame()) is None


@pytest.mark.parametrize(
    "past",
    [
        "stock",
        ["stock"],
        [2],
        2,
        [False, False, True, False, False],
        np.array([0, 0, 1, 0, 0], dtype=bool),
        slice(2, 3),
        lambda X: X.columns == "stock",
        lambda X: ["stock"],
    ],
)
def test_ways_to_name_columns_of_the_past(past):
    schema = learn(past_covariates=past, series="shop")
    assert schema.past.names == ("stock",)
    assert schema.known.names == ("price", "day", "mood")


@pytest.mark.parametrize("past", [None, [], lambda X: None])
def test_no_column_of_the_past(past):
    assert learn(past_covariates=past, series="shop").past.names == ()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"past_covariates": ["stok"]}, "past_covariates names 'stok', .*'stock'"),
        ({"past_covariates": [5]}, "past_covariates names 5, which X lacks"),
        ({"past_covariates": [True, False]}, "past_covariates is a mask of 2 columns"),
        ({"series": "store"}, "series names 'store', which X lacks"),
        (
            {"series": "shop", "past_covariates": ["shop"]},
            "past_covariates names 'shop', the column that says which series",
        ),
    ],
)
def test_columns_that_are_not_there(kwargs, message):
    with pytest.raises(ValueError, match=message):
        learn(**kwargs)


def test_columns_are_read_apart():
    schema = learn(past_covariates=["stock", "mood"], series="shop")
    X = frame()[3:]
    known, past = schema.read_known(X), schema.read_past(X)
    assert_array_equal(known.numeric[:, 0], [3, 4, 5, 6])
    assert_array_equal(known.codes[:, 0], [1, 0, 1, 0])
    assert_array_equal(past.numeric[:, 0], [30, 40, 50, 60])
    assert_array_equal(past.codes[:, 0], [2, 2, 1, 2])  # 0 is missing
    assert list(schema.read_labels(X)) == list("abba")


def test_a_category_of_the_past_has_a_code_for_what_is_hidden():
    schema = learn(past_covariates=["mood"], series="shop")
    # two categories each; the one of the past has a third code, and it is 0
    assert schema.cardinalities == (2, 3)
    X = frame()
    X["mood"] = X["mood"].astype(object)
    X.loc[[4, 6], "mood"] = [None, "w"]
    # one that fit did not see comes last, as it does ahead
    assert_array_equal(schema.read_past(X).codes[:, 0], [1, 1, 2, 2, 0, 1, 3])


def test_without_columns_of_the_past_there_is_nothing_to_read():
    past = Schema.learn(frame()).read_past(frame())
    assert past.numeric.shape == past.codes.shape == (7, 0)


def test_an_array_has_positions():
    X = np.array([[0.0, 5, 1], [1, 6, 2], [0, 7, 3]])
    schema = Schema.learn(X, past_covariates=[2], series=0)
    assert schema.names == (0, 1, 2)
    assert_array_equal(schema.read_known(X).numeric, [[5], [6], [7]])
    assert_array_equal(schema.read_past(X).numeric, [[1], [2], [3]])
    assert list(schema.read_labels(X)) == [0, 1, 0]


def test_columns_of_the_past_may_be_left_out():
    schema = learn(past_covariates=["stock", "mood"], series="shop")
    X = frame()[["shop", "price", "day", "mood"]]
    completed = schema.complete(X)
    assert tuple(completed.columns) == schema.names
    assert completed["stock"].isna().all()
    assert list(completed["mood"]) == list(frame()["mood"])
    past = schema.read_past(completed)
    assert np.isnan(past.numeric).all()


def test_a_frame_with_other_columns_is_left_to_be_refused():
    schema = learn(past_covariates=["stock"], series="shop")
    strange = frame().drop(columns="stock").assign(colour=1.0)
    assert schema.complete(strange) is strange
    lacks_known = frame().drop(columns=["stock", "price"])
    assert "price" not in schema.complete(lacks_known)
    whole = frame()
    assert schema.complete(whole) is whole


def test_missing_values_may_be_refused_by_name():
    X = frame()
    X.loc[2, "price"] = NAN
    allows = learn(series="shop").read_known(X)
    assert_array_equal(np.isnan(allows.numeric[:, 0]), np.arange(7) == 2)
    with pytest.raises(ValueError, match="contains NaN: column 'price' at 2"):
        learn(series="shop", allow_missing=False).read_known(X)


def test_a_row_belongs_to_a_series():
    X = frame()
    X.loc[3, "shop"] = None
    with pytest.raises(ValueError, match=r"'shop' of X, which names .* at 3"):
        learn(series="shop").read_labels(X)


def test_categories_may_be_named():
    schema = learn(categorical_features=["stock"], past_covariates=["stock", "price"])
    assert schema.past.categories[0] is None
    assert list(schema.past.categories[1]) == [0, 10, 20, 30, 40, 50, 60]


def timed():
    """The same with the time in the last column."""
    days = pd.date_range("2024-01-01", periods=7, freq="D")
    return frame().assign(when=days)


def test_the_column_of_the_time_is_no_covariate():
    schema = Schema.learn(timed(), past_covariates="stock", series="shop", time="when")
    assert schema.time == "when"
    assert schema.names == tuple(timed().columns)
    assert schema.known.names == ("price", "day", "mood")
    assert not schema.is_plain
    X = schema.at_time(timed())
    assert_array_equal(schema.read_known(X).numeric[:, 0], np.arange(7.0))
    assert list(schema.read_labels(X)) == list("aababba")


def test_positions_count_the_column_of_the_time():
    X = timed()[["when", "price", "stock"]]
    schema = Schema.learn(X, past_covariates=[2], time=0)
    assert (schema.time, schema.past.names) == ("when", ("stock",))
    assert schema.known.names == ("price",)


@pytest.mark.parametrize("other", [{"series": "when"}, {"past_covariates": ["when"]}])
def test_the_column_of_the_time_is_nothing_else(other):
    [name] = other
    with pytest.raises(ValueError, match=f"{name} names 'when', the column that says"):
        Schema.learn(timed(), time="when", **other)


def test_a_frame_without_the_time_is_refused():
    schema = Schema.learn(timed(), time="when")
    schema.check_time(timed())
    with pytest.raises(ValueError, match="Did you mean 'wen'"):
        schema.check_time(timed().rename(columns={"when": "wen"}))

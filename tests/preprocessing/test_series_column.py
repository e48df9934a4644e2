"""Which series each row belongs to, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from skinformer.preprocessing.series_column import list_some, read_series

STORES = ["b", "a", "b", "c", "a"]


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (STORES, ["b", "a", "c"]),
        (pd.array(STORES, dtype=object), ["b", "a", "c"]),
        (pd.Categorical(STORES, categories=["x", "a", "b", "c"]), ["b", "a", "c"]),
        ([5, 2, 5, 3, 2], [5, 2, 3]),
        ([("b", 1), ("a", 1), ("b", 1), ("c", 2), ("a", 1)], None),
    ],
)
def test_codes_by_order_of_appearance(values, names):
    rows = read_series(pd.DataFrame({"load": range(5), "store": values}), "store")
    assert rows.codes.tolist() == [0, 1, 0, 2, 1]
    if names is not None:
        assert rows.names.tolist() == names
        assert not isinstance(rows.names.dtype, pd.CategoricalDtype)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_of_no_series(missing):
    days = pd.date_range("2024-01-01", periods=3)
    X = pd.DataFrame({"store": ["a", missing, "b"]}, index=days)
    match = r"series='store': .* missing a value in row 1 \(index 2024-01-02.*drop"
    with pytest.raises(ValueError, match=match):
        read_series(X, "store")


def test_no_such_column():
    X = pd.DataFrame({"store": ["a"], 7: [1]})
    match = r"series='stor' is not a column of X. Did you mean 'store'\?.*\['store', 7"
    with pytest.raises(ValueError, match=match):
        read_series(X, "stor")
    with pytest.raises(ValueError, match="must be the name of one column"):
        read_series(X, ["store"])
    with pytest.raises(ValueError, match="more than one column named 'store'"):
        read_series(pd.concat([X, X], axis=1), "store")


def test_an_array_has_no_columns():
    with pytest.raises(ValueError, match=r"X is a ndarray.*set_output\(transform="):
        read_series(np.zeros((2, 3)), "store")


def test_list_some():
    assert list_some(pd.Index([3, 5])) == "3, 5"
    assert list_some(pd.Index(list("abcdefg"))) == "'a', 'b', 'c', 'd', 'e' and 2 more"

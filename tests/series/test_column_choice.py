"""Which columns a parameter names."""

import numpy as np
import pandas as pd
import pytest

from skinformer.series.column_choice import choose_categorical
from skinformer.series.covariates import Columns

from .frames import read


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

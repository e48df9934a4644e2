import numpy as np
import pandas as pd
import pytest

from skinformer.series.covariates import Columns, Covariates, as_frame

from .frames import MIXED, column_of, read, read_whole

HOURS = pd.date_range("2024-01-01", periods=3, freq="h")


def test_from_dtype():
    columns = Columns.learn(MIXED)
    assert columns.names == ("load", "day", "busy")
    assert columns.cardinalities == (3,)  # Tue too, which no row shows
    assert columns.n_numeric == 2
    rows = columns.read(MIXED)
    np.testing.assert_array_equal(rows.numeric, [[1.5, 1], [2.5, 0], [4, 1]])
    np.testing.assert_array_equal(rows.codes, [[0], [2], [0]])
    assert (rows.numeric.dtype, rows.codes.dtype) == (np.float64, np.int64)


def test_columns_of_one_name():
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["a", "b", "a"])
    with pytest.raises(ValueError, match="X has more than one column of the name 'a';"):
        Columns.learn(frame, ["a"])


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


def test_rows_are_called_as_is_asked():
    frame = MIXED.assign(load=[1.0, np.nan, 2.0], day=["Mon", "Wed", None])
    columns = Columns.learn(MIXED, allow_missing=False)
    called = ["first", "second", "third"]
    with pytest.raises(ValueError, match="NaN: column 'load' at second"):
        columns.read(frame, called)
    with pytest.raises(ValueError, match="NaN: column 'day' at third"):
        columns.read(frame.assign(load=1.0), called)


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

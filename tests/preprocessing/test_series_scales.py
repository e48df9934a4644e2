"""Statistics of many series: pooled from parts, held to scikit-learn's scalers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.preprocessing.scaling import SCALERS
from skinformer.preprocessing.series_column import SeriesRows
from skinformer.preprocessing.series_scales import (
    learn_series,
    moments_of_rows,
    pool,
    scales_of_moments,
    static_columns,
)

METHODS = ["standard", "robust", "minmax"]


def test_moments_by_hand():
    values = np.array([[1.0, 4.0], [10.0, np.nan], [3.0, 8.0], [5.0, np.nan]])
    found = pool(moments_of_rows(values), np.array([0, 1, 0, 0]))
    assert_array_equal(found.count, [[3, 2], [1, 0]])
    assert_array_equal(found.mean, [[3, 6], [10, np.nan]])
    assert_array_equal(found.squares, [[8, 8], [0, 0]])
    assert_array_equal(found.low, [[1, 4], [10, np.nan]])
    assert_array_equal(found.high, [[5, 8], [10, np.nan]])


def test_pooled_parts_are_the_whole():
    rng = np.random.default_rng(0)
    values = rng.normal(1e6, 1, size=(23, 2))
    values[rng.random((23, 2)) < 0.2] = np.nan
    parts = pool(moments_of_rows(values), np.arange(23) % 5)
    whole = pool(moments_of_rows(values), np.zeros(23, dtype=int))
    for a, b in zip(pool(parts, np.zeros(5, dtype=int)), whole, strict=True):
        assert_allclose(a, b, rtol=1e-9)  # squares of 1 at a level of 1e6
    assert_allclose(whole.mean[0], np.nanmean(values, axis=0))
    assert_allclose(
        whole.squares / whole.count, [np.nanvar(values, axis=0)], rtol=1e-10
    )


def test_static_columns():
    values = np.array([[1.0, 1.0, np.nan], [2.0, 2.0, 5.0], [1.0, 3.0, np.nan]])
    found = static_columns(pool(moments_of_rows(values), np.array([0, 1, 0])))
    assert found.tolist() == [True, False, True]


@pytest.mark.parametrize("method", ["standard", "minmax"])
def test_equal_values_have_a_scale_of_one(method):
    values = np.full((7, 1), 0.1)  # the mean of seven of them is not 0.1
    scales = scales_of_moments(pool(moments_of_rows(values), np.zeros(7, int)), method)
    assert_array_equal(scales, [[[0.1]], [[1.0]]])


# Each series for itself, by scikit-learn

columns = st.lists(
    st.tuples(
        st.integers(0, 3), st.floats(-1e6, 1e6, width=32) | st.sampled_from([np.nan, 5])
    ),
    min_size=1,
    max_size=17,
)


@pytest.mark.parametrize("method", METHODS)
@given(rows=columns)
@settings(max_examples=60, deadline=None)
def test_as_scikit_learn_on_each_series(method, rows):
    codes, values = map(np.array, zip(*rows, strict=True))
    series, values = SeriesRows(*pd.factorize(codes)), values[:, np.newaxis]
    found = learn_series(values, series, method)
    is_static = static_columns(found.moments)[0]
    for place, name in enumerate(found.names):
        known = values[(codes == name) | is_static]
        known = known[~np.isnan(known)][:, np.newaxis]
        center, scale = (part[place, 0] for part in found.scales)
        asked, expected = np.array([[-3.0], [11.0]]), np.array([[-3.0], [11.0]])
        if len(known):
            expected = SCALERS[method]().fit(known).transform(asked)
        assert_allclose((asked - center) / scale, expected, rtol=1e-6, atol=1e-7)

"""Sums over windows, held against windows written out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from numpy.testing import assert_allclose, assert_array_equal

from skinformer.forecasting import moments as module
from skinformer.forecasting.moments import (
    cosines,
    output_squares,
    raw_products,
    window_moments,
)
from skinformer.forecasting.ridge_regression import solve

from .written_out import PRED_LEN, SEQ_LEN, written_out


@given(st.integers(2, 60), st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_products_of_all_windows(n, seed):
    z = np.random.default_rng(seed).normal(3.0, 2.0, n)
    length = max(n // 2, 1)
    windows = sliding_window_view(z, length)
    assert_allclose(raw_products([z], length), windows.T @ windows, rtol=1e-10)


def test_moments_of_a_walk_far_from_zero():
    z = np.random.default_rng(0).normal(size=500).cumsum() + 100
    X, y = written_out(z)
    moments = window_moments([z], SEQ_LEN, PRED_LEN)
    assert_allclose(moments.gram, X.T @ X, rtol=1e-9, atol=1e-6)
    assert_allclose(moments.cross, X.T @ y @ cosines(PRED_LEN), rtol=1e-9, atol=1e-6)
    assert moments.n == len(X) == 491


def test_too_few_rows_for_a_window_add_nothing():
    moments = window_moments([np.ones(9)], SEQ_LEN, PRED_LEN)
    assert moments.n == 0
    assert not moments.gram.any()
    assert_array_equal(solve(moments, np.ones(PRED_LEN)), np.zeros((8, 3)))


def test_moments_add_up():
    z = np.random.default_rng(1).normal(size=40)
    first = window_moments([z[:25]], SEQ_LEN, PRED_LEN)
    rest = window_moments([z[16:]], SEQ_LEN, PRED_LEN)  # windows from row 16 on
    whole = window_moments([z], SEQ_LEN, PRED_LEN)
    assert_allclose(first.plus(rest).gram, whole.gram, atol=1e-12)
    assert_allclose(whole.plus(rest, -1).cross, first.cross, atol=1e-12)
    assert first.plus(rest).n == whole.n == 31


@st.composite
def weighted_series(draw):
    """Return series of 10 rows and more, and weights of their windows."""
    lengths = draw(st.lists(st.integers(10, 40), min_size=1, max_size=5))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    zs = [rng.normal(3.0, 2.0, n) for n in lengths]
    return zs, [rng.choice([0.0, 0.5, 2.0], n - 9) for n in lengths]


@pytest.mark.parametrize("chunk", [23, 2**21])
def test_products_of_many_series_and_of_weighted_windows(monkeypatch, chunk):
    monkeypatch.setattr(module, "CHUNK", chunk)  # two windows of ten rows, or all
    # a sum near zero keeps the rounding of its terms, which are about ten
    rounding = {"rtol": 1e-10, "atol": 1e-10}

    @given(weighted_series())
    @settings(deadline=None, max_examples=30)
    def check(drawn):
        zs, weights = drawn
        windows = np.concatenate([sliding_window_view(z, 10) for z in zs])
        expected = windows.T @ windows
        assert_allclose(raw_products(zs, 10), expected, **rounding)
        w = np.concatenate(weights)[:, None]
        expected = windows.T @ (w * windows)
        assert_allclose(raw_products(zs, 10, weights), expected, **rounding)

    check()


@given(weighted_series())
@settings(deadline=None, max_examples=30)
def test_moments_of_many_series_are_the_sums_of_each(drawn):
    zs, weights = drawn
    zs, weights = [np.ones(9), *zs], [np.ones(0), *weights]  # one without a window
    written = [written_out(z) for z in zs[1:]]
    X, y = (np.concatenate(each) for each in zip(*written, strict=True))
    for w in (None, weights):
        moments = window_moments(zs, SEQ_LEN, PRED_LEN, w)
        each = np.ones(len(X)) if w is None else np.concatenate(w)
        gram, cross = X.T @ (X * each[:, None]), X.T @ (y * each[:, None])
        assert_allclose(moments.gram, gram, atol=1e-8)
        assert_allclose(moments.cross, cross @ cosines(PRED_LEN), atol=1e-8)
        assert_allclose(moments.n, each.sum())
        squares = each @ (y @ cosines(PRED_LEN)) ** 2
        found = output_squares(zs, SEQ_LEN, PRED_LEN, w)
        assert_allclose(found, squares, atol=1e-8)


def test_cosines_are_orthonormal_and_begin_with_the_mean():
    transform = cosines(5)
    assert_allclose(transform.T @ transform, np.eye(5), atol=1e-12)
    assert_allclose(transform[:, 0], np.full(5, 5**-0.5))

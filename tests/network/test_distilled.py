"""Which rows a position stands for: by pushing a row and seeing what moves."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skinformer.network.distilled import (
    cell_edges,
    encoder_cells,
    memory_shares,
    row_shares,
)
from skinformer.network.encoder import (
    DistilLayer,
    Encoder,
    EncoderLayer,
    StackedEncoder,
)
from skinformer.network.multi_head import MultiHeadAttention

WIDTH = 6


def encoder(depth, distil=True):
    layers = [EncoderLayer(MultiHeadAttention(WIDTH, 2), WIDTH, 7)] * depth
    return Encoder(layers, WIDTH, distil=distil)


def halved(n, times):
    for _ in range(times):
        n = -(-n // 2)
    return n


@given(n=st.integers(1, 101), times=st.integers(0, 3))
def test_cells_fill_the_rows(n, times):
    edges = cell_edges(n, times)
    assert len(edges) == halved(n, times) + 1
    assert edges[0] == -0.5
    assert edges[-1] == n - 0.5
    assert (np.diff(edges) > 0).all()
    shares = row_shares(edges, n)
    assert_allclose(shares.sum(axis=1), 1.0)
    assert_allclose(shares.T @ np.diff(edges), 1.0)  # and no row twice


@pytest.mark.parametrize("n", [12, 13])
def test_a_position_looks_at_the_rows_around_its_own(n):
    """Position j is moved by rows 2j - 2 to 2j + 2: a convolution, and a maximum."""
    distil = DistilLayer(WIDTH).eval()
    rows = torch.randn(1, n, WIDTH, requires_grad=True)
    for j, position in enumerate(distil(rows)[0]):
        (moved,) = torch.autograd.grad(position.sum(), rows, retain_graph=True)
        by = np.flatnonzero(moved[0].abs().sum(dim=1))
        around = (by - 2 * j + n // 2) % n - n // 2  # the convolution is circular
        assert abs(around).max() <= 2
        low, high = cell_edges(n, 1)[j : j + 2]
        assert low <= 2 * j <= high


def test_cells_of_a_stack_lie_in_the_last_rows():
    stack = StackedEncoder([encoder(3), encoder(2, distil=False)])
    cells = encoder_cells(stack, 13)
    assert [len(edges) - 1 for edges in cells] == [13, 7, 4, 6, 6]
    assert cells[2].tolist() == [-0.5, 2.0, 6.0, 10.0, 12.5]
    assert cells[4].tolist() == [6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5]


def test_shares_of_what_the_decoder_looks_at():
    shares = memory_shares(StackedEncoder([encoder(2), encoder(1)]), 6)
    assert_allclose(
        shares,
        [
            [2 / 3, 1 / 3, 0, 0, 0, 0],
            [0, 1 / 4, 1 / 2, 1 / 4, 0, 0],
            [0, 0, 0, 1 / 5, 2 / 5, 2 / 5],
            [0, 0, 0, 1, 0, 0],
            [0, 0, 0, 0, 1, 0],
            [0, 0, 0, 0, 0, 1],
        ],
    )
    assert_allclose(memory_shares(encoder(3, distil=False), 5), np.eye(5))

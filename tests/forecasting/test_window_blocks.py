"""Which windows count, and in which block of time they lie."""

import numpy as np
from numpy.testing import assert_array_equal

from skinformer.forecasting.window_blocks import (
    Part,
    WindowBlocks,
    block_edges,
    block_of,
    weights_of_windows,
)

SEQ_LEN, PRED_LEN = 7, 3


def test_blocks_have_room_for_windows_and_none_else():
    assert_array_equal(block_edges(8640, 504, 24), np.linspace(504, 8640, 7))
    assert_array_equal(block_edges(30, 7, 12), [7, 30])  # 23 rows, 14 to a block
    assert_array_equal(block_edges(5, 7, 3), [7, 5])


def test_a_window_has_the_mean_weight_of_its_horizon():
    weights = np.array([5.0] * 7 + [1.0, 2.0, 3.0, 0.0, 0.0, 0.0])
    assert_array_equal(weights_of_windows(weights, 7, 3), [2.0, 5 / 3, 1.0, 0.0])
    assert weights_of_windows(weights[:9], 7, 3).shape == (0,)


def test_blocks_are_numbered_from_the_end():
    blocks = WindowBlocks([31, 19, 11, 9], SEQ_LEN, PRED_LEN)
    # 24 rows make six blocks of four; 12 rows make three; four rows make one
    assert blocks.n_blocks == 6
    assert blocks.block(0) == [Part(0, 7, 11)]
    assert blocks.block(3) == [Part(0, 19, 23), Part(1, 7, 11)]
    assert blocks.block(5) == [Part(0, 27, 31), Part(1, 15, 19)]
    assert blocks.with_context(blocks.block(5)) == [Part(0, 20, 31), Part(1, 8, 19)]
    # of three blocks the later half are the last two
    assert blocks.later_block(3) == [Part(0, 19, 23)]
    assert blocks.later_block(4) == [Part(0, 23, 27), Part(1, 11, 15)]
    assert [len(parts) for parts in blocks.sets()] == [4, 1, 1, 1, 2, 2, 2]


def test_windows_of_many_series_know_their_block():
    edges = WindowBlocks([31, 19, 11, 9], SEQ_LEN, PRED_LEN).edges_of_series()
    starts = np.array([7, 30, 7, 10, 11, 18, 7, 40])
    series = np.array([0, 0, 1, 1, 1, 1, 2, 3])
    assert_array_equal(block_of(edges, starts, series), [0, 5, 3, 3, 4, 5, 5, 5])
    assert_array_equal(block_of(edges, starts[:2], 0), [0, 5])


def test_without_blocks_all_windows_are_in_the_first():
    blocks = WindowBlocks([11, 9], SEQ_LEN, PRED_LEN)
    assert blocks.n_blocks == 0
    assert len(blocks.sets()) == 1
    edges, starts = blocks.edges_of_series(), np.array([7, 8])
    assert_array_equal(block_of(edges, starts, np.array([0, 1])), [0, 0])


def test_rows_that_no_window_of_any_weight_reads_are_left_out():
    weights = np.zeros(40)
    weights[12], weights[25] = 1.0, 3.0
    blocks = WindowBlocks([40, 20], SEQ_LEN, PRED_LEN, [weights, np.zeros(20)])
    # the first window that counts has the targets 10 to 12, the last one 25 to 27
    assert blocks.rows == [slice(3, 28), slice(0, 0)]
    assert blocks.edges_of_series()[0][0] == 10
    assert_array_equal(blocks.weights[0][:4], [0.5, 0.5, 0.5, 0.0])
    assert blocks.weights[0][blocks.weights[0] > 0].mean() == 1.0
    assert blocks.weights[1].shape == (0,)
    values, of_windows = blocks.cut([np.arange(25), np.arange(0)], [Part(0, 1, 12)])
    assert_array_equal(values[0], np.arange(1, 12))
    assert_array_equal(of_windows[0], [0.5, 0.5])
    assert not blocks.any_counts([Part(0, 3, 14), Part(0, 0, 9)])
    assert blocks.any_counts([Part(0, 3, 14), Part(0, 0, 10)])

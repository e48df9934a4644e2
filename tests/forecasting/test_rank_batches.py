"""Batches that several processes share out."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skinformer.forecasting.batches import BatchLoader
from skinformer.forecasting.generators import seeded
from skinformer.forecasting.rank_batches import RankLoader, cut

from .toy_net import PRED_LEN, SEQ_LEN, windows


def loaders(loader, size, seed=0):
    """Return the loaders of all processes."""
    made = [torch.Generator().manual_seed(seed) for _ in range(size)]
    return [RankLoader(loader, rank, size, made[rank]) for rank in range(size)]


def firsts(loader):
    """Return the first target of each window that is copied, batch by batch."""
    return [y[:, 0].tolist() for _, y in loader]


class TestCut:
    @given(n=st.integers(0, 40), size=st.integers(1, 9))
    def test_parts_make_the_batch_and_are_of_one_length(self, n, size):
        parts = [cut(np.arange(n), rank, size) for rank in range(size)]
        assert_array_equal(np.concatenate(parts), np.arange(n))
        lengths = [len(part) for part in parts]
        assert max(lengths) - min(lengths) <= 1


class TestRankLoader:
    @given(
        n=st.integers(1, 29),
        size=st.integers(1, 5),
        batch_size=st.integers(1, 11),
        limit=st.none() | st.integers(1, 40),
        shuffle=st.booleans(),
    )
    def test_processes_share_what_one_would_read(
        self, n, size, batch_size, limit, shuffle
    ):
        data = windows(np.arange(n + SEQ_LEN + PRED_LEN - 1.0))
        whole = BatchLoader(data, batch_size, shuffle, limit)
        with seeded(3, "cpu"):
            expected = firsts(whole)
        shares = [firsts(loader) for loader in loaders(whole, size, seed=3)]
        together = [
            [y for part in parts for y in part] for parts in zip(*shares, strict=True)
        ]
        assert together == expected
        sizes = loaders(whole, size)[0].sizes
        assert sizes == [len(batch) for batch in expected]

    def test_a_part_of_no_window_reads_none(self):
        data = windows(np.ones((SEQ_LEN + PRED_LEN + 1, 2)))  # two windows

        def refuse(chosen):
            raise AssertionError(chosen)

        data.batch = refuse
        (inputs, y), *others = loaders(BatchLoader(data, 7), 3)[2]
        assert not others
        assert y.shape == (0, PRED_LEN * 2)
        assert all(len(tensor) == 0 for tensor in inputs.values())

    def test_the_global_generator_is_left_alone(self):
        before = torch.get_rng_state()
        loader = BatchLoader(windows(np.arange(30.0)), 4, shuffle=True)
        firsts(loaders(loader, 2)[1])
        assert torch.equal(torch.get_rng_state(), before)

    def test_shuffled_anew_at_every_pass(self):
        loader = BatchLoader(windows(np.arange(60.0)), 50, shuffle=True)
        (own,) = loaders(loader, 1)
        assert firsts(own) != firsts(own)

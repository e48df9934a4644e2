"""Batches of windows, as tensors."""

import numpy as np
import torch
from numpy.testing import assert_array_equal

from skinformer.forecasting.batches import BatchLoader
from skinformer.forecasting.generators import seeded

from .toy_net import PRED_LEN, SEQ_LEN, windows


class TestBatchLoader:
    def test_every_window_once_in_order_the_last_batch_too(self):
        data = windows(np.arange(17.0))
        batches = list(BatchLoader(data, batch_size=4))
        assert len(batches) == len(BatchLoader(data, batch_size=4)) == 3
        first = np.concatenate([y[:, 0].numpy() for _, y in batches])
        assert_array_equal(first, np.arange(5.0, 15.0))

    def test_targets_have_two_axes(self):
        inputs, y = next(iter(BatchLoader(windows(np.ones((13, 2))), batch_size=4)))
        assert inputs["values"].shape == (4, SEQ_LEN, 2)
        assert y.shape == (4, PRED_LEN * 2)

    def test_shuffled_anew_at_every_pass(self):
        loader = BatchLoader(windows(np.arange(60.0)), batch_size=7, shuffle=True)
        with seeded(0, "cpu"):
            one, two = ([y[:, 0] for _, y in loader] for _ in range(2))
        one, two = torch.cat(one), torch.cat(two)
        assert not torch.equal(one, two)
        assert torch.equal(one.sort().values, two.sort().values)

    def test_without_shuffling_no_random_number_is_drawn(self):
        before = torch.get_rng_state()
        list(BatchLoader(windows(np.arange(20.0)), batch_size=4))
        assert torch.equal(torch.get_rng_state(), before)

    def test_limit_draws_other_windows_at_every_pass(self):
        loader = BatchLoader(windows(np.arange(60.0)), 4, shuffle=True, limit=11)
        with seeded(0, "cpu"):
            passes = [[y[:, 0].numpy() for _, y in loader] for _ in range(2)]
        assert [len(y) for y in passes[0]] == [4, 4, 3]
        assert len(loader) == 3
        first, second = (set(np.concatenate(y)) for y in passes)
        assert len(first) == 11  # none twice
        assert first != second
        assert first | second <= set(np.arange(5.0, 58.0))

    def test_a_limit_above_the_number_takes_all(self):
        loader = BatchLoader(windows(np.arange(17.0)), 4, limit=99)
        assert sum(len(y) for _, y in loader) == 10

"""Torch's generators."""

import pytest
import torch
from torch import nn

from skinformer.forecasting.generators import generator_states, seeded, set_generators


class TestSeeded:
    def test_the_global_generator_is_put_back(self):
        before = torch.get_rng_state()
        with seeded(3, "cpu"):
            first = torch.rand(5)
        assert torch.equal(torch.get_rng_state(), before)
        with seeded(3, "cpu"):
            assert torch.equal(torch.rand(5), first)

    def test_put_back_after_an_error(self):
        before = torch.get_rng_state()
        with pytest.raises(ValueError, match="probability"), seeded(3, "cpu"):
            nn.Dropout(p=torch.rand(1).item() + 2)
        assert torch.equal(torch.get_rng_state(), before)


def test_generators_go_on_from_where_they_were():
    states = generator_states("cpu")
    first = torch.rand(5)
    set_generators("cpu", states)
    assert torch.equal(torch.rand(5), first)

"""Dropout with cheap masks."""

import pytest
import torch

from skinformer.network.dropout import Dropout, dropout


@pytest.mark.parametrize("p", [0.05, 0.1, 0.5, 0.9])
def test_drops_at_the_rate_and_keeps_the_mean(p):
    x = torch.ones(101, 1009)
    kept = dropout(x, p)
    rate = (kept == 0).double().mean().item()
    # five standard deviations of a binomial share of 101,909 draws
    assert rate == pytest.approx(p, abs=5 * (p * (1 - p) / x.numel()) ** 0.5)
    assert kept.max().item() == pytest.approx(1 / (1 - p), rel=1e-4)


@pytest.mark.parametrize("offset", range(4))
def test_neighbours_are_dropped_independently(offset):
    # four elements share a random number: the share of pairs dropped is p squared
    dropped = dropout(torch.ones(4 * 50_021), 0.3).view(-1, 4) == 0
    pairs = dropped[:, offset] & dropped[:, (offset + 1) % 4]
    assert pairs.double().mean().item() == pytest.approx(0.09, abs=0.0065)


def test_gradient_goes_where_values_went():
    x = torch.randn(7, 11, requires_grad=True)
    kept = dropout(x, 0.4)
    kept.sum().backward()
    assert torch.equal(x.grad == 0, kept == 0)
    assert torch.allclose(x.grad[kept != 0], torch.tensor(1 / 0.6), rtol=1e-4)


def test_none_to_drop():
    x = torch.randn(3)
    assert dropout(x, 0.0) is x


def test_nearly_all_dropped_stays_finite():
    assert torch.isfinite(dropout(torch.ones(1000), 1 - 1e-9)).all()


def test_seeded_and_fresh():
    x, layer = torch.ones(1000), Dropout(0.5)
    torch.manual_seed(0)
    first, second = layer(x), layer(x)
    torch.manual_seed(0)
    assert torch.equal(layer(x), first)
    assert not torch.equal(first, second)
    assert layer.eval()(x) is x
